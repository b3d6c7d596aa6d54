package dev.chime.samples;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Counts operations between two points in time and prints the lab's line of JSON. */
final class Measure {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private long startNanos;
    private long startCpuNanos;

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
