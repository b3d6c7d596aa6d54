package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/**
 * What the threads of a lane have done: plain numbers with one writer, or with a lock around them.
 *
 * <p>Times are nanoseconds of {@link System#nanoTime}. The counts by duration take 73 KB, from the
 * first piece of work on.
 */
public final class LaneCounters {
    private long completed;
    private long waitNanos;
    private long maxWaitNanos;
    private long runNanos;
    private long maxRunNanos;
    private @Nullable Durations waits;
    private @Nullable Durations runs;

    /** Counts a piece of work that waited from {@code queued} to {@code begun} and then ran. */
    public void count(long queued, long begun, long ended) {
        long waited = Math.max(0, begun - queued);
        long ran = Math.max(0, ended - begun);
        waitNanos += waited;
        maxWaitNanos = Math.max(maxWaitNanos, waited);
        runNanos += ran;
        maxRunNanos = Math.max(maxRunNanos, ran);
        waits = counting(waits);
        waits.record(waited);
        runs = counting(runs);
        runs.record(ran);
        completed++;
    }

    private static Durations counting(@Nullable Durations durations) {
        return durations == null ? new Durations() : durations;
    }

    /** Adds what another thread has counted. */
    public void add(LaneCounters other) {
        completed += other.completed;
        waitNanos += other.waitNanos;
        maxWaitNanos = Math.max(maxWaitNanos, other.maxWaitNanos);
        runNanos += other.runNanos;
        maxRunNanos = Math.max(maxRunNanos, other.maxRunNanos);
        waits = sum(waits, other.waits);
        runs = sum(runs, other.runs);
    }

    private static @Nullable Durations sum(@Nullable Durations one, @Nullable Durations other) {
        if (other == null) {
            return one;
        }
        Durations sum = counting(one);
        sum.add(other);
        return sum;
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

    /** Counts of the times between queueing and beginning, as {@link Durations#counts}. */
    public long[] waits() {
        return waits == null ? new long[0] : waits.counts();
    }

    /** Counts of the times between beginning and end. */
    public long[] runs() {
        return runs == null ? new long[0] : runs.counts();
    }
}
