package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Locks of open files. */
class FileLockTest {
    @TempDir Path dir;
    private Path path;

    @BeforeEach
    void nameIt() {
        path = dir.resolve("f");
    }

    private interface Start {
        void with(Reactor reactor, Fs fs) throws Exception;
    }

    private interface Use {
        void with(Reactor reactor, FileHandle a, FileHandle b) throws Exception;
    }

    /** Makes the file, on whatever machine the engine runs. */
    private void withFile(EngineKind engine, Start start) {
        Heard<Void> made = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            dir,
                            MkdirOptions.defaults().recursive(true),
                            (err, top) ->
                                    fs.writeFile(
                                            path,
                                            new byte[100],
                                            failure -> {
                                                made.call(failure);
                                                made.ok();
                                                start.with(reactor, fs);
                                            }));
                });
        made.ok();
    }

    /** Opens the file twice: locks belong to the handle. */
    private void twice(EngineKind engine, Use use) {
        withFile(
                engine,
                (reactor, fs) ->
                        fs.open(
                                path,
                                "r+",
                                (err, a) ->
                                        fs.open(path, "r+", (e, b) -> use.with(reactor, a, b))));
    }

    @EveryEngine
    void exclusiveLock_keepsOthersOut_untilItIsUnlocked(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        twice(
                engine,
                (reactor, a, b) -> {
                    LockRange all = LockRange.exclusive();
                    a.lock(
                            all,
                            err -> {
                                heard.add("a " + err);
                                b.tryLock(
                                        all,
                                        (e, got) -> {
                                            heard.add("try " + got);
                                            b.lock(all, waited -> heard.add("b " + waited));
                                            b.tryLock(
                                                    LockRange.sharedLock(),
                                                    (none, again) -> {
                                                        heard.add("shared " + again);
                                                        a.unlock(
                                                                all,
                                                                left -> heard.add("left " + left));
                                                    });
                                        });
                            });
                    assertEquals(List.of(), heard, "never inside the call");
                });
        assertEquals(List.of("a null", "try false", "shared false", "left null", "b null"), heard);
    }

    @EveryEngine
    void sharedLocksAndOtherRanges_goTogether(EngineKind engine) {
        List<Boolean> got = new ArrayList<>();
        twice(
                engine,
                (reactor, a, b) -> {
                    LockRange shared = LockRange.sharedLock().range(0, 10);
                    LockRange alone = LockRange.exclusive();
                    a.tryLock(
                            shared,
                            (e1, g1) -> {
                                got.add(g1);
                                b.tryLock(
                                        shared,
                                        (e2, g2) -> {
                                            got.add(g2);
                                            b.tryLock(alone.range(9, 1), (e, g) -> got.add(g));
                                            b.tryLock(alone.range(10, 0), (e, g) -> got.add(g));
                                        });
                            });
                });
        got.subList(2, 4).sort(null);
        assertEquals(List.of(true, true, false, true), got);
    }

    @EveryEngine
    void aRangeThatIsUnlocked_isFreeBetweenWhatIsLeft(EngineKind engine) {
        List<String> got = new ArrayList<>();
        LockRange alone = LockRange.exclusive();
        twice(
                engine,
                (reactor, a, b) ->
                        a.lock(
                                alone.range(10, 30),
                                locked ->
                                        a.unlock(
                                                alone.range(20, 10),
                                                unlocked -> {
                                                    for (int at :
                                                            List.of(
                                                                    9, 10, 19, 20, 29, 30, 39,
                                                                    40)) {
                                                        b.tryLock(
                                                                alone.range(at, 1),
                                                                (err, free) ->
                                                                        got.add(at + " " + free));
                                                    }
                                                })));
        assertEquals(
                Set.of(
                        "9 true",
                        "10 false",
                        "19 false",
                        "20 true",
                        "29 true",
                        "30 false",
                        "39 false",
                        "40 true"),
                Set.copyOf(got));
        assertEquals(8, got.size());
    }

    private static void tryInTurn(
            List<FileHandle> files, List<LockRange> ranges, List<Boolean> got) {
        int next = got.size();
        if (next < files.size()) {
            files.get(next)
                    .tryLock(
                            ranges.get(next),
                            (err, locked) -> {
                                got.add(locked);
                                tryInTurn(files, ranges, got);
                            });
        }
    }

    @EveryEngine
    void aLockOfOnesOwn_changesItsKind_unlessAnotherIsInTheWay(EngineKind engine) {
        List<Boolean> got = new ArrayList<>();
        LockRange alone = LockRange.exclusive();
        LockRange shared = LockRange.sharedLock();
        twice(
                engine,
                (reactor, a, b) ->
                        tryInTurn(List.of(a, a, b, a), List.of(alone, shared, shared, alone), got));
        assertEquals(List.of(true, true, true, false), got);
    }

    @EveryEngine
    void closingTheHandle_endsItsLocks_andItsWait(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        twice(
                engine,
                (reactor, a, b) ->
                        a.lock(
                                LockRange.exclusive(),
                                locked -> {
                                    b.lock(
                                            LockRange.exclusive(),
                                            err -> heard.add("b " + err.getMessage()));
                                    whenItWaits(
                                            reactor,
                                            () ->
                                                    b.close(err -> {
                                                        heard.add("closed b");
                                                        a.close(e -> again(reactor, heard));
                                                    }));
                                }));
        assertEquals(
                List.of("b ECANCELED: operation canceled, fcntl", "closed b", "free null"), heard);
    }

    /** Nobody holds it now. */
    private void again(Reactor reactor, List<String> heard) {
        Fs.of(reactor)
                .open(
                        path,
                        "r+",
                        (none, c) ->
                                c.lock(
                                        LockRange.exclusive(),
                                        err -> {
                                            heard.add("free " + err);
                                            c.close(e -> {});
                                        }));
    }

    /** When the lock that is being asked for has been refused once, and waits. */
    private static void whenItWaits(Reactor reactor, Runnable then) {
        boolean waits =
                reactor.activeResources().stream().anyMatch(it -> it.kind().equals("FileLock"));
        if (waits) {
            then.run();
        } else {
            reactor.setImmediate(() -> whenItWaits(reactor, then));
        }
    }

    @EveryEngine
    void aWait_isCancelledAbortedOrTimesOut(EngineKind engine) {
        List<Heard<Void>> heard = Fixtures.heards(3);
        twice(
                engine,
                (reactor, a, b) ->
                        a.lock(
                                LockRange.exclusive(),
                                locked -> {
                                    Operation first = b.lock(LockRange.exclusive(), heard.get(0));
                                    AbortController abort = new AbortController(reactor);
                                    b.lock(LockRange.exclusive(), heard.get(1))
                                            .abortOn(abort.signal());
                                    b.lock(LockRange.exclusive(), heard.get(2))
                                            .deadline(Duration.ofMillis(20));
                                    whenItWaits(
                                            reactor,
                                            () -> {
                                                first.cancel();
                                                abort.abort();
                                                assertEquals(0, heard.get(0).calls, "later");
                                            });
                                }));
        assertEquals("ECANCELED", heard.get(0).error().code());
        assertEquals("ECANCELED", heard.get(1).error().code());
        assertEquals("ETIMEDOUT", heard.get(2).error().code());
    }

    @EveryEngine
    void aWait_isOverWithTheReactor(EngineKind engine) {
        Heard<Void> heard = new Heard<>();
        twice(
                engine,
                (reactor, a, b) ->
                        a.lock(
                                LockRange.exclusive(),
                                locked -> {
                                    b.lock(LockRange.exclusive(), heard);
                                    whenItWaits(reactor, reactor::stop);
                                }));
        assertEquals("ECANCELED", heard.error().code());
    }

    @EveryEngine
    void aLock_needsAFileOpenForItsUse(EngineKind engine) {
        Heard<Void> heard = new Heard<>();
        withFile(
                engine,
                (reactor, fs) ->
                        fs.open(path, "r", (err, file) -> file.lock(LockRange.exclusive(), heard)));
        assertEquals("EBADF: bad file descriptor, fcntl", heard.errno().getMessage());
        assertThrows(IllegalArgumentException.class, () -> new LockRange(-1, 0, true));
        assertThrows(IllegalArgumentException.class, () -> new LockRange(1, Long.MAX_VALUE, true));
    }

    /** Two loops that each add to a counter in a file under its lock lose no update. */
    @EngineTest
    void twoLoops_takeTurns(EngineKind engine) throws Exception {
        int rounds = 50;
        Fixtures.file(dir, "f", new byte[1]);
        Runnable loop =
                () ->
                        Fixtures.withOpen(
                                engine,
                                path,
                                "r+",
                                (reactor, file) -> round(reactor, file, rounds));
        Thread other = Thread.ofPlatform().start(loop);
        loop.run();
        other.join();
        assertEquals(2 * rounds, Files.readAllBytes(path)[0]);
    }

    private static void round(Reactor reactor, FileHandle file, int left) {
        if (left == 0) {
            file.close(err -> {});
            return;
        }
        file.lock(
                LockRange.exclusive(),
                err -> {
                    var one = reactor.buffer(1);
                    file.read(
                            one,
                            0,
                            (e, n, b) -> {
                                assertTrue(n == 1);
                                b.set(0, (byte) (b.get(0) + 1));
                                file.write(
                                        b,
                                        0,
                                        (w, bytes) -> {
                                            one.release();
                                            file.unlock(
                                                    LockRange.exclusive(),
                                                    u -> round(reactor, file, left - 1));
                                        });
                            });
                });
    }
}
