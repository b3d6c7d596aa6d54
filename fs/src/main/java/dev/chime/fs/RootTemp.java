package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;

/** Makes a folder, or a file, below a {@link Root} that has a name of its own. */
final class RootTemp<T> extends Beneath {
    private final Op op;
    private final String prefix;
    private final String suffix;
    private final Callback<T> callback;
    private final Result<T> result;
    private Path path;
    private int attempts;

    /** What the user gets, by what the call that made it has said. */
    private interface Result<T> {
        T of(RootTemp<T> call, int number);
    }

    private RootTemp(
            Root root,
            String step,
            Op op,
            String prefix,
            String suffix,
            Result<T> result,
            Callback<T> callback) {
        super(root, step);
        this.op = op;
        this.prefix = prefix;
        this.suffix = suffix;
        this.result = result;
        this.callback = callback;
        path = MakeDirectory.randomPath(prefix, suffix);
    }

    static Operation folder(Root root, String prefix, Callback<Path> callback) {
        Result<Path> result = (call, number) -> call.path;
        return new RootTemp<>(root, "mkdtemp", Op.MKDIRAT, prefix, "", result, callback).start();
    }

    static Operation file(Root root, String prefix, String suffix, Callback<FileHandle> callback) {
        Result<FileHandle> result =
                (call, number) ->
                        new FileHandle(
                                call.core,
                                call.core.adopt(number, Fd.Kind.FILE),
                                call.path,
                                TempFile.FLAGS);
        return new RootTemp<>(root, "mkstemp", Op.OPENAT, prefix, suffix, result, callback).start();
    }

    @Override
    void begin() {
        openFolder(path);
    }

    @Override
    void opened(int fd) {
        folder = fd;
        make();
    }

    private void make() {
        attempts++;
        Slot make = core.slot(op, this);
        if (op == Op.OPENAT) {
            Opening.fill(make, TempFile.FLAGS, TempFile.PRIVATE_MODE);
        } else {
            make.length = MakeDirectory.PRIVATE_MODE;
        }
        make.fd = folder;
        NativePath.put(core, make, path.getFileName(), 0);
        submit(make);
    }

    /** Only the result tells whether there is a file now. */
    @Override
    boolean mustEnd() {
        return folder >= 0 && op == Op.OPENAT;
    }

    @Override
    void refused(Slot completed, int error) throws Exception {
        boolean taken = completed.op() == op && error == -ErrnoCode.EEXIST;
        if (taken && attempts < MakeDirectory.MAX_ATTEMPTS && !stopped()) {
            path = MakeDirectory.randomPath(prefix, suffix);
            make();
        } else {
            fail(stopped() ? -stopErrno() : error);
        }
    }

    @Override
    void done(Slot completed, int number) throws Exception {
        T value = result.of(this, number);
        end();
        callback.call(null, value);
    }

    @Override
    Path path() {
        return path;
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err, Arguments.none());
    }
}
