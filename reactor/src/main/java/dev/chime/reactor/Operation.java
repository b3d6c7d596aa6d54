package dev.chime.reactor;

import java.time.Duration;

/** An asynchronous call under way. Loop thread only. */
public interface Operation {
    /**
     * Asks for an early end. The callback still comes once: with {@code ECANCELED}, or with the
     * true result when that was faster. Does nothing after the callback.
     */
    void cancel();

    /**
     * Ends the call when it takes longer than {@code limit} from now: the callback then hears
     * {@code ETIMEDOUT}, unless the true result was faster. On the ring this is a linked timeout
     * where the call is a single operation. A second deadline adds to the first: the earlier one
     * counts.
     *
     * @return this
     * @throws IllegalArgumentException when {@code limit} is negative
     */
    Operation deadline(Duration limit);

    /**
     * Cancels the call when {@code signal} aborts, or now if it has. The signal forgets the call
     * when that has ended.
     *
     * @return this
     */
    Operation abortOn(AbortSignal signal);
}
