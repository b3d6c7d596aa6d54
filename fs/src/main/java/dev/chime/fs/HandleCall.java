package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One operation on an open file that says no more than whether it succeeded. There is one object
 * for each kind of call: it knows the operation and the name that errors bear.
 */
final class HandleCall implements Completion {
    static final HandleCall TRUNCATE = new HandleCall(Op.FTRUNCATE, "ftruncate");
    static final HandleCall CHMOD = new HandleCall(Op.FCHMODAT, "fchmod");
    static final HandleCall CHOWN = new HandleCall(Op.FCHOWNAT, "fchown");
    static final HandleCall ALLOCATE = new HandleCall(Op.FALLOCATE, "fallocate");
    private static final HandleCall ADVISE = new HandleCall(Op.FADVISE, "fadvise");
    private static final HandleCall UTIMES = new HandleCall(Op.UTIMENSAT, "futime");

    private final Op op;
    private final String syscall;

    private HandleCall(Op op, String syscall) {
        this.op = op;
        this.syscall = syscall;
    }

    /** Starts the call; the numbers go where the operation takes them. */
    Operation on(
            FileHandle handle, int length, long offset, long address, int flags, Done callback) {
        Arguments.callback(callback);
        Slot slot = slot(handle, callback);
        if (slot.op() != Op.NOP) { // a NOP has flags of its own
            slot.length = length;
            slot.offset = offset;
            slot.address = address;
            slot.flags = flags;
        }
        return submit(handle, slot);
    }

    /** Starts a call that sets the times of an open file; null leaves one as it is. */
    static Operation utimes(
            FileHandle handle, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        Arguments.callback(callback);
        Slot slot = UTIMES.slot(handle, callback);
        if (slot.op() != Op.NOP) {
            slot.offset = slot.scratch;
        }
        Times.put(slot.scratch, atime, mtime);
        return submit(handle, slot);
    }

    /** Starts a call that says what will be done with a range. */
    static Operation advise(
            FileHandle handle, Advice advice, long start, long length, Done callback) {
        // A length beyond 31 bits goes where kernels from 6.10 on look for it, and the pool.
        boolean large = length > Integer.MAX_VALUE;
        int bytes = large ? 0 : (int) length;
        return ADVISE.on(handle, bytes, start, large ? length : 0, advice.number, callback);
    }

    private Slot slot(FileHandle handle, Done callback) {
        boolean open = handle.isOpen();
        Slot slot = handle.core().slot(open ? op : Op.NOP, this);
        if (open) {
            slot.owner = handle.descriptor();
        }
        slot.context = handle;
        slot.callback = callback;
        return slot;
    }

    private static Operation submit(FileHandle handle, Slot slot) {
        Core core = handle.core();
        core.submit(slot);
        return core.operation(slot);
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        boolean refused = slot.op() == Op.NOP && result == 0;
        int error = refused ? -ErrnoCode.EBADF : result;
        Done callback = (Done) Objects.requireNonNull(slot.callback);
        try {
            callback.call(error < 0 ? ErrnoException.file(error, syscall, null) : null);
        } finally {
            ((FileHandle) Objects.requireNonNull(slot.context)).ended();
        }
    }
}
