package dev.chime.reactor;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Ends a group of operations at once: those whose {@link Operation#abortOn} was given its signal.
 * Loop thread only.
 */
public final class AbortController {
    private final AbortSignal signal;

    /** Makes a controller for operations of {@code reactor}. */
    public AbortController(Reactor reactor) {
        signal = new AbortSignal(Objects.requireNonNull(reactor, "reactor"));
    }

    /** What operations listen to. */
    public AbortSignal signal() {
        return signal;
    }

    /** Aborts; the second time nothing happens. */
    public void abort() {
        abort(null);
    }

    /**
     * Aborts for a reason of the caller's, which {@link AbortSignal#reason} then gives; null is a
     * {@link ReactorException} with the code {@code ABORT_ERR}.
     */
    public void abort(@Nullable Throwable reason) {
        signal.abort(
                reason == null
                        ? new ReactorException("ABORT_ERR", "The operation was aborted")
                        : reason,
                Errno.ECANCELED);
    }
}
