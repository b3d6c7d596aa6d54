package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One operation on a path, or on two, that says no more than whether it succeeded. There is one
 * object for each kind of call: it knows the operation and the name that errors bear.
 */
final class PathCall implements Completion {
    static final PathCall UNLINK = new PathCall(Op.UNLINKAT, "unlink", 0);
    static final PathCall RMDIR = new PathCall(Op.UNLINKAT, "rmdir", Const.AT_REMOVEDIR);
    static final PathCall MKDIR = new PathCall(Op.MKDIRAT, "mkdir", 0);
    static final PathCall ACCESS = new PathCall(Op.FACCESSAT, "access", 0);
    static final PathCall CHMOD = new PathCall(Op.FCHMODAT, "chmod", 0);
    static final PathCall CHOWN = new PathCall(Op.FCHOWNAT, "chown", 0);
    static final PathCall LCHOWN = new PathCall(Op.FCHOWNAT, "lchown", Const.AT_SYMLINK_NOFOLLOW);
    static final PathCall UTIMES = new PathCall(Op.UTIMENSAT, "utime", 0);
    static final PathCall LUTIMES = new PathCall(Op.UTIMENSAT, "lutime", Const.AT_SYMLINK_NOFOLLOW);
    static final PathCall RENAME = new PathCall(Op.RENAMEAT, "rename", 0);
    static final PathCall LINK = new PathCall(Op.LINKAT, "link", 0);
    static final PathCall SYMLINK = new PathCall(Op.SYMLINKAT, "symlink", 0);

    /** The paths of a call that has two. */
    private record Two(Path path, Path dest) {}

    private final Op op;
    private final String syscall;
    private final int flags;

    private PathCall(Op op, String syscall, int flags) {
        this.op = op;
        this.syscall = syscall;
        this.flags = flags;
    }

    /** Starts the call on a path; {@code mode} goes where the operation takes its mode. */
    Operation on(Core core, Path path, int mode, Done callback) {
        return on(core, path, mode, 0, callback);
    }

    /** Starts the call on a path; the numbers go where the operation takes them. */
    Operation on(Core core, Path path, int length, long offset, Done callback) {
        Slot slot = slot(core, path, 0, callback);
        slot.length = length;
        slot.offset = offset;
        core.submit(slot);
        return core.operation(slot);
    }

    /** Starts a call that sets times; null leaves one as it is. */
    Operation on(
            Core core, Path path, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        Slot slot = slot(core, path, Times.SIZE, callback);
        slot.offset = slot.scratch;
        Times.put(slot.scratch, atime, mtime);
        core.submit(slot);
        return core.operation(slot);
    }

    private Slot slot(Core core, Path path, int at, Done callback) {
        Arguments.path(path);
        Arguments.callback(callback);
        Slot slot = core.slot(op, this);
        slot.fd = Const.AT_FDCWD;
        slot.flags = flags;
        NativePath.put(core, slot, path, at);
        slot.context = path;
        slot.callback = callback;
        return slot;
    }

    /** Starts a call that takes {@code path} and {@code dest}, in the order of its errors. */
    Operation on(Core core, Path path, Path dest, int moreFlags, Done callback) {
        Arguments.path(path);
        Arguments.path(dest);
        Arguments.callback(callback);
        Slot slot = core.slot(op, this);
        slot.fd = Const.AT_FDCWD;
        slot.flags = flags | moreFlags;
        slot.length = op == Op.SYMLINKAT ? 0 : Const.AT_FDCWD;
        NativePath.put(core, slot, path, dest);
        slot.context = new Two(path, dest);
        slot.callback = callback;
        core.submit(slot);
        return core.operation(slot);
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Done callback = (Done) Objects.requireNonNull(slot.callback);
        callback.call(result < 0 ? error(slot, result) : null);
    }

    private ErrnoException error(Slot slot, int result) {
        Object context = Objects.requireNonNull(slot.context);
        if (context instanceof Two(Path path, Path dest)) {
            return ErrnoException.file(result, syscall, path.toString(), dest.toString());
        }
        return ErrnoException.file(result, syscall, context.toString());
    }
}
