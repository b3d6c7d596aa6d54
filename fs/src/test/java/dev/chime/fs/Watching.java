package dev.chime.fs;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A watcher in a loop of its own: what it told, and steps that follow what was told. */
final class Watching {
    /** What a test does. */
    interface Step {
        void run() throws Exception;
    }

    final List<FileEvent> events = new ArrayList<>();
    final List<ReactorException> errors = new ArrayList<>();
    final List<ReactorException> closes = new ArrayList<>();
    Reactor reactor;
    Watcher watcher;

    /**
     * Makes {@code before}, watches, makes {@code after} when all is under watch, and closes when
     * {@code last} has been told; what was told.
     */
    static List<FileEvent> until(
            EngineKind engine,
            Path path,
            WatchOptions options,
            FileEvent last,
            Changes before,
            Changes after) {
        Watching watching = new Watching();
        watching.run(
                engine,
                before,
                path,
                options,
                event -> {
                    if (event.equals(last)) {
                        watching.watcher.close();
                    }
                },
                () -> after.run(watching.reactor));
        watching.assertClosedWell();
        return watching.events;
    }

    /** Makes {@code before}, and watches in a loop of its own. */
    Watching run(
            EngineKind engine,
            Changes before,
            Path path,
            WatchOptions options,
            WatchListener also,
            Task ready) {
        Reactors.run(
                engine,
                on -> before.run(on, () -> start(on, path, options, also).watcher.onReady(ready)));
        return this;
    }

    Watching start(Reactor on, Path path, WatchOptions options, WatchListener also) {
        reactor = on;
        watcher =
                Fs.of(on)
                        .watch(
                                path,
                                options,
                                event -> {
                                    events.add(event);
                                    also.changed(event);
                                })
                        .onError(errors::add)
                        .onClose(closes::add);
        return this;
    }

    void assertClosedWell() {
        if (!errors.isEmpty() || closes.size() != 1 || closes.getFirst() != null) {
            throw new AssertionError("errors " + errors + ", closes " + closes + ": " + events);
        }
    }

    static FileEvent created(String path) {
        return new FileEvent.Created(Path.of(path));
    }

    static FileEvent deleted(String path) {
        return new FileEvent.Deleted(Path.of(path));
    }

    static FileEvent modified(String path) {
        return new FileEvent.Modified(Path.of(path));
    }

    static FileEvent moved(String from, String to) {
        return new FileEvent.Moved(Path.of(from), Path.of(to));
    }
}
