package dev.chime.reactor;

/** An asynchronous call under way. */
@FunctionalInterface
public interface Operation {
    /**
     * Asks for an early end; loop thread only. The callback still comes once: with {@code
     * ECANCELED}, or with the true result when that was faster. Does nothing after the callback.
     */
    void cancel();
}
