package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatWatcherTest {
    private static final Duration SOON = Duration.ofMillis(2);

    @TempDir Path directory;

    private Path file(EngineKind engine) {
        return engine == EngineKind.SIM ? Path.of("/tmp/watched") : directory.resolve("watched");
    }

    private static String text(Stats current, Stats previous) {
        return (previous.exists() ? previous.size() : "nothing")
                + " -> "
                + (current.exists() ? current.size() : "nothing");
    }

    @EveryEngine
    void missingThenMadeChangedAndRemoved_isToldEachTime(EngineKind engine) {
        Path path = file(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    StatWatcher[] watcher = {null};
                    watcher[0] =
                            fs.watchFile(
                                    path,
                                    SOON,
                                    (current, previous) -> {
                                        heard.add(text(current, previous));
                                        switch (heard.size()) {
                                            case 1 -> fs.writeFile(path, "", err -> {});
                                            case 2 -> fs.chmod(path, 0600, err -> {});
                                            case 3 -> fs.unlink(path, err -> {});
                                            default -> watcher[0].close();
                                        }
                                    });
                });
        assertEquals(
                List.of("nothing -> nothing", "nothing -> 0", "0 -> 0", "0 -> nothing"), heard);
    }

    @EveryEngine
    void missing_isAllZeros(EngineKind engine) {
        List<Stats> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .watchFile(
                                        file(engine),
                                        SOON,
                                        (current, previous) -> {
                                            heard.add(current);
                                            heard.add(previous);
                                            Fs.of(reactor).unwatchFile(file(engine), null);
                                        }));
        assertEquals(2, heard.size());
        for (Stats stats : heard) {
            long numbers =
                    stats.dev()
                            | stats.ino()
                            | stats.mode()
                            | stats.nlink()
                            | stats.uid()
                            | stats.gid()
                            | stats.rdev()
                            | stats.size()
                            | stats.blksize()
                            | stats.blocks();
            assertEquals(0, numbers);
            assertEquals(Instant.EPOCH, stats.mtime());
            assertEquals(Instant.EPOCH, stats.birthtime());
            assertFalse(stats.exists() || stats.isFile() || stats.isDirectory());
        }
    }

    @EveryEngine
    void nothingChanges_nothingIsTold_andUnrefLetsTheLoopEnd(EngineKind engine) {
        Path path = file(engine);
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(
                            path,
                            "same",
                            err ->
                                    fs.watchFile(path, SOON, (current, previous) -> heard[0]++)
                                            .unref());
                    reactor.setTimeout(20, () -> {});
                });
        assertEquals(0, heard[0]);
    }

    @EveryEngine
    void closedWhileItAsks_tellsNothing(EngineKind engine) {
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    StatWatcher watcher =
                            Fs.of(reactor).watchFile(file(engine), SOON, (c, p) -> heard[0]++);
                    assertTrue(watcher.isOpen());
                    watcher.close();
                });
        assertEquals(0, heard[0]);
    }

    /** An answer that is neither "there" nor "not there". */
    @EveryEngine
    void errors_areToldOnce_andNotAsMissing(EngineKind engine) {
        Path loop = file(engine);
        List<String> errors = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.symlink(
                            loop.getFileName(),
                            loop,
                            made ->
                                    fs.watchFile(loop, SOON, (c, p) -> heard.add(text(c, p)))
                                            .onError(err -> errors.add(err.getMessage())));
                    reactor.setTimeout(20, () -> fs.unlink(loop, gone -> {}));
                    reactor.setTimeout(40, () -> fs.unwatchFile(loop, null));
                });
        assertEquals(
                List.of("ELOOP: too many symbolic links encountered, stat '" + loop + "'"), errors);
        assertEquals(List.of("nothing -> nothing"), heard);
    }

    @Test
    void errorInBetween_losesNoChange_andAnotherErrorIsTold() {
        Path path = Path.of("/tmp/f");
        Simulation simulation = Simulation.seeded(1);
        simulation.disk().put(path, new byte[1]);
        for (int nth : new int[] {2, 3, 5}) {
            simulation.fail(Target.STAT, Errno.EIO, When.nth(nth));
        }
        simulation.fail(Target.STAT, Errno.EACCES, When.nth(4));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Fs.of(reactor)
                            .watchFile(
                                    path,
                                    Duration.ofSeconds(1),
                                    (c, p) -> {
                                        heard.add(text(c, p));
                                        Fs.of(reactor).unwatchFile(path, null);
                                    })
                            .onError(err -> heard.add(err.code()));
                    reactor.setTimeout(1500, () -> simulation.disk().put(path, new byte[2]));
                });
        assertEquals(List.of("EIO", "EACCES", "EIO", "1 -> 2"), heard);
    }

    @EveryEngine
    void errorThatNobodyHears_isUncaught(EngineKind engine) {
        Path loop = file(engine);
        List<Throwable> uncaught = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    reactor.onUncaught(thrown -> {
                        uncaught.add(thrown);
                        fs.unwatchFile(loop, null);
                    });
                    fs.symlink(
                            loop.getFileName(),
                            loop,
                            made -> fs.watchFile(loop, SOON, (c, p) -> {}));
                });
        assertEquals(1, uncaught.size());
        assertTrue(uncaught.getFirst().getMessage().startsWith("ELOOP"), uncaught::toString);
    }

    // ---- together

    /** How often a run asks for metadata. */
    private static int questions(Simulation simulation, Reactor.Main main) {
        int[] questions = {0};
        simulation.onOperation(line -> questions[0] += line.contains(" STATX ") ? 1 : 0);
        Reactors.run(simulation.options(), main);
        return questions[0];
    }

    @Test
    void default_isEvery5007Milliseconds() {
        int questions =
                questions(
                        Simulation.seeded(1),
                        reactor -> {
                            Fs fs = Fs.of(reactor);
                            fs.watchFile(Path.of("/tmp"), (c, p) -> {});
                            reactor.setTimeout(15_050, () -> fs.unwatchFile(Path.of("/tmp"), null));
                        });
        assertEquals(4, questions);
    }

    @Test
    void watchersOfOnePath_shareTheQuestions_asOftenAsOneWants() {
        Path path = Path.of("/tmp");
        int questions =
                questions(
                        Simulation.seeded(1),
                        reactor -> {
                            Fs fs = Fs.of(reactor);
                            List<StatWatcher> watchers = new ArrayList<>();
                            for (int i = 1; i <= 50; i++) {
                                watchers.add(
                                        fs.watchFile(path, Duration.ofSeconds(i), (c, p) -> {}));
                            }
                            // Seven questions, then five for those who are left.
                            reactor.setTimeout(5_500, () -> watchers.getFirst().close());
                            reactor.setTimeout(16_900, () -> fs.unwatchFile(path, null));
                        });
        assertEquals(12, questions);
    }

    @EveryEngine
    void unwatchFile_closesThoseOfAListener_orAll(EngineKind engine) {
        Path path = file(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    StatListener one = (c, p) -> heard.add("one " + text(c, p));
                    StatWatcher first = fs.watchFile(path, SOON, one);
                    StatWatcher second = fs.watchFile(path, SOON, one);
                    fs.watchFile(
                            path,
                            SOON,
                            (c, p) -> {
                                heard.add("two " + text(c, p));
                                if (c.exists()) {
                                    fs.unwatchFile(path, null);
                                }
                            });
                    fs.unwatchFile(path, one);
                    fs.unwatchFile(directory.resolve("other"), null);
                    assertFalse(first.isOpen() || second.isOpen());
                    reactor.setTimeout(10, () -> fs.writeFile(path, "abc", err -> {}));
                });
        assertEquals("two nothing -> nothing", heard.getFirst());
        assertTrue(heard.getLast().matches("two nothing -> [03]"), heard::toString);
        assertEquals(2, heard.size());
    }

    @EveryEngine
    void laterWatcher_hearsThatNothingIsThere_theFirstHearsItOnce(EngineKind engine) {
        Path path = file(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.watchFile(
                            path,
                            SOON,
                            (c, p) -> {
                                heard.add("first");
                                reactor.setTimeout(
                                        10,
                                        () ->
                                                fs.watchFile(
                                                        path,
                                                        Duration.ofMinutes(2),
                                                        (current, previous) -> {
                                                            heard.add("later");
                                                            fs.unwatchFile(path, null);
                                                        }));
                            });
                });
        assertEquals(List.of("first", "later"), heard);
    }

    @EveryEngine
    void listenerThatThrows_takesNothingFromTheOthers(EngineKind engine) {
        Path path = file(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    reactor.onUncaught(thrown -> heard.add(thrown.getMessage()));
                    fs.watchFile(
                            path,
                            SOON,
                            (c, p) -> {
                                throw new IllegalStateException("thrown");
                            });
                    fs.watchFile(
                            path,
                            SOON,
                            (c, p) -> {
                                heard.add("heard");
                                fs.unwatchFile(path, null);
                            });
                });
        assertEquals(List.of("thrown", "heard"), heard);
    }

    @EveryEngine
    void wrongTime_throws(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Fs.of(reactor)
                                                .watchFile(
                                                        file(engine),
                                                        Duration.ZERO,
                                                        (c, p) -> {})));
    }
}
