package dev.chime.reactor;

import dev.chime.reactor.engine.LaneCounters;
import dev.chime.reactor.engine.WorkerCounts;

/**
 * How one lane of threads stands: a snapshot, from {@link Reactor#lanes}. Times are nanoseconds and
 * count work that ran to its end.
 *
 * @param name {@code blocking} (user's work), {@code lookup} (names) or {@code file} (files, where
 *     the ring does not serve them)
 * @param threads how many pieces of work run at once, at the most
 * @param queueLimit how many wait at the most; more are refused with {@code ERR_LANE_FULL}. The
 *     file lane refuses nothing: its limit is {@link Integer#MAX_VALUE}
 * @param queued work that waits for a thread now
 * @param running work that a thread is at now
 * @param completed work that came to its end, well or not
 * @param cancelled work that was cancelled before a thread began; it never ran
 * @param refused work that found the lane full
 * @param totalWaitNanos from queueing to beginning, all together
 * @param maxWaitNanos the longest wait
 * @param totalRunNanos from beginning to end, all together
 * @param maxRunNanos the longest run
 */
public record LaneMetrics(
        String name,
        int threads,
        int queueLimit,
        int queued,
        int running,
        long completed,
        long cancelled,
        long refused,
        long totalWaitNanos,
        long maxWaitNanos,
        long totalRunNanos,
        long maxRunNanos) {

    /** The average wait in nanoseconds; 0 when nothing has completed. */
    public long meanWaitNanos() {
        return completed == 0 ? 0 : totalWaitNanos / completed;
    }

    /** The average run in nanoseconds; 0 when nothing has completed. */
    public long meanRunNanos() {
        return completed == 0 ? 0 : totalRunNanos / completed;
    }

    static LaneMetrics of(String name, int queueLimit, long refused, WorkerCounts counts) {
        LaneCounters done = counts.done();
        return new LaneMetrics(
                name,
                counts.threads(),
                queueLimit,
                counts.queued(),
                counts.running(),
                done.completed(),
                counts.cancelled(),
                refused,
                done.waitNanos(),
                done.maxWaitNanos(),
                done.runNanos(),
                done.maxRunNanos());
    }
}
