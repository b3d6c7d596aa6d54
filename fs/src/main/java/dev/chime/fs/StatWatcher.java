package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A path whose metadata are asked for again and again ({@link Fs#watchFile}). Loop thread only.
 *
 * <p>It sees changes of network file systems and container mounts, of which {@link Fs#watch} does
 * not hear. What changes and changes back between two questions is not seen. It keeps the loop
 * alive until it is closed, unless {@link #unref} says otherwise.
 *
 * <p>All watchers of a path share one question, asked as often as the most impatient wants.
 */
public final class StatWatcher {
    private final Core core;
    private final Path path;
    private final Duration every;
    private final StatListener listener;
    private @Nullable StatPoller poller;
    private @Nullable Stats last;
    private @Nullable String lastError;
    private @Nullable Done onError;
    private boolean referenced = true;

    StatWatcher(Core core, Path path, Duration every, StatListener listener) {
        Arguments.path(path);
        Arguments.notNull(every, "every");
        Arguments.callback(listener);
        if (every.isNegative() || every.isZero()) {
            throw new IllegalArgumentException("every is " + every + ": use a time above 0");
        }
        this.core = core;
        this.path = path;
        this.every = every;
        this.listener = listener;
    }

    void isAskedBy(StatPoller asking) {
        poller = asking;
    }

    boolean isFor(StatListener other) {
        return listener.equals(other);
    }

    Duration every() {
        return every;
    }

    /** Takes an answer: an error, or what there is. */
    void answered(@Nullable ReactorException error, Stats current) {
        if (poller == null) {
            return;
        }
        String code = error == null ? null : error.code();
        if (error != null && !error.code().equals(lastError)) {
            tell(error);
        }
        lastError = code;
        if (error == null) {
            Stats before = last == null ? Stats.NONE : last;
            boolean differs = last == null ? !current.exists() : !current.isSameAs(before);
            last = current;
            if (differs) {
                core.call(() -> listener.changed(current, before));
            }
        }
    }

    private void tell(ReactorException error) {
        Done handler = onError;
        if (handler == null) {
            core.call(() -> {
                throw error;
            });
        } else {
            core.call(handler, error);
        }
    }

    /**
     * Hears why the metadata cannot be known (EACCES, ELOOP, EIO, ...), never null, and again when
     * the reason is another; a file that is missing is no error. The questions go on. Without this
     * handler the error goes to the reactor's uncaught handler.
     */
    public StatWatcher onError(Done handler) {
        core.checkThread("StatWatcher.onError");
        Arguments.callback(handler);
        onError = handler;
        return this;
    }

    /** Asks no more; the listener hears of nothing after this call. A second call does nothing. */
    public void close() {
        core.checkThread("StatWatcher.close");
        StatPoller asking = poller;
        if (asking != null) {
            poller = null;
            asking.remove(this);
        }
    }

    /** The path as it was given. */
    public Path path() {
        return path;
    }

    /** True until {@link #close}. */
    public boolean isOpen() {
        return poller != null;
    }

    /** Lets it keep the loop alive. */
    public StatWatcher ref() {
        return reference(true);
    }

    /** Lets the loop end although it is open. */
    public StatWatcher unref() {
        return reference(false);
    }

    /** True when it keeps the loop alive while it is open. */
    public boolean hasRef() {
        core.checkThread("StatWatcher.hasRef");
        return referenced;
    }

    private StatWatcher reference(boolean on) {
        core.checkThread("StatWatcher.ref");
        referenced = on;
        if (poller != null) {
            poller.refer();
        }
        return this;
    }

    @Override
    public String toString() {
        return "StatWatcher[" + path + " every " + every + (isOpen() ? "]" : ", closed]");
    }
}
