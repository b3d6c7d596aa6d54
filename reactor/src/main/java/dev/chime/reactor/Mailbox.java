package dev.chime.reactor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Tasks posted from any thread, first in, first out for each sender; one thread takes them out.
 *
 * <p>A list of nodes: a sender swaps itself in as the newest and then links its predecessor to
 * itself. After {@link #close} a task is either refused with an exception or still taken out, never
 * lost.
 */
final class Mailbox {
    private static final class Node {
        private @Nullable Runnable task;
        private volatile @Nullable Node next;
        private volatile boolean claimed;

        Node(@Nullable Runnable task) {
            this.task = task;
        }
    }

    private static final VarHandle NEWEST;
    private static final VarHandle ADDED;
    private static final VarHandle TAKEN;
    private static final VarHandle CLAIMED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NEWEST = lookup.findVarHandle(Mailbox.class, "newest", Node.class);
            ADDED = lookup.findVarHandle(Mailbox.class, "added", long.class);
            TAKEN = lookup.findVarHandle(Mailbox.class, "taken", long.class);
            CLAIMED = lookup.findVarHandle(Node.class, "claimed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Node newest;
    private volatile long added;
    private volatile long taken;
    private Node oldest;
    private volatile boolean closed;

    Mailbox() {
        oldest = new Node(null);
        newest = oldest;
    }

    /** Adds a task; any thread. */
    void add(Runnable task) {
        if (closed) {
            throw refused();
        }
        Node node = new Node(task);
        Node before = (Node) NEWEST.getAndSet(this, node);
        before.next = node;
        ADDED.getAndAdd(this, 1L);
        // Closed meanwhile: whoever claims the node first, this thread or the loop, decides.
        if (closed && CLAIMED.compareAndSet(node, false, true)) {
            throw refused();
        }
    }

    private static RejectedExecutionException refused() {
        return new RejectedExecutionException("the reactor has ended: nothing runs on it any more");
    }

    /** True when nothing has been added that was not taken; the loop's thread only. */
    boolean isEmpty() {
        return oldest == newest;
    }

    /** About how many tasks were added and not taken; any thread. */
    long size() {
        long out = taken;
        return Math.max(0, added - out);
    }

    /** The newest task's mark: a snapshot ends behind it. */
    Object mark() {
        return newest;
    }

    /** True when {@code mark} was reached. */
    boolean reached(Object mark) {
        return oldest == mark;
    }

    /** Takes the oldest task, or null: none there, or its sender is between its two steps. */
    @Nullable Runnable take() {
        while (true) {
            Node node = oldest.next;
            if (node == null) {
                return null;
            }
            oldest = node;
            TAKEN.setRelease(this, taken + 1);
            Runnable task = node.task;
            node.task = null;
            if (CLAIMED.compareAndSet(node, false, true)) {
                return task;
            }
        }
    }

    /** Refuses from now on; what was added before can still be taken. */
    void close() {
        closed = true;
    }
}
