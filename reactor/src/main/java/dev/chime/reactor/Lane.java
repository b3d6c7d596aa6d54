package dev.chime.reactor;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for one kind of blocking work, so that a slow kind never delays another. They start when
 * there is work and end after ten idle seconds, or with the reactor.
 */
final class Lane {
    private static final int IDLE_SECONDS = 10;
    private static final int JOIN_MILLIS = 1000;

    private final String name;
    private final ThreadPoolExecutor threads;

    Lane(String name, int size) {
        this.name = name;
        threads =
                new ThreadPoolExecutor(
                        size,
                        size,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("chime-" + name + "-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    void execute(Runnable work) {
        threads.execute(work);
    }

    /** What it does now; any thread. */
    LaneMetrics metrics() {
        return new LaneMetrics(
                name,
                threads.getPoolSize(),
                threads.getActiveCount(),
                threads.getQueue().size(),
                threads.getCompletedTaskCount());
    }

    /** Takes work back that has not begun; false when it is too late. */
    boolean withdraw(Runnable work) {
        return threads.remove(work);
    }

    /** Interrupts what runs and waits for it, a second at the most. */
    void close() {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            threads.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
