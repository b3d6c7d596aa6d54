package dev.chime.reactor.internal;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call of several steps, as its user holds it. Whoever asks first for its end, a cancel, a signal
 * or a deadline, decides the error that it ends with. Loop thread only.
 */
public abstract class Composed implements Operation {
    protected final Core core;
    private @Nullable Runnable attached;
    private int stopErrno;
    private @Nullable Throwable abortReason;
    private boolean ended;

    /** Makes a call that has not begun. */
    protected Composed(Core core) {
        this.core = core;
    }

    /** Cancels the step that is under way, if one is: with {@link #stopErrno}. */
    protected abstract void interrupt();

    /** True once somebody has asked for the end: no further step is to begin. */
    protected final boolean stopped() {
        return stopErrno != 0;
    }

    /** The error of a call that was stopped: ECANCELED or ETIMEDOUT. */
    protected final int stopErrno() {
        return stopErrno == 0 ? ErrnoCode.ECANCELED : stopErrno;
    }

    /** Why a signal has stopped the call, for {@link AbortReason#during}; null when none has. */
    protected final @Nullable Throwable abortReason() {
        return abortReason;
    }

    /** Makes an error of the call: the reason of the signal that has stopped it is the cause. */
    protected final <T> T caused(Supplier<T> error) {
        return AbortReason.caused(abortReason, error);
    }

    /**
     * The error of a step as that of the call: where it was stopped, a step says ECANCELED, also
     * for a deadline.
     */
    protected final @Nullable ReactorException told(@Nullable ReactorException err, String step) {
        boolean mine = err != null && stopped() && err.code().equals("ECANCELED");
        return mine ? caused(() -> ErrnoException.file(stopErrno(), step, null)) : err;
    }

    /** The callback is about to be called: nothing can stop the call any more. */
    protected final void ended() {
        ended = true;
        Runnable detach = attached;
        if (detach != null) {
            attached = null;
            detach.run();
        }
    }

    @Override
    public final void cancel() {
        core.checkThread("Operation.cancel");
        AbortReason.outside(() -> stop(ErrnoCode.ECANCELED));
    }

    @Override
    public final Operation deadline(Duration limit) {
        core.checkThread("Operation.deadline");
        Runnable clear = core.after(limit, () -> stop(ErrnoCode.ETIMEDOUT));
        attach(clear);
        return this;
    }

    @Override
    public final Operation abortOn(AbortSignal signal) {
        core.checkThread("Operation.abortOn");
        if (!ended) {
            attach(core.listen(signal, this::stop));
        }
        return this;
    }

    private void attach(Runnable detach) {
        Runnable before = attached;
        if (ended) {
            detach.run();
        } else if (before == null) {
            attached = detach;
        } else {
            attached =
                    () -> {
                        before.run();
                        detach.run();
                    };
        }
    }

    private void stop(int errno) {
        if (!ended && stopErrno == 0) {
            stopErrno = errno;
            abortReason = AbortReason.current();
            interrupt();
        }
    }
}
