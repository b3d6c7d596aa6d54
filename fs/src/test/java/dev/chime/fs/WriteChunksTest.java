package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Files whose content an iterator makes. */
class WriteChunksTest {
    @TempDir Path directory;

    /** Writes by path, then again by an open file. */
    private Heard<byte[]> write(
            EngineKind engine,
            boolean byHandle,
            Function<Reactor, Iterable<?>> chunks,
            Heard<Void> heard) {
        Heard<byte[]> content = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            directory,
                            MkdirOptions.defaults().recursive(true),
                            (failed, made) -> write(fs, byHandle, chunks.apply(reactor), heard));
                    Fixtures.everyTurn(
                            reactor,
                            () -> {
                                boolean done = heard.calls > 0;
                                if (done) {
                                    fs.readFile(directory.resolve("f"), content);
                                }
                                return done;
                            },
                            () -> {});
                });
        assertEquals(0, Fixtures.openIn(directory));
        return content;
    }

    private void write(Fs fs, boolean byHandle, Iterable<?> chunks, Heard<Void> heard) {
        Path path = directory.resolve("f");
        if (!byHandle) {
            fs.writeFile(path, chunks, heard);
            assertEquals(0, heard.calls, "never inside the call");
            return;
        }
        fs.open(
                path,
                "w",
                (err, file) -> {
                    file.writeFile(
                            chunks,
                            failed -> {
                                assertTrue(file.isOpen());
                                file.close(closed -> heard.call(failed));
                            });
                    assertEquals(0, heard.calls, "never inside the call");
                });
    }

    /** Gives a buffer back when it is asked for what comes behind it. */
    private static Iterator<Object> releasing(Iterator<Object> each, Buffer last) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                if (!each.hasNext()) {
                    last.release();
                }
                return each.hasNext();
            }

            @Override
            public Object next() {
                return each.next();
            }
        };
    }

    @EveryEngine
    void chunksOfEveryType_areWrittenInOrder(EngineKind engine) {
        byte[] large = Fixtures.pattern(700_000);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (byte[] each : List.of("grün".getBytes(UTF_8), large, new byte[] {2, 3}, large)) {
            expected.writeBytes(each);
        }
        ByteBuffer part = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2);
        for (boolean byHandle : new boolean[] {false, true}) {
            Heard<Void> heard = new Heard<>();
            Heard<byte[]> content =
                    write(
                            engine,
                            byHandle,
                            reactor -> {
                                Buffer buffer = Fixtures.buffer(reactor, large);
                                List<Object> all = List.of("grün", "", large, part, buffer);
                                return (Iterable<Object>) () -> releasing(all.iterator(), buffer);
                            },
                            heard);
            heard.ok();
            assertArrayEquals(expected.toByteArray(), content.ok());
            assertEquals(1, part.position());
        }
    }

    @EveryEngine
    void nextChunk_isAskedForWhenTheOneBeforeIsWritten(EngineKind engine) {
        for (boolean byHandle : new boolean[] {false, true}) {
            List<Long> written = new ArrayList<>();
            Heard<Void> heard = new Heard<>();
            write(
                            engine,
                            byHandle,
                            reactor -> {
                                long before = writes(reactor);
                                return IntStream.range(0, 4)
                                                .<Object>mapToObj(i -> {
                                                    written.add(writes(reactor) - before);
                                                    return "chunk" + i;
                                                })
                                        ::iterator;
                            },
                            heard)
                    .ok();
            heard.ok();
            List<Long> first = List.of(0L, 1L, 2L, 3L);
            List<Long> behindNothing = List.of(1L, 2L, 3L, 4L); // a handle's first turn
            assertEquals(byHandle ? behindNothing : first, written);
        }
    }

    private static long writes(Reactor reactor) {
        var writes = reactor.metrics().operations().get("WRITE");
        return writes == null ? 0 : writes.completed();
    }

    @EveryEngine
    void whatTheIteratorThrows_closesTheFileAndIsPassedOn(EngineKind engine) {
        RuntimeException thrown = new IllegalStateException("no more");
        ReactorException known = new ReactorException("ERR_MINE", "mine");
        for (boolean byHandle : new boolean[] {false, true}) {
            for (RuntimeException each : List.of(thrown, new UncheckedIOException(known))) {
                Heard<Void> heard = new Heard<>();
                Heard<byte[]> content =
                        write(
                                engine,
                                byHandle,
                                reactor ->
                                        IntStream.range(0, 3)
                                                        .<Object>mapToObj(i -> {
                                                            if (i == 2) {
                                                                throw each;
                                                            }
                                                            return "c" + i;
                                                        })
                                                ::iterator,
                                heard);
                if (each == thrown) {
                    assertEquals("ERR_FS_CONTENT_FAILED", heard.error().code());
                    assertSame(thrown, heard.error().getCause());
                } else {
                    assertSame(known, heard.error());
                }
                assertEquals("c0c1", new String(content.ok(), UTF_8));
            }
        }
    }

    @EveryEngine
    void chunkOfAnotherType_isRefused(EngineKind engine) {
        for (boolean byHandle : new boolean[] {false, true}) {
            Heard<Void> heard = new Heard<>();
            write(engine, byHandle, reactor -> List.of("x", 5), heard).ok();
            assertEquals("ERR_INVALID_ARG_TYPE", heard.error().code());
            assertTrue(heard.error().getMessage().contains("java.lang.Integer"));
        }
    }

    @EveryEngine
    void aPath_isNoContent(EngineKind engine) {
        Path path = directory.resolve("f");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    var e =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> fs.writeFile(path, path, err -> {}));
                    assertTrue(e.getMessage().startsWith("chunks is the path "), e.getMessage());
                });
    }
}
