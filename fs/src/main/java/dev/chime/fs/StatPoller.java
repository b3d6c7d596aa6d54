package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks for a path's metadata, for all {@link StatWatcher}s of it in a reactor. */
final class StatPoller {
    /** How often, where nobody says: Node's. */
    static final Duration EVERY = Duration.ofMillis(5007);

    /** The pollers of a reactor, by absolute path. */
    private static final class All {
        final Map<Path, StatPoller> pollers = new HashMap<>();
    }

    private final Core core;
    private final Path path;
    private final Map<Path, StatPoller> all;
    private final List<StatWatcher> watchers = new ArrayList<>();
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Timer timer;
    private boolean asking;

    private StatPoller(Core core, Path path, Map<Path, StatPoller> all) {
        this.core = core;
        this.path = path;
        this.all = all;
    }

    private static Map<Path, StatPoller> all(Core core) {
        return core.part(All.class, All::new).pollers;
    }

    /** Starts to watch: asks at once, so that the new watcher knows what there is. */
    static StatWatcher watch(Core core, Path path, Duration every, StatListener listener) {
        core.checkThread("Fs.watchFile");
        StatWatcher watcher = new StatWatcher(core, path, every, listener);
        Map<Path, StatPoller> all = all(core);
        StatPoller poller =
                all.computeIfAbsent(path.toAbsolutePath(), none -> new StatPoller(core, path, all));
        poller.watchers.add(watcher);
        watcher.isAskedBy(poller);
        if (!poller.asking) {
            poller.ask();
        }
        return watcher;
    }

    /** Closes the watchers of a path with a listener; without one, all. */
    static void unwatch(Core core, Path path, @Nullable StatListener listener) {
        core.checkThread("Fs.unwatchFile");
        Arguments.path(path);
        StatPoller poller = all(core).get(path.toAbsolutePath());
        if (poller != null) {
            List.copyOf(poller.watchers).stream()
                    .filter(watcher -> listener == null || watcher.isFor(listener))
                    .forEach(StatWatcher::close);
        }
    }

    private void ask() {
        stopTimer();
        asking = true;
        CallSite.resume(site);
        StatCall.of(core, path, 0, this::answered);
    }

    private void answered(@Nullable ReactorException err, @Nullable Stats found) {
        asking = false;
        if (watchers.isEmpty()) {
            return;
        }
        startTimer();
        boolean missing = err != null && StatCall.isMissing(err);
        Stats current = found == null ? Stats.NONE : found;
        ReactorException error = missing ? null : err;
        for (StatWatcher watcher : List.copyOf(watchers)) {
            watcher.answered(error, current);
        }
    }

    private void startTimer() {
        Duration every =
                watchers.stream()
                        .map(StatWatcher::every)
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        timer = core.reactor().setTimeout(every, this::ask);
        refer();
    }

    private void stopTimer() {
        Timer next = timer;
        if (next != null) {
            timer = null;
            next.clear();
        }
    }

    /** Keeps the loop alive if one of the watchers does. */
    void refer() {
        Timer next = timer;
        if (next != null) {
            if (watchers.stream().anyMatch(StatWatcher::hasRef)) {
                next.ref();
            } else {
                next.unref();
            }
        }
    }

    void remove(StatWatcher watcher) {
        watchers.remove(watcher);
        if (watchers.isEmpty()) {
            stopTimer();
            all.remove(path.toAbsolutePath(), this);
        } else {
            refer();
        }
    }
}
