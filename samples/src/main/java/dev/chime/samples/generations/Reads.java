package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The reads of one run: gives out what is to be read, checks what was, and measures. One thread.
 *
 * <p>Every run goes through the blocks in the same random order, from the start. The time begins
 * with the first request and ends with the last, so that what a generation needs to get ready is
 * not in it.
 */
final class Reads {
    private static final long LONGEST_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int DIGITS = 3;

    private final Content content;
    private final RandomOrder order;
    private final Condition condition;
    private final int depth;
    private final long most;
    private final long limitNanos;
    private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    private long startNanos;
    private double startCpuSeconds;
    private long begun;
    private int inFlight;
    private boolean over;
    private boolean stopped;
    private long inCallsNanos;
    private long longestNanos;
    private double seconds;
    private double cpuSeconds;
    private String remark = "";

    /**
     * A run that ends with its {@code most}th read, or after {@code seconds}. Of a cold file it
     * ends when every block was read once: a second time it would not be cold.
     */
    Reads(Content content, Condition condition, int depth, long most, double seconds) {
        this.content = content;
        this.condition = condition;
        this.depth = depth;
        this.most = condition == Condition.CACHED ? most : Math.min(most, content.blocks());
        order = new RandomOrder(content.blocks());
        limitNanos = (long) (seconds * 1e9);
    }

    /** The file to read. */
    Path path() {
        return content.path();
    }

    /** How many requests should be in flight, where a generation can have more than one. */
    int depth() {
        return depth;
    }

    /** Whether the kernel is to be told that reads will be random. */
    boolean random() {
        return condition == Condition.COLD_RANDOM;
    }

    /** Gives a request its block, and starts its clock; false when the run is over. */
    boolean begin(Request request) {
        long now = System.nanoTime();
        if (begun == 0) {
            startNanos = now;
            startCpuSeconds = CpuClock.seconds();
        }
        if (isOver(now)) {
            return false;
        }
        request.block = (int) order.at(begun++);
        request.startedNanos = now;
        inFlight++;
        return true;
    }

    /** The calling thread was in a call that begins reads for so long. */
    void held(long nanos) {
        held(nanos, 1);
    }

    /** The same of a call that stands for {@code calls} of its kind. */
    void held(long nanos, double calls) {
        inCallsNanos += (long) (nanos * calls);
        longestNanos = Math.max(longestNanos, nanos);
    }

    /**
     * A request has ended.
     *
     * @param result the bytes read, or a negative errno
     */
    void end(Request request, long result) throws ReactorException {
        long now = System.nanoTime();
        latencies.recordValue(Math.min(LONGEST_NANOS, now - request.startedNanos));
        inFlight--;
        content.check(request, result);
        isOver(now);
    }

    /** Whether no more reads begin; the last one's end stops the clocks. */
    private boolean isOver(long now) {
        over |= begun == most || (begun > 0 && now - startNanos >= limitNanos);
        if (over && inFlight == 0 && !stopped) {
            stopped = true;
            seconds = (now - startNanos) / 1e9;
            cpuSeconds = CpuClock.seconds() - startCpuSeconds;
        }
        return over;
    }

    /** Something that the table's row must say. */
    void remark(String text) {
        remark = text;
    }

    String remark() {
        return remark;
    }

    /** What the run came to; after its end. */
    Figures figures() {
        long reads = latencies.getTotalCount();
        return new Figures(
                reads,
                seconds,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                cpuSeconds * 1e6 / reads,
                Math.min(1, inCallsNanos / 1e9 / seconds), // of some calls it is an estimate
                longestNanos / 1e3);
    }
}
