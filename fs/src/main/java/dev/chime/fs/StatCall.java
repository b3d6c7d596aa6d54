package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.file.Path;
import java.util.Objects;

/** Questions about files; the answers come to the slot's scratch memory. */
final class StatCall {
    private static final int PATH_BEHIND_STATX = StatxLayout.SIZE;
    private static final int WANTED = StatxLayout.STATX_BASIC_STATS | StatxLayout.STATX_BTIME;
    private static final Completion DONE = StatCall::done;

    private StatCall() {}

    static Operation of(Core core, Path path, int flags, Callback<Stats> callback) {
        Slot stat = core.slot(Op.STATX, DONE);
        stat.fd = Const.AT_FDCWD;
        stat.flags = flags;
        stat.length = WANTED;
        stat.offset = stat.scratch;
        NativePath.put(core, stat, path, PATH_BEHIND_STATX);
        stat.context = path;
        stat.callback = callback;
        core.submit(stat);
        return core.operation(stat);
    }

    /**
     * Fills in a question about an open file; or answers it: a ring gives every statx(2) to a
     * kernel worker, but what a disk's file system knows of an open file it has in memory.
     */
    static void fill(Core core, Slot stat, int fd) {
        if (Inode.isAnswered(core, fd, WANTED, stat.scratch)) {
            stat.become(Op.NOP);
        } else {
            encode(stat, fd);
        }
    }

    /** Fills in a question about an open file. */
    static void encode(Slot stat, int fd) {
        stat.fd = fd;
        stat.flags = Const.AT_EMPTY_PATH;
        stat.length = WANTED;
        stat.offset = stat.scratch;
        stat.address = stat.scratch + PATH_BEHIND_STATX;
        Memory.putByte(stat.address, (byte) 0);
    }

    /** Takes metadata, or its absence, for a yes or no. */
    static Callback<Stats> exists(Callback<Boolean> callback) {
        return (err, stats) -> {
            if (err == null) {
                callback.call(null, true);
            } else if (isMissing(err)) {
                callback.call(null, false);
            } else {
                callback.call(err, Arguments.none());
            }
        };
    }

    /** Whether an error says that there is nothing of the name. */
    static boolean isMissing(ReactorException err) {
        return err.code().equals("ENOENT") || err.code().equals("ENOTDIR");
    }

    private static void done(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Callback<Stats> callback = Arguments.callbackOf(slot);
        if (result < 0) {
            String step = (slot.flags & Const.AT_SYMLINK_NOFOLLOW) != 0 ? "lstat" : "stat";
            String path = Objects.requireNonNull(slot.context).toString();
            callback.call(ErrnoException.file(result, step, path), Arguments.none());
            return;
        }
        callback.call(null, new Stats(slot.scratch));
    }
}
