package dev.chime.net.dns;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of {@link LocalNames}, read by a thread and trusted for a while. */
final class LocalFiles {
    /** How long the files are trusted to be as they were. */
    private static final Duration TRUST = Duration.ofSeconds(5);

    private final Reactor reactor;
    private final Path hosts;
    private final Path services;
    private final List<Callback<LocalNames>> waiting = new ArrayList<>();
    private @Nullable LocalNames names;
    private long readAt;

    LocalFiles(Reactor reactor, Path hosts, Path services) {
        this.reactor = reactor;
        this.hosts = hosts;
        this.services = services;
    }

    /** Hands out what the files say: at once, or when a thread has read them. */
    void read(Callback<LocalNames> then) throws Exception {
        LocalNames known = names;
        if (known != null && reactor.now() - readAt < TRUST.toNanos()) {
            then.call(null, known);
            return;
        }
        waiting.add(then);
        if (waiting.size() == 1) {
            reactor.blocking(() -> LocalNames.read(hosts, services), this::known);
        }
    }

    private void known(@Nullable ReactorException err, LocalNames found) throws Exception {
        if (err == null) {
            names = found;
            readAt = reactor.now();
        }
        List<Callback<LocalNames>> told = List.copyOf(waiting);
        waiting.clear();
        for (Callback<LocalNames> then : told) {
            then.call(err, found);
        }
    }
}
