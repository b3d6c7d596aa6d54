package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Readable;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

class ReadStreamTest {
    @TempDir Path directory;

    /** What a stream says, in order, data in a row once; and the content. */
    private static final class Log {
        final List<String> events = new ArrayList<>();
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        ReactorException error;

        Log of(ReadStream stream) {
            stream.onOpen(file -> events.add("open"))
                    .onReady(() -> events.add("ready"))
                    .onEnd(() -> events.add("end"))
                    .onClose(err -> {
                        error = err;
                        events.add(err == null ? "close" : "close " + err.code());
                    });
            return this;
        }

        Log reading(ReadStream stream) {
            of(stream);
            stream.onData(data -> {
                content.write(data.toArray());
                if (!events.getLast().equals("data")) {
                    events.add("data");
                }
            });
            return this;
        }
    }

    private interface Make {
        ReadStream stream(Reactor reactor, Fs fs) throws Exception;
    }

    private static Log read(EngineKind engine, Make make) {
        Log log = new Log();
        Reactors.run(engine, reactor -> log.reading(make.stream(reactor, Fs.of(reactor))));
        return log;
    }

    @EngineTest
    void openReadyDataEndClose_comeInThisOrder(EngineKind engine) throws Exception {
        for (int length : new int[] {0, 1, 65_535, 65_536, 65_537, 1_000_000}) {
            byte[] content = Fixtures.pattern(length);
            Path path = Fixtures.file(directory, "f", content);
            ReadStream[] stream = new ReadStream[1];
            Log log =
                    read(
                            engine,
                            (reactor, fs) -> {
                                stream[0] = fs.createReadStream(path);
                                assertTrue(stream[0].isPending());
                                assertNull(stream[0].file());
                                stream[0].onOpen(file -> assertEquals(file, stream[0].file()));
                                return stream[0];
                            });
            List<String> expected =
                    length == 0
                            ? List.of("open", "ready", "end", "close")
                            : List.of("open", "ready", "data", "end", "close");
            assertEquals(expected, log.events);
            assertArrayEquals(content, log.content.toByteArray());
            assertEquals(length, stream[0].bytesRead());
            assertEquals(path, stream[0].path());
            assertFalse(stream[0].isPending());
        }
    }

