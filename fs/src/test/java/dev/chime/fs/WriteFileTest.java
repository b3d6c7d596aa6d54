package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class WriteFileTest {
    @TempDir Path directory;

    private static Heard<Void> write(
            EngineKind engine, Path path, byte[] content, WriteOptions options) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).writeFile(path, content, options, heard);
                    assertEquals(0, heard.calls, "never inside the call");
                });
        return heard;
    }

    private static ErrnoException failure(EngineKind engine, Path path, WriteOptions options) {
        return write(engine, path, new byte[] {1}, options).errno();
    }

    @EngineTest
    void newFile_isCreatedWithAllBytes(EngineKind engine) throws IOException {
        for (int size : List.of(0, 1, 4096, 262_144, 262_145, 8 << 20)) {
            Path path = directory.resolve("f" + size);
            byte[] content = Fixtures.pattern(size);
            write(engine, path, content, WriteOptions.defaults()).ok();
            assertArrayEquals(content, Files.readAllBytes(path), size + " bytes");
        }
    }

    @EngineTest
    void existingFile_isEmptiedFirst(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[1000]);
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).writeFile(path, "grün", heard));
        heard.ok();
        assertArrayEquals("grün".getBytes(UTF_8), Files.readAllBytes(path));
    }

    @EngineTest
    void mode_isThatOfANewFileLessTheUmask(EngineKind engine) throws IOException {
        int umask =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("Umask:"))
                        .map(line -> Integer.parseInt(line.substring(6).strip(), 8))
                        .findFirst()
                        .orElseThrow();
        Path byDefault = directory.resolve("default");
        write(engine, byDefault, new byte[1], WriteOptions.defaults()).ok();
        assertEquals(0100666 & ~umask, Files.getAttribute(byDefault, "unix:mode"));
        Path asAsked = directory.resolve("asked");
        write(engine, asAsked, new byte[1], WriteOptions.defaults().mode(0751)).ok();
        assertEquals(0100751 & ~umask, Files.getAttribute(asAsked, "unix:mode"));
        write(engine, asAsked, new byte[1], WriteOptions.defaults().mode(0400)).ok();
        assertEquals(0100751 & ~umask, Files.getAttribute(asAsked, "unix:mode"), "unchanged");
    }

    @EngineTest
    void exclusive_refusesAnExistingFileAndLeavesIt(EngineKind engine) throws IOException {
        Path path = directory.resolve("f");
        WriteOptions exclusive = WriteOptions.defaults().flags("wx");
        write(engine, path, new byte[] {1, 2}, exclusive).ok();
        ErrnoException err = failure(engine, path, exclusive);
        assertEquals("EEXIST: file already exists, open '" + path + "'", err.getMessage());
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(path));
    }

    @EngineTest
    void append_addsAtTheEnd(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[] {1});
        write(engine, path, new byte[] {2, 3}, WriteOptions.defaults().flags("a")).ok();
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path));
    }

    @EngineTest
    void withoutTruncate_onlyTheStartIsOverwritten(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[] {1, 2, 3});
        WriteOptions patch = WriteOptions.defaults().flags(Set.of(OpenFlag.WRITE));
        write(engine, path, new byte[] {9}, patch).ok();
        assertArrayEquals(new byte[] {9, 2, 3}, Files.readAllBytes(path));
    }

    @EngineTest
    void flush_writesTheSameBytes_andItsFailureIsOfFsync(EngineKind engine) throws IOException {
        Path path = directory.resolve("f");
        WriteOptions flush = WriteOptions.defaults().flush(true);
        byte[] content = Fixtures.pattern(300_000);
        write(engine, path, content, flush).ok();
        assertArrayEquals(content, Files.readAllBytes(path));
        // A character device has nothing to flush: proof that the flush is asked for.
        ErrnoException err = failure(engine, Path.of("/dev/null"), flush);
        assertEquals("EINVAL: invalid argument, fsync", err.getMessage());
        write(engine, Path.of("/dev/null"), content, WriteOptions.defaults()).ok();
    }

    @EngineTest
    void missingParent_isEnoentOfOpen(EngineKind engine) {
        Path path = directory.resolve("none/f");
        ErrnoException err = failure(engine, path, WriteOptions.defaults());
        assertEquals("ENOENT: no such file or directory, open '" + path + "'", err.getMessage());
        assertEquals(path.toString(), err.path());
    }

    @EngineTest
    void directory_isEisdirOfOpen(EngineKind engine) {
        ErrnoException err = failure(engine, directory, WriteOptions.defaults());
        assertEquals(
                "EISDIR: illegal operation on a directory, open '" + directory + "'",
                err.getMessage());
    }

    @EngineTest
    void fullDevice_isEnospcOfWrite(EngineKind engine) {
        ErrnoException err = failure(engine, Path.of("/dev/full"), WriteOptions.defaults());
        assertEquals("ENOSPC: no space left on device, write", err.getMessage());
        assertNull(err.path());
    }

    @EngineTest
    void callback_comesAfterTheClose(EngineKind engine) throws IOException {
        Path path = directory.resolve("f");
        boolean[] open = {true};
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .writeFile(
                                        path,
                                        new byte[1],
                                        err -> open[0] = Fixtures.openIn(directory) > 0));
        assertFalse(open[0]);
    }
}
