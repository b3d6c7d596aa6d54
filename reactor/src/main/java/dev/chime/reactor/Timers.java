package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All timers of a reactor: a list for each delay in use, and a heap of the lists by their first
 * deadline.
 *
 * <p>Programs use few delays for many timers (idle time-outs), so starting and clearing one costs a
 * look-up by delay and a few links; the heap moves only when a list's first timer changes. Equal
 * deadlines fire in the order of their start.
 */
final class Timers {
    private static final int KEEP_EMPTY_LISTS = 1024;

    private TimerList[] heap = new TimerList[16];
    private int size;
    private @Nullable TimerList[] byDelay = new @Nullable TimerList[64];
    private int lists;
    private long orders;
    private int referenced;

    /** Starts a timer's delay at {@code now}. */
    void add(Timer timer, long now) {
        long deadline = now + timer.delayNanos;
        timer.deadline = deadline < now ? Long.MAX_VALUE - 1 : deadline;
        timer.order = orders++;
        TimerList list = listOf(timer.delayNanos);
        list.add(timer);
        if (list.first == timer) {
            if (list.place < 0) {
                push(list);
            } else {
                up(list.place);
            }
        }
        if (timer.hasRef()) {
            referenced++;
        }
    }

    /** Ends a timer's wait, if it waits. */
    void remove(Timer timer) {
        TimerList list = timer.list;
        if (list == null) {
            return;
        }
        boolean wasFirst = list.first == timer;
        list.remove(timer);
        if (timer.hasRef()) {
            referenced--;
        }
        if (wasFirst) {
            if (list.first == null) {
                pull(list);
            } else {
                down(list.place);
            }
        }
    }

    /** The order that the next timer gets: a mark between what is there and what comes. */
    long mark() {
        return orders;
    }

    /** Takes the first timer that is due at {@code now} and was started before {@code mark}. */
    @Nullable Timer takeDue(long now, long mark) {
        if (size == 0) {
            return null;
        }
        Timer first = heap[0].first;
        if (first == null || first.deadline > now || first.order >= mark) {
            return null;
        }
        remove(first);
        return first;
    }

    /** When the next timer is due, or {@link Engine#FOREVER}. */
    long nextDeadline() {
        if (size == 0) {
            return Engine.FOREVER;
        }
        Timer first = heap[0].first;
        return first == null ? Engine.FOREVER : first.deadline;
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
        list = new TimerList(delayNanos);
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
        heap[size] = list;
        list.place = size++;
        up(list.place);
    }

    private void pull(TimerList list) {
        int at = list.place;
        list.place = -1;
        TimerList moved = heap[--size];
        if (moved != list) {
            heap[at] = moved;
            moved.place = at;
            up(at);
            down(moved.place);
        }
    }

    private static boolean before(TimerList a, TimerList b) {
        Timer x = a.first;
        Timer y = b.first;
        if (x == null || y == null) {
            throw new AssertionError("a list in the heap has a timer");
        }
        return x.deadline != y.deadline ? x.deadline < y.deadline : x.order < y.order;
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
