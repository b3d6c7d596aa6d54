package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.SqeLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open file. Loop thread only.
 *
 * <p>Reads and writes that name a position may be in flight together, in any number; they neither
 * use nor move the file's own position. Those that name none start where the last such one ended:
 * one is in flight at a time, the others wait in order. A FIFO or a terminal has no positions, so
 * there both forms take what comes next. A handle opened with {@link OpenFlag#APPEND} writes at the
 * end of the file, whatever position a write names.
 *
 * <p>After {@link #close} every operation fails with EBADF, through its callback. A handle that the
 * program leaves open is closed when the reactor ends.
 */
public final class FileHandle {
    private static final String FSYNC = "fsync";
    private static final String FDATASYNC = "fdatasync";

    private static final Completion READ_DONE = FileHandle::readDone;
    private static final Completion READ_CLOSED = (s, r, m) -> readDone(s, -ErrnoCode.EBADF, m);
    private static final Completion READ_STREAM = (s, r, m) -> readDone(s, -ErrnoCode.ESPIPE, m);
    private static final Completion WRITE_DONE = FileHandle::writeDone;
    private static final Completion WRITE_CLOSED = (s, r, m) -> writeFailed(s, -ErrnoCode.EBADF);
    private static final Completion WRITE_STREAM = (s, r, m) -> writeFailed(s, -ErrnoCode.ESPIPE);
    private static final Completion SYNC_DONE = FileHandle::syncDone;
    private static final Completion SYNC_REFUSED = (s, r, m) -> syncRefused(s, FSYNC);
    private static final Completion DATASYNC_REFUSED = (s, r, m) -> syncRefused(s, FDATASYNC);
    private static final Completion STAT_DONE = FileHandle::statDone;
    private static final Completion STAT_CLOSED = (s, r, m) -> statDone(s, -ErrnoCode.EBADF, m);

    private final Core core;
    private final Fd fd;
    private final Path path;
    private final Sequence sequence;
    private final List<Done> closeCallbacks = new ArrayList<>(1);
    private @Nullable ReactorException syncFailure;
    private @Nullable ReactorException closeFailure;
    private @Nullable CallSite closeSite;
    private int transfers;
    private boolean closing;
    private boolean closeSubmitted;
    private boolean closed;

    FileHandle(Core core, Fd fd, Path path, int openBits) {
        this.core = core;
        this.fd = fd;
        this.path = path;
        sequence = new Sequence(core, fd, openBits);
    }

    // ---- what needs no more than a slot

    /**
     * Fills a slot and submits it: the operation itself, or a NOP that tells of its refusal.
     *
     * <p>All of them in one method, and no smaller, for the JIT: what is longer than 325 bytes of
     * bytecode (its FreqInlineSize) it calls and never inlines. So the public methods stay small,
     * are inlined themselves, and the Operation that they return is never allocated when the caller
     * drops it. AllocationTest watches that.
     */
    private Slot submit(Op op, @Nullable Buffer buffer, long at, int flags, Object callback) {
        Slot slot;
        switch (op) {
            case READ -> {
                Buffer target = Objects.requireNonNull(buffer);
                int length = target.length();
                if (closing) {
                    slot = core.slot(Op.NOP, READ_CLOSED);
                } else if (!sequence.isSeekable()) {
                    slot = core.slot(Op.NOP, READ_STREAM);
                } else {
                    slot = core.slot(Op.READ, READ_DONE);
                    slot.owner = fd;
                    slot.address = core.address(target);
                    slot.length = length;
                    slot.offset = at;
                    slot.byWorker = length > ReadFile.CHUNK_BYTES;
                }
                slot.lent = target.retain();
            }
            case WRITE -> {
                Buffer source = Objects.requireNonNull(buffer);
                int length = source.length();
                if (closing) {
                    slot = core.slot(Op.NOP, WRITE_CLOSED);
                } else if (!sequence.isSeekable()) {
                    slot = core.slot(Op.NOP, WRITE_STREAM);
                } else {
                    slot = core.slot(Op.WRITE, WRITE_DONE);
                    slot.owner = fd;
                    slot.address = core.address(source);
                    slot.length = length;
                    slot.offset = at;
                }
                slot.lent = source.retain();
            }
            case FSYNC -> {
                if (closing || syncFailure != null) {
                    slot = core.slot(Op.NOP, flags == 0 ? SYNC_REFUSED : DATASYNC_REFUSED);
                } else {
                    slot = core.slot(Op.FSYNC, SYNC_DONE);
                    slot.owner = fd;
                    slot.flags = flags;
                }
            }
            case STATX -> {
                if (closing) {
                    slot = core.slot(Op.NOP, STAT_CLOSED);
                } else {
                    slot = core.slot(Op.STATX, STAT_DONE);
                    slot.owner = fd;
                    Fs.fillStat(slot, fd.number());
                }
            }
            default -> throw new AssertionError(op);
        }
        slot.context = this;
        slot.callback = callback;
        core.submit(slot);
        return slot;
    }

    // ---- reading

    /**
     * Reads at {@code position} into {@code target}, as many bytes as it holds. Fewer are normal, 0
     * is the end of the file. The buffer is kept until the callback returns, so it may be released
     * right after this call.
     */
    public Operation read(Buffer target, long position, ReadCallback callback) {
        core.checkThread("FileHandle.read");
        Arguments.notNull(target, "target");
        Arguments.position(position);
        Arguments.callback(callback);
        return core.operation(submit(Op.READ, target, position, 0, callback));
    }

    private static void readDone(Slot slot, int result, boolean more) throws Exception {
        ReadCallback callback = (ReadCallback) Objects.requireNonNull(slot.callback);
        Buffer buffer = (Buffer) Objects.requireNonNull(slot.lent);
        try {
            callback.call(
                    result < 0 ? ErrnoException.file(result, "read", null) : null,
                    Math.max(0, result),
                    buffer);
        } finally {
            buffer.release();
            handle(slot).ended();
        }
    }

    /** Reads where the last read or write without a position ended; see {@link #read}. */
    public Operation read(Buffer target, ReadCallback callback) {
        core.checkThread("FileHandle.read");
        Arguments.notNull(target, "target");
        Arguments.callback(callback);
        return enqueue(Transfer.read(this, target, callback));
    }

    // ---- writing

    /**
     * Writes the whole buffer at {@code position}. The buffer is kept until the callback returns:
     * it may be released right after this call, but not changed before the callback.
     */
    public Operation write(Buffer source, long position, WriteCallback callback) {
        core.checkThread("FileHandle.write");
        Arguments.notNull(source, "source");
        Arguments.position(position);
        Arguments.callback(callback);
        return core.operation(submit(Op.WRITE, source, position, 0, callback));
    }

    private static void writeDone(Slot slot, int result, boolean more) throws Exception {
        FileHandle handle = handle(slot);
        Buffer buffer = (Buffer) Objects.requireNonNull(slot.lent);
        int before = buffer.length() - slot.length;
        if (result > 0 && result < slot.length) {
            handle.writeRest(slot, buffer, before + result, slot.offset + result);
            return;
        }
        if (result == 0 && slot.length > 0) {
            // A write of nothing is no error to the kernel; going on would never end.
            result = -ErrnoCode.EIO;
        }
        finishWrite(slot, buffer, before, result);
    }

    /** A short write goes on in a slot of its own; the slot in hand is about to be used again. */
    private void writeRest(Slot done, Buffer buffer, int from, long at) {
        Slot slot = core.slot(Op.WRITE, WRITE_DONE);
        slot.owner = fd;
        slot.address = core.address(buffer) + from;
        slot.length = buffer.length() - from;
        slot.offset = at;
        slot.context = this;
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
                    result < 0 ? ErrnoException.file(result, "write", null) : null,
                    before + Math.max(0, result));
        } finally {
            buffer.release();
            handle(slot).ended();
        }
    }

    /** Writes the whole buffer where the last transfer without a position ended. */
    public Operation write(Buffer source, WriteCallback callback) {
        core.checkThread("FileHandle.write");
        Arguments.notNull(source, "source");
        Arguments.callback(callback);
        return enqueue(Transfer.write(this, source, callback));
    }

    /** Writes a whole array, which must not change before the callback, at {@code position}. */
    public Operation write(byte[] source, long position, WriteCallback callback) {
        core.checkThread("FileHandle.write");
        Arguments.notNull(source, "source");
        Arguments.position(position);
        Arguments.callback(callback);
        return enqueue(Transfer.write(this, source, position, callback));
    }

    /** Writes a whole array where the last transfer without a position ended. */
    public Operation write(byte[] source, WriteCallback callback) {
        core.checkThread("FileHandle.write");
        Arguments.notNull(source, "source");
        Arguments.callback(callback);
        return enqueue(Transfer.write(this, source, Transfer.SEQUENTIAL, callback));
    }

    /** Writes a text, as UTF-8, at {@code position}; the callback counts bytes. */
    public Operation write(String text, long position, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return write(text.getBytes(StandardCharsets.UTF_8), position, callback);
    }

    /** Writes a text, as UTF-8, where the last transfer without a position ended. */
    public Operation write(String text, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return write(text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /**
     * Writes the whole buffer at {@code position} and waits until the data is on the device: a
     * write and an fdatasync(2), linked, so that the loop is not asked in between. The callback
     * hears of the first that fails, with the bytes written until then; see {@link #write(Buffer,
     * long, WriteCallback)} and {@link #sync} for both.
     */
    public Operation writeAndSync(Buffer source, long position, WriteCallback callback) {
        core.checkThread("FileHandle.writeAndSync");
        Arguments.notNull(source, "source");
        Arguments.position(position);
        Arguments.callback(callback);
        return writeAndSync(new WriteAndSync(this, source.retain(), position, callback));
    }

    /** Writes a copy of the array; see {@link #writeAndSync(Buffer, long, WriteCallback)}. */
    public Operation writeAndSync(byte[] source, long position, WriteCallback callback) {
        core.checkThread("FileHandle.writeAndSync");
        Arguments.notNull(source, "source");
        Arguments.position(position);
        Arguments.callback(callback);
        Buffer copy = core.reactor().buffer(source.length);
        copy.put(0, source, 0, source.length);
        return writeAndSync(new WriteAndSync(this, copy, position, callback));
    }

    /** Writes a text, as UTF-8; see {@link #writeAndSync(Buffer, long, WriteCallback)}. */
    public Operation writeAndSync(String text, long position, WriteCallback callback) {
        Arguments.notNull(text, "text");
        return writeAndSync(text.getBytes(StandardCharsets.UTF_8), position, callback);
    }

    private Operation writeAndSync(WriteAndSync call) {
        if (closing) {
            call.refuse(-ErrnoCode.EBADF);
        } else if (syncFailure != null) {
            call.refuse(syncErrno());
        } else if (!sequence.isSeekable()) {
            call.refuse(-ErrnoCode.ESPIPE);
        } else {
            transfers++;
            call.start();
        }
        return call;
    }

    /** A write with its sync is over. */
    void synced(boolean refused) {
        if (!refused) {
            transfers--;
        }
        ended();
    }

    /** A sync has failed: see {@link #sync}. */
    void syncFailed(int result, @Nullable ReactorException err) {
        boolean stopped = result == -ErrnoCode.ECANCELED || result == -ErrnoCode.ETIMEDOUT;
        if (!stopped && syncFailure == null) {
            syncFailure = err;
        }
    }

    /** The negative errno of the sync that failed, or 0. */
    int syncErrno() {
        return syncFailure instanceof ErrnoException e ? -e.errno().number() : 0;
    }

    private Operation enqueue(Transfer transfer) {
        if (closing) {
            transfer.refuse(-ErrnoCode.EBADF);
            return transfer;
        }
        transfers++;
        if (transfer.isSequential()) {
            sequence.add(transfer);
        } else if (sequence.isSeekable()) {
            transfer.start();
        } else {
            transfer.refuse(-ErrnoCode.ESPIPE);
        }
        return transfer;
    }

    /** A transfer that was not refused because of the close is over. */
    void transferred(Transfer transfer, int bytes) {
        transfers--;
        sequence.ended(transfer, bytes);
    }

    // ---- the rest

    /**
     * Waits until data and metadata are on the device (fsync(2)). Once it has failed it fails for
     * ever, with the same error: the kernel has dropped the pages it could not write, and would
     * report success the next time.
     */
    public Operation sync(Done callback) {
        core.checkThread("FileHandle.sync");
        return sync(0, callback);
    }

    /** Waits until the data is on the device (fdatasync(2)); see {@link #sync}. */
    public Operation datasync(Done callback) {
        core.checkThread("FileHandle.datasync");
        return sync(SqeLayout.IORING_FSYNC_DATASYNC, callback);
    }

    private Operation sync(int flags, Done callback) {
        Arguments.callback(callback);
        return core.operation(submit(Op.FSYNC, null, 0, flags, callback));
    }

    private static void syncDone(Slot slot, int result, boolean more) throws Exception {
        FileHandle handle = handle(slot);
        ReactorException err = handle.syncFailure;
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
        ReactorException err = handle.closing ? null : handle.syncFailure;
        if (err == null) {
            err = ErrnoException.file(Errno.EBADF.number(), step, null);
        }
        ((Done) Objects.requireNonNull(slot.callback)).call(err);
    }

    /** Asks for the file's metadata. */
    public Operation stat(Callback<Stats> callback) {
        core.checkThread("FileHandle.stat");
        Arguments.callback(callback);
        return core.operation(submit(Op.STATX, null, 0, 0, callback));
    }

    private static void statDone(Slot slot, int result, boolean more) throws Exception {
        Callback<Stats> callback = Fs.callback(slot);
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

    // ---- the end

    /**
     * Closes the file when the operations under way are done; those that come later fail with
     * EBADF. A second close hears the first one's outcome. What waits for a FIFO or a terminal can
     * wait for ever: cancel it.
     */
    public void close(Done callback) {
        core.checkThread("FileHandle.close");
        Arguments.callback(callback);
        if (closed) {
            Slot slot = core.slot(Op.NOP, this::closedAgain);
            slot.callback = callback;
            core.submit(slot);
            return;
        }
        closing = true;
        if (closeCallbacks.isEmpty()) {
            closeSite = CallSite.current();
        }
        closeCallbacks.add(callback);
        ended();
    }

    /** An operation has ended: it may have been the one that the close waits for. */
    void ended() {
        if (closing && !closeSubmitted && fd.inFlight() == 0 && transfers == 0) {
            closeSubmitted = true;
            CallSite.resume(closeSite);
            core.close(fd, this::closed);
        }
    }

    private void closed(Slot slot, int result, boolean more) {
        closed = true;
        if (Closes.isError(result)) {
            closeFailure = ErrnoException.file(result, "close", null);
        }
        for (Done callback : closeCallbacks) {
            core.call(callback, closeFailure);
        }
        closeCallbacks.clear();
    }

    private void closedAgain(Slot slot, int result, boolean more) throws Exception {
        ((Done) Objects.requireNonNull(slot.callback)).call(closeFailure);
    }

    // ---- what it is

    private static FileHandle handle(Slot slot) {
        return (FileHandle) Objects.requireNonNull(slot.context);
    }

    Core core() {
        return core;
    }

    Fd fd() {
        return fd;
    }

    Sequence sequence() {
        return sequence;
    }

    /** The path it was opened by. */
    public Path path() {
        return path;
    }

    /**
     * Where the next transfer without a position will start, once those under way are done; -1 when
     * the file has no positions, or is closed.
     */
    public long position() {
        core.checkThread("FileHandle.position");
        return closeSubmitted ? -1 : sequence.position();
    }

    /** True until {@link #close} is called. */
    public boolean isOpen() {
        return !closing;
    }

    @Override
    public String toString() {
        return "FileHandle[" + path + ", " + (closing ? "closed" : fd) + "]";
    }
}
