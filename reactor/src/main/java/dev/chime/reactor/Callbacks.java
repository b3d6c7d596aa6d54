package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.jfr.Flight;
import dev.chime.reactor.jfr.SlowCallback;
import org.jspecify.annotations.Nullable;

/**
 * Calls what users gave us: each callback is followed by all ticks, then all microtasks, until both
 * are empty; what it throws goes to the uncaught handler, or is kept for {@link #rethrow}.
 */
final class Callbacks {
    private final TaskQueue ticks = new TaskQueue();
    private final TaskQueue microtasks = new TaskQueue();
    private final Runnable stop;
    private @Nullable UncaughtHandler handler;
    private @Nullable Throwable failure;
    private boolean ending;
    private long tasks;

    /** Calls {@code stop} when a callback throws and nobody takes it. */
    Callbacks(Runnable stop) {
        this.stop = stop;
    }

    TaskQueue ticks() {
        return ticks;
    }

    /** How many tasks {@link #call(Task)} has run. */
    long tasks() {
        return tasks;
    }

    TaskQueue microtasks() {
        return microtasks;
    }

    void call(Task task) {
        tasks++;
        run(task, "task");
        checkpoint();
    }

    private void run(Task task, String kind) {
        SlowCallback timed = Flight.callbackBegins();
        try {
            task.run();
        } catch (Throwable t) {
            uncaught(t);
        }
        if (timed != null) {
            timed.ended(kind, task);
        }
    }

    /** Calls from within another callback: ticks wait for the end of that one. */
    void callNested(Task task) {
        try {
            task.run();
        } catch (Throwable t) {
            uncaught(t);
        }
    }

    <T extends @Nullable Object> void call(
            Callback<T> callback, @Nullable ReactorException err, T value) {
        try {
            callback.call(err, value);
        } catch (Throwable t) {
            uncaught(t);
        }
        checkpoint();
    }

    void call(Done done, @Nullable ReactorException err) {
        try {
            done.call(err);
        } catch (Throwable t) {
            uncaught(t);
        }
        checkpoint();
    }

    /** All ticks, then all microtasks, until both are empty. */
    void checkpoint() {
        CallSite.resume(null);
        while (!ticks.isEmpty() || !microtasks.isEmpty()) {
            drain(ticks);
            drain(microtasks);
        }
    }

    private void drain(TaskQueue tasks) {
        for (Task task = tasks.take(); task != null; task = tasks.take()) {
            run(task, "tick");
            CallSite.resume(null);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same throwable, not an equal one
    void uncaught(Throwable thrown) {
        UncaughtHandler taker = handler;
        if (taker == null || ending) {
            fail(thrown);
            return;
        }
        try {
            taker.uncaught(thrown);
        } catch (Throwable fromHandler) {
            if (fromHandler != thrown) {
                fromHandler.addSuppressed(thrown);
            }
            fail(fromHandler);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same throwable, not an equal one
    private void fail(Throwable thrown) {
        try {
            Log.LOG.error("a callback threw, and there is no uncaught handler: stopping", thrown);
        } catch (Throwable cannotLog) { // no descriptor left to load a logger with: run throws it
            thrown.addSuppressed(cannotLog);
        }
        Throwable first = failure;
        if (first == null) {
            failure = thrown;
        } else if (first != thrown) {
            first.addSuppressed(thrown);
        }
        stop.run();
    }

    /** Takes what callbacks throw; null restores the default. */
    void onUncaught(@Nullable UncaughtHandler taker) {
        handler = taker;
    }

    /** From now on nobody but {@link #rethrow} hears of failures. */
    void ending() {
        ending = true;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** Makes the run fail, unless it fails already. */
    void failWith(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** Throws what a callback threw and nobody took; once. */
    void rethrow() {
        Throwable thrown = failure;
        failure = null;
        if (thrown instanceof RuntimeException e) { // not a switch: that costs a start-up 10 ms
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        if (thrown != null) {
            throw new IllegalStateException("a callback threw " + thrown, thrown);
        }
    }
}
