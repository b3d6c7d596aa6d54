package dev.chime.reactor.internal;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import org.jspecify.annotations.Nullable;

/**
 * A call of several steps with one callback. It keeps the loop alive until the callback, which
 * comes once and on its own, never inside a step; the reactor's end cancels it. Loop thread only.
 *
 * @param <T> the result
 */
public abstract class Deferred<T extends @Nullable Object> extends Composed implements Core.Handle {
    private final Callback<T> callback;
    private final @Nullable CallSite site = CallSite.current();
    private boolean settled;

    /** Makes a call that has not begun. */
    protected Deferred(Core core, Callback<T> callback) {
        super(core);
        this.callback = callback;
    }

    /** From now on it has to come to an end. */
    protected final void begin() {
        core.ref();
        core.opened(this);
    }

    /** Gives up what is under way: somebody has asked for the end, and the error is on its way. */
    protected abstract void giveUp();

    /** The error of a call that was stopped, after {@link #stopErrno}. */
    protected abstract ReactorException stopError();

    /** True once the outcome is known, whether or not the callback has been called. */
    protected final boolean isSettled() {
        return settled;
    }

    /** The errors made from now on belong to this call. */
    protected final void resume() {
        CallSite.resume(site);
    }

    /** Decides the outcome, unless that has happened. */
    protected final void succeed(T value) {
        settle(() -> core.call(callback, null, value));
    }

    /** Decides the outcome, unless that has happened. */
    protected final void fail(ReactorException error) {
        settle(() -> core.fail(callback, error));
    }

    private void settle(Runnable tell) {
        if (!settled) {
            settled = true;
            core.beforeEnter(() -> {
                ended();
                core.closed(this);
                core.unref();
                tell.run();
            });
        }
    }

    @Override
    protected final void interrupt() {
        if (!settled) {
            giveUp();
            resume();
            fail(stopError());
        }
    }

    @Override
    public final void shutdown() {
        cancel();
    }
}
