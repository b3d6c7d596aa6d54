package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** rm: files, trees, races, retries, and what is left after a cancel. */
class RmTest {
    private static final RmOptions RECURSIVE = RmOptions.defaults().recursive(true);
    private static final RmOptions FORCE = RECURSIVE.force(true);

    @TempDir(factory = MemoryDirectory.class)
    Path dir;

    private static Heard<Void> rm(EngineKind engine, Path path, RmOptions options) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).rm(path, options, heard));
        heard.assertOnce();
        return heard;
    }

    @EngineTest
    void file_link_andMissing(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "file", new byte[1]);
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        rm(engine, link, RmOptions.defaults()).ok();
        assertFalse(Trees.exists(link));
        rm(engine, file, FORCE).ok();
        assertFalse(Trees.exists(file));
        assertEquals(
                "ENOENT: no such file or directory, lstat '" + file + "'",
                rm(engine, file, RECURSIVE).errno().getMessage());
        rm(engine, file, FORCE).ok();
        Path below = Fixtures.file(dir, "other", new byte[1]).resolve("x");
        assertEquals("ENOTDIR", rm(engine, below, FORCE).errno().code());
    }

    @EngineTest
    void directoryWithoutRecursive_errFsEisdir(EngineKind engine) {
        Heard<Void> heard = rm(engine, dir, RmOptions.defaults().force(true));
        assertEquals("ERR_FS_EISDIR", heard.error().code());
        assertEquals(
                "Path is a directory: rm returned EISDIR (is a directory) " + dir,
                heard.error().getMessage());
    }

    @EngineTest
    void tree_goesWhole_linksAreNotFollowed(EngineKind engine) throws Exception {
        Path outside = Trees.make(dir.resolve("outside"), 2, 2);
        Path root = Trees.make(dir.resolve("root"), 30, 7);
        Files.createSymbolicLink(root.resolve("d0/link"), outside);
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
        Fixtures.fifo(root);
        List<Progress> told = new ArrayList<>();
        rm(engine, root, RECURSIVE.progress(told::add)).ok();
        assertFalse(Trees.exists(root));
        assertEquals(9, Trees.of(outside).size());
        assertEquals(30 * 8 + 10 + 4, told.getLast().entries());
    }

    @EngineTest
    void linkToADirectory_goesAlone(EngineKind engine) throws IOException {
        Path outside = Trees.make(dir.resolve("outside"), 1, 2);
        Path link = Files.createSymbolicLink(dir.resolve("link"), outside);
        rm(engine, link, RECURSIVE).ok();
        assertFalse(Trees.exists(link));
        assertTrue(Trees.exists(outside.resolve("d0/e0/f0")));
    }

    @EngineTest
    void deepTree_needsNeitherStackNorDescriptors(EngineKind engine) throws Exception {
        // Far beyond what a path can name; and one that leaves folders behind at each level.
        removeCounting(engine, Trees.far(dir.resolve("far")));
        removeCounting(engine, Trees.wide(dir.resolve("wide")));
    }

    private static void removeCounting(EngineKind engine, Path root) {
        Heard<Void> heard = new Heard<>();
        Peaks[] peaks = new Peaks[1];
        Reactors.run(
                engine,
                reactor -> {
                    peaks[0] = Peaks.of(reactor);
                    Fs.of(reactor).rm(root, RECURSIVE, heard);
                });
        heard.ok();
        assertFalse(Trees.exists(root));
        peaks[0].assertAtMost(Rm.MAX_OPEN_DIRECTORIES + 4 * Rm.DIRECTORIES_AT_ONCE, 1 << 20);
    }

    @EngineTest
    void wideDirectory(EngineKind engine) throws IOException {
        Path root = Files.createDirectory(dir.resolve("root"));
        for (int i = 0; i < 1000; i++) { // more than two buffers of names
            Files.createFile(root.resolve("a name of some length, number ".repeat(6) + i));
        }
        rm(engine, root, RECURSIVE).ok();
        assertFalse(Trees.exists(root));
    }

    @EngineTest
    @Tag("slow")
    void hundredThousandFiles(EngineKind engine) throws IOException {
        removeCounting(engine, Trees.make(dir.resolve("root"), 1000, 100));
    }

    @EngineTest
    void severalDeletersAtOnce_allSucceed(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 60, 8);
        List<Heard<Void>> all = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < 6; i++) {
                        all.add(new Heard<>());
                        Fs.of(reactor).rm(root, FORCE, all.getLast());
                    }
                });
        all.forEach(Heard::ok);
        assertFalse(Trees.exists(root));
    }

    @EngineTest
    void directoryExchangedForALink_isNotFollowed(EngineKind engine) throws IOException {
        Path outside = Trees.make(dir.resolve("outside"), 10, 2);
        for (int turns = 0; turns < 12; turns++) {
            Path root = Trees.make(dir.resolve("root" + turns), 30, 2);
            int after = turns;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs.of(reactor).rm(root, FORCE, heard);
                        Fixtures.afterTurns(
                                reactor,
                                after,
                                () -> {
                                    for (int d = 0; d < 10; d++) {
                                        Path victim = root.resolve("d" + d);
                                        if (Files.isDirectory(victim)) {
                                            Path moved = dir.resolve("moved" + after + "-" + d);
                                            Files.move(victim, moved);
                                            Files.createSymbolicLink(victim, outside);
                                        }
                                    }
                                });
                    });
            heard.assertOnce();
            assertEquals(41, Trees.of(outside).size());
        }
    }

    @EngineTest
    void entriesAddedMeanwhile_areTriedAgain(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 3, 3);
        Heard<Void> heard = new Heard<>();
        int[] added = {0};
        RmOptions patient = RECURSIVE.retries(50, Duration.ofMillis(1));
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).rm(root, patient, heard);
                    Fixtures.everyTurn(
                            reactor,
                            () -> heard.calls > 0 || added[0] == 20,
                            () -> {
                                if (Files.isDirectory(root)) {
                                    Files.createFile(root.resolve("added " + added[0]++));
                                }
                            });
                });
        heard.ok();
        assertFalse(Trees.exists(root));
    }

    @EngineTest
    void retries_waitAndEndWithTheError(EngineKind engine) throws Exception {
        Path busy = Path.of("/proc/self/fd"); // EPERM: nobody removes from there
        Heard<Void> heard = rm(engine, busy, RECURSIVE.retries(3, Duration.ofMillis(1)));
        assertEquals("EPERM", heard.errno().code());
    }

    @EngineTest
    void cancelWhileItWaitsToRetry_callsBackOnce(EngineKind engine) {
        Heard<Void> cancelled = new Heard<>();
        Heard<Void> ended = new Heard<>();
        RmOptions slow = RECURSIVE.retries(3, Duration.ofHours(1));
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Operation call = fs.rm(Path.of("/proc/self/fd"), slow, cancelled);
                    call.deadline(Duration.ofMillis(50));
                    fs.rm(Path.of("/proc/self/fd"), slow, ended);
                    reactor.setTimeout(100, reactor::stop);
                });
        assertEquals("ETIMEDOUT", cancelled.error().code());
        assertEquals("ECANCELED", ended.error().code());
    }

    @EngineTest
    void cancelInAnyTurn_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        int cancelled = 0;
        for (int turns = 0; turns < 15; turns++) {
            Path root = Trees.make(dir.resolve("root" + turns), 30, 3);
            int after = turns;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation call = Fs.of(reactor).rm(root, RECURSIVE, heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            if (heard.err == null) {
                assertFalse(Trees.exists(root));
            } else {
                assertEquals("ECANCELED", heard.err.code());
                cancelled++;
            }
            assertEquals(0, Fixtures.openIn(dir));
        }
        assertTrue(cancelled > 0, "none was cancelled");
    }

    @EngineTest
    void endOfTheReactor_callsBackOnce(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 60, 5);
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).rm(root, RECURSIVE, heard);
                    Fixtures.afterTurns(reactor, 3, reactor::stop);
                });
        heard.assertOnce();
    }
}
