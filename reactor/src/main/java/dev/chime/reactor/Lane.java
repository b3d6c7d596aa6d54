package dev.chime.reactor;

import dev.chime.reactor.engine.LaneCounters;
import dev.chime.reactor.engine.WorkerCounts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads for one kind of blocking work, so that a slow kind never delays another: a bounded number
 * of them, and a bounded queue in front.
 *
 * <p>A thread starts when there is work for it, takes the oldest work again and again, and ends
 * when it has found none for a while, or with the reactor. The queue is a set: to withdraw work
 * costs the same however long the queue is.
 */
final class Lane {
    private static final String FULL = "ERR_LANE_FULL";

    private final String name;
    private final int limit;
    private final int queueLimit;
    private final ThreadFactory factory;
    private final long idleNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final LinkedHashSet<BlockingCall<?>> queue = new LinkedHashSet<>();
    private final Set<Thread> threads = new HashSet<>();
    private final LaneCounters done = new LaneCounters();
    private int idle;
    private int running;
    private long cancelled;
    private long refused;
    private boolean closing;

    /** Takes how many threads and how much waiting work there may be, and who makes threads. */
    Lane(String name, int limit, int queueLimit, ThreadFactory factory, long idleNanos) {
        this.name = name;
        this.limit = limit;
        this.queueLimit = queueLimit;
        this.factory = factory;
        this.idleNanos = idleNanos;
    }

    /** Queues work; what it gives, if anything, is why it could not. */
    @Nullable ReactorException execute(BlockingCall<?> call) {
        lock.lock();
        try {
            if ((long) queue.size() + running >= (long) limit + queueLimit) {
                refused++;
                return new ReactorException(
                        FULL,
                        "%s lane is full: %d run, %d wait".formatted(name, limit, queueLimit));
            }
            queue.add(call);
            if (idle > 0) {
                work.signal();
            }
            return queue.size() > idle && threads.size() < limit ? startThread(call) : null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ReactorException startThread(BlockingCall<?> call) {
        Thread thread = factory.newThread(this::run);
        threads.add(thread);
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // no thread to be had: the others will come to it
            threads.remove(thread);
            if (threads.isEmpty()) {
                queue.remove(call);
                refused++;
                return new ReactorException(FULL, name + " lane has no thread: " + e, e);
            }
        }
        return null;
    }

    /** Takes work back that has not begun; false when it is too late. */
    boolean withdraw(BlockingCall<?> call) {
        lock.lock();
        try {
            boolean found = queue.remove(call);
            cancelled += found ? 1 : 0;
            return found;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (BlockingCall<?> call = take(); call != null; call = take()) {
            long begun = System.nanoTime();
            Runnable outcome = call.perform();
            ended(call, begun);
            call.post(outcome);
        }
    }

    private @Nullable BlockingCall<?> take() {
        lock.lock();
        try {
            awaitWork();
            if (queue.isEmpty()) {
                threads.remove(Thread.currentThread());
                return null;
            }
            running++;
            return queue.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    private void awaitWork() {
        long patience = idleNanos;
        idle++;
        while (queue.isEmpty() && !closing && patience > 0) {
            try {
                patience = work.awaitNanos(patience);
            } catch (InterruptedException e) {
                // The end of the lane says so itself; else it was meant for work that is over.
            }
        }
        idle--;
    }

    private void ended(BlockingCall<?> call, long begun) {
        lock.lock();
        try {
            if (!closing) {
                Thread.interrupted(); // the next work has nothing to do with it
            }
            running--;
            done.count(call.queuedAt(), begun, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    LaneMetrics metrics() {
        lock.lock();
        try {
            LaneCounters copy = new LaneCounters();
            copy.add(done);
            return new LaneMetrics(
                    name,
                    queueLimit,
                    refused,
                    new WorkerCounts(limit, queue.size(), running, cancelled, copy));
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts what runs; nothing may be queued any more. */
    void interrupt() {
        lock.lock();
        try {
            closing = true;
            work.signalAll();
            threads.forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for its threads.
     *
     * @param deadline by {@link System#nanoTime}
     * @return how many go on all the same
     */
    int join(long deadline) {
        boolean interrupted = Thread.interrupted();
        for (Thread thread : living()) {
            try {
                thread.join(java.time.Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return living().size();
    }

    private List<Thread> living() {
        lock.lock();
        try {
            return new ArrayList<>(threads);
        } finally {
            lock.unlock();
        }
    }
}
