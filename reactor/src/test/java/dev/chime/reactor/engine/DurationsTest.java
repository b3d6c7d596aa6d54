package dev.chime.reactor.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void isTheHistogramThatHdrHistogramMakes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Durations durations = new Durations();
        Histogram expected = new Histogram(Durations.MAX_NANOS, Durations.DIGITS);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong(Durations.MAX_NANOS + 1) >>> random.nextInt(42);
            durations.record(value);
            expected.recordValue(value);
        }
        assertEquals(expected, Durations.histogram(durations.counts()), "seed " + seed);
    }

    @Test
    void edgesOfBuckets_areTheirOwn() {
        for (long edge = 1; edge <= Durations.MAX_NANOS; edge *= 2) {
            for (long value : new long[] {edge - 1, edge, edge + 1}) {
                Durations durations = new Durations();
                durations.record(value);
                Histogram histogram = Durations.histogram(durations.counts());
                assertEquals(1, histogram.getCountAtValue(value), "value " + value);
            }
        }
    }

    @Test
    void outOfRange_countsAsTheNearest() {
        Durations durations = new Durations();
        durations.record(-1);
        durations.record(Long.MAX_VALUE);
        Histogram histogram = Durations.histogram(durations.counts());
        assertEquals(1, histogram.getCountAtValue(0));
        assertEquals(1, histogram.getCountAtValue(Durations.MAX_NANOS));
    }
}
