package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/** A task that runs later, once or again and again. Loop thread only. */
public final class Timer {
    private final Reactor reactor;
    final Task task;
    final long delayNanos;
    final boolean repeats;

    long deadline;
    long order;
    @Nullable TimerList list;
    @Nullable Timer previous;
    @Nullable Timer next;
    private boolean cleared;
    private boolean referenced = true;

    Timer(Reactor reactor, Task task, long delayNanos, boolean repeats) {
        this.reactor = reactor;
        this.task = task;
        this.delayNanos = delayNanos;
        this.repeats = repeats;
    }

    /** Ends it: the task does not run again, not even when it is due already. */
    public void clear() {
        reactor.checkThread("Timer.clear");
        cleared = true;
        reactor.timers().remove(this);
    }

    /**
     * Starts the delay anew, also after the task has run; allocates nothing. Does nothing once
     * cleared.
     */
    public Timer refresh() {
        reactor.checkThread("Timer.refresh");
        if (!cleared) {
            reactor.timers().remove(this);
            reactor.timers().add(this, System.nanoTime());
        }
        return this;
    }

    /** Lets the timer keep the loop alive, as it does from the start. */
    public Timer ref() {
        return reference(true);
    }

    /** Lets the loop end although the timer waits. */
    public Timer unref() {
        return reference(false);
    }

    private Timer reference(boolean on) {
        reactor.checkThread("Timer.ref");
        if (referenced != on) {
            referenced = on;
            if (isActive()) {
                reactor.timers().countReferenced(on ? 1 : -1);
            }
        }
        return this;
    }

    /** True while it keeps the loop alive when it waits. */
    public boolean hasRef() {
        return referenced;
    }

    /** True while it waits to run. */
    public boolean isActive() {
        return list != null;
    }

    boolean isCleared() {
        return cleared;
    }
}
