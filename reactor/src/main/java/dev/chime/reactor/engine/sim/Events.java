package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Engine;
import java.util.PriorityQueue;

/** What will happen in the simulated machine, by time; equal times in the order of planning. */
final class Events {
    /** One thing to happen; a cancelled one never does. */
    static final class Event implements Comparable<Event> {
        private final long time;
        private final long order;
        private final Runnable action;

        private Event(long time, long order, Runnable action) {
            this.time = time;
            this.order = order;
            this.action = action;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long orders;

    /** Plans an action for the moment {@code time}. */
    Event at(long time, Runnable action) {
        Event event = new Event(time, orders++, action);
        queue.add(event);
        return event;
    }

    void cancel(Event event) {
        queue.remove(event);
    }

    /** The moment of the next event, or {@link Engine#FOREVER}. */
    long next() {
        Event first = queue.peek();
        return first == null ? Engine.FOREVER : first.time;
    }

    /** Lets everything happen that is planned for {@code now} or before. */
    void runDue(long now) {
        for (Event event = queue.peek(); event != null && event.time <= now; event = queue.peek()) {
            queue.remove();
            event.action.run();
        }
    }

    void clear() {
        queue.clear();
    }
}
