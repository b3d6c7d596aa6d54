package dev.chime.reactor.engine;

/**
 * What the threads of a lane have done: plain numbers with one writer, or with a lock around them.
 *
 * <p>Times are nanoseconds of {@link System#nanoTime}.
 */
public final class LaneCounters {
    private long completed;
    private long waitNanos;
    private long maxWaitNanos;
    private long runNanos;
    private long maxRunNanos;

    /** Counts a piece of work that waited from {@code queued} to {@code begun} and then ran. */
    public void count(long queued, long begun, long ended) {
        long waited = Math.max(0, begun - queued);
        long ran = Math.max(0, ended - begun);
        waitNanos += waited;
        maxWaitNanos = Math.max(maxWaitNanos, waited);
        runNanos += ran;
        maxRunNanos = Math.max(maxRunNanos, ran);
        completed++;
    }

    /** Adds what another thread has counted. */
    public void add(LaneCounters other) {
        completed += other.completed;
        waitNanos += other.waitNanos;
        maxWaitNanos = Math.max(maxWaitNanos, other.maxWaitNanos);
        runNanos += other.runNanos;
        maxRunNanos = Math.max(maxRunNanos, other.maxRunNanos);
    }

    /** Pieces of work that came to their end. */
    public long completed() {
        return completed;
    }

    /** Time between queueing and beginning, of all together. */
    public long waitNanos() {
        return waitNanos;
    }

    /** The longest of these times. */
    public long maxWaitNanos() {
        return maxWaitNanos;
    }

    /** Time between beginning and end, of all together. */
    public long runNanos() {
        return runNanos;
    }

    /** The longest of these times. */
    public long maxRunNanos() {
        return maxRunNanos;
    }
}
