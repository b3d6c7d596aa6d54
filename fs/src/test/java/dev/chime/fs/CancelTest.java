package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.io.TempDir;

class CancelTest {
    @TempDir Path directory;

    /** Cancels when the operation says that it is in this stage. */
    private static void cancelAt(
            Reactor reactor, Operation operation, String stage, Heard<?> heard) {
        if (operation.toString().contains(" " + stage + " ")) {
            operation.cancel();
            operation.cancel();
            assertEquals(0, heard.calls, "never inside the call");
            return;
        }
        Fixtures.everyTurn(
                reactor,
                () -> heard.calls > 0 || operation.toString().contains("cancelled"),
                () -> {
                    if (operation.toString().contains(" " + stage + " ")) {
                        operation.cancel();
                    }
                });
    }

    @EngineTest
    void readFileCancelledInEachStage_isHeardOnce(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(2 << 20);
        Path path = Fixtures.file(directory, "f", content);
        for (String stage : List.of("OPEN", "FIRST", "REST")) {
            Heard<byte[]> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation operation = Fs.of(reactor).readFile(path, heard);
                        cancelAt(reactor, operation, stage, heard);
                        Fixtures.everyTurn(
                                reactor,
                                () -> heard.calls > 0 && Fixtures.openIn(directory) == 0,
                                () -> {});
                    });
            // The file is much too long to be whole in any of these stages.
            assertEquals("ECANCELED", heard.errno().code(), stage);
        }
    }

    @EngineTest
    void writeFileCancelledInEachStage_isHeardOnceAndClosed(EngineKind engine) {
        byte[] content = Fixtures.pattern(2 << 20);
        for (String stage : List.of("OPEN", "WRITE", "SYNC", "CLOSE")) {
            Path path = directory.resolve(stage);
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        WriteOptions flush = WriteOptions.defaults().flush(true);
                        Operation operation = Fs.of(reactor).writeFile(path, content, flush, heard);
                        cancelAt(reactor, operation, stage, heard);
                        Fixtures.everyTurn(
                                reactor,
                                () -> heard.calls > 0 && Fixtures.openIn(directory) == 0,
                                () -> {});
                    });
            heard.assertOnce();
            if (stage.equals("WRITE")) {
                assertEquals("ECANCELED: operation canceled, write", heard.err.getMessage());
            } else if (stage.equals("CLOSE")) {
                heard.ok();
            }
        }
    }

    @EngineTest
    void waitForAFifosWriter_canBeCancelledOnTheRing(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<byte[]> heard = new Heard<>();
        CountDownLatch done = new CountDownLatch(1);
        Reactors.run(
                engine,
                reactor -> {
                    Operation operation =
                            Fs.of(reactor)
                                    .readFile(
                                            fifo,
                                            (err, bytes) -> {
                                                heard.call(err, bytes);
                                                done.countDown();
                                            });
                    Fixtures.afterTurns(
                            reactor,
                            50,
                            () -> {
                                operation.cancel();
                                letIn(reactor, engine, fifo, done);
                            });
                });
        // A worker inside open(2) cannot be called back: there the open may win, and is closed.
        assertEquals("ECANCELED", heard.errno().code());
    }

    @EngineTest
    void openOfAFifoForWriting_canBeCancelledOnTheRing(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<FileHandle> heard = new Heard<>();
        CountDownLatch done = new CountDownLatch(1);
        Reactors.run(
                engine,
                reactor -> {
                    Operation operation =
                            Fs.of(reactor)
                                    .open(
                                            fifo,
                                            "w",
                                            (err, file) -> {
                                                heard.call(err, file);
                                                done.countDown();
                                            });
                    Fixtures.afterTurns(
                            reactor,
                            50,
                            () -> {
                                operation.cancel();
                                letIn(reactor, engine, fifo, done);
                            });
                });
        heard.assertOnce();
        if (isRing(engine)) {
            String text = "ECANCELED: operation canceled, open '" + fifo + "'";
            assertEquals(text, heard.errno().getMessage());
        }
    }

    /** Whether the ring performs everything: {@code -Dchime.deny} gives some of it to workers. */
    private static boolean isRing(EngineKind engine) {
        return engine == EngineKind.URING && System.getProperty("chime.deny", "").isBlank();
    }

    /** Opens a FIFO at both ends until {@code done}, for workers that wait in open(2). */
    private static void letIn(Reactor reactor, EngineKind engine, Path fifo, CountDownLatch done) {
        if (!isRing(engine)) {
            reactor.blocking(
                    () -> {
                        try (var _ = new RandomAccessFile(fifo.toFile(), "rw")) {
                            done.await();
                        }
                        return null;
                    },
                    (err, value) -> {});
        }
    }

    @EngineTest
    void thousandRacesOfCancelAndResult_giveOneCallbackEachAndLeakNothing(EngineKind engine)
            throws IOException {
        byte[][] contents = {new byte[0], Fixtures.pattern(100), Fixtures.pattern(300_000)};
        for (int i = 0; i < contents.length; i++) {
            Fixtures.file(directory, "f" + i, contents[i]);
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Heard<byte[]>> all = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    race(reactor, Fs.of(reactor), random, all);
                });
        int cancelled = 0;
        for (int i = 0; i < all.size(); i++) {
            Heard<byte[]> heard = all.get(i);
            assertEquals(1, heard.calls, "calls in round " + i + ", seed " + seed);
            if (heard.err == null) {
                assertArrayEquals(contents[i % 3], heard.value, "round " + i + ", seed " + seed);
            } else {
                cancelled++;
                assertEquals("ECANCELED", heard.err.code(), "seed " + seed);
            }
        }
        assertEquals(1000, all.size());
        assertTrue(cancelled > 0 && cancelled < 1000, cancelled + " cancelled, seed " + seed);
    }

    /** Ten files at a time, nearly all cancelled some turns later, a hundred times over. */
    private void race(Reactor reactor, Fs fs, Random random, List<Heard<byte[]>> all)
            throws Exception {
        List<Heard<byte[]>> round = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Heard<byte[]> heard = new Heard<>();
            Path path = directory.resolve("f" + all.size() % 3);
            all.add(heard);
            round.add(heard);
            Operation operation = fs.readFile(path, heard);
            if (i > 0) { // one of each ten is left alone: some results must win
                int turns = i == 1 ? 0 : random.nextInt(12); // and one is too early to win
                Fixtures.afterTurns(reactor, turns, operation::cancel);
            }
        }
        Fixtures.everyTurn(
                reactor,
                () -> {
                    boolean done = round.stream().allMatch(heard -> heard.calls > 0);
                    if (done && all.size() < 1000) {
                        reactor.nextTick(() -> race(reactor, fs, random, all));
                    } else if (done && all.size() == 1000) {
                        return Fixtures.openIn(directory) == 0;
                    }
                    return done;
                },
                () -> {});
    }

    @EngineTest
    void loopThatEndsAtAnyTurn_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(600_000));
        Path small = Fixtures.file(directory, "small", Fixtures.pattern(10));
        for (int turns = 0; turns < 2000; turns += 1 + turns / 4) {
            List<Heard<?>> all = new ArrayList<>();
            int stopAfter = turns;
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        for (int i = 0; i < 20; i++) {
                            Heard<byte[]> large = new Heard<>();
                            Heard<byte[]> little = new Heard<>();
                            Heard<Void> written = new Heard<>();
                            all.addAll(List.of(large, little, written));
                            fs.readFile(path, large);
                            fs.readFile(small, little);
                            byte[] content = new byte[300_000];
                            fs.writeFile(directory.resolve("w" + i), content, written);
                        }
                        Fixtures.afterTurns(reactor, stopAfter, reactor::stop);
                    });
            // What is left open is the census's to find.
            for (Heard<?> heard : all) {
                heard.assertOnce();
                if (heard.err != null) {
                    assertEquals("ECANCELED", heard.err.code());
                }
            }
        }
    }

    @EngineTest
    void loopThatEndsInTheCallback_stillClosesTheFile(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[3]);
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .readFile(
                                        path,
                                        (err, bytes) -> {
                                            // Its close is submitted, and not yet performed.
                                            assertEquals(1, Fixtures.openIn(directory));
                                            heard.call(err, bytes);
                                            reactor.stop();
                                        }));
        heard.ok();
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void cancelAfterTheCallback_doesNothing(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[3]);
        Heard<byte[]> heard = new Heard<>();
        Heard<Stats> stat = new Heard<>();
        Heard<byte[]> other = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Operation[] operations = new Operation[2];
                    operations[0] = fs.readFile(path, heard);
                    operations[1] = fs.stat(path, stat);
                    Fixtures.everyTurn(
                            reactor,
                            () -> {
                                if (heard.calls == 0 || stat.calls == 0) {
                                    return false;
                                }
                                fs.readFile(path, other);
                                operations[0].cancel();
                                operations[1].cancel();
                                return true;
                            },
                            () -> {});
                });
        heard.ok();
        stat.ok();
        assertEquals(3, other.ok().length, "somebody else's operation in the same slot");
    }
}
