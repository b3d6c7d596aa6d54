package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where other threads' tasks arrive: a mailbox, and the word that says whether its owner sleeps.
 *
 * <p>A sender adds, then looks at the word; the loop says SLEEPING, then looks into the mailbox.
 * Whatever the order, one of them sees the other. Only the sender that changes SLEEPING to NOTIFIED
 * makes a system call.
 *
 * <p>A loop wakes another loop as any thread does. A message that travels with the sender's next
 * submissions (IORING_OP_MSG_RING) saves that system call and yet lost: it costs a completion on
 * the sender's side and leaves later. A token round two to four loops took 3.4 to 5.3 us a hop with
 * the registered message (REGISTER_SEND_MSG_RING), 4.5 to 9 us with the submitted one, 4.5 to 12 us
 * with an eventfd.
 */
final class Inbox {
    private static final int RUNNING = 0;
    private static final int SLEEPING = 1;
    private static final int NOTIFIED = 2;

    private final Engine engine;
    private final Mailbox mailbox = new Mailbox();
    private final AtomicInteger sleep = new AtomicInteger(RUNNING);
    private final AtomicInteger wakers = new AtomicInteger();
    private volatile boolean closed;

    Inbox(Engine engine) {
        this.engine = engine;
    }

    /** Adds a task and wakes the loop when it sleeps; any thread. */
    void post(Runnable task) {
        mailbox.add(task);
        wake();
    }

    /** Ends the loop's sleep, if it sleeps; any thread. */
    void wake() {
        if (sleep.get() == SLEEPING && sleep.compareAndSet(SLEEPING, NOTIFIED)) {
            wakers.incrementAndGet();
            try {
                if (!closed) {
                    engine.wakeup();
                }
            } finally {
                wakers.decrementAndGet();
            }
        }
    }

    boolean isEmpty() {
        return mailbox.isEmpty();
    }

    /** About how many tasks wait; any thread. */
    long size() {
        return mailbox.size();
    }

    /** Runs what was added before now. */
    void run(Callbacks callbacks) {
        if (mailbox.isEmpty()) {
            return;
        }
        Object mark = mailbox.mark();
        while (!mailbox.reached(mark)) {
            Runnable task = mailbox.take();
            if (task == null) {
                return; // its sender is about to link it in; next turn
            }
            callbacks.call(task::run);
        }
    }

    /** Sleeps in the engine, unless a task has come. */
    void sleep(long timeoutNanos) {
        sleep.set(SLEEPING);
        // A task added before the line above found us running: look again before sleeping.
        engine.enter(mailbox.isEmpty() ? timeoutNanos : 0);
        sleep.set(RUNNING);
    }

    /**
     * Refuses further tasks, runs those that were added before, lets the last waker leave; how many
     * it ran.
     */
    int close(Callbacks callbacks) {
        int ran = 0;
        mailbox.close();
        while (!mailbox.isEmpty()) {
            @Nullable Runnable task = mailbox.take();
            if (task == null) {
                Thread.onSpinWait(); // its sender is about to link it in, and others behind it
            } else {
                callbacks.call(task::run);
                ran++;
            }
        }
        closed = true;
        while (wakers.get() > 0) {
            Thread.onSpinWait();
        }
        return ran;
    }
}
