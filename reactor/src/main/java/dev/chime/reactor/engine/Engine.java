package dev.chime.reactor.engine;

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

    /** Asks for an early end of everything in flight on a descriptor. */
    default void cancelAll(Fd fd) {
        Slot slot = fd.first();
        while (slot != null) {
            Slot after = Fd.after(slot);
            cancel(slot);
            slot = after;
        }
    }

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

    /** Chunks of the engine's own memory that receivers have not given back. */
    default int lentChunks() {
        return 0;
    }

    /** How the threads stand that perform what may block on storage. */
    default WorkerCounts workerCounts() {
        return WorkerCounts.unused(0);
    }

    /** Frees everything. Nothing may be in flight, no thread may be inside {@link #wakeup}. */
    @Override
    void close();
}
