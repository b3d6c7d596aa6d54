package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits of inotify(7): instances, watches and queued events. */
class WatchLimitsTest {
    private static final WatchOptions DEEP = WatchOptions.defaults().recursive(true);
    private static final FileEvent OVERFLOW = new FileEvent.Overflow();

    @TempDir Path directory;

    /** The kernel gives such a number to one read alone: Files.readString would have a digit. */
    private static int limit(String name) throws IOException {
        Path path = Path.of("/proc/sys/fs/inotify", name);
        return Integer.parseInt(Files.readAllLines(path).getFirst());
    }

    @EveryEngine
    void tooManyInstances_namesTheLimit(EngineKind engine) throws IOException {
        int limit = Math.max(limit("max_user_instances"), 128);
        assumeTrue(limit <= 1000, "the limit is high: " + limit);
        List<Watcher> watchers = new ArrayList<>();
        List<Exception> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i <= limit; i++) {
                        watchers.add(
                                Fs.of(reactor).watch(directory, event -> {}).onError(errors::add));
                    }
                    reactor.setImmediate(() -> watchers.forEach(Watcher::close));
                });
        String emfile =
                errors.stream()
                        .map(Exception::getMessage)
                        .filter(message -> message.startsWith("EMFILE"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(emfile.startsWith("EMFILE: too many open files, watch '"), emfile);
        assertTrue(emfile.contains("fs.inotify.max_user_instances"), emfile);
    }

    @Test
    void tooManyWatches_namesTheLimit_andTheFolder() {
        Path top = Path.of("/tmp");
        for (int nth = 1; nth <= 2; nth++) {
            Simulation simulation = Simulation.seeded(nth);
            simulation.disk().directory(top.resolve("sub"));
            simulation.fail(Target.WATCH, Errno.ENOSPC, When.nth(nth));
            Watching watching = new Watching();
            Reactors.run(
                    simulation.options(),
                    reactor -> watching.start(reactor, top, DEEP, event -> {}));
            assertEquals(
                    "ENOSPC: no space left on device, watch '"
                            + (nth == 1 ? top : top.resolve("sub"))
                            + "': the user has no more inotify watches:"
                            + " raise the sysctl fs.inotify.max_user_watches",
                    watching.errors.getFirst().getMessage());
            assertEquals(watching.errors, watching.closes);
        }
    }

    /** Makes more changes than the queue holds, and one when the overflow is told. */
    private interface Flood {
        void run(Reactor reactor) throws Exception;
    }

    private static void overflows(
            Watching watching, Reactor reactor, Path top, int queue, Flood flood, Flood after) {
        watching.start(
                        reactor,
                        top,
                        DEEP,
                        event -> {
                            if (event.equals(OVERFLOW)) {
                                after.run(reactor); // made where events were lost
                            } else if (event.equals(created("late/f"))) {
                                watching.watcher.close();
                            }
                        })
                .watcher
                .onReady(() -> flood.run(reactor));
    }

    private static void assertOverflown(Watching watching, int queue) {
        assertEquals(1, watching.events.stream().filter(OVERFLOW::equals).count());
        assertEquals(queue + 2, watching.events.size());
        watching.assertClosedWell();
    }

    @EngineTest
    void overflow_isToldOf_andTheWatchGoesOn(EngineKind engine) throws IOException {
        int limit = limit("max_queued_events");
        assumeTrue(limit <= 20_000, "the limit is high: " + limit);
        Path[] two = {directory.resolve("a"), directory.resolve("b")};
        for (Path path : two) {
            Files.createFile(path);
        }
        Watching watching = new Watching();
        Reactors.run(
                engine,
                on ->
                        overflows(
                                watching,
                                on,
                                directory,
                                limit,
                                reactor -> {
                                    for (int i = 0; i <= limit; i++) {
                                        // Two names in turn, so that no two events are equal.
                                        Files.setLastModifiedTime(
                                                two[i % 2], FileTime.fromMillis(i));
                                    }
                                    Files.createDirectory(directory.resolve("late"));
                                },
                                reactor -> Files.createFile(directory.resolve("late/f"))));
        assertOverflown(watching, limit);
    }

    @Test
    void overflowOfASmallQueue_isToldOf_andTheWatchGoesOn() {
        Path top = Path.of("/tmp");
        Simulation simulation = Simulation.seeded(1).watchQueue(5);
        Watching watching = new Watching();
        Reactors.run(
                simulation.options(),
                on ->
                        overflows(
                                watching,
                                on,
                                top,
                                5,
                                reactor -> {
                                    for (int i = 0; i < 9; i++) {
                                        simulation.disk().put(top.resolve("f" + i), new byte[0]);
                                    }
                                    simulation.disk().directory(top.resolve("late"));
                                },
                                reactor -> Changes.in(top).file("late/f").run(reactor)));
        assertOverflown(watching, 5);
    }
}
