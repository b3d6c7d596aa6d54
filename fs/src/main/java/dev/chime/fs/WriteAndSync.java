package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.SqeLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A write and the fdatasync behind it, as one chain: the second starts in the kernel when the first
 * has written everything. After a short write the chain stops, and a new one goes on with the rest.
 */
final class WriteAndSync extends Composed implements Completion {
    private static final String WRITE = "write";
    private static final String SYNC = "fdatasync";

    private final FileHandle handle;
    private final Buffer buffer;
    private final long position;
    private final WriteCallback callback;
    private @Nullable Slot write;
    private @Nullable Slot sync;
    private @Nullable ReactorException failure;
    private int refusal;
    private int written;

    /** Takes one use of {@code buffer} over. */
    WriteAndSync(FileHandle handle, Buffer buffer, long position, WriteCallback callback) {
        super(handle.core());
        this.handle = handle;
        this.buffer = buffer;
        this.position = position;
        this.callback = callback;
    }

    /** Begins, or refuses. */
    WriteAndSync start() {
        if (!handle.isOpen()) {
            refuse(-ErrnoCode.EBADF);
        } else if (handle.syncFailure() != null) {
            refuse(earlierFailure());
        } else if (!handle.sequence().isSeekable()) {
            refuse(-ErrnoCode.ESPIPE);
        } else if (!handle.admits(core.address(buffer), buffer.length(), position)) {
            failure = Objects.requireNonNull(handle.directAlignment()).error(WRITE);
            refuse(-ErrnoCode.EINVAL);
        } else {
            handle.syncing();
            chain();
        }
        return this;
    }

    /** The negative errno of a sync that failed before, or 0. */
    private int earlierFailure() {
        return handle.syncFailure() instanceof ErrnoException e ? -e.errno().number() : 0;
    }

    private void chain() {
        Slot first = core.slot(Op.WRITE, this);
        first.owner = handle.descriptor();
        first.address = core.address(buffer) + written;
        first.length = buffer.length() - written;
        first.offset = position + written;
        Slot second = core.slot(Op.FSYNC, this);
        second.owner = handle.descriptor();
        second.flags = SqeLayout.IORING_FSYNC_DATASYNC;
        first.linked = second;
        write = first;
        sync = second;
        core.submit(first);
    }

    /** Calls back with a write's errno, or that of the sync that failed, in a later turn. */
    private void refuse(int errno) {
        refusal = errno;
        write = core.slot(Op.NOP, this);
        core.submit(write);
    }

    @Override
    protected void interrupt() {
        if (write != null) {
            core.cancel(write, stopErrno());
        }
        if (sync != null) {
            core.cancel(sync, stopErrno());
        }
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        if (slot.op() == Op.NOP) {
            write = null;
            if (failure == null) {
                fail(refusal, refusal == earlierFailure() ? SYNC : WRITE);
            }
            finish();
        } else if (slot.op() == Op.WRITE) {
            write = null;
            wrote(slot, result);
        } else {
            sync = null;
            synced(result);
        }
    }

    private void wrote(Slot slot, int result) {
        if (result < 0) {
            fail(result, WRITE);
        } else if (result == 0 && slot.length > 0) {
            fail(-ErrnoCode.EIO, WRITE); // going on would never end
        } else {
            written += result;
        }
    }

    private void synced(int result) throws Exception {
        if (failure == null && written < buffer.length()) {
            if (!stopped()) {
                chain();
                return;
            }
            fail(-stopErrno(), WRITE);
        } else if (failure == null && result < 0) {
            fail(result, SYNC);
            handle.syncFailed(result, failure);
        }
        finish();
    }

    private void fail(int result, String step) {
        failure = ErrnoException.file(result, step, null);
    }

    private void finish() throws Exception {
        ended();
        try {
            callback.call(failure, written);
        } finally {
            buffer.release();
            handle.synced(refusal != 0);
        }
    }
}
