package dev.chime.reactor;

import dev.chime.reactor.internal.Core;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several reactors, each on a platform thread of its own with an engine of its own, until {@link
 * #close}. Any thread may use a group.
 *
 * <p>Loops share nothing but what they hand to each other by {@link #post}: tasks, and what tasks
 * carry. Those of one sender to one loop run in order, and each is either refused or run, also
 * while the group ends. An object that one loop handed over belongs to the other; reactors, buffers
 * and sockets stay with theirs.
 */
public final class ReactorGroup implements AutoCloseable {
    /** Made when there is something to say: a logging backend takes longer to start than a loop. */
    private static final class Log {
        static final Logger LOG = LoggerFactory.getLogger(ReactorGroup.class);
    }

    /** The program of each loop. */
    @FunctionalInterface
    public interface Main {
        /**
         * Runs on the loop's thread before its first turn, when all reactors of the group are
         * there. Its own is {@code group.get(index)}.
         */
        void start(ReactorGroup group, int index) throws Exception;
    }

    private final GroupOptions options;
    private final Main main;
    private final AtomicReferenceArray<@Nullable Reactor> reactors;
    private final AtomicReferenceArray<@Nullable Reactor> live;
    private final Thread[] threads;
    private final CountDownLatch opening;
    private final AtomicInteger turn = new AtomicInteger();
    private final Object failureLock = new Object();
    private @Nullable Throwable failure;
    private volatile boolean opened = true;

    private ReactorGroup(GroupOptions options, Main main) {
        this.options = options;
        this.main = main;
        reactors = new AtomicReferenceArray<>(options.loops());
        live = new AtomicReferenceArray<>(options.loops());
        threads = new Thread[options.loops()];
        opening = new CountDownLatch(options.loops());
    }

    /** Starts so many loops with {@link ReactorOptions#defaults}. */
    public static ReactorGroup start(int loops, Main main) {
        return start(GroupOptions.of(loops), main);
    }

    /**
     * Starts the loops and returns when all reactors are open; their programs may still be running.
     * The group keeps its loops alive, whatever they do.
     *
     * @throws RuntimeException what kept a reactor from opening; those that did are closed
     */
    public static ReactorGroup start(GroupOptions options, Main main) {
        Objects.requireNonNull(options, "options");
        if (main == null) {
            throw new IllegalArgumentException("main is null: pass a function");
        }
        ReactorGroup group = new ReactorGroup(options, main);
        group.startAll();
        return group;
    }

    private void startAll() {
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] =
                    Thread.ofPlatform()
                            .name(options.name() + index)
                            .daemon(false)
                            .unstarted(() -> run(index));
        }
        int started = 0;
        try {
            for (Thread thread : threads) {
                thread.start();
                started++;
            }
        } catch (OutOfMemoryError e) { // the system has no more threads
            failed(started, e);
            for (int i = started; i < threads.length; i++) {
                opening.countDown();
            }
        }
        Uninterrupted.run(opening::await);
        if (!opened) {
            join();
        }
    }

    private void run(int index) {
        try {
            Reactor.run(options.reactor(), reactor -> begin(reactor, index));
        } catch (Throwable t) {
            failed(index, t);
        } finally {
            live.set(index, null);
            if (reactors.get(index) == null) {
                opening.countDown();
            }
        }
    }

    private void begin(Reactor reactor, int index) throws Exception {
        reactors.set(index, reactor);
        live.set(index, reactor);
        opening.countDown();
        Uninterrupted.run(opening::await);
        if (opened) {
            Core.of(reactor).ref();
            main.start(this, index);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same throwable, not an equal one
    private void failed(int index, Throwable thrown) {
        Log.LOG.error("loop {} of the group has failed", index, thrown);
        if (index >= threads.length || reactors.get(index) == null) {
            opened = false;
        }
        synchronized (failureLock) {
            if (failure == null) {
                failure = thrown;
            } else if (failure != thrown) {
                failure.addSuppressed(thrown);
            }
        }
        if (options.endTogether()) {
            stop();
        }
    }

    /** How many loops there are, ended ones included. */
    public int size() {
        return threads.length;
    }

    /**
     * A loop's reactor, also when it has ended.
     *
     * @throws IndexOutOfBoundsException for a number that no loop has
     */
    public Reactor get(int index) {
        return Objects.requireNonNull(reactors.get(index), "all are open when a program has them");
    }

    /**
     * The reactors one after the other, round and round, without those that have ended.
     *
     * @throws IllegalStateException when all have ended
     */
    public Reactor next() {
        int first = turn.getAndIncrement();
        for (int i = 0; i < threads.length; i++) {
            Reactor reactor = live.get(Math.floorMod(first + i, threads.length));
            if (reactor != null) {
                return reactor;
            }
        }
        throw new IllegalStateException("all loops of the group have ended");
    }

    /** The number of the loop whose thread calls; -1 on other threads. */
    public int index() {
        Thread current = Thread.currentThread();
        for (int i = 0; i < threads.length; i++) {
            if (threads[i] == current) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Hands a task to a loop, in whose next turn it runs. In order for one sender and one receiver.
     *
     * @return false when the loop has ended: then the task never runs
     */
    public boolean post(int index, Runnable task) {
        Reactor reactor = get(index);
        try {
            reactor.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /**
     * Ends all loops, in the order of their numbers, as {@link Reactor#stop()} does; no waiting.
     */
    public void stop() {
        each(Reactor::stop);
    }

    /** Ends all loops as {@link Reactor#stop(Duration)} does; does not wait. */
    public void stop(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        each(reactor -> reactor.stop(grace));
    }

    private void each(Consumer<Reactor> action) {
        for (int i = 0; i < threads.length; i++) {
            Reactor reactor = reactors.get(i);
            if (reactor != null) {
                post(i, () -> action.accept(reactor));
            }
        }
    }

    /**
     * Waits until all loops have ended.
     *
     * @throws IllegalStateException on a loop of this group, which would wait for itself
     * @throws RuntimeException what made a loop fail, with the failures of the others suppressed;
     *     once
     */
    public void join() {
        if (index() >= 0) {
            throw new IllegalStateException(
                    "a loop cannot wait for its own group: use stop() there");
        }
        for (Thread thread : threads) {
            Uninterrupted.run(thread::join);
        }
        Throwable thrown;
        synchronized (failureLock) {
            thrown = failure;
            failure = null;
        }
        switch (thrown) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("a loop failed: " + thrown, thrown);
        }
    }

    /**
     * {@link #stop()} and {@link #join}. Does nothing the second time.
     *
     * @throws IllegalStateException on a loop of this group
     * @throws RuntimeException what made a loop fail, as {@link #join} does
     */
    @Override
    public void close() {
        if (index() < 0) {
            stop();
        }
        join();
    }
}
