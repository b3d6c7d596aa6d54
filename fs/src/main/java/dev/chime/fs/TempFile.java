package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One {@code mkstemp}: opens a file that nobody else has made. */
final class TempFile extends Steps {
    /** How such a file is opened, here and below a {@link Root}. */
    static final int FLAGS = Const.O_RDWR | Const.O_CREAT | Const.O_EXCL;

    static final int PRIVATE_MODE = 0600;

    private final String prefix;
    private final String suffix;
    private final Callback<FileHandle> callback;
    private @Nullable FileHandle made;

    TempFile(Core core, String prefix, String suffix, Callback<FileHandle> callback) {
        super(core);
        this.prefix = prefix;
        this.suffix = suffix;
        this.callback = callback;
    }

    TempFile start() {
        open(1);
        return this;
    }

    private void open(int attempt) {
        Path path = MakeDirectory.randomPath(prefix, suffix);
        Slot open = step(Op.OPENAT, (completed, result) -> opened(path, result, attempt));
        Opening.fill(open, FLAGS, PRIVATE_MODE);
        NativePath.put(core, open, path, 0);
        submit(open);
    }

    private void opened(Path path, int result, int attempt) {
        if (result >= 0) {
            made = new FileHandle(core, core.adopt(result, Fd.Kind.FILE), path, FLAGS);
        } else if (result == -ErrnoCode.EEXIST
                && attempt < MakeDirectory.MAX_ATTEMPTS
                && !halted()) {
            open(attempt + 1);
        } else {
            int error = stopped() ? stopErrno() : result;
            fail(ErrnoException.file(error, name(), path.toString()));
        }
    }

    @Override
    void advance() {}

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        FileHandle file = made;
        callback.call(err, file == null ? Arguments.none() : file);
    }

    @Override
    String name() {
        return "mkstemp";
    }

    @Override
    public String toString() {
        return name() + " " + prefix;
    }
}
