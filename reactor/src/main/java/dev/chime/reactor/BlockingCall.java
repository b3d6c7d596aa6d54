package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.internal.Composed;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Work on a lane's thread whose outcome comes back to the loop. */
final class BlockingCall<T extends @Nullable Object> extends Composed {
    private final Loop loop;
    private final Lanes lanes;
    private final Lane lane;
    private final Callable<T> work;
    private final Callback<T> callback;
    private final @Nullable CallSite site = CallSite.current();
    private final long queuedAt = System.nanoTime();
    private boolean finished;

    BlockingCall(Loop loop, Lanes lanes, Lane lane, Callable<T> work, Callback<T> callback) {
        super(loop);
        this.loop = loop;
        this.lanes = lanes;
        this.lane = lane;
        this.work = work;
        this.callback = callback;
    }

    /** By {@link System#nanoTime}. */
    long queuedAt() {
        return queuedAt;
    }

    /** Does the work, on the lane's thread; what it gives is for the loop's. */
    Runnable perform() {
        CallSite.resume(site);
        try {
            T value = work.call();
            return () -> finish(null, value);
        } catch (ReactorException e) {
            CallSite.attach(e, site);
            return () -> fail(e);
        } catch (Throwable e) {
            ReactorException err = new ReactorException("ERR_BLOCKING_CALL", String.valueOf(e), e);
            return () -> fail(err);
        }
    }

    /** Brings an outcome to the loop. */
    void post(Runnable outcome) {
        try {
            loop.post(outcome);
        } catch (RejectedExecutionException e) {
            // The reactor gave up waiting for this work, and has called back already.
        }
    }

    private void finish(@Nullable ReactorException err, T value) {
        if (!finished) {
            finished = true;
            ended();
            lanes.ended(this);
            CallSite.resume(site);
            loop.call(callback, err, value);
        }
    }

    /** Calls back with an error, unless that has happened. */
    void fail(ReactorException err) {
        finish(err, none());
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T none() {
        return null;
    }

    /** Calls back with ECANCELED now; a result that comes later is dropped. */
    void abandon() {
        lane.withdraw(this);
        failStopped();
    }

    private void failStopped() {
        CallSite.resume(site);
        fail(ErrnoException.file(stopErrno(), "blocking", null));
    }

    Lane lane() {
        return lane;
    }

    @Nullable CallSite site() {
        return site;
    }

    @Override
    public String toString() {
        return Inspector.name(work);
    }

    @Override
    protected void interrupt() {
        if (!finished && lane.withdraw(this)) {
            loop.beforeEnter(this::failStopped);
        }
    }
}
