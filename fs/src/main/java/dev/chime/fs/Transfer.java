package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A read or write of an open file that needs more than a slot to remember it: one without a
 * position, which may have to wait for its turn, or one of an array, which goes in pieces.
 */
final class Transfer extends Composed implements Completion {
    /** A position: where the handle's last transfer of this kind ended. */
    static final long SEQUENTIAL = -1;

    private final FileHandle handle;
    private final @Nullable Buffer buffer;
    private final byte @Nullable [] array;
    private final int length;
    private final long position;
    private final Object callback;
    private final boolean write;
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Chunk chunk;
    private @Nullable Slot slot;
    private long start;
    private int done;
    private int refusal;

    private Transfer(
            FileHandle handle,
            @Nullable Buffer buffer,
            byte @Nullable [] array,
            int length,
            long position,
            Object callback,
            boolean write) {
        super(handle.core());
        this.handle = handle;
        this.buffer = buffer == null ? null : buffer.retain();
        this.array = array;
        this.length = length;
        this.position = position;
        this.callback = callback;
        this.write = write;
    }

    static Transfer read(FileHandle handle, Buffer target, ReadCallback callback) {
        return new Transfer(handle, target, null, target.length(), SEQUENTIAL, callback, false);
    }

    static Transfer write(FileHandle handle, Buffer source, WriteCallback callback) {
        return new Transfer(handle, source, null, source.length(), SEQUENTIAL, callback, true);
    }

    static Transfer write(FileHandle handle, byte[] source, long position, WriteCallback callback) {
        return new Transfer(handle, null, source, source.length, position, callback, true);
    }

    boolean isSequential() {
        return position == SEQUENTIAL;
    }

    void start() {
        CallSite.resume(site); // the end of another transfer may have brought us here
        start = isSequential() ? handle.sequence().nextOffset() : position;
        byte[] source = array;
        if (source != null) {
            try {
                chunk = core.allocate(Math.min(source.length, WriteFile.CHUNK_BYTES));
            } catch (OutOfMemoryError e) {
                refuse(-ErrnoCode.ENOMEM);
                return;
            }
        }
        submit();
    }

    private void submit() {
        Slot next = core.slot(write ? Op.WRITE : Op.READ, this);
        next.owner = handle.fd();
        next.offset = start == -1 ? -1 : start + done;
        byte[] source = array;
        if (source == null) {
            next.address = core.address(Objects.requireNonNull(buffer)) + done;
            next.length = length - done;
            next.byWorker = !write && next.length > ReadFile.CHUNK_BYTES;
        } else {
            next.address = Objects.requireNonNull(chunk).address();
            next.length = Math.min(length - done, WriteFile.CHUNK_BYTES);
            Memory.copy(source, done, next.address, next.length);
        }
        slot = next;
        core.submit(next);
    }

    /** Calls back with an error, in a later turn, as always. */
    void refuse(int error) {
        CallSite.resume(site);
        refusal = error;
        slot = core.slot(Op.NOP, this);
        core.submit(slot);
    }

    @Override
    protected void interrupt() {
        Slot inFlight = slot;
        if (inFlight != null) {
            core.cancel(inFlight, stopErrno());
        } else if (handle.sequence().withdraw(this)) {
            refuse(-stopErrno());
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        boolean waited = completed.op() == Op.POLL;
        if (refusal != 0) {
            finish(refusal);
        } else if (result < 0) {
            finish(result);
        } else if (waited) {
            submit();
        } else if (isSequential() && handle.sequence().mustWaitForWriter(completed, result)) {
            Slot poll = Fifos.arrival(core, this);
            poll.owner = handle.fd();
            slot = poll;
            core.submit(poll);
        } else {
            done += result;
            if (!write || done == length) {
                finish(0);
            } else if (result == 0) {
                // A write of nothing is no error to the kernel; going on would never end.
                finish(-ErrnoCode.EIO);
            } else if (stopped()) {
                finish(-stopErrno());
            } else {
                submit();
            }
        }
    }

    private void finish(int error) throws Exception {
        ended();
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
        if (refusal != -ErrnoCode.EBADF) {
            handle.transferred(this, done);
        }
        CallSite.resume(site); // the next transfer may have started meanwhile
        ReactorException err =
                error == 0 ? null : ErrnoException.file(error, write ? "write" : "read", null);
        try {
            if (callback instanceof WriteCallback ofWrite) {
                ofWrite.call(err, done);
            } else {
                ((ReadCallback) callback).call(err, done, Objects.requireNonNull(buffer));
            }
        } finally {
            if (buffer != null) {
                buffer.release();
            }
            handle.ended();
        }
    }

    @Override
    public String toString() {
        String what = (write ? "write of " : "read of ") + handle.path();
        return what + ", " + done + " of " + length + " bytes";
    }
}
