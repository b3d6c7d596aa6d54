package dev.chime.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Looks at all loops of the JVM, and logs the stack of one that is busy for too long while it is.
 *
 * <p>One daemon thread, which lives while a loop is watched. It looks at a loop when that could
 * first have been busy for its threshold, so about once in that time, and reports in time.
 */
final class Watchdog extends Thread {
    private static final int MAX_FRAMES = 200;

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition CHANGED = LOCK.newCondition();
    private static final List<Watched> LOOPS = new ArrayList<>();
    private static @Nullable Watchdog running;

    /** A loop as the watchdog sees it. */
    static final class Watched {
        private final Thread thread;
        private final Meter meter;
        private final long thresholdNanos;

        /** Which stall was reported: the time of its begin. */
        private volatile long reported = Meter.NEVER;

        Watched(Thread thread, Meter meter, long thresholdNanos) {
            this.thread = thread;
            this.meter = meter;
            this.thresholdNanos = thresholdNanos;
        }

        /** True when the stall that began at {@code since} was reported while it lasted. */
        boolean hasReported(long since) {
            return reported == since;
        }

        /** Reports a stall; when to look again, in nanoseconds from now. */
        private long look() {
            long since = meter.busySince();
            if (since == Meter.NEVER || since == reported) {
                return thresholdNanos;
            }
            long left = thresholdNanos - (Meter.time() - since);
            if (left > 0) {
                return left;
            }
            StackTraceElement[] stack = thread.getStackTrace();
            if (meter.busySince() == since) { // else the stack may be of anything
                reported = since;
                Log.LOG.warn(
                        "the loop of {} has been busy for {} ms, and still is:{}",
                        thread,
                        (Meter.time() - since) / 1_000_000,
                        text(stack));
            }
            return thresholdNanos;
        }

        private static String text(StackTraceElement[] stack) {
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < Math.min(stack.length, MAX_FRAMES); i++) {
                out.append("\n    at ").append(stack[i]);
            }
            return out.toString();
        }
    }

    private Watchdog() {
        super("chime-watchdog");
        setDaemon(true);
    }

    /** Watches a loop until {@link #forget}. */
    static void watch(Watched loop) {
        LOCK.lock();
        try {
            LOOPS.add(loop);
            if (running == null) {
                running = new Watchdog();
                running.start();
            } else {
                CHANGED.signal();
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** Watches a loop no longer; with the last one the thread ends. */
    static void forget(Watched loop) {
        LOCK.lock();
        try {
            LOOPS.remove(loop);
            if (LOOPS.isEmpty()) {
                running = null;
                CHANGED.signalAll();
            }
        } finally {
            LOCK.unlock();
        }
    }

    @Override
    public void run() {
        try {
            for (List<Watched> loops = next(0); !loops.isEmpty(); ) {
                long wait = Long.MAX_VALUE;
                for (Watched loop : loops) {
                    wait = Math.min(wait, loop.look());
                }
                loops = next(wait);
            }
        } catch (InterruptedException e) {
            Log.LOG.debug("the watchdog was interrupted, and stops", e);
        } finally {
            ended();
        }
    }

    /** Waits, or until something changes; the loops to look at, none when this thread is over. */
    @SuppressWarnings("WaitNotInLoop") // a spurious wake-up is one more look
    private List<Watched> next(long waitNanos) throws InterruptedException {
        LOCK.lock();
        try {
            if (waitNanos > 0 && isRunning()) {
                CHANGED.awaitNanos(waitNanos);
            }
            // A loop whose thread has ended was never closed.
            LOOPS.removeIf(loop -> !loop.thread.isAlive());
            return isRunning() ? List.copyOf(LOOPS) : List.of();
        } finally {
            LOCK.unlock();
        }
    }

    private void ended() {
        LOCK.lock();
        try {
            if (isRunning()) {
                running = null;
            }
        } finally {
            LOCK.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // a later thread is another one
    private boolean isRunning() {
        return running == this;
    }
}
