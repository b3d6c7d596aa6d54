package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A write with its fdatasync in one chain; and deadlines and signals on calls of several steps. */
class WriteAndSyncTest {
    @TempDir Path directory;

    @EveryEngine
    void writesEverything_andCallsBackOnce(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(3 << 20);
        Path path = directory.resolve("large");
        int[] calls = {0};
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) ->
                        file.writeAndSync(
                                content,
                                0,
                                (err, bytes) -> {
                                    assertNull(err);
                                    assertEquals(content.length, bytes);
                                    calls[0]++;
                                }));
        assertEquals(1, calls[0]);
        assertArrayEquals(content, Files.readAllBytes(path));
    }

    @EveryEngine
    void arrayMayChangeAfterTheCall_bufferMayBeReleased(EngineKind engine) throws Exception {
        Path path = directory.resolve("file");
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) -> {
                    byte[] array = "array".getBytes();
                    file.writeAndSync(array, 0, (err, bytes) -> assertNull(err));
                    array[0] = 'X';
                    Buffer buffer = Fixtures.buffer(reactor, "buffer".getBytes());
                    file.writeAndSync(buffer, 5, (err, bytes) -> assertNull(err));
                    buffer.release();
                    file.writeAndSync("text", 11, (err, bytes) -> assertEquals(4, bytes));
                    file.writeAndSync("", 0, (err, bytes) -> assertEquals(0, bytes));
                });
        assertEquals("arraybuffertext", Files.readString(path));
    }

    @EveryEngine
    void manyAtOnce_allArrive(EngineKind engine) throws Exception {
        Path path = directory.resolve("journal");
        int records = 2000;
        int[] done = {0};
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) -> {
                    for (int i = 0; i < records; i++) {
                        String record = "%07d\n".formatted(i);
                        file.writeAndSync(
                                record,
                                8L * i,
                                (err, bytes) -> {
                                    assertNull(err);
                                    done[0]++;
                                });
                    }
                    file.close(err -> {
                        assertNull(err);
                        assertEquals(records, done[0]);
                    });
                });
        List<String> lines = Files.readAllLines(path);
        assertEquals(records, lines.size());
        for (int i = 0; i < records; i++) {
            assertEquals(i, Integer.parseInt(lines.get(i)));
        }
    }

    @EveryEngine
    void errorOfTheWrite_isNamed_andNothingIsSynced(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "readonly", new byte[10]);
        List<String> heard = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) ->
                        file.writeAndSync("x", 0, (err, bytes) -> heard.add(err.getMessage())));
        assertEquals(List.of("EBADF: bad file descriptor, write"), heard);
    }

    @EngineTest
    void errorOfTheSync_isNamed_andPoisonsTheHandle(EngineKind engine) throws Exception {
        List<String> heard = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                Path.of("/dev/full"), // writes fail with ENOSPC
                "r+",
                (reactor, file) ->
                        file.writeAndSync("x", 0, (err, bytes) -> heard.add(err.getMessage())));
        assertEquals(List.of("ENOSPC: no space left on device, write"), heard);
        heard.clear();
        Fixtures.withOpen(
                engine,
                Path.of("/dev/null"), // takes everything, and has nothing to sync
                "r+",
                (reactor, file) ->
                        file.writeAndSync(
                                "x",
                                0,
                                (err, bytes) -> {
                                    heard.add(err.getMessage() + " after " + bytes);
                                    file.writeAndSync(
                                            "y", 0, (again, n) -> heard.add(again.getMessage()));
                                    file.sync(again -> heard.add(again.getMessage()));
                                }));
        assertEquals("EINVAL: invalid argument, fdatasync after 1", heard.get(0));
        assertEquals("EINVAL: invalid argument, fdatasync", heard.get(1));
        assertEquals("EINVAL: invalid argument, fdatasync", heard.get(2));
    }

    @EngineTest
    void closedHandle_andStreams_areRefused_later(EngineKind engine) throws Exception {
        List<String> heard = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                directory.resolve("file"),
                "w",
                (reactor, file) -> {
                    file.close(err -> {});
                    file.writeAndSync("x", 0, (err, bytes) -> heard.add(err.code()));
                    assertEquals(List.of(), heard);
                });
        Path fifo = Fixtures.fifo(directory);
        Fixtures.withOpen(
                engine,
                fifo,
                "r+",
                (reactor, file) ->
                        file.writeAndSync("x", 0, (err, bytes) -> heard.add(err.code())));
        assertEquals(List.of("EBADF", "ESPIPE"), heard);
    }

    @EveryEngine
    void cancel_isTruthful(EngineKind engine) throws Exception {
        Path path = directory.resolve("file");
        int[] ended = {0};
        int rounds = 300;
        byte[] content = Fixtures.pattern(10_000);
        Fixtures.withOpen(
                engine,
                path,
                "w",
                (reactor, file) -> {
                    for (int i = 0; i < rounds; i++) {
                        int at = i * content.length;
                        file.writeAndSync(
                                        content,
                                        at,
                                        (err, bytes) -> {
                                            ended[0]++;
                                            assertTrue(
                                                    err == null
                                                            ? bytes == content.length
                                                            : err.code().equals("ECANCELED"));
                                            if (bytes == content.length) {
                                                byte[] all = Files.readAllBytes(path);
                                                assertTrue(all.length >= at + bytes);
                                                assertEquals(content[99], all[at + 99]);
                                            }
                                        })
                                .cancel();
                    }
                });
        assertEquals(rounds, ended[0]);
    }

    @EveryEngine
    void badArguments_throwAtTheCall(EngineKind engine) throws Exception {
        Fixtures.withOpen(
                engine,
                directory.resolve("file"),
                "w",
                (reactor, file) -> {
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> file.writeAndSync((byte[]) null, 0, (err, n) -> {}));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> file.writeAndSync("x", -1, (err, n) -> {}));
                    assertThrows(
                            IllegalArgumentException.class, () -> file.writeAndSync("x", 0, null));
                });
    }

    // ---- deadlines and signals

    @EngineTest
    void readFileOfASilentFifo_endsAtItsDeadline(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<byte[]> heard = new Heard<>();
        Fixtures.withOpen(
                engine,
                fifo,
                "r+", // so that an open for reading does not wait
                (reactor, keptOpen) -> {
                    Fs.of(reactor).readFile(fifo, heard).deadline(Duration.ofMillis(20));
                    // A worker of the pool that reads cannot be stopped: the writer frees it.
                    reactor.setTimeout(
                            300,
                            () -> keptOpen.write("late", (err, bytes) -> keptOpen.close(e -> {})));
                });
        ReactorException err = heard.error();
        assertEquals("ETIMEDOUT", err.code());
        assertEquals("read", ((ErrnoException) err).syscall());
    }

    @EveryEngine
    void abort_endsReadsAndWritesOfTheGroup(EngineKind engine) throws Exception {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    AbortController controller = new AbortController(reactor);
                    AbortSignal signal = controller.signal();
                    controller.abort();
                    fs.readFile(Path.of("/dev/zero"), (err, bytes) -> heard.add(err.code()))
                            .abortOn(signal);
                    fs.writeFile(
                                    directory.resolve("file"),
                                    new byte[100 << 20],
                                    err -> heard.add(err.code()))
                            .abortOn(signal);
                    fs.open(directory.resolve("other"), "w", (err, file) -> heard.add(err.code()))
                            .abortOn(signal);
                    assertEquals(List.of(), heard);
                });
        assertEquals(List.of("ECANCELED", "ECANCELED", "ECANCELED"), heard);
    }

    @EngineTest
    void deadlineFarAway_changesNothing(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "file", Fixtures.pattern(100_000));
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> Fs.of(reactor).readFile(path, heard).deadline(Duration.ofDays(400_000)));
        assertArrayEquals(Fixtures.pattern(100_000), heard.ok());
    }
}
