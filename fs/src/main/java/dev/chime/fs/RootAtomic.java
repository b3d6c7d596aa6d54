package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file below a {@link Root} all or nothing: opens the name's folder beneath the root and,
 * where the name is a symbolic link, the folder of what that says, again beneath the root; the rest
 * is done in that folder, by its descriptor.
 */
final class RootAtomic extends Beneath {
    private static final int MOST_LINKS = 40; // the kernel's own limit, path_resolution(7)

    private final Path path;
    private final byte[] content;
    private final @Nullable Chunks source;
    private final AtomicOptions options;
    private final Done callback;
    private Path target;
    private int links;
    private @Nullable Chunk text;

    RootAtomic(
            Root root,
            Path path,
            byte[] content,
            @Nullable Chunks source,
            AtomicOptions options,
            Done callback) {
        super(root, "open");
        this.path = path;
        this.content = content;
        this.source = source;
        this.options = options;
        this.callback = callback;
        target = path;
    }

    @Override
    void begin() {
        // Not with O_PATH: this descriptor is what an fsync of the folder needs.
        Path parent = target.getParent();
        open(parent == null ? Root.HERE : parent, Const.O_RDONLY | Const.O_DIRECTORY, 0);
    }

    @Override
    void opened(int fd) throws Exception {
        folder = fd;
        if (isNoName(target)) {
            fail(-ErrnoCode.EISDIR);
            return;
        }
        Chunk chunk = core.allocateArguments();
        text = chunk;
        submit(ReadLink.slot(core, this, folder, target.getFileName(), chunk));
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        Path to = ReadLink.decode(Objects.requireNonNull(text), result);
        release();
        folder = closed(folder);
        links++;
        if (stopped() || links > MOST_LINKS) {
            fail(stopped() ? -stopErrno() : -ErrnoCode.ELOOP);
            return;
        }
        target = target.resolveSibling(to);
        begin();
    }

    @Override
    void refused(Slot completed, int result) throws Exception {
        boolean noLink = result == -ErrnoCode.EINVAL || result == -ErrnoCode.ENOENT;
        if (completed.op() == Op.OPENAT2 || !noLink || stopped()) {
            fail(stopped() ? -stopErrno() : result);
            return;
        }
        release();
        int taken = folder;
        folder = -1;
        Path name = Objects.requireNonNull(target.getFileName());
        AtomicWrite write = new AtomicWrite(core, path, content, source, options, this::written);
        under(write.below(taken, name).start());
    }

    private void written(@Nullable ReactorException err) throws Exception {
        under(null);
        end();
        callback.call(told(err));
    }

    private void release() {
        if (text != null) {
            text.release();
            text = null;
        }
    }

    @Override
    void end() {
        release();
        super.end();
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
