package dev.chime.reactor.engine;

import org.HdrHistogram.Histogram;

/**
 * Counts durations in nanoseconds, from 0 to an hour, in buckets that are at most 1/128 of their
 * value wide: an HdrHistogram of two digits, in an array that costs nothing to start with.
 *
 * <p>One thread records, without allocation; any thread may copy what is there.
 */
public final class Durations {
    /** Digits of a histogram. */
    public static final int DIGITS = 2;

    /** The longest duration: an hour. */
    public static final long MAX_NANOS = 3_600_000_000_000L;

    /** Below, each value has a bucket of its own; above, each power of two has half as many. */
    private static final int LINEAR = 256;

    private static final int LINEAR_BITS = 8;
    private static final int HALF_BITS = LINEAR_BITS - 1;

    private final long[] counts = new long[bucket(MAX_NANOS) + 1];

    private static int bucket(long nanos) {
        int shift = Math.max(0, Long.SIZE - LINEAR_BITS - Long.numberOfLeadingZeros(nanos));
        return (shift << HALF_BITS) + (int) (nanos >>> shift);
    }

    /** The least duration that bucket {@code at} counts. */
    private static long least(int at) {
        if (at < LINEAR) {
            return at;
        }
        int shift = (at >> HALF_BITS) - 1;
        return (long) (at - (shift << HALF_BITS)) << shift;
    }

    /** Counts one duration; one that is out of range counts as the nearest that is in it. */
    public void record(long nanos) {
        counts[bucket(Math.clamp(nanos, 0, MAX_NANOS))]++;
    }

    /** Counts what another has counted as well. */
    void add(Durations other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    /** The counts, one for each bucket; any thread. */
    public long[] counts() {
        return counts.clone();
    }

    /** What was counted between two copies. */
    public static long[] difference(long[] later, long[] earlier) {
        long[] counts = later.clone();
        for (int i = 0; i < counts.length; i++) {
            counts[i] -= earlier[i];
        }
        return counts;
    }

    /** The same as a histogram, with buckets of the same widths. */
    public static Histogram histogram(long[] counts) {
        Histogram histogram = new Histogram(MAX_NANOS, DIGITS);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                histogram.recordValueWithCount(least(i), counts[i]);
            }
        }
        return histogram;
    }
}
