package dev.chime.fs;

import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.CallSite;
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
 */
public final class StatWatcher {
    private final Core core;
    private final Reactor reactor;
    private final Path path;
    private final Duration every;
    private final StatListener listener;
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Timer timer;
    private @Nullable Stats last;
    private boolean asked;
    private boolean open = true;
    private boolean referenced = true;

    StatWatcher(Core core, Path path, Duration every, StatListener listener) {
        Arguments.path(path);
        Arguments.notNull(every, "every");
        Arguments.callback(listener);
        if (every.isNegative() || every.isZero()) {
            throw new IllegalArgumentException("every is " + every + ": use a time above 0");
        }
        this.core = core;
        this.reactor = core.reactor();
        this.path = path;
        this.every = every;
        this.listener = listener;
    }

    StatWatcher start() {
        ask();
        return this;
    }

    private void ask() {
        timer = null;
        CallSite.resume(site);
        StatCall.of(core, path, 0, this::answered);
    }

    private void answered(@Nullable ReactorException err, @Nullable Stats found) throws Exception {
        if (!open) {
            return;
        }
        Timer next = reactor.setTimeout(every, this::ask);
        timer = referenced ? next : next.unref();
        Stats previous = last;
        Stats current = err == null ? found : null;
        boolean first = !asked;
        asked = true;
        last = current;
        if (first ? current == null : differ(current, previous)) {
            listener.changed(current, previous);
        }
    }

    private static boolean differ(@Nullable Stats one, @Nullable Stats other) {
        if (one == null || other == null) {
            return one != null || other != null;
        }
        return !one.isSameAs(other);
    }

    /** Asks no more; the listener hears of nothing after this call. A second call does nothing. */
    public void close() {
        core.checkThread("StatWatcher.close");
        open = false;
        Timer next = timer;
        if (next != null) {
            timer = null;
            next.clear();
        }
    }

    /** The path as it was given. */
    public Path path() {
        return path;
    }

    /** True until {@link #close}. */
    public boolean isOpen() {
        return open;
    }

    /** Lets it keep the loop alive. */
    public StatWatcher ref() {
        return reference(true);
    }

    /** Lets the loop end although it is open. */
    public StatWatcher unref() {
        return reference(false);
    }

    private StatWatcher reference(boolean on) {
        core.checkThread("StatWatcher.ref");
        referenced = on;
        Timer next = timer;
        if (next != null) {
            if (on) {
                next.ref();
            } else {
                next.unref();
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return "StatWatcher[" + path + " every " + every + (open ? "]" : ", closed]");
    }
}
