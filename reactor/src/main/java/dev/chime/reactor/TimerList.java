package dev.chime.reactor;

import dev.chime.reactor.engine.Invariant;
import org.jspecify.annotations.Nullable;

/**
 * The waiting timers of one delay, earliest first: they fire in the order in which they started, so
 * adding and removing one is a matter of a few links.
 */
final class TimerList {
    final Timers timers;
    final long delayNanos;
    @Nullable Timer first;
    private @Nullable Timer last;

    /** Its place in the heap of lists, or -1. */
    int place = -1;

    /**
     * What the heap orders it by: its first timer's deadline and order, or those of an earlier
     * first timer that was cleared since. Never later than the truth.
     */
    long deadline;

    long order;

    TimerList(Timers timers, long delayNanos) {
        this.timers = timers;
        this.delayNanos = delayNanos;
    }

    /** Adds by deadline; nearly always behind the last. */
    void add(Timer timer) {
        Timer before = last;
        while (before != null && before.deadline > timer.deadline) {
            before = before.previous;
        }
        Timer after = before == null ? first : before.next;
        timer.previous = before;
        timer.next = after;
        if (before == null) {
            first = timer;
        } else {
            before.next = timer;
        }
        if (after == null) {
            last = timer;
        } else {
            after.previous = timer;
        }
        timer.waits(true);
    }

    /** Takes the first timer's deadline and order over; there is one. */
    void refreshKey() {
        Timer timer = Invariant.present(first, "a list in the heap has a timer");
        deadline = timer.deadline;
        order = timer.order;
    }

    void remove(Timer timer) {
        Timer before = timer.previous;
        Timer after = timer.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        timer.previous = null;
        timer.next = null;
        timer.waits(false);
    }
}
