package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class FileHandleTest {
    @TempDir Path directory;

    private static byte[] taken(Buffer buffer, int bytes) {
        return Arrays.copyOf(buffer.toArray(), bytes);
    }

    /** Starts reads without a position; what they bring is added in the order of the callbacks. */
    private static void read(
            Reactor reactor, FileHandle file, int count, int bytes, List<byte[]> into) {
        for (int i = 0; i < count; i++) {
            Buffer buffer = reactor.buffer(bytes);
            file.read(
                    buffer,
                    (err, n, b) -> {
                        assertNull(err);
                        into.add(taken(b, n));
                    });
            buffer.release();
        }
    }

    private static String text(List<byte[]> parts) {
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(new String(part, UTF_8)).append(';'));
        return text.toString();
    }

    @EveryEngine
    void readAtAPosition_givesTheBytesThere_andZeroAtTheEnd(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(10_000);
        Path path = Fixtures.file(directory, "f", content);
        List<byte[]> got = new ArrayList<>();
        Heard<Void> past = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(4096);
                    file.read(
                            buffer,
                            8000,
                            (err, n, b) -> {
                                assertSame(buffer, b);
                                got.add(taken(b, n));
                                file.read(b, 10_000, past);
                            });
                    assertEquals(0, got.size(), "never inside the call");
                    buffer.release();
                });
        assertArrayEquals(Arrays.copyOfRange(content, 8000, 10_000), got.getFirst());
        past.ok();
        assertEquals(0, past.bytes);
    }

    @EveryEngine
    void manyPositionalReadsTogether_eachGetsItsPlace(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(1 << 20);
        Path path = Fixtures.file(directory, "f", content);
        int[] right = {0};
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    for (int i = 0; i < 256; i++) {
                        int at = i * 4096 + i;
                        Buffer buffer = reactor.buffer(512);
                        file.read(
                                buffer,
                                at,
                                (err, n, b) -> {
                                    byte[] there = Arrays.copyOfRange(content, at, at + 512);
                                    right[0] += Arrays.equals(there, taken(b, n)) ? 1 : 0;
                                });
                        buffer.release();
                    }
                });
        assertEquals(256, right[0]);
    }

    @EveryEngine
    void positionalOperations_doNotMoveThePosition(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", "0123456789".getBytes(UTF_8));
        List<byte[]> got = new ArrayList<>();
        Heard<Void> positionalRead = new Heard<>();
        Heard<Void> positionalWrite = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    read(reactor, file, 1, 2, got);
                    Buffer buffer = reactor.buffer(3);
                    file.read(buffer, 7, positionalRead);
                    file.write("X", 5, positionalWrite);
                    buffer.release();
                    read(reactor, file, 2, 2, got);
                    Fixtures.everyTurn(reactor, () -> got.size() == 3, () -> {});
                });
        // The write at 5 may come before or after the last read: positional ones take no turns.
        assertEquals("01;23;45;", text(got).replace('X', '5'));
        positionalRead.ok();
        positionalWrite.ok();
        assertEquals("01234X6789", Files.readString(path));
    }

    @EveryEngine
    void queuedReads_takeTheFileInOrder(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(100_000);
        Path path = Fixtures.file(directory, "f", content);
        List<byte[]> got = new ArrayList<>();
        long[] end = new long[1];
        Heard<Void> closed = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    assertEquals(0, file.position());
                    read(reactor, file, 30, 4000, got);
                    Buffer last = reactor.buffer(1);
                    file.read(last, (err, n, b) -> end[0] = file.position());
                    last.release();
                    file.close(closed);
                });
        closed.ok();
        assertEquals(30, got.size());
        for (int i = 0; i < 30; i++) {
            int from = Math.min(content.length, i * 4000);
            int to = Math.min(content.length, from + 4000);
            assertArrayEquals(Arrays.copyOfRange(content, from, to), got.get(i), "part " + i);
        }
        assertEquals(100_000, end[0]);
    }

    @EveryEngine
    void queuedReadsAndWrites_shareOnePosition(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", "abcdefgh".getBytes(UTF_8));
        List<byte[]> got = new ArrayList<>();
        Heard<Void> bytes = new Heard<>();
        Heard<Void> buffered = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    read(reactor, file, 1, 2, got);
                    file.write("XY", bytes);
                    read(reactor, file, 1, 2, got);
                    Buffer z = Fixtures.buffer(reactor, new byte[] {'Z'});
                    file.write(z, buffered);
                    z.release();
                    read(reactor, file, 1, 9, got);
                });
        bytes.ok();
        buffered.ok();
        assertEquals(2, bytes.bytes);
        assertEquals(1, buffered.bytes);
        assertEquals("ab;ef;h;", text(got));
        assertEquals("abXYefZh", Files.readString(path));
    }

    @EveryEngine
    void writes_ofEveryKind_arriveWhereTheyShould(EngineKind engine) throws IOException {
        Path path = directory.resolve("f");
        byte[] large = Fixtures.pattern(700_001);
        List<Heard<Void>> all = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "w+",
                (reactor, file) -> {
                    for (int i = 0; i < 4; i++) {
                        all.add(new Heard<>());
                    }
                    Buffer buffer = Fixtures.buffer(reactor, Fixtures.pattern(5000));
                    file.write(buffer, 0, all.get(0));
                    buffer.release();
                    file.write(large, 10_000, all.get(1));
                    file.write("grün", 5000, all.get(2));
                    file.write(new byte[0], 1, all.get(3));
                    assertEquals(0, all.get(3).calls, "never inside the call");
                });
        int[] counts = all.stream().peek(Heard::ok).mapToInt(heard -> heard.bytes).toArray();
        assertArrayEquals(new int[] {5000, 700_001, 5, 0}, counts);
        byte[] written = Files.readAllBytes(path);
        assertArrayEquals(Fixtures.pattern(5000), Arrays.copyOf(written, 5000));
        assertEquals("grün", new String(written, 5000, 5, UTF_8));
        assertArrayEquals(large, Arrays.copyOfRange(written, 10_000, written.length));
    }

    @EveryEngine
    void append_ignoresPositions(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", "start".getBytes(UTF_8));
        List<byte[]> got = new ArrayList<>();
        long[] position = new long[2];
        Fixtures.withOpen(
                engine,
                path,
                "a+",
                (reactor, file) -> {
                    position[0] = file.position();
                    WriteCallback wroteTwo =
                            (err, n) -> {
                                position[1] = file.position();
                                Buffer buffer = reactor.buffer(7);
                                file.read(buffer, 2, (e, k, b) -> got.add(taken(b, k)));
                                buffer.release();
                            };
                    file.write("-one", 0, (err, n) -> file.write("-two", wroteTwo));
                });
        assertEquals("start-one-two", Files.readString(path));
        assertEquals("art-one;", text(got), "reads do have positions");
        assertArrayEquals(new long[] {0, 13}, position);
    }

    @EngineTest
    void fifo_hasNoPositions_butAnOrder(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<Void> written = new Heard<>();
        Heard<Void> positional = new Heard<>();
        Heard<Void> positionalWrite = new Heard<>();
        byte[] got = new byte[10];
        long[] position = new long[1];
        // Open at both ends by somebody else, so that neither open waits.
        try (RandomAccessFile other = new RandomAccessFile(fifo.toFile(), "rw")) {
            Fixtures.withOpen(
                    engine,
                    fifo,
                    "r+",
                    (reactor, file) -> {
                        position[0] = file.position();
                        file.write("hello", written);
                        Buffer buffer = Fixtures.buffer(reactor, new byte[4]);
                        file.read(buffer, 3, positional);
                        file.write(buffer, 3, positionalWrite);
                        buffer.release();
                    });
            written.ok();
            assertEquals(5, other.read(got));
        }
        assertEquals("hello", new String(got, 0, 5, UTF_8));
        assertEquals(-1, position[0]);
        assertEquals("ESPIPE: invalid seek, read", positional.errno().getMessage());
        assertEquals("ESPIPE: invalid seek, write", positionalWrite.errno().getMessage());
    }

    @EngineTest
    void writeError_saysHowMuchWasWrittenBefore(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try (var in = Files.newInputStream(fifo)) {
                                in.readNBytes(1000);
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        Heard<Void> heard = new Heard<>();
        Fixtures.withOpen(
                engine,
                fifo,
                Set.of(OpenFlag.WRITE),
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(200_000);
                    file.write(buffer, heard);
                    buffer.release();
                });
        reader.join();
        assertEquals("EPIPE: broken pipe, write", heard.errno().getMessage());
        assertTrue(heard.bytes >= 1000 && heard.bytes < 200_000, heard.bytes + " bytes");
    }

    @EveryEngine
    void wrongAccess_isEbadfOfTheCall(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[9]);
        Heard<Void> write = new Heard<>();
        Heard<Void> read = new Heard<>();
        Fixtures.withOpen(engine, path, "r", (reactor, file) -> file.write("x", 0, write));
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(1);
                    file.read(buffer, 0, read);
                    buffer.release();
                });
        assertEquals("EBADF: bad file descriptor, write", write.errno().getMessage());
        assertEquals(0, write.bytes);
        assertEquals("EBADF: bad file descriptor, read", read.errno().getMessage());
    }

    @EveryEngine
    void sync_works_andAFailureStaysForEver(EngineKind engine) throws Exception {
        Path path = directory.resolve("f");
        Heard<Void> sync = new Heard<>();
        Heard<Void> datasync = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) ->
                        file.write(
                                "data",
                                (err, n) -> {
                                    file.sync(sync);
                                    file.datasync(datasync);
                                }));
        sync.ok();
        datasync.ok();

        Heard<Void> first = new Heard<>();
        Heard<Void> second = new Heard<>();
        // A device that cannot be flushed stands for one that failed.
        Fixtures.withOpen(
                engine,
                Path.of("/dev/null"),
                "w",
                (reactor, file) ->
                        file.datasync(err -> {
                            first.call(err);
                            file.sync(second);
                            assertEquals(0, second.calls);
                        }));
        assertEquals("EINVAL: invalid argument, fdatasync", first.errno().getMessage());
        assertSame(first.err, second.error(), "the same cause");
    }

    @EveryEngine
    void cancelOfAQueuedRead_isHeardOnce_andTheOthersKeepTheirOrder(EngineKind engine)
            throws IOException {
        Path path = Fixtures.file(directory, "f", "abcdef".getBytes(UTF_8));
        List<byte[]> got = new ArrayList<>();
        Heard<Void> cancelled = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    read(reactor, file, 1, 2, got);
                    Buffer buffer = reactor.buffer(2);
                    Operation queued = file.read(buffer, cancelled);
                    buffer.release();
                    read(reactor, file, 1, 2, got);
                    queued.cancel();
                    queued.cancel();
                    assertEquals(0, cancelled.calls, "never inside the call");
                });
        assertEquals("ECANCELED: operation canceled, read", cancelled.errno().getMessage());
        assertEquals("ab;cd;", text(got));
    }

    @EngineTest
    void cancelOfAWaitingRead_endsIt(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<Void> cancelled = new Heard<>();
        Heard<Void> closed = new Heard<>();
        boolean ring = engine == EngineKind.URING;
        try (RandomAccessFile other = new RandomAccessFile(fifo.toFile(), "rw")) {
            Fixtures.withOpen(
                    engine,
                    fifo,
                    "r",
                    (reactor, file) -> {
                        Buffer buffer = reactor.buffer(2);
                        Operation read = file.read(buffer, cancelled);
                        buffer.release();
                        file.close(closed);
                        reactor.setImmediate(() -> {
                            read.cancel();
                            if (!ring) {
                                // A worker inside read(2) cannot be called back.
                                other.write(7);
                            }
                        });
                    });
        }
        cancelled.assertOnce();
        if (ring || cancelled.err != null) {
            assertEquals("ECANCELED", cancelled.errno().code());
        } else {
            assertEquals(1, cancelled.bytes, "a worker had begun, and had its result");
        }
        closed.ok();
    }

    @EveryEngine
    void bufferReleasedRightAfterTheCall_staysValidUntilTheCallbackReturns(EngineKind engine)
            throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[] {5});
        Buffer[] kept = new Buffer[1];
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(1);
                    file.read(
                            buffer,
                            0,
                            (err, n, b) -> {
                                assertEquals(5, b.get(0));
                                kept[0] = b;
                            });
                    buffer.release();
                });
        assertEquals("Buffer[released]", kept[0].toString());
    }
}
