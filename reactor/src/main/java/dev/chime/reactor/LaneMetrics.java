package dev.chime.reactor;

import dev.chime.reactor.engine.Durations;
import dev.chime.reactor.engine.LaneCounters;
import dev.chime.reactor.engine.WorkerCounts;
import org.HdrHistogram.Histogram;

/**
 * How one lane of threads stands: a snapshot, from {@link Reactor#lanes}. Immutable; any thread.
 *
 * <p>Times are nanoseconds of real time and count work that ran to its end.
 */
public final class LaneMetrics {
    private final String name;
    private final int queueLimit;
    private final long refused;
    private final WorkerCounts counts;
    private final LaneCounters done;

    /** Takes counts that nobody changes any more. */
    LaneMetrics(String name, int queueLimit, long refused, WorkerCounts counts) {
        this.name = name;
        this.queueLimit = queueLimit;
        this.refused = refused;
        this.counts = counts;
        done = counts.done();
    }

    /**
     * {@code blocking} (user's work), {@code lookup} (names) or {@code file} (files, where the ring
     * does not serve them).
     */
    public String name() {
        return name;
    }

    /** How many pieces of work run at once, at the most. */
    public int threads() {
        return counts.threads();
    }

    /**
     * How many wait at the most; more are refused with {@code ERR_LANE_FULL}. The file lane refuses
     * nothing: its limit is {@link Integer#MAX_VALUE}.
     */
    public int queueLimit() {
        return queueLimit;
    }

    /** Work that waits for a thread now. */
    public int queued() {
        return counts.queued();
    }

    /** Work that a thread is at now. */
    public int running() {
        return counts.running();
    }

    /** Work that came to its end, well or not. */
    public long completed() {
        return done.completed();
    }

    /** Work that was cancelled before a thread began; it never ran. */
    public long cancelled() {
        return counts.cancelled();
    }

    /** Work that found the lane full. */
    public long refused() {
        return refused;
    }

    /** From queueing to beginning, all together. */
    public long totalWaitNanos() {
        return done.waitNanos();
    }

    /** The longest wait. */
    public long maxWaitNanos() {
        return done.maxWaitNanos();
    }

    /** From beginning to end, all together. */
    public long totalRunNanos() {
        return done.runNanos();
    }

    /** The longest run. */
    public long maxRunNanos() {
        return done.maxRunNanos();
    }

    /** The average wait; 0 when nothing has completed. */
    public long meanWaitNanos() {
        return completed() == 0 ? 0 : totalWaitNanos() / completed();
    }

    /** The average run; 0 when nothing has completed. */
    public long meanRunNanos() {
        return completed() == 0 ? 0 : totalRunNanos() / completed();
    }

    /**
     * How long work waited for a thread, up to an hour, to two digits. A new histogram at each
     * call; the JAR {@code HdrHistogram} must be there.
     */
    public Histogram waitDurations() {
        return Durations.histogram(done.waits());
    }

    /**
     * How long work ran, up to an hour, to two digits. A new histogram at each call; the JAR {@code
     * HdrHistogram} must be there.
     */
    public Histogram runDurations() {
        return Durations.histogram(done.runs());
    }

    @Override
    public String toString() {
        return "LaneMetrics[%s: %d run, %d wait, %d completed, %d cancelled, %d refused]"
                .formatted(name, running(), queued(), completed(), cancelled(), refused);
    }
}
