package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All timers of a reactor: a list for each delay in use, and a heap of the lists by their first
 * deadline.
 *
 * <p>Programs use few delays for many timers (idle time-outs), so starting and clearing one costs a
 * look-up by delay and a few links. The heap orders lists by what their first timer was when they
 * last moved, which is never too late, and looks again when a list comes to the top. Equal
 * deadlines fire in the order of their start.
 */
final class Timers {
    private static final int KEEP_EMPTY_LISTS = 1024;

    private final Loop loop;
    private TimerList[] heap = new TimerList[16];
    private int size;
    private @Nullable TimerList[] byDelay = new @Nullable TimerList[64];
    private int lists;
    private long orders;
    private int referenced;

    Timers(Loop loop) {
        this.loop = loop;
    }

    /** A limit in nanoseconds: what is longer than 292 years is for ever. */
    static long limit(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("limit is negative: " + limit);
        }
        return nanos(limit);
    }

    /** A delay in nanoseconds; a negative one is zero, one past 292 years is for ever. */
    static long nanos(Duration delay) {
        try {
            return Math.max(0, delay.toNanos());
        } catch (ArithmeticException e) {
            return delay.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    Loop loop() {
        return loop;
    }

    /** Makes a timer that waits from {@code now}. */
    Timer start(Task task, long delayNanos, int kind, long now) {
        Timer timer = new Timer(listOf(delayNanos), task, kind);
        add(timer, now);
        return timer;
    }

    /** Starts a timer's delay at {@code now}. */
    void add(Timer timer, long now) {
        long deadline = now + timer.list.delayNanos;
        wait(timer, deadline < now ? Long.MAX_VALUE - 1 : deadline); // past the clock's end: never
    }

    /** Starts the next wait of an interval whose last run began at {@code started}. */
    void repeat(Timer timer, long started) {
        if (!timer.isFixedRate()) {
            add(timer, started);
            return;
        }
        long period = Math.max(1, timer.list.delayNanos);
        long late = Math.max(0, started - timer.deadline);
        wait(timer, timer.deadline + (late / period + 1) * period);
    }

    private void wait(Timer timer, long deadline) {
        timer.deadline = deadline;
        timer.order = orders++;
        TimerList list = timer.list;
        list.add(timer);
        if (list.place < 0) {
            push(list);
        } else if (timer.deadline < list.deadline) {
            list.refreshKey();
            up(list.place);
        }
        if (timer.hasRef()) {
            referenced++;
        }
    }

    /** Ends a timer's wait, if it waits. The heap finds out when the list comes to its top. */
    void remove(Timer timer) {
        if (timer.isActive()) {
            timer.list.remove(timer);
            if (timer.hasRef()) {
                referenced--;
            }
        }
    }

    /** The order that the next timer gets: a mark between what is there and what comes. */
    long mark() {
        return orders;
    }

    /** Takes the first timer that is due at {@code now} and was started before {@code mark}. */
    @Nullable Timer takeDue(long now, long mark) {
        Timer first = first();
        if (first == null || first.deadline > now || first.order >= mark) {
            return null;
        }
        remove(first);
        return first;
    }

    /** Runs the timers that are due at {@code now}, but for those that this starts. */
    void run(long now, Callbacks callbacks, Meter meter) {
        long first = nextDeadline();
        if (first > now || first == Engine.FOREVER) {
            return;
        }
        meter.timerFires(now - first);
        long mark = mark();
        for (Timer due = takeDue(now, mark); due != null; due = takeDue(now, mark)) {
            long started = due.repeats() ? loop.clock().nanoTime() : 0;
            callbacks.call(due.task);
            if (due.repeats() && !due.isCleared() && !due.isActive()) {
                repeat(due, started);
            }
        }
    }

    /** When the next timer is due, or {@link Engine#FOREVER}. */
    long nextDeadline() {
        Timer first = first();
        return first == null ? Engine.FOREVER : first.deadline;
    }

    /** The timer that fires next, after bringing the top of the heap up to date. */
    private @Nullable Timer first() {
        while (size > 0) {
            TimerList top = heap[0];
            Timer first = top.first;
            if (first == null) {
                pull(top);
            } else if (first.deadline == top.deadline && first.order == top.order) {
                return first;
            } else {
                top.refreshKey();
                down(0);
            }
        }
        return null;
    }

    /** Calls {@code visitor} for every timer that waits; it must not change any. */
    void forEach(Consumer<Timer> visitor) {
        for (int i = 0; i < size; i++) {
            for (Timer timer = heap[i].first; timer != null; timer = timer.next) {
                visitor.accept(timer);
            }
        }
    }

    /** Waiting timers that keep the loop alive. */
    int referenced() {
        return referenced;
    }

    void countReferenced(int more) {
        referenced += more;
    }

    private TimerList listOf(long delayNanos) {
        int mask = byDelay.length - 1;
        int at = hash(delayNanos) & mask;
        TimerList list = byDelay[at];
        while (list != null) {
            if (list.delayNanos == delayNanos) {
                return list;
            }
            at = at + 1 & mask;
            list = byDelay[at];
        }
        if (2 * (lists + 1) > byDelay.length) {
            rehash();
            return listOf(delayNanos);
        }
        list = new TimerList(this, delayNanos);
        byDelay[at] = list;
        lists++;
        return list;
    }

    private static int hash(long delayNanos) {
        return (int) ((delayNanos * 0x9E3779B97F4A7C15L) >>> 32);
    }

    /** Drops lists that are empty once there are many, and doubles the table when it is full. */
    private void rehash() {
        TimerList[] kept = new TimerList[lists];
        int count = 0;
        for (TimerList list : byDelay) {
            if (list != null && (list.place >= 0 || lists < KEEP_EMPTY_LISTS)) {
                kept[count++] = list;
            }
        }
        int length = byDelay.length;
        while (4 * count > length) {
            length *= 2;
        }
        byDelay = new @Nullable TimerList[length];
        lists = count;
        for (int i = 0; i < count; i++) {
            int at = hash(kept[i].delayNanos) & length - 1;
            while (byDelay[at] != null) {
                at = at + 1 & length - 1;
            }
            byDelay[at] = kept[i];
        }
    }

    private void push(TimerList list) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        list.refreshKey();
        heap[size] = list;
        list.place = size++;
        up(list.place);
    }

    /** Takes the list at the top out. */
    private void pull(TimerList top) {
        top.place = -1;
        TimerList last = heap[--size];
        if (last != top) {
            heap[0] = last;
            last.place = 0;
            down(0);
        }
    }

    private static boolean before(TimerList a, TimerList b) {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
    }

    private void up(int from) {
        int at = from;
        TimerList list = heap[at];
        while (at > 0) {
            int parent = (at - 1) >> 1;
            if (!before(list, heap[parent])) {
                break;
            }
            heap[at] = heap[parent];
            heap[at].place = at;
            at = parent;
        }
        heap[at] = list;
        list.place = at;
    }

    private void down(int from) {
        int at = from;
        TimerList list = heap[at];
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], list)) {
                break;
            }
            heap[at] = heap[child];
            heap[at].place = at;
            at = child;
        }
        heap[at] = list;
        list.place = at;
    }
}
