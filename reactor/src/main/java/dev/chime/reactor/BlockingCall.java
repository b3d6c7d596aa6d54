package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.internal.Composed;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Work on a lane's thread whose outcome comes back to the loop. */
final class BlockingCall<T extends @Nullable Object> extends Composed implements Runnable {
    private final Loop loop;
    private final Lanes lanes;
    private final Lane lane;
    private final Callable<T> work;
    private final Callback<T> callback;
    private final @Nullable CallSite site = CallSite.current();
    private boolean finished;

    BlockingCall(Loop loop, Lanes lanes, Lane lane, Callable<T> work, Callback<T> callback) {
        super(loop);
        this.loop = loop;
        this.lanes = lanes;
        this.lane = lane;
        this.work = work;
        this.callback = callback;
    }

    @Override
    public void run() {
        T value;
        ReactorException err;
        CallSite.resume(site);
        try {
            value = work.call();
            err = null;
        } catch (ReactorException e) {
            value = none();
            err = e;
            CallSite.attach(e, site);
        } catch (Throwable e) {
            value = none();
            err = new ReactorException("ERR_BLOCKING_CALL", String.valueOf(e), e);
        }
        CallSite.resume(null);
        post(err, value);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T none() {
        return null;
    }

    private void post(@Nullable ReactorException err, T value) {
        try {
            loop.post(() -> finish(err, value));
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

    /** Calls back with ECANCELED now; a result that comes later is dropped. */
    void abandon() {
        lane.withdraw(this);
        finishStopped();
    }

    private void finishStopped() {
        CallSite.resume(site);
        finish(ErrnoException.file(stopErrno(), "blocking", null), none());
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
            loop.reactor().nextTick(this::finishStopped);
        }
    }
}
