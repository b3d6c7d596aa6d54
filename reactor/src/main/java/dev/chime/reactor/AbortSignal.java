package dev.chime.reactor;

import dev.chime.reactor.engine.AbortReason;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells operations to end: of an {@link AbortController}, of a {@link #timeout}, or of {@link #any}
 * of several signals. Loop thread only.
 *
 * <p>Operations that it ends call back with {@code ECANCELED}, after a timeout with {@code
 * ETIMEDOUT}; never inside the call that aborts. The error's cause is {@link #reason}, by default
 * one whose code is Node's, {@code ABORT_ERR}.
 */
public final class AbortSignal {
    private final Reactor reactor;
    private final Set<Listener> listeners = new LinkedHashSet<>();
    private @Nullable Throwable reason;
    private Errno errno = Errno.ECANCELED;

    /** What wants to know of an abort, by the error that it means. */
    @FunctionalInterface
    interface Listener {
        void aborted(Errno errno);
    }

    AbortSignal(Reactor reactor) {
        this.reactor = reactor;
    }

    /** A signal that aborts after {@code limit}; its timer does not keep the loop alive. */
    public static AbortSignal timeout(Reactor reactor, Duration limit) {
        AbortSignal signal = new AbortSignal(Objects.requireNonNull(reactor, "reactor"));
        reactor.setTimeout(
                        limit,
                        () ->
                                signal.abort(
                                        new ReactorException(
                                                "ETIMEDOUT",
                                                "The operation was aborted due to timeout"),
                                        Errno.ETIMEDOUT))
                .unref();
        return signal;
    }

    /** A signal that aborts when the first of {@code signals} does, for its reason. */
    public static AbortSignal any(Reactor reactor, AbortSignal... signals) {
        AbortSignal signal = new AbortSignal(Objects.requireNonNull(reactor, "reactor"));
        for (AbortSignal source : signals) {
            source.listen(errno -> signal.abort(source.reasonOr(errno), errno));
        }
        return signal;
    }

    /** True once it has aborted. */
    public boolean aborted() {
        reactor.checkThread("AbortSignal.aborted");
        return reason != null;
    }

    /** Why it has aborted; null while it has not. */
    public @Nullable Throwable reason() {
        reactor.checkThread("AbortSignal.reason");
        return reason;
    }

    /**
     * Runs a task in the call that aborts, or, when it has aborted already, as the next tick.
     *
     * @return takes the task back when run
     */
    public Runnable onAbort(Task task) {
        Objects.requireNonNull(task, "task");
        reactor.checkThread("AbortSignal.onAbort");
        if (reason != null) {
            reactor.nextTick(task);
            return () -> {};
        }
        return listen(ignored -> reactor.runSafely(task));
    }

    /** Hears of the abort, at once if it has been. */
    Runnable listen(Listener listener) {
        reactor.checkThread("AbortSignal");
        if (reason != null) {
            AbortReason.during(reason, () -> listener.aborted(errno));
            return () -> {};
        }
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private Throwable reasonOr(Errno cause) {
        return reason == null ? new ReactorException(cause.name(), "aborted") : reason;
    }

    void abort(Throwable why, Errno as) {
        reactor.checkThread("AbortController.abort");
        if (reason != null) {
            return;
        }
        reason = why;
        errno = as;
        Listener[] told = listeners.toArray(Listener[]::new);
        listeners.clear();
        AbortReason.during(
                why,
                () -> {
                    for (Listener listener : told) {
                        listener.aborted(as);
                    }
                });
    }

    /** How many listen: what has ended does not. */
    int listeners() {
        return listeners.size();
    }
}
