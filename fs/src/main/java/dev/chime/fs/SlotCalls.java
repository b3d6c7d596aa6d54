package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an open file does with no more than a slot, and without allocating: reads and writes of a
 * buffer at a position, syncs, stat.
 */
final class SlotCalls {
    private static final String FSYNC = "fsync";
    private static final String FDATASYNC = "fdatasync";

    /** A result: the transfer does not suit a file opened with DIRECT. */
    private static final int MISALIGNED = Integer.MIN_VALUE;

    private static final Completion READ_DONE = SlotCalls::readDone;
    private static final Completion READ_CLOSED = (s, r, m) -> readDone(s, -ErrnoCode.EBADF, m);
    private static final Completion READ_STREAM = (s, r, m) -> readDone(s, -ErrnoCode.ESPIPE, m);
    private static final Completion READ_MISALIGNED = (s, r, m) -> readDone(s, MISALIGNED, m);
    private static final Completion WRITE_DONE = SlotCalls::writeDone;
    private static final Completion WRITE_CLOSED = (s, r, m) -> writeFailed(s, -ErrnoCode.EBADF);
    private static final Completion WRITE_STREAM = (s, r, m) -> writeFailed(s, -ErrnoCode.ESPIPE);
    private static final Completion WRITE_MISALIGNED = (s, r, m) -> writeFailed(s, MISALIGNED);
    private static final Completion SYNC_DONE = SlotCalls::syncDone;
    private static final Completion SYNC_REFUSED = (s, r, m) -> syncRefused(s, FSYNC);
    private static final Completion DATASYNC_REFUSED = (s, r, m) -> syncRefused(s, FDATASYNC);
    private static final Completion STAT_DONE = SlotCalls::statDone;
    private static final Completion STAT_CLOSED = (s, r, m) -> statDone(s, -ErrnoCode.EBADF, m);

    private SlotCalls() {}

    /**
     * Fills a slot and submits it: the operation itself, or a NOP that tells of its refusal.
     *
     * <p>All of them in one method, and no smaller, for the JIT: what is longer than 325 bytes of
     * bytecode (its FreqInlineSize) it calls and never inlines. So the public methods stay small,
     * are inlined themselves, and the Operation that they return is never allocated when the caller
     * drops it. AllocationTest watches that.
     */
    static Slot submit(
            FileHandle handle,
            Op op,
            @Nullable Buffer buffer,
            long at,
            int flags,
            Object callback) {
        Core core = handle.core();
        Slot slot;
        switch (op) {
            case READ -> {
                Buffer target = Objects.requireNonNull(buffer);
                int length = target.length();
                if (!handle.isOpen()) {
                    slot = core.slot(Op.NOP, READ_CLOSED);
                } else if (!handle.sequence().isSeekable()) {
                    slot = core.slot(Op.NOP, READ_STREAM);
                } else if (!handle.admits(core.address(target), length, at)) {
                    slot = core.slot(Op.NOP, READ_MISALIGNED);
                } else {
                    slot = core.slot(Op.READ, READ_DONE);
                    slot.owner = handle.descriptor();
                    slot.address = core.address(target);
                    slot.length = length;
                    slot.offset = at;
                    slot.byWorker = handle.needsWorker(false, length);
                }
                slot.lent = target.retain();
            }
            case WRITE -> {
                Buffer source = Objects.requireNonNull(buffer);
                int length = source.length();
                if (!handle.isOpen()) {
                    slot = core.slot(Op.NOP, WRITE_CLOSED);
                } else if (!handle.sequence().isSeekable()) {
                    slot = core.slot(Op.NOP, WRITE_STREAM);
                } else if (!handle.admits(core.address(source), length, at)) {
                    slot = core.slot(Op.NOP, WRITE_MISALIGNED);
                } else {
                    slot = core.slot(Op.WRITE, WRITE_DONE);
                    slot.owner = handle.descriptor();
                    slot.address = core.address(source);
                    slot.length = length;
                    slot.offset = at;
                    slot.byWorker = handle.needsWorker(true, length);
                }
                slot.lent = source.retain();
            }
            case FSYNC -> {
                if (!handle.isOpen() || handle.syncFailure() != null) {
                    slot = core.slot(Op.NOP, flags == 0 ? SYNC_REFUSED : DATASYNC_REFUSED);
                } else {
                    slot = core.slot(Op.FSYNC, SYNC_DONE);
                    slot.owner = handle.descriptor();
                    slot.flags = flags;
                }
            }
            case STATX -> {
                if (!handle.isOpen()) {
                    slot = core.slot(Op.NOP, STAT_CLOSED);
                } else {
                    slot = core.slot(Op.STATX, STAT_DONE);
                    slot.owner = handle.descriptor();
                    StatCall.fill(core, slot, handle.descriptor().number());
                }
            }
            default -> throw new AssertionError(op);
        }
        slot.context = handle;
        slot.callback = callback;
        core.submit(slot);
        return slot;
    }

