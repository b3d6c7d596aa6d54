package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Reads into several buffers and writes of several. */
class VectorTest {
    @TempDir Path dir;

    /** What a callback heard. */
    private static final class Outcome implements VectorCallback {
        private int calls;
        private ReactorException err;
        private long bytes;
        private byte[] content;

        @Override
        public void call(ReactorException error, long count, List<Buffer> buffers) {
            calls++;
            err = error;
            bytes = count;
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            buffers.forEach(buffer -> all.writeBytes(buffer.toArray()));
            content = all.toByteArray();
        }

        byte[] ok(long expected) {
            assertEquals(1, calls, "calls of the callback");
            assertNull(err, () -> err.getMessage());
            assertEquals(expected, bytes);
            return content;
        }
    }

    /** Buffers of these lengths that hold {@code content}. */
    private static List<Buffer> buffers(Reactor reactor, byte[] content, int... lengths) {
        List<Buffer> buffers = new ArrayList<>();
        int from = 0;
        for (int length : lengths) {
            Buffer buffer = reactor.buffer(length);
            buffer.put(0, content, from, length);
            buffers.add(buffer);
            from += length;
        }
        return buffers;
    }

    private static List<Buffer> empty(Reactor reactor, int... lengths) {
        int all = 0;
        for (int length : lengths) {
            all += length;
        }
        return buffers(reactor, new byte[all], lengths);
    }

    @EveryEngine
    void writevAndReadv_goThroughTheBuffersInOrder(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(70_000);
        Path path = Fixtures.file(dir, "f", new byte[0]);
        Outcome written = new Outcome();
        Outcome read = new Outcome();
        Outcome past = new Outcome();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    List<Buffer> sources = buffers(reactor, content, 1, 0, 60_000, 9_999);
                    file.writev(
                            sources,
                            5,
                            (err, n, given) -> {
                                written.call(err, n, given);
                                assertSame(sources.get(2), given.get(2));
                                List<Buffer> targets = empty(reactor, 10_000, 60_000, 0, 7);
                                file.readv(targets, 5, read);
                                file.readv(targets, 80_000, past);
                                targets.forEach(Buffer::release);
                            });
                    assertEquals(0, written.calls, "never inside the call");
                    sources.forEach(Buffer::release);
                    assertEquals(0, file.position());
                });
        assertArrayEquals(content, written.ok(70_000));
        byte[] got = read.ok(70_000);
        assertArrayEquals(content, Arrays.copyOf(got, 70_000));
        past.ok(0);
        assertEquals(70_005, Files.size(path));
    }

    @EveryEngine
    void moreBuffersThanTheKernelTakesAtOnce_goInSeveralCalls(EngineKind engine)
            throws IOException {
        int[] lengths = new int[2500];
        Arrays.fill(lengths, 3);
        byte[] content = Fixtures.pattern(7500);
        Path path = Fixtures.file(dir, "f", new byte[0]);
        Outcome written = new Outcome();
        Outcome read = new Outcome();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    List<Buffer> sources = buffers(reactor, content, lengths);
                    file.writev(sources, written);
                    sources.forEach(Buffer::release);
                    List<Buffer> targets = empty(reactor, lengths);
                    file.writev(
                            List.of(),
                            (err, n, b) -> {
                                assertEquals(7500, file.position());
                                file.readv(targets, 0, read);
                                targets.forEach(Buffer::release);
                            });
                });
        written.ok(7500);
        assertArrayEquals(content, read.ok(7500));
        assertArrayEquals(content, Files.readAllBytes(path));
    }

    @EveryEngine
    void withoutAPosition_theyTakeTheirTurns(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", "0123456789".getBytes(UTF_8));
        List<String> got = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    for (int i = 0; i < 2; i++) {
                        List<Buffer> two = empty(reactor, 1, 2);
                        file.readv(
                                two,
                                (err, n, b) ->
                                        got.add(
                                                b.get(0).toString(UTF_8)
                                                        + b.get(1).toString(UTF_8)));
                        two.forEach(Buffer::release);
                    }
                    file.write("x", (err, n) -> got.add("x"));
                    file.readFile(UTF_8, (err, rest) -> got.add(rest));
                });
        assertEquals(List.of("012", "345", "x", "789"), got);
    }

    @EngineTest
    void readvOfAFifo_givesWhatIsThere(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(dir);
        Outcome read = new Outcome();
        Thread writer =
                Thread.ofVirtual()
                        .start(() -> {
                            try (OutputStream out = Files.newOutputStream(fifo)) {
                                out.write("abc".getBytes(UTF_8));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        Fixtures.withOpen(
                engine,
                fifo,
                "r",
                (reactor, file) -> {
                    List<Buffer> two = empty(reactor, 2, 2);
                    file.readv(two, read);
                    two.forEach(Buffer::release);
                });
        writer.join();
        assertEquals("abc", new String(read.ok(3), 0, 3, UTF_8));
    }

    @EngineTest
    void fullDevice_isAnErrorWithTheBytesBefore(EngineKind engine) {
        Outcome full = new Outcome();
        Outcome closed = new Outcome();
        Fixtures.withOpen(
                engine,
                Path.of("/dev/full"),
                "w",
                (reactor, file) -> {
                    List<Buffer> two = empty(reactor, 2, 2);
                    file.writev(two, full);
                    file.close(err -> {
                        assertEquals(1, full.calls, "the close waits");
                        file.writev(two, 0, closed);
                        two.forEach(Buffer::release);
                    });
                });
        assertEquals("ENOSPC: no space left on device, write", full.err.getMessage());
        assertEquals(0, full.bytes);
        assertEquals("EBADF: bad file descriptor, write", closed.err.getMessage());
        assertTrue(full.calls == 1 && closed.calls == 1);
    }
}
