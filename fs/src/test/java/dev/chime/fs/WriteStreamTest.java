package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.io.TempDir;

class WriteStreamTest {
    @TempDir Path directory;

    private interface Use {
        void with(Reactor reactor, WriteStream stream) throws Exception;
    }

    /** Runs a stream to its end; what it said. */
    private static List<String> write(
            EngineKind engine, Path path, WriteStreamOptions options, Use use) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    WriteStream stream = Fs.of(reactor).createWriteStream(path, options);
                    log(stream, events);
                    use.with(reactor, stream);
                });
        return events;
    }

    private static void log(WriteStream stream, List<String> events) {
        stream.onOpen(file -> events.add("open"))
                .onReady(() -> events.add("ready"))
                .onDrain(() -> events.add("drain"))
                .onFinish(() -> events.add("finish"))
                .onClose(err -> events.add(err == null ? "close" : "close " + err.code()));
    }

    private static WriteStreamOptions defaults() {
        return WriteStreamOptions.defaults();
    }

    @EngineTest
    void endWithData_writesAndCloses(EngineKind engine) throws Exception {
        Path path = directory.resolve("f");
        List<String> events =
                write(
                        engine,
                        path,
                        defaults(),
                        (reactor, stream) -> {
                            assertTrue(stream.isPending());
                            stream.write("before the open, ");
                            stream.end("and the end");
                            assertEquals(path, stream.path());
                        });
        assertEquals(List.of("open", "ready", "finish", "close"), events);
        assertEquals("before the open, and the end", Files.readString(path));
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void endWithoutData_makesAnEmptyFile(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        List<String> events = write(engine, path, defaults(), (reactor, stream) -> stream.end());
        assertEquals(List.of("open", "ready", "finish", "close"), events);
        assertEquals(0, Files.size(path));
    }

    @EngineTest
    void writeAfterEnd_fails_andTheRestIsWritten(EngineKind engine) throws Exception {
        Path path = directory.resolve("f");
        List<String> heard = new ArrayList<>();
        write(
                engine,
                path,
                defaults(),
                (reactor, stream) -> {
                    stream.end("all");
                    assertThrows(IllegalStateException.class, () -> stream.write("more"));
                    stream.write("more", err -> heard.add(err.code()));
                });
        assertEquals(List.of("ERR_STREAM_WRITE_AFTER_END"), heard);
        assertEquals("all", Files.readString(path));
    }

    @EngineTest
    void muchData_isWrittenInOrder_withDrains(EngineKind engine) throws Exception {
        Path path = directory.resolve("f");
        byte[] content = Fixtures.pattern(3_000_000);
        WriteStream[] streams = new WriteStream[1];
        int[] falses = {0};
        List<String> events =
                write(
                        engine,
                        path,
                        defaults(),
                        (reactor, stream) -> {
                            streams[0] = stream;
                            int[] at = {0};
                            Runnable more =
                                    () -> {
                                        boolean below = true;
                                        while (below && at[0] < content.length) {
                                            int n = Math.min(content.length - at[0], 7777);
                                            Buffer buffer = reactor.buffer(n);
                                            buffer.put(0, content, at[0], n);
                                            below = stream.write(buffer);
                                            buffer.release();
                                            at[0] += n;
                                        }
                                        if (at[0] == content.length && !stream.isEnding()) {
                                            stream.end();
                                        }
                                        falses[0] += below || stream.isEnding() ? 0 : 1;
                                    };
                            stream.onDrain(more::run);
                            more.run();
                        });
        assertArrayEquals(content, Files.readAllBytes(path));
        assertEquals(content.length, streams[0].bytesWritten());
        assertEquals(falses[0], events.stream().filter("drain"::equals).count());
        assertEquals(List.of("finish", "close"), events.subList(events.size() - 2, events.size()));
    }

    @EngineTest
    void startPatchesAFile_andFlagsDecideHow(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", "0123456789".getBytes(UTF_8));
        write(
                engine,
                path,
                defaults().flags("r+").start(3),
                (reactor, stream) -> {
                    stream.write("ab");
                    stream.write(new byte[0], err -> stream.end("c"));
                });
        assertEquals("012abc6789", Files.readString(path));
        write(engine, path, defaults().flags("a"), (reactor, stream) -> stream.end("!"));
        assertEquals("012abc6789!", Files.readString(path));
        List<String> events =
                write(engine, path, defaults().flags("wx"), (reactor, stream) -> stream.end("?"));
        assertEquals(List.of("close EEXIST"), events);
        Path secret = directory.resolve("secret");
        write(engine, secret, defaults().mode(0600), (reactor, stream) -> stream.end("s"));
        assertEquals(
                "[OWNER_READ, OWNER_WRITE]",
                Files.getPosixFilePermissions(secret).stream().sorted().toList().toString());
    }

    @EngineTest
    void flush_forcesTheDataOutBeforeTheFinish(EngineKind engine) throws Exception {
        Path path = directory.resolve("f");
        List<String> events =
                write(
                        engine,
                        path,
                        defaults().flush(true),
                        (reactor, stream) -> stream.end("kept"));
        assertEquals(List.of("open", "ready", "finish", "close"), events);
        assertEquals("kept", Files.readString(path));
        // A device that knows no fsync tells whether there was one.
        Path device = Path.of("/dev/null");
        List<String> refused =
                write(
                        engine,
                        device,
                        defaults().flags("r+").flush(true),
                        (reactor, stream) -> stream.end("gone"));
        assertEquals(List.of("open", "ready", "close EINVAL"), refused);
    }

    @EngineTest
    void aFailedWrite_isTheLast_andTheFileIsClosedOnce(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        WriteStream[] streams = new WriteStream[1];
        List<String> events =
                write(
                        engine,
                        Path.of("/dev/full"),
                        defaults().flags("r+"),
                        (reactor, stream) -> {
                            streams[0] = stream;
                            for (int i = 0; i < 5; i++) {
                                Buffer buffer = reactor.buffer(20_000);
                                stream.write(buffer, err -> heard.add(err.getMessage()));
                                buffer.release();
                            }
                        });
        assertEquals(5, heard.size());
        heard.forEach(text -> assertEquals("ENOSPC: no space left on device, write", text));
        assertEquals("close ENOSPC", events.getLast());
        assertEquals(1, events.stream().filter(event -> event.startsWith("close")).count());
        assertEquals(0, streams[0].bytesWritten());
    }

    @EngineTest
    void missingDirectory_isTheErrorOfTheClose_andOfEveryWrite(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        List<String> events =
                write(
                        engine,
                        directory.resolve("none/f"),
                        defaults(),
                        (reactor, stream) -> {
                            stream.write("x", err -> heard.add(err.code()));
                            stream.end();
                        });
        assertEquals(List.of("close ENOENT"), events);
        assertEquals(List.of("ENOENT"), heard);
    }

    @EngineTest
    void destroy_worksAtAnyTime(EngineKind engine) throws Exception {
        for (int turns = 0; turns < 6; turns++) {
            int after = turns;
            Path path = directory.resolve("f" + turns);
            int[] heard = {0};
            List<String> events =
                    write(
                            engine,
                            path,
                            defaults(),
                            (reactor, stream) -> {
                                for (int i = 0; i < 10; i++) {
                                    stream.write(new byte[100_000], err -> heard[0]++);
                                }
                                Fixtures.afterTurns(
                                        reactor,
                                        after,
                                        () -> {
                                            stream.destroy(new ReactorException("ERR_T", "t"));
                                            assertTrue(stream.isDestroyed());
                                        });
                            });
            assertEquals("close ERR_T", events.getLast());
            assertEquals(10, heard[0]);
            assertEquals(0, Fixtures.openIn(directory));
        }
    }

    @EngineTest
    void anOpenFile_isWrittenFromItsPosition_andStaysOpenIfWanted(EngineKind engine)
            throws Exception {
        Path path = Fixtures.file(directory, "f", "0123456789".getBytes(UTF_8));
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) ->
                        file.write(
                                "ab",
                                (err, n) -> {
                                    WriteStream stream =
                                            file.createWriteStream(defaults().autoClose(false));
                                    stream.end("cd");
                                    stream.onFinish(() -> {
                                        assertTrue(file.isOpen());
                                        assertFalse(stream.isDestroyed());
                                        assertEquals(4, file.position());
                                        file.close(e -> assertNull(e));
                                    });
                                }));
        assertEquals("abcd456789", Files.readString(path));
    }

    @EngineTest
    void aFifo_canBeWrittenTo(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        byte[] content = Fixtures.pattern(500_000);
        FutureTask<byte[]> reader = new FutureTask<>(() -> Files.readAllBytes(fifo));
        Thread.ofPlatform().start(reader);
        List<String> events =
                write(
                        engine,
                        fifo,
                        defaults().flags(java.util.Set.of(OpenFlag.WRITE)),
                        (reactor, stream) -> {
                            stream.write(content);
                            stream.end();
                        });
        assertArrayEquals(content, reader.get());
        assertEquals("close", events.getLast());
    }

    @EngineTest
    void anAbortedSignal_destroysTheStream(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    WriteStream stream =
                            Fs.of(reactor)
                                    .createWriteStream(
                                            directory.resolve("f"),
                                            defaults().signal(controller.signal()));
                    log(stream, events);
                    stream.onOpen(file -> controller.abort());
                });
        assertEquals(List.of("open", "ready", "close ECANCELED"), events);
    }

    @EngineTest
    void theLimit_isKept(EngineKind engine) {
        List<String> events =
                write(
                        engine,
                        directory.resolve("f"),
                        defaults().limit(100_000),
                        (reactor, stream) -> {
                            stream.write(new byte[100_000]);
                            assertFalse(stream.write(new byte[1]));
                        });
        assertEquals("close ERR_BUFFER_FULL", events.getLast());
    }

    @EngineTest
    void wrongOptions_throw(EngineKind engine) {
        assertThrows(IllegalArgumentException.class, () -> defaults().flags("r"));
        assertThrows(IllegalArgumentException.class, () -> defaults().start(-2));
        assertThrows(IllegalArgumentException.class, () -> defaults().highWaterMark(0));
        assertThrows(IllegalArgumentException.class, () -> defaults().limit(0));
        assertThrows(IllegalArgumentException.class, () -> defaults().mode(-1));
        Reactors.run(
                engine,
                reactor ->
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> Fs.of(reactor).createWriteStream(null)));
    }
}