    @EveryEngine
    void aFileOfTheMachine_isReadWhole(EngineKind engine) {
        byte[] content = Fixtures.pattern(300_000);
        List<byte[]> got = new ArrayList<>();
        Path path = engine == EngineKind.SIM ? Path.of("/f") : directory.resolve("f");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    WriteStream out = fs.createWriteStream(path);
                    out.write(content);
                    out.end();
                    out.finished(err -> {
                        assertNull(err);
                        Log log = new Log().reading(fs.createReadStream(path));
                        reactor.onExit(() -> got.add(log.content.toByteArray()));
                    });
                });
        assertArrayEquals(content, got.getFirst());
    }

    @EngineTest
    void missingFile_isTheErrorOfTheClose(EngineKind engine) {
        Path path = directory.resolve("none");
        Log log = read(engine, (reactor, fs) -> fs.createReadStream(path));
        assertEquals(List.of("close ENOENT"), log.events);
        assertEquals(
                "ENOENT: no such file or directory, open '" + path + "'", log.error.getMessage());
    }

    @EngineTest
    void aDirectory_failsWithTheFirstRead(EngineKind engine) {
        Log log = read(engine, (reactor, fs) -> fs.createReadStream(directory));
        assertEquals(List.of("open", "ready", "close EISDIR"), log.events);
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void ranges_includeBothEnds(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(200_000);
        Path path = Fixtures.file(directory, "f", content);
        long[][] ranges = {
            {0, 0},
            {1, 1},
            {10, 19},
            {0, 65_535},
            {5, 65_540},
            {100_000, 199_999},
            {199_999, 500_000},
            {199_999, 199_999},
            {300_000, 400_000},
            {0, Long.MAX_VALUE}
        };
        for (long[] range : ranges) {
            Log log =
                    read(
                            engine,
                            (reactor, fs) ->
                                    fs.createReadStream(
                                            path,
                                            ReadStreamOptions.defaults()
                                                    .range(range[0], range[1])
                                                    .highWaterMark(4096)));
            int from = (int) Math.min(range[0], content.length);
            int to = (int) Math.min(range[1], content.length - 1L) + 1;
            assertArrayEquals(
                    Arrays.copyOfRange(content, from, Math.max(from, to)),
                    log.content.toByteArray(),
                    Arrays.toString(range));
            assertEquals("close", log.events.getLast());
        }
    }

    @EngineTest
    void wrongOptions_throw(EngineKind engine) {
        ReadStreamOptions defaults = ReadStreamOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> defaults.range(10, 9));
        assertThrows(IllegalArgumentException.class, () -> defaults.start(-2));
        assertThrows(IllegalArgumentException.class, () -> defaults.end(-1));
        assertThrows(IllegalArgumentException.class, () -> defaults.highWaterMark(0));
        assertThrows(IllegalArgumentException.class, () -> defaults.flags("w"));
        assertThrows(IllegalArgumentException.class, () -> defaults.mode(1 << 20));
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    assertThrows(IllegalArgumentException.class, () -> fs.createReadStream(null));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> fs.createReadStream(Path.of("x"), null));
                });
    }

    @EngineTest
    void pause_stopsTheData_andLosesNone(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(500_000);
        Path path = Fixtures.file(directory, "f", content);
        long[] most = {0};
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Reactors.run(
                engine,
                reactor -> {
                    ReadStream stream = Fs.of(reactor).createReadStream(path);
                    stream.onData(data -> {
                        assertFalse(stream.isPaused());
                        got.write(data.toArray());
                        stream.pause();
                        reactor.setTimeout(
                                3,
                                () -> {
                                    most[0] = Math.max(most[0], reactor.memory().usedBytes());
                                    stream.resume();
                                });
                    });
                });
        assertArrayEquals(content, got.toByteArray());
        assertTrue(most[0] <= 3 * (64 << 10), "held " + most[0]);
    }

    @EngineTest
    void destroyInOpen_givesExactlyThatErrorOnce(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(10));
        ReactorException why = new ReactorException("ERR_TEST", "not wanted");
        Log log =
                read(
                        engine,
                        (reactor, fs) -> {
                            ReadStream stream = fs.createReadStream(path);
                            return stream.onOpen(file -> {
                                stream.destroy(why);
                                stream.destroy(new ReactorException("ERR_OTHER", "later"));
                            });
                        });
        assertEquals(List.of("open", "ready", "close ERR_TEST"), log.events);
        assertEquals(why, log.error);
    }

    @EngineTest
    void destroyBeforeTheOpen_closesTheFileAllTheSame(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(10));
        Log log =
                read(
                        engine,
                        (reactor, fs) -> {
                            ReadStream stream = fs.createReadStream(path);
                            stream.destroy();
                            return stream;
                        });
        assertEquals(List.of("close"), log.events);
        Log later =
                read(
                        engine,
                        (reactor, fs) -> {
                            ReadStream stream = fs.createReadStream(path);
                            reactor.nextTick(() -> reactor.nextTick(stream::destroy));
                            return stream;
                        });
        assertEquals("close", later.events.getLast());
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void destroyWithReadsUnderWay_closesOnce(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(2_000_000));
        Log log = new Log();
        Reactors.run(
                engine,
                reactor -> {
                    ReadStream stream = Fs.of(reactor).createReadStream(path);
                    log.of(stream);
                    int[] pieces = {0};
                    stream.onData(data -> {
                        if (++pieces[0] == 5) {
                            stream.destroy();
                        }
                        assertTrue(pieces[0] <= 5);
                    });
                });
        assertEquals(List.of("open", "ready", "close"), log.events);
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void aStreamOfAnOpenFile_goesOnFromItsPosition(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(300_000);
        Path path = Fixtures.file(directory, "f", content);
        Log log = new Log();
        List<Long> position = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    var skipped = reactor.buffer(1000);
                    file.read(
                            skipped,
                            (err, n, b) -> {
                                ReadStream stream =
                                        file.createReadStream(
                                                ReadStreamOptions.defaults()
                                                        .autoClose(false)
                                                        .end(99_999));
                                log.reading(stream);
                                stream.onEnd(() -> {
                                    position.add(file.position());
                                    assertTrue(file.isOpen());
                                    assertFalse(stream.isDestroyed());
                                    stream.destroy();
                                    stream.onClose(closed -> {
                                        assertTrue(file.isOpen());
                                        file.close(e -> assertNull(e));
                                    });
                                });
                            });
                    skipped.release();
                    log.events.add("start");
                });
        assertEquals(List.of("start", "data", "end", "close"), log.events);
        assertArrayEquals(Arrays.copyOfRange(content, 1000, 101_000), log.content.toByteArray());
        assertEquals(List.of(101_000L), position);
    }

    @EngineTest
    void autoClose_closesTheHandle_andOnlyThen(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(10));
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    ReadStream stream = file.createReadStream(ReadStreamOptions.defaults());
                    stream.resume();
                    stream.onClose(err -> assertFalse(file.isOpen()));
                });
        Reactors.run(
                engine,
                reactor -> {
                    ReadStream stream =
                            Fs.of(reactor)
                                    .createReadStream(
                                            path, ReadStreamOptions.defaults().autoClose(false));
                    stream.resume();
                    stream.onEnd(() ->
                            reactor.setTimeout(
                                    5,
                                    () -> {
                                        FileHandle file = stream.file();
                                        assertNotNull(file);
                                        assertTrue(file.isOpen() && stream.isClosed());
                                        file.close(err -> assertNull(err));
                                    }));
                });
    }

    @EngineTest
    void streamsOnOneFile_doNotDisturbEachOther(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(400_000);
        Path path = Fixtures.file(directory, "f", content);
        List<byte[]> got = new ArrayList<>();
        long[] most = {0};
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    SplittableRandom random = new SplittableRandom(1);
                    int[] left = {10};
                    for (int i = 0; i < 10; i++) {
                        ReadStream stream =
                                file.createReadStream(
                                        ReadStreamOptions.defaults()
                                                .start(i)
                                                .highWaterMark(5000 + i)
                                                .autoClose(false));
                        ByteArrayOutputStream out = new ByteArrayOutputStream();
                        out.write(content, 0, i);
                        stream.onData(data -> {
                            out.write(data.toArray());
                            most[0] = Math.max(most[0], reactor.memory().usedBytes());
                            if (random.nextInt(4) == 0) {
                                stream.pause();
                                reactor.setTimeout(1, stream::resume);
                            }
                        });
                        stream.onEnd(() -> {
                            got.add(out.toByteArray());
                            if (--left[0] == 0) {
                                file.close(err -> assertNull(err));
                            }
                        });
                    }
                });
        assertEquals(10, got.size());
        got.forEach(bytes -> assertArrayEquals(content, bytes));
        assertTrue(most[0] <= 10 * 3 * (16 << 10), "held " + most[0]);
    }

    @EngineTest
    void filesWithoutASize_areReadToTheirEnd(EngineKind engine) throws Exception {
        for (String name : List.of("/proc/self/status", "/proc/kallsyms", "/proc/cpuinfo")) {
            Path path = Path.of(name);
            for (int mark : new int[] {64 << 10, 100}) {
                if (name.endsWith("kallsyms") && mark == 100) {
                    continue; // millions of bytes
                }
                Log log =
                        read(
                                engine,
                                (reactor, fs) ->
                                        fs.createReadStream(
                                                path,
                                                ReadStreamOptions.defaults().highWaterMark(mark)));
                String text = log.content.toString(UTF_8);
                assertEquals(lineStarts(Files.readString(path)), lineStarts(text), name);
            }
        }
    }

    /** The fields' names: their values may change from one read to the next. */
    private static List<String> lineStarts(String text) {
        return text.lines().map(line -> line.split("[:\\s]", 2)[0]).toList();
    }

    @EngineTest
    void aFifo_isReadUntilItsWriterCloses(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        byte[] content = Fixtures.pattern(300_000);
        FutureTask<Void> writer =
                new FutureTask<>(() -> {
                    try (OutputStream out = Files.newOutputStream(fifo)) {
                        out.write(content);
                    }
                    return null;
                });
        Log log = new Log();
        Reactors.run(
                engine,
                reactor -> {
                    log.reading(Fs.of(reactor).createReadStream(fifo));
                    Fixtures.afterTurns(reactor, 20, () -> Thread.ofPlatform().start(writer));
                });
        writer.get();
        assertArrayEquals(content, log.content.toByteArray());
        assertEquals(List.of("open", "ready", "data", "end", "close"), log.events);
    }

    @EngineTest
    void aFifoThatNobodyWritesTo_canBeDestroyed(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        CountDownLatch destroyed = new CountDownLatch(1);
        // A thread of the pool that waits in read(2) is woken by a byte alone.
        FutureTask<Void> waker =
                new FutureTask<>(() -> {
                    destroyed.await();
                    try (var file = new RandomAccessFile(fifo.toFile(), "rw")) {
                        file.write(1);
                    }
                    return null;
                });
        Thread.ofPlatform().start(waker);
        Log log = new Log();
        Reactors.run(
                engine,
                reactor -> {
                    ReadStream stream =
                            Fs.of(reactor)
                                    .createReadStream(
                                            fifo, ReadStreamOptions.defaults().flags("r+"));
                    log.of(stream).events.clear();
                    stream.resume();
                    stream.onReady(() ->
                            Fixtures.afterTurns(
                                    reactor,
                                    30,
                                    () -> {
                                        stream.destroy();
                                        destroyed.countDown();
                                    }));
                });
        waker.get();
        assertEquals(List.of("open", "ready", "close"), log.events);
    }

    @EngineTest
    void anAbortedSignal_destroysTheStream(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(1_000_000));
        Log log =
                read(
                        engine,
                        (reactor, fs) -> {
                            AbortController controller = new AbortController(reactor);
                            ReadStream stream =
                                    fs.createReadStream(
                                            path,
                                            ReadStreamOptions.defaults()
                                                    .signal(controller.signal()));
                            return stream.onOpen(file -> controller.abort());
                        });
        assertEquals("close ECANCELED", log.events.getLast());
        Log before =
                read(
                        engine,
                        (reactor, fs) -> {
                            AbortController controller = new AbortController(reactor);
                            controller.abort();
                            return fs.createReadStream(
                                    path, ReadStreamOptions.defaults().signal(controller.signal()));
                        });
        assertEquals(List.of("close ECANCELED"), before.events);
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void theReactorsEnd_closesAStreamUnderWay(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(1_000_000));
        Log log = new Log();
        Reactors.run(
                engine,
                reactor -> {
                    Readable stream = Fs.of(reactor).createReadStream(path);
                    log.of((ReadStream) stream);
                    stream.onData(data -> reactor.stop());
                });
        assertEquals("close", log.events.getLast());
        assertEquals(1, log.events.stream().filter("close"::equals).count());
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void readLines_givesEveryLine_andClosesTheFile(EngineKind engine) throws Exception {
        StringBuilder text = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            String line = "Zeile ä€😀 " + "x".repeat(i % 40) + i;
            expected.add(line);
            text.append(line).append(i % 3 == 0 ? "\r\n" : "\n");
        }
        text.append("the last one");
        expected.add("the last one");
        Path path = Fixtures.file(directory, "f", text.toString().getBytes(UTF_8));
        List<String> lines = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) ->
                        file.readLines(UTF_8)
                                .forEach(
                                        lines::add,
                                        err -> {
                                            assertNull(err);
                                            assertFalse(file.isOpen());
                                        }));
        assertEquals(expected, lines);
    }

    @Tag("slow")
    @EngineTest
    void fiveGibibytes_passThroughMebibytes(EngineKind engine) throws Exception {
        Path path = Fixtures.sparse(directory, 5L << 30);
        long[] bytes = {0};
        long[] peak = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).createReadStream(path).onData(data -> bytes[0] += data.length());
                    reactor.onExit(() -> peak[0] = reactor.memory().peakBytes());
                });
        assertEquals(5L << 30, bytes[0]);
        assertTrue(peak[0] > 0 && peak[0] <= 1 << 20, () -> peak[0] + " bytes at once");
    }
}
