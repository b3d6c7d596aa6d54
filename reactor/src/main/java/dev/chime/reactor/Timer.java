package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/** A task that runs later, once or again and again. Loop thread only. */
public final class Timer {
    static final int ONCE = 0;
    static final int FIXED_DELAY = 1;
    static final int FIXED_RATE = 2;

    private static final int KIND = 3;
    private static final int CLEARED = 4;
    private static final int UNREFERENCED = 8;
    private static final int WAITING = 16;

    /** The list of its delay, where it is while it waits. */
    final TimerList list;

    final Task task;
    long deadline;
    long order;
    @Nullable Timer previous;
    @Nullable Timer next;
    private int bits;

    Timer(TimerList list, Task task, int kind) {
        this.list = list;
        this.task = task;
        bits = kind;
    }

    /** Ends it: the task does not run again, not even when it is due already. */
    public void clear() {
        checkThread("Timer.clear");
        bits |= CLEARED;
        list.timers.remove(this);
    }

    /**
     * Starts the delay anew, also after the task has run; allocates nothing. Does nothing once
     * cleared.
     */
    public Timer refresh() {
        checkThread("Timer.refresh");
        if (!isCleared()) {
            list.timers.remove(this);
            list.timers.add(this, list.timers.loop().clock().nanoTime());
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
        checkThread("Timer.ref");
        if (hasRef() != on) {
            bits ^= UNREFERENCED;
            if (isActive()) {
                list.timers.countReferenced(on ? 1 : -1);
            }
        }
        return this;
    }

    private void checkThread(String call) {
        list.timers.loop().requireThread(call);
    }

    /** True while it keeps the loop alive when it waits. */
    public boolean hasRef() {
        return (bits & UNREFERENCED) == 0;
    }

    /** True while it waits to run. */
    public boolean isActive() {
        return (bits & WAITING) != 0;
    }

    void waits(boolean on) {
        bits = on ? bits | WAITING : bits & ~WAITING;
    }

    boolean isCleared() {
        return (bits & CLEARED) != 0;
    }

    boolean repeats() {
        return (bits & KIND) != ONCE;
    }

    boolean isFixedRate() {
        return (bits & KIND) == FIXED_RATE;
    }
}