    private static FileHandle handle(Slot slot) {
        return (FileHandle) Objects.requireNonNull(slot.context);
    }

    private static void readDone(Slot slot, int result, boolean more) throws Exception {
        ReadCallback callback = (ReadCallback) Objects.requireNonNull(slot.callback);
        Buffer buffer = (Buffer) Objects.requireNonNull(slot.lent);
        try {
            callback.call(
                    result < 0 ? error(slot, result, "read") : null, Math.max(0, result), buffer);
        } finally {
            buffer.release();
            handle(slot).ended();
        }
    }

    private static ReactorException error(Slot slot, int result, String step) {
        return result == MISALIGNED
                ? Objects.requireNonNull(handle(slot).directAlignment()).error(step)
                : ErrnoException.file(result, step, null);
    }

    private static void writeDone(Slot slot, int result, boolean more) throws Exception {
        Buffer buffer = (Buffer) Objects.requireNonNull(slot.lent);
        int before = buffer.length() - slot.length;
        if (result > 0 && result < slot.length) {
            writeRest(slot, buffer, before + result, slot.offset + result);
            return;
        }
        if (result == 0 && slot.length > 0) {
            // A write of nothing is no error to the kernel; going on would never end.
            result = -ErrnoCode.EIO;
        }
        finishWrite(slot, buffer, before, result);
    }

    /** A short write goes on in a slot of its own; the slot in hand is about to be used again. */
    private static void writeRest(Slot done, Buffer buffer, int from, long at) {
        FileHandle handle = handle(done);
        Core core = handle.core();
        Slot slot = core.slot(Op.WRITE, WRITE_DONE);
        slot.owner = handle.descriptor();
        slot.address = core.address(buffer) + from;
        slot.length = buffer.length() - from;
        slot.offset = at;
        slot.context = handle;
        slot.callback = done.callback;
        slot.lent = buffer;
        core.submit(slot);
    }

    private static void writeFailed(Slot slot, int error) throws Exception {
        finishWrite(slot, (Buffer) Objects.requireNonNull(slot.lent), 0, error);
    }

    private static void finishWrite(Slot slot, Buffer buffer, int before, int result)
            throws Exception {
        WriteCallback callback = (WriteCallback) Objects.requireNonNull(slot.callback);
        try {
            callback.call(
                    result < 0 ? error(slot, result, "write") : null, before + Math.max(0, result));
        } finally {
            buffer.release();
            handle(slot).ended();
        }
    }

    private static void syncDone(Slot slot, int result, boolean more) throws Exception {
        FileHandle handle = handle(slot);
        ReactorException err = handle.syncFailure();
        if (err == null && result < 0) {
            err = ErrnoException.file(result, slot.flags == 0 ? FSYNC : FDATASYNC, null);
            handle.syncFailed(result, err);
        }
        try {
            ((Done) Objects.requireNonNull(slot.callback)).call(err);
        } finally {
            handle.ended();
        }
    }

    private static void syncRefused(Slot slot, String step) throws Exception {
        FileHandle handle = handle(slot);
        ReactorException err = handle.isOpen() ? handle.syncFailure() : null;
        if (err == null) {
            err = ErrnoException.file(Errno.EBADF.number(), step, null);
        }
        ((Done) Objects.requireNonNull(slot.callback)).call(err);
    }

    private static void statDone(Slot slot, int result, boolean more) throws Exception {
        Callback<Stats> callback = Arguments.callbackOf(slot);
        try {
            if (result < 0) {
                callback.call(ErrnoException.file(result, "fstat", null), Arguments.none());
            } else {
                callback.call(null, new Stats(slot.scratch));
            }
        } finally {
            handle(slot).ended();
        }
    }
}
