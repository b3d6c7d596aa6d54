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
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sets attributes of what a path below a {@link Root} leads to, or asks for access to it. It is
 * opened beneath the root first (O_PATH: no right to read it is needed), and the call is on that
 * descriptor, by its magic link in {@code /proc}: what bears the name by then plays no part.
 */
final class RootAttributes extends Beneath {
    private final Op op;
    private final Path path;
    private final boolean follow;
    private final Consumer<Slot> values;
    private final Done callback;
    private int fd = -1;

    private RootAttributes(
            Root root,
            Op op,
            String step,
            Path path,
            boolean follow,
            Consumer<Slot> values,
            Done callback) {
        super(root, step);
        this.op = op;
        this.path = path;
        this.follow = follow;
        this.values = values;
        this.callback = callback;
    }

    static Operation access(Root root, Path path, int mode, Done callback) {
        Consumer<Slot> values = slot -> slot.length = mode;
        return new RootAttributes(root, Op.FACCESSAT, "access", path, true, values, callback)
                .start();
    }

    static Operation chmod(Root root, Path path, int mode, Done callback) {
        Consumer<Slot> values = slot -> slot.length = mode;
        return new RootAttributes(root, Op.FCHMODAT, "chmod", path, true, values, callback).start();
    }

    static Operation chown(Root root, Path path, boolean follow, int uid, int gid, Done callback) {
        Consumer<Slot> values =
                slot -> {
                    slot.length = uid;
                    slot.offset = gid;
                };
        String step = follow ? "chown" : "lchown";
        return new RootAttributes(root, Op.FCHOWNAT, step, path, follow, values, callback).start();
    }

    static Operation utimes(
            Root root,
            Path path,
            boolean follow,
            @Nullable Instant atime,
            @Nullable Instant mtime,
            Done callback) {
        Consumer<Slot> values =
                slot -> {
                    slot.offset = slot.scratch;
                    Times.put(slot.scratch, atime, mtime);
                };
        String step = follow ? "utime" : "lutime";
        return new RootAttributes(root, Op.UTIMENSAT, step, path, follow, values, callback).start();
    }

    @Override
    void begin() {
        open(path, Const.O_PATH | (follow ? 0 : Const.O_NOFOLLOW), 0);
    }

    @Override
    void opened(int opened) {
        fd = opened;
        Slot slot = core.slot(op, this);
        slot.fd = Const.AT_FDCWD;
        NativePath.put(core, slot, Path.of("/proc/self/fd/" + opened), Times.SIZE);
        values.accept(slot);
        submit(slot);
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        end();
        callback.call(null);
    }

    /** What is open is there: only its magic link can be missing. */
    @Override
    ErrnoException error(int result) {
        boolean noProc = fd >= 0 && result == -ErrnoCode.ENOENT;
        String hint = noProc ? "/proc is not mounted, and no other way is free of races" : null;
        return ErrnoException.explained(result, step(), path.toString(), hint);
    }

    @Override
    void end() {
        if (fd >= 0) {
            Closes.forget(core, fd);
            fd = -1;
        }
        super.end();
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err);
    }
}
