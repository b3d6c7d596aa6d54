package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole files in native memory. */
class ReadBufferTest {
    @TempDir Path directory;

    /** The copy of a file that was read so. */
    private static byte[] read(EngineKind engine, Path path) {
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(engine, reactor -> read(reactor, path, heard));
        return heard.ok();
    }

    private static void read(Reactor reactor, Path path, Heard<byte[]> heard) {
        Fs.of(reactor)
                .readBuffer(
                        path,
                        (err, buffer) -> heard.call(err, err == null ? buffer.toArray() : null));
    }

    @EngineTest
    void sizesAroundTheFirstBuffer_areReadExactly(EngineKind engine) throws IOException {
        for (int size : List.of(0, 1, 16383, 16384, 16385, 32768, 32769, 1 << 20, (9 << 20) + 1)) {
            byte[] content = Fixtures.pattern(size);
            Path path = Fixtures.file(directory, "f" + size, content);
            assertArrayEquals(content, read(engine, path), size + " bytes");
        }
    }

    @EveryEngine
    void sameMemory_isReadAgainAndAgain(EngineKind engine) {
        List<byte[]> read = new ArrayList<>();
        Path path = engine == EngineKind.SIM ? Path.of("/f") : directory.resolve("f");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(path, Fixtures.pattern(3 << 20), err -> again(fs, path, 5, read));
                });
        assertEquals(5, read.size());
        read.forEach(content -> assertArrayEquals(Fixtures.pattern(3 << 20), content));
    }

    private static void again(Fs fs, Path path, int times, List<byte[]> read) {
        fs.readBuffer(
                path,
                (err, buffer) -> {
                    assertNull(err);
                    read.add(buffer.toArray());
                    if (times > 1) {
                        again(fs, path, times - 1, read);
                    }
                });
    }

    @EngineTest
    void fileWithoutASize_isReadToItsEnd(EngineKind engine) throws IOException {
        Path path = Path.of("/proc/self/smaps");
        assertTrue(Files.readAllBytes(path).length > 40_000, "the map is long enough");
        assertTrue(read(engine, path).length > 40_000);
    }

    @EngineTest
    void fileThatGrowsWhileItIsRead_isReadToItsEnd(EngineKind engine) throws IOException {
        byte[] all = Fixtures.pattern(20_000 + 20 * 70_000);
        Path path = Fixtures.file(directory, "grows", Arrays.copyOf(all, 20_000));
        Heard<byte[]> heard = new Heard<>();
        int[] end = {20_000};
        Reactors.run(
                engine,
                reactor -> {
                    read(reactor, path, heard);
                    Fixtures.everyTurn(
                            reactor,
                            () -> end[0] == all.length,
                            () -> {
                                byte[] more = Arrays.copyOfRange(all, end[0], end[0] + 70_000);
                                Files.write(path, more, StandardOpenOption.APPEND);
                                end[0] += more.length;
                            });
                });
        assertArrayEquals(all, heard.ok());
    }

    @EngineTest
    void buffer_isTheCallbacksUntilItReturns_andLongerForWhoRetainsIt(EngineKind engine)
            throws IOException {
        byte[] content = Fixtures.pattern(100_000);
        Path path = Fixtures.file(directory, "f", content);
        Buffer[] kept = new Buffer[2];
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.readBuffer(path, (err, buffer) -> kept[0] = buffer);
                    fs.readBuffer(path, (err, buffer) -> kept[1] = buffer.retain());
                    reactor.onBeforeExit(() -> {
                        assertThrows(IllegalStateException.class, kept[0]::length);
                        assertArrayEquals(content, kept[1].toArray());
                        kept[1].release();
                    });
                });
        assertThrows(IllegalStateException.class, kept[1]::length);
    }

    @EngineTest
    void callbackThatThrows_releasesTheBuffer(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[100_000]);
        List<String> thrown = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> thrown.add(t.getMessage()));
                    Fs.of(reactor)
                            .readBuffer(
                                    path,
                                    (err, buffer) -> {
                                        throw new IOException("mine");
                                    });
                });
        assertEquals(List.of("mine"), thrown);
    }

    @EngineTest
    void errors_areThoseOfReadFile(EngineKind engine) throws IOException {
        assertEquals(
                "ENOENT: no such file or directory, open 'no/such'",
                failure(engine, Path.of("no/such")).getMessage());
        assertEquals(
                "EISDIR: illegal operation on a directory, read",
                failure(engine, directory).getMessage());
        for (long gib : List.of(3L, 5L)) {
            Path sparse = Fixtures.sparse(directory, gib << 30);
            assertEquals("ERR_FS_FILE_TOO_LARGE", failure(engine, sparse).code());
            Files.delete(sparse);
        }
    }

    private static ReactorException failure(EngineKind engine, Path path) {
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(engine, reactor -> read(reactor, path, heard));
        return heard.error();
    }

    @EngineTest
    void moreThanTheReactorMayMap_isEnomem(EngineKind engine) throws IOException {
        Path path = Fixtures.sparse(directory, 64 << 20);
        Heard<byte[]> heard = new Heard<>();
        Reactor.run(
                Reactors.options(engine).maxNativeBytes(16 << 20),
                reactor -> read(reactor, path, heard));
        assertEquals("ENOMEM", heard.error().code());
    }

    @EngineTest
    void cancel_isHeardOnce(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", Fixtures.pattern(8 << 20));
        Heard<Buffer> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readBuffer(path, heard).cancel());
        assertEquals("ECANCELED", heard.error().code());
    }

    @Test
    void wrongArguments_areNamed() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> fs.readBuffer(null, (err, buffer) -> {}));
                    assertThrows(
                            IllegalArgumentException.class, () -> fs.readBuffer(directory, null));
                });
    }
}
