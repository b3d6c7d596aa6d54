package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Removes a file or a tree below a {@link Root}, by its name in its folder: no step of {@link Rm}
 * follows a link.
 */
final class RootRemove extends Beneath {
    private final Path path;
    private final RmOptions options;
    private final Done callback;

    private RootRemove(Root root, Path path, RmOptions options, Done callback) {
        super(root, "rm");
        this.path = path;
        this.options = options;
        this.callback = callback;
    }

    static Operation of(Root root, Path path, RmOptions options, Done callback) {
        return new RootRemove(root, path, options, callback).start();
    }

    @Override
    void begin() {
        openFolder(path);
    }

    @Override
    void opened(int fd) throws Exception {
        folder = fd;
        Path name = path.getFileName();
        if (name == null || isNoName(path)) {
            fail(-ErrnoCode.EINVAL);
        } else {
            under(new Rm(core, folder, name, path, options, this::removed).start());
        }
    }

    private void removed(@Nullable ReactorException err) throws Exception {
        under(null);
        end();
        callback.call(told(err));
    }

    @Override
    void refused(Slot completed, int result) throws Exception {
        boolean gone = completed.op() == Op.OPENAT2 && result == -ErrnoCode.ENOENT;
        if (gone && options.force()) {
            end();
            callback.call(null);
        } else {
            fail(result);
        }
    }

    @Override
    Path path() {
        return path;
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err);
    }
}
