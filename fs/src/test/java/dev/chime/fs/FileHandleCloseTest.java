package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class FileHandleCloseTest {
    @TempDir Path directory;

    @EngineTest
    void closeWithPendingReads_waitsThenCloses(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(100_000));
        List<String> order = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(1000);
                    for (int i = 0; i < 20; i++) {
                        file.read(buffer, i * 1000, (err, n, b) -> order.add("at " + n));
                        file.read(buffer, (err, n, b) -> order.add("next " + n));
                    }
                    file.stat((err, stats) -> order.add("stat " + stats.size()));
                    buffer.release();
                    file.close(
                            err -> order.add("close " + err + ", " + Fixtures.openIn(directory)));
                    assertEquals(List.of(), order);
                });
        assertEquals(42, order.size());
        assertEquals(20, order.stream().filter("at 1000"::equals).count());
        assertEquals(20, order.stream().filter("next 1000"::equals).count());
        assertTrue(order.contains("stat 100000"));
        assertEquals("close null, 0", order.getLast());
    }

    @EngineTest
    void closeDuringTheLastCallback_closesOnce(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        Heard<Void> closed = new Heard<>();
        Heard<Void> sequentialClosed = new Heard<>();
        for (boolean sequential : new boolean[] {false, true}) {
            Heard<Void> heard = sequential ? sequentialClosed : closed;
            Fixtures.withOpen(
                    engine,
                    path,
                    "r",
                    (reactor, file) -> {
                        Buffer buffer = reactor.buffer(10);
                        ReadCallback close = (err, n, b) -> file.close(heard);
                        if (sequential) {
                            file.read(buffer, close);
                        } else {
                            file.read(buffer, 0, close);
                        }
                        buffer.release();
                    });
            heard.ok();
        }
    }

    @EngineTest
    void secondClose_hearsTheFirstOnesOutcome(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        Heard<Void> first = new Heard<>();
        Heard<Void> atOnce = new Heard<>();
        Heard<Void> afterwards = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    file.close(err -> {
                        first.call(err);
                        file.close(afterwards);
                        assertEquals(0, afterwards.calls);
                    });
                    file.close(atOnce);
                });
        first.ok();
        atOnce.ok();
        afterwards.ok();
    }

    @EngineTest
    void operationsAfterClose_areEbadfThroughTheirCallbacks(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        List<Heard<Void>> whileClosing = new ArrayList<>();
        List<Heard<Void>> afterwards = new ArrayList<>();
        List<Heard<Stats>> stats = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(10);
                    file.close(err -> {
                        everything(file, buffer, afterwards, stats);
                        buffer.release();
                    });
                    everything(file, buffer, whileClosing, stats);
                    assertEquals(0, whileClosing.getFirst().calls, "never inside the call");
                });
        List<String> calls =
                List.of("read", "read", "write", "write", "write", "write", "fsync", "fdatasync");
        for (List<Heard<Void>> all : List.of(whileClosing, afterwards)) {
            for (int i = 0; i < calls.size(); i++) {
                assertEquals(
                        "EBADF: bad file descriptor, " + calls.get(i),
                        all.get(i).errno().getMessage());
            }
        }
        for (Heard<Stats> stat : stats) {
            assertEquals("EBADF: bad file descriptor, fstat", stat.errno().getMessage());
        }
        assertEquals(2, stats.size());
    }

    private static void everything(
            FileHandle file, Buffer buffer, List<Heard<Void>> all, List<Heard<Stats>> stats) {
        for (int i = 0; i < 8; i++) {
            all.add(new Heard<>());
        }
        int from = all.size() - 8;
        file.read(buffer, 0, all.get(from));
        file.read(buffer, all.get(from + 1));
        file.write(buffer, 0, all.get(from + 2));
        file.write(buffer, all.get(from + 3));
        file.write("x", 0, all.get(from + 4));
        file.write("x", all.get(from + 5));
        file.sync(all.get(from + 6));
        file.datasync(all.get(from + 7));
        Heard<Stats> stat = new Heard<>();
        stats.add(stat);
        file.stat(stat);
    }

    @EngineTest
    void callbackThatThrows_doesNotKeepTheFileOpen(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        List<String> thrown = new ArrayList<>();
        Heard<Void> closed = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> thrown.add(t.getMessage()));
                    Fs.of(reactor)
                            .open(
                                    path,
                                    "r+",
                                    (err, file) -> {
                                        Buffer buffer = reactor.buffer(10);
                                        file.read(buffer, 0, (e, n, b) -> fail("read at"));
                                        file.read(buffer, (e, n, b) -> fail("read"));
                                        file.read(buffer, (e, n, b) -> fail("queued read"));
                                        file.write("x", 0, (e, n) -> fail("write"));
                                        file.sync(e -> fail("sync"));
                                        file.stat((e, s) -> fail("stat"));
                                        buffer.release();
                                        file.close(closed);
                                    });
                });
        closed.ok();
        assertEquals(
                List.of("queued read", "read", "read at", "stat", "sync", "write"),
                thrown.stream().sorted().toList());
    }

    private static void fail(String what) throws IOException {
        throw new IOException(what);
    }

    @EngineTest
    void loopThatEnds_cancelsWhatWaitsAndClosesTheFile(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<Void> waiting = new Heard<>();
        Heard<Void> queued = new Heard<>();
        Heard<Void> closed = new Heard<>();
        try (RandomAccessFile other = new RandomAccessFile(fifo.toFile(), "rw")) {
            Fixtures.withOpen(
                    engine,
                    fifo,
                    "r",
                    (reactor, file) -> {
                        Buffer buffer = reactor.buffer(10);
                        file.read(buffer, waiting);
                        file.read(buffer, queued);
                        buffer.release();
                        file.close(closed);
                        reactor.stop();
                        if (engine == EngineKind.POOL) {
                            other.write(1); // frees the worker that may be inside read(2)
                        }
                    });
        }
        waiting.assertOnce();
        assertEquals("ECANCELED", queued.errno().code());
        closed.ok();
    }

    @EngineTest
    void tenThousandOpensAndCloses_leakNoDescriptor(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        int[] closes = {0};
        long[] open = new long[1];
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (int i = 0; i < 100; i++) {
                        openAndClose(fs, path, 100, closes);
                    }
                    Fixtures.everyTurn(
                            reactor,
                            () -> {
                                open[0] = closes[0] < 10_000 ? -1 : Fixtures.openIn(directory);
                                return closes[0] == 10_000;
                            },
                            () -> {});
                });
        assertEquals(10_000, closes[0]);
        assertEquals(0, open[0], "descriptors while the loop still runs");
    }

    private static void openAndClose(Fs fs, Path path, int times, int[] closes) {
        fs.open(
                path,
                (err, file) ->
                        file.close(failure -> {
                            closes[0]++;
                            if (times > 1) {
                                openAndClose(fs, path, times - 1, closes);
                            }
                        }));
    }

    @EveryEngine
    void closeEvent_comesOnce_byWhomeverItIsClosed(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Heard<Void> late = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Path path = directory.resolve("f");
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            directory,
                            MkdirOptions.defaults().recursive(true),
                            (failed, made) ->
                                    fs.open(
                                            path,
                                            "w+",
                                            (err, file) -> {
                                                file.onClose(e -> order.add("first"));
                                                file.onClose(e -> order.add("second"));
                                                file.close(e -> order.add("close"));
                                                file.onClose(e -> order.add("meanwhile"));
                                                assertEquals(List.of(), order);
                                                file.close(e -> {
                                                    file.onClose(late);
                                                    byStream(fs, path, order);
                                                });
                                            }));
                });
        late.ok();
        assertEquals(List.of("close", "first", "second", "meanwhile", "by stream"), order);
    }

    private static void byStream(Fs fs, Path path, List<String> order) {
        fs.open(
                path,
                (err, file) -> {
                    file.onClose(e -> order.add("by stream"));
                    file.createReadStream().resume();
                    fs.unlink(path, gone -> {});
                });
    }
}
