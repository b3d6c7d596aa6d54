package dev.chime.samples;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Counts operations between two points in time and prints the lab's line of JSON. */
final class Measure {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final double warmup;
    private final double length;
    private long startNanos;
    private long startCpuNanos;
    private long before;
    private boolean warm;
    private boolean over;

    /** One whose end somebody else decides. */
    Measure() {
        this(0, 0);
    }

    /** One of {@code length} seconds behind {@code warmup} seconds, by {@link #isOver}. */
    Measure(double warmup, double length) {
        this.warmup = warmup;
        this.length = length;
    }

    /** Starts over: what came before was warm-up. */
    void start() {
        startNanos = System.nanoTime();
        startCpuNanos = PROCESS.getProcessCpuTime();
    }

    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    double cpuSeconds() {
        return (PROCESS.getProcessCpuTime() - startCpuNanos) / 1e9;
    }

    /**
     * To be asked now and then with the operations so far: true from its end on. What was done in
     * between is printed then.
     */
    boolean isOver(long operations) {
        if (!warm && seconds() >= warmup) {
            warm = true;
            before = operations;
            start();
        } else if (warm && !over && seconds() >= length) {
            over = true;
            print(operations - before);
        }
        return over;
    }

    /** Prints operations, seconds and the process's CPU seconds since the start. */
    void print(long operations) {
        double seconds = seconds();
        System.out.printf(
                Locale.ROOT,
                "{\"ops\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f}%n",
                operations,
                seconds,
                cpuSeconds());
    }
}
