package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Makes, links, removes or renames a name below a {@link Root}. The kernel confines opens alone, so
 * the name's folder is opened first, and the call on it then takes the last name, which is a name
 * and no path: it can lead nowhere.
 */
final class RootNames extends Beneath {
    private final Op op;
    private final Path path;
    private final @Nullable Path dest;
    private final int opFlags;
    private final int opMode;
    private final Done callback;
    private int destFolder = -1;

    private RootNames(
            Root root,
            Op op,
            String step,
            Path path,
            @Nullable Path dest,
            int opFlags,
            int opMode,
            Done callback) {
        super(root, step);
        this.op = op;
        this.path = path;
        this.dest = dest;
        this.opFlags = opFlags;
        this.opMode = opMode;
        this.callback = callback;
    }

    static Operation unlink(Root root, Path path, Done callback) {
        return new RootNames(root, Op.UNLINKAT, "unlink", path, null, 0, 0, callback).start();
    }

    static Operation rmdir(Root root, Path path, Done callback) {
        int flags = Const.AT_REMOVEDIR;
        return new RootNames(root, Op.UNLINKAT, "rmdir", path, null, flags, 0, callback).start();
    }

    static Operation mkdir(Root root, Path path, int mode, Done callback) {
        return new RootNames(root, Op.MKDIRAT, "mkdir", path, null, 0, mode, callback).start();
    }

    static Operation rename(Root root, Path from, Path to, int flags, Done callback) {
        return new RootNames(root, Op.RENAMEAT, "rename", from, to, flags, 0, callback).start();
    }

    static Operation link(Root root, Path existing, Path name, Done callback) {
        return new RootNames(root, Op.LINKAT, "link", existing, name, 0, 0, callback).start();
    }

    /** The target is a text that is written down: nothing of it is looked up. */
    static Operation symlink(Root root, Path target, Path name, Done callback) {
        return new RootNames(root, Op.SYMLINKAT, "symlink", target, name, 0, 0, callback).start();
    }

    @Override
    void begin() {
        openFolder(named());
    }

    /** The path whose last name the call works on first. */
    private Path named() {
        return dest != null && op == Op.SYMLINKAT ? dest : path;
    }

    @Override
    void opened(int fd) throws Exception {
        if (folder < 0) {
            folder = fd;
        } else {
            destFolder = fd;
        }
        if (isNoName(named()) || (dest != null && isNoName(dest))) {
            fail(-ErrnoCode.EINVAL);
        } else if (dest != null && destFolder < 0 && op != Op.SYMLINKAT) {
            openFolder(dest);
        } else {
            perform();
        }
    }

    private void perform() {
        Slot slot = core.slot(op, this);
        slot.fd = folder;
        slot.flags = opFlags;
        if (dest == null) {
            slot.length = opMode;
            NativePath.put(core, slot, path.getFileName(), 0);
        } else if (op == Op.SYMLINKAT) {
            NativePath.put(core, slot, path, dest.getFileName());
        } else {
            slot.length = destFolder;
            NativePath.put(core, slot, path.getFileName(), dest.getFileName());
        }
        submit(slot);
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        end();
        callback.call(null);
    }

    @Override
    void end() {
        destFolder = closed(destFolder);
        super.end();
    }

    @Override
    ErrnoException error(int result) {
        String to = dest == null ? null : dest.toString();
        return ErrnoException.file(result, step(), path.toString(), to);
    }

    @Override
    Path path() {
        return destFolder < 0 && folder >= 0 && dest != null ? dest : named();
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err);
    }
}
