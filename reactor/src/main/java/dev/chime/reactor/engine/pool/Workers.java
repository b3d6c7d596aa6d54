package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.LaneCounters;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.engine.WorkerCounts;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that perform what may block on storage: one queue in, one stack of results out.
 *
 * <p>Threads start when there is work for them and end with the engine. A slot belongs to the
 * worker from the moment it is taken until it is on the stack.
 */
final class Workers {
    /** Made when there is something to say: a logging backend takes longer to start than a loop. */
    private static final class Log {
        static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    }

    private static final long JOIN_MILLIS = 1000;

    private final int limit;
    private final Runnable onResult;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final SlotQueue queue = new SlotQueue();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Slot> results = new AtomicReference<>();
    private final List<LaneCounters> counters = new ArrayList<>();
    private int idle;
    private long taken;
    private long cancelled;
    private boolean closing;

    /** Calls {@code onResult} on the worker's thread after each result. */
    Workers(int limit, Runnable onResult) {
        this.limit = limit;
        this.onResult = onResult;
    }

    /** Hands over everything in {@code batch}, in order. */
    void execute(SlotQueue batch) {
        long now = System.nanoTime();
        lock.lock();
        try {
            while (!batch.isEmpty()) {
                Slot slot = batch.remove();
                slot.queuedAt = now;
                queue.add(slot);
            }
            int wanted = queue.size();
            for (int i = Math.min(wanted, idle); i > 0; i--) {
                work.signal();
            }
            for (int i = wanted - idle; i > 0 && threads.size() < limit; i--) {
                LaneCounters done = new LaneCounters();
                Thread thread = new Thread(() -> run(done), "chime-worker-" + threads.size());
                counters.add(done);
                thread.setDaemon(true);
                threads.add(thread);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slot back that no worker has begun; false when it is too late. */
    boolean withdraw(Slot slot) {
        lock.lock();
        try {
            boolean found = queue.remove(slot);
            cancelled += found ? 1 : 0;
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** True when results wait to be taken. */
    boolean hasResults() {
        return results.get() != null;
    }

    /** Moves all results to {@code into}, oldest first. */
    void takeResults(SlotQueue into) {
        Slot newest = results.getAndSet(null);
        Slot oldest = null;
        while (newest != null) {
            Slot next = newest.next;
            newest.next = oldest;
            oldest = newest;
            newest = next;
        }
        while (oldest != null) {
            Slot next = oldest.next;
            into.add(oldest);
            oldest = next;
        }
    }

    /**
     * How they stand. The counters of a worker are read without a lock: what it counted before it
     * published a result is seen by whoever has seen the result.
     */
    WorkerCounts counts() {
        lock.lock();
        try {
            LaneCounters sum = new LaneCounters();
            counters.forEach(sum::add);
            int running = (int) Math.max(0, taken - sum.completed());
            return new WorkerCounts(limit, queue.size(), running, cancelled, sum);
        } finally {
            lock.unlock();
        }
    }

    private void run(LaneCounters done) {
        try (Libc libc = new Libc()) {
            for (Slot slot = take(); slot != null; slot = take()) {
                long begun = System.nanoTime();
                slot.result = perform(libc, slot);
                done.count(slot.queuedAt, begun, System.nanoTime());
                publish(slot);
            }
        }
    }

    private @Nullable Slot take() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closing) {
                    return null;
                }
                idle++;
                work.awaitUninterruptibly();
                idle--;
            }
            taken++;
            return queue.remove();
        } finally {
            lock.unlock();
        }
    }

    private static int perform(Libc libc, Slot slot) {
        try {
            return Syscalls.perform(libc, slot);
        } catch (RuntimeException | Error e) {
            Log.LOG.error("a worker failed on {}", slot, e);
            return -ErrnoCode.EIO;
        }
    }

    private void publish(Slot slot) {
        Slot head;
        do {
            head = results.get();
            slot.next = head;
        } while (!results.compareAndSet(head, slot));
        onResult.run();
    }

    /** Ends the threads; those that are inside a system call end when it does. */
    void close() {
        lock.lock();
        try {
            closing = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(JOIN_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
