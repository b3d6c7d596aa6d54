package dev.chime.reactor.engine;

import dev.chime.reactor.libc.Libc;

/**
 * Interprets the vocabulary on one kernel facility. Loop thread only, but for {@link #wakeup}.
 *
 * <p>The contract, the same for every engine: results are the kernel's; no completion is delivered
 * outside {@link #drain}; every submitted slot gets exactly one last completion; memory and
 * descriptor stay with the engine until then.
 */
public interface Engine extends AutoCloseable {
    /** The longest time, and a deadline that never comes. */
    long FOREVER = Long.MAX_VALUE;

    /** Takes a slot in state QUEUED. Never blocks, never refuses: what does not fit is parked. */
    void submit(Slot slot);

    /**
     * Asks for an early end of a slot queued or in flight. The slot still completes once: with
     * {@code -ECANCELED}, or with its true result when that wins.
     */
    void cancel(Slot slot);

    /**
     * Bounds a slot that was just submitted: it ends with {@code -ETIMEDOUT} when it takes longer.
     *
     * @return false when this engine cannot: the caller then uses a timer and {@link #cancel}
     */
    default boolean deadline(Slot slot, long nanos) {
        return false;
    }

    /** True when {@link #submit} of {@code head} performs the whole chain behind it. */
    default boolean links(Slot head) {
        return false;
    }

    /** Asks for an early end of everything in flight on a descriptor. */
    default void cancelAll(Fd fd) {
        Slot slot = fd.first();
        while (slot != null) {
            Slot after = Fd.after(slot);
            cancel(slot);
            slot = after;
        }
    }

    /** Hears, before {@code fd} is closed, that nothing is in flight on it and nothing will be. */
    default void closing(Fd fd) {}

    /**
     * Hands everything submitted to the kernel and, when nothing is ready, waits for a completion,
     * a wake-up or the end of the time.
     *
     * @param timeoutNanos how long at the most: 0 does not wait, {@link #FOREVER} has no end
     */
    void enter(long timeoutNanos);

    /**
     * Delivers at most {@code budget} completions.
     *
     * @return how many were delivered
     */
    int drain(int budget);

    /** Ends a wait of {@link #enter}, now or the next one; any thread, coalesces. */
    void wakeup();

    /** What this engine can do and why it was chosen. */
    Capabilities capabilities();

    /** Calls made into the kernel to submit or wait, since the start. */
    long enters();

    /** Kinds of operations that this engine hands to another one although it began with them. */
    default long demotions() {
        return 0;
    }

    /** How often its completion queue was found full. */
    default long overflows() {
        return 0;
    }

    /** Where the engine has an operation that is in flight: {@code ring}, {@code pool}, parked. */
    String place(Slot slot);

    /** Chunks of the engine's own memory that receivers have not given back. */
    default int lentChunks() {
        return 0;
    }

    /**
     * Performs a system call that never blocks, at once, where this engine's descriptors are: in
     * the kernel, unless the engine simulates one.
     *
     * @return the kernel's result: {@code >= 0}, or a negative errno
     */
    default long call(Libc libc, int number, long a, long b, long c, long d, long e, long f) {
        return libc.syscall(number, a, b, c, d, e, f);
    }

    /**
     * Notes that threads of the reactor have begun ({@code more} is 1) or ended (-1) work whose
     * outcome the loop may wait for: an engine with a clock of its own must not run ahead.
     */
    default void outside(int more) {}

    /** How the threads stand that perform what may block on storage. */
    default WorkerCounts workerCounts() {
        return WorkerCounts.unused(0);
    }

    /** Frees everything. Nothing may be in flight, no thread may be inside {@link #wakeup}. */
    @Override
    void close();
}
