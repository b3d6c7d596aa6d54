package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatfsLayout;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What is known of a file system, at the moment it was asked (statfs(2)). Any thread.
 *
 * @param type the kind of file system, for example {@code 0xEF53} for ext4
 * @param bsize the size of a block in bytes, in which transfers are best
 * @param frsize the size in bytes of what {@code blocks}, {@code bfree} and {@code bavail} count
 * @param blocks its size, in units of {@code frsize}
 * @param bfree how many of them are free
 * @param bavail how many of them are free to users without privileges
 * @param files how many files it can have, or 0 when it has no such limit
 * @param ffree how many of them are free
 */
public record StatFs(
        long type,
        long bsize,
        long frsize,
        long blocks,
        long bfree,
        long bavail,
        long files,
        long ffree) {

    private static final Completion DONE = StatFs::done;

    private static StatFs at(long statfs) {
        return new StatFs(
                Memory.getLong(statfs + StatfsLayout.F_TYPE),
                Memory.getLong(statfs + StatfsLayout.F_BSIZE),
                Memory.getLong(statfs + StatfsLayout.F_FRSIZE),
                Memory.getLong(statfs + StatfsLayout.F_BLOCKS),
                Memory.getLong(statfs + StatfsLayout.F_BFREE),
                Memory.getLong(statfs + StatfsLayout.F_BAVAIL),
                Memory.getLong(statfs + StatfsLayout.F_FILES),
                Memory.getLong(statfs + StatfsLayout.F_FFREE));
    }

    static Operation of(Core core, Path path, Callback<StatFs> callback) {
        Slot slot = core.slot(Op.STATFS, DONE);
        slot.offset = slot.scratch;
        NativePath.put(core, slot, path, StatfsLayout.SIZE);
        return submit(core, slot, path, callback);
    }

    static Operation of(FileHandle handle, Callback<StatFs> callback) {
        boolean open = handle.isOpen();
        Slot slot = handle.core().slot(open ? Op.STATFS : Op.NOP, DONE);
        if (open) {
            slot.owner = handle.descriptor();
            slot.offset = slot.scratch;
        }
        return submit(handle.core(), slot, handle, callback);
    }

    private static Operation submit(
            Core core, Slot slot, Object context, Callback<StatFs> callback) {
        slot.context = context;
        slot.callback = callback;
        core.submit(slot);
        return core.operation(slot);
    }

    private static void done(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Callback<StatFs> callback = Arguments.callbackOf(slot);
        Object context = Objects.requireNonNull(slot.context);
        FileHandle handle = context instanceof FileHandle of ? of : null;
        int error = slot.op() == Op.NOP ? -ErrnoCode.EBADF : result;
        try {
            if (error >= 0) {
                callback.call(null, at(slot.scratch));
            } else if (handle == null) {
                String path = context.toString();
                callback.call(ErrnoException.file(error, "statfs", path), Arguments.none());
            } else {
                callback.call(ErrnoException.file(error, "fstatfs", null), Arguments.none());
            }
        } finally {
            if (handle != null) {
                handle.ended();
            }
        }
    }
}
