package dev.chime.reactor.engine.sim;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Real sleep, and the notice from other threads that ends it. */
final class Sleep {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean notified;

    /** Leaves a notice; any thread. */
    void give() {
        lock.lock();
        try {
            notified = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the notice, if there is one. */
    boolean take() {
        lock.lock();
        try {
            boolean was = notified;
            notified = false;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until there is a notice, which stays. */
    void await() {
        lock.lock();
        try {
            while (!notified) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until there is a notice, which stays, or the time is over; how long it was. */
    long await(long nanos) {
        long begin = System.nanoTime();
        boolean interrupted = Thread.interrupted();
        lock.lock();
        try {
            long left = nanos;
            while (!notified && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime() - begin;
    }
}
