package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what a symbolic link below a {@link Root} says, by its name in its folder. */
final class RootReadLink extends Beneath {
    private final Path path;
    private final Callback<Path> callback;
    private @Nullable Chunk target;

    private RootReadLink(Root root, Path path, Callback<Path> callback) {
        super(root, "readlink");
        this.path = path;
        this.callback = callback;
    }

    static Operation of(Root root, Path path, Callback<Path> callback) {
        return new RootReadLink(root, path, callback).start();
    }

    @Override
    void begin() {
        openFolder(path);
    }

    @Override
    void opened(int fd) throws Exception {
        folder = fd;
        if (isNoName(path)) {
            fail(-ErrnoCode.EINVAL);
            return;
        }
        Chunk chunk = core.allocateArguments();
        target = chunk;
        submit(ReadLink.slot(core, this, folder, path.getFileName(), chunk));
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        Path text = ReadLink.decode(Objects.requireNonNull(target), result);
        end();
        callback.call(null, text);
    }

    @Override
    void end() {
        if (target != null) {
            target.release();
            target = null;
        }
        super.end();
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
