package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.FlockLayout;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A lock, or the end of one, of a part of an open file (F_OFD_SETLK of fcntl(2)).
 *
 * <p>A lock that somebody else holds is asked for again, after 1 ms at first, then after twice as
 * long each time, up to 100 ms: the call that waits in the kernel would keep a thread for as long,
 * and could not be cancelled.
 */
final class FileLock extends Composed implements Completion, Core.Handle {
    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final long LONGEST_PAUSE_MILLIS = 100;

    /** What is wanted. */
    enum Kind {
        LOCK,
        TRY,
        UNLOCK
    }

    private final FileHandle handle;
    private final Kind kind;
    private final LockRange range;
    private final Object callback;
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Slot slot;
    private @Nullable Timer pause;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private int refusal;
    private boolean waited;

    /** {@code callback} is a {@link Done}, of TRY a {@link Callback} of a Boolean. */
    private FileLock(FileHandle handle, Kind kind, LockRange range, Object callback) {
        super(handle.core());
        this.handle = handle;
        this.kind = kind;
        this.range = range;
        this.callback = callback;
    }

    static Operation start(FileHandle handle, Kind kind, LockRange range, Object callback) {
        Arguments.notNull(range, "range");
        Arguments.callback(callback);
        return new FileLock(handle, kind, range, callback).ask();
    }

    private FileLock ask() {
        if (!handle.isOpen()) {
            refuse(-ErrnoCode.EBADF);
            return this;
        }
        Slot lock = core.slot(Op.LOCK, this);
        lock.owner = handle.descriptor();
        lock.flags = FlockLayout.F_OFD_SETLK;
        lock.address = lock.scratch;
        range.put(lock.scratch, kind == Kind.UNLOCK);
        slot = lock;
        core.submit(lock);
        return this;
    }

    /** Calls back with an error, in a later turn, as always. */
    private void refuse(int error) {
        refusal = error;
        slot = core.slot(Op.NOP, this);
        core.submit(slot);
    }

    @Override
    protected void interrupt() {
        if (slot != null) {
            core.cancel(slot, stopErrno());
        } else if (pause != null) {
            wake();
            refuse(-stopErrno());
        }
    }

    /** The handle closes: what waits for its lock waits no longer. */
    void handleCloses() {
        if (pause != null) {
            wake();
            refuse(-ErrnoCode.ECANCELED);
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        boolean busy = result == -ErrnoCode.EAGAIN || result == -ErrnoCode.EACCES;
        if (refusal != 0) {
            finish(refusal, false);
        } else if (!busy) {
            finish(result, result >= 0);
        } else if (kind != Kind.LOCK) {
            finish(0, false);
        } else if (stopped() || !handle.isOpen()) {
            finish(-stopErrno(), false);
        } else {
            sleep();
        }
    }

    private void sleep() {
        pause = core.reactor().setTimeout(Duration.ofMillis(pauseMillis), this::again);
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        CallSite.resume(site);
        waited = true;
        handle.waits(this);
        core.opened(this);
    }

    private void wake() {
        Timer timer = pause;
        if (timer != null) {
            pause = null;
            timer.clear();
            core.closed(this);
        }
    }

    private void again() {
        CallSite.resume(site);
        wake();
        ask();
        arrived();
    }

    /** It is in flight again, or over: the handle's close knows of it, or need not. */
    private void arrived() {
        if (waited) {
            waited = false;
            handle.waitsNoLonger(this);
        }
    }

    private void finish(int result, boolean got) throws Exception {
        ended();
        arrived();
        ReactorException err = result < 0 ? ErrnoException.file(result, "fcntl", null) : null;
        try {
            call(err, got);
        } finally {
            handle.ended();
        }
    }

    @SuppressWarnings("unchecked")
    private void call(@Nullable ReactorException err, boolean got) throws Exception {
        if (kind != Kind.TRY) {
            ((Done) callback).call(err);
        } else if (err != null) {
            ((Callback<Boolean>) callback).call(err, Arguments.none());
        } else {
            ((Callback<Boolean>) callback).call(null, got);
        }
    }

    // ---- while it waits

    @Override
    public void shutdown() {
        handleCloses();
    }

    @Override
    public String kind() {
        return "FileLock";
    }

    @Override
    public String toString() {
        return kind + " of " + handle.path() + " " + range;
    }
}
