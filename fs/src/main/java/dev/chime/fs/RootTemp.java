package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;

/** Makes a folder below a {@link Root} that has a name of its own. */
final class RootTemp extends Beneath {
    private final String prefix;
    private final Callback<Path> callback;
    private Path path;
    private int attempts;

    private RootTemp(Root root, String prefix, Callback<Path> callback) {
        super(root, "mkdtemp");
        this.prefix = prefix;
        this.callback = callback;
        path = MakeDirectory.randomPath(prefix);
    }

    static Operation of(Root root, String prefix, Callback<Path> callback) {
        return new RootTemp(root, prefix, callback).start();
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
        Slot make = core.slot(Op.MKDIRAT, this);
        make.fd = folder;
        make.length = MakeDirectory.PRIVATE_MODE;
        NativePath.put(core, make, path.getFileName(), 0);
        submit(make);
    }

    @Override
    void refused(Slot completed, int result) throws Exception {
        boolean taken = completed.op() == Op.MKDIRAT && result == -ErrnoCode.EEXIST;
        if (taken && attempts < MakeDirectory.MAX_ATTEMPTS && !stopped()) {
            path = MakeDirectory.randomPath(prefix);
            make();
        } else {
            fail(result);
        }
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        end();
        callback.call(null, path);
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
