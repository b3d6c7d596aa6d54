package dev.chime.fs;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.libc.ErrnoCode;
import org.jspecify.annotations.Nullable;

/**
 * A read or write of an open file that needs more than a slot to remember it: one without a
 * position, which may have to wait for its turn, or one of several pieces. What the pieces are is
 * the business of the subclasses.
 */
abstract class Transfer extends Composed implements Completion {
    /** A position: where the handle's last transfer of this kind ended. */
    static final long SEQUENTIAL = -1;

    protected final FileHandle handle;

    /** Bytes so far. */
    protected long done;

    private final Op op;
    private final boolean write;
    private final long position;
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Slot slot;
    private @Nullable ReactorException refusal;
    private long start;
    private boolean counted;

    Transfer(FileHandle handle, Op op, long position) {
        super(handle.core());
        this.handle = handle;
        this.op = op;
        this.position = position;
        write = op == Op.WRITE || op == Op.WRITEV;
    }

    /** Takes the memory that the pieces need; false when there is none. */
    protected boolean prepare() {
        return true;
    }

    /** Sets address and length of the piece that starts {@link #done} bytes from the start. */
    protected abstract void fill(Slot next);

    /** Takes {@code bytes} that came; {@link #done} counts them. False: more is to be moved. */
    protected abstract boolean moved(int bytes);

    /** Gives back what {@link #prepare} took. */
    protected void free() {}

    /** Calls back; at the end what the callback was lent is released. */
    protected abstract void call(@Nullable ReactorException err) throws Exception;

    final boolean isSequential() {
        return position == SEQUENTIAL;
    }

    /** The handle waits for the end of this before it closes. */
    final void counted() {
        counted = true;
    }

    final void start() {
        CallSite.resume(site); // the end of another transfer may have brought us here
        start = isSequential() ? handle.sequence().nextOffset() : position;
        if (prepare()) {
            submit();
        } else {
            refuse(-ErrnoCode.ENOMEM);
        }
    }

    private void submit() {
        Slot next = core.slot(op, this);
        next.owner = handle.descriptor();
        next.offset = start == -1 ? -1 : start + done;
        fill(next);
        next.byWorker = handle.needsWorker(write, next.length);
        DirectAlignment alignment = done == 0 ? handle.directAlignment() : null;
        if (alignment != null && !alignment.admits(next)) {
            refusal = alignment.error(step());
            next.become(Op.NOP);
            next.owner = null;
        }
        slot = next;
        core.submit(next);
    }

    private String step() {
        return write ? "write" : "read";
    }

    /** Calls back with an error, in a later turn, as always. */
    final void refuse(int error) {
        CallSite.resume(site);
        refusal = ErrnoException.file(error, step(), null);
        slot = core.slot(Op.NOP, this);
        core.submit(slot);
    }

    @Override
    protected final void interrupt() {
        Slot inFlight = slot;
        if (inFlight != null) {
            core.cancel(inFlight, stopErrno());
        } else if (handle.sequence().withdraw(this)) {
            refuse(-stopErrno());
        }
    }

    @Override
    public final void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        boolean waited = completed.op() == Op.POLL;
        if (refusal != null) {
            finish(refusal);
        } else if (result < 0) {
            fail(result);
        } else if (waited) {
            submit();
        } else if (isSequential() && handle.sequence().mustWaitForWriter(completed, result)) {
            Slot poll = Fifos.arrival(core, this);
            poll.owner = handle.descriptor();
            slot = poll;
            core.submit(poll);
        } else {
            boolean wanted = completed.length > 0;
            done += result;
            if (moved(result)) {
                finish(null);
            } else if (write && result == 0 && wanted) {
                // A write of nothing is no error to the kernel; going on would never end.
                fail(-ErrnoCode.EIO);
            } else if (stopped()) {
                fail(-stopErrno());
            } else {
                submit();
            }
        }
    }

    private void fail(int error) throws Exception {
        finish(ErrnoException.file(error, step(), null));
    }

    private void finish(@Nullable ReactorException err) throws Exception {
        ended();
        free();
        if (counted) {
            handle.transferred(this, done);
        }
        CallSite.resume(site); // the next transfer may have started meanwhile
        try {
            call(err);
        } finally {
            handle.ended();
        }
    }

    @Override
    public String toString() {
        return step() + " of " + handle.path() + ", " + done + " bytes";
    }
}
