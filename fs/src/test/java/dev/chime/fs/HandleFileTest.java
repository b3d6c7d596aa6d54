package dev.chime.fs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Whole files and ranges of an open file: readFile, writeFile, allocate, advise. */
class HandleFileTest {
    @TempDir Path dir;

    @EveryEngine
    void readFile_startsAtThePosition_andLeavesTheFileOpen(EngineKind engine) throws IOException {
        for (int size : List.of(0, 3, 16_384, 16_385, 300_000, 1_000_000)) {
            byte[] content = Fixtures.pattern(size);
            Path path = Fixtures.file(dir, "f", content);
            int from = Math.min(2, size);
            Heard<byte[]> rest = new Heard<>();
            Heard<byte[]> nothing = new Heard<>();
            Fixtures.withOpen(
                    engine,
                    path,
                    "r",
                    (reactor, file) -> {
                        Buffer two = reactor.buffer(2);
                        file.read(two, (err, n, b) -> {});
                        two.release();
                        file.readFile(rest);
                        file.readFile((err, again) -> {
                            nothing.call(err, again);
                            assertTrue(file.isOpen());
                            assertEquals(size, file.position());
                        });
                        assertEquals(0, rest.calls, "never inside the call");
                    });
            assertArrayEquals(Arrays.copyOfRange(content, from, size), rest.ok(), "of " + size);
            assertEquals(0, nothing.ok().length);
        }
    }

    @EngineTest
    void readFile_asText_andOfAFileThatSaysItIsEmpty(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", "gr\u00fcn".getBytes(ISO_8859_1));
        Heard<String> text = new Heard<>();
        Fixtures.withOpen(engine, path, "r", (r, file) -> file.readFile(ISO_8859_1, text));
        assertEquals("gr\u00fcn", text.ok());
        Heard<String> proc = new Heard<>();
        Fixtures.withOpen(
                engine, Path.of("/proc/self/status"), "r", (r, f) -> f.readFile(UTF_8, proc));
        assertTrue(proc.ok().startsWith("Name:"), proc.ok());
    }

    @EngineTest
    void readFile_ofADirectory_isEisdir_andAfterCloseEbadf(EngineKind engine) {
        Heard<byte[]> directory = new Heard<>();
        Heard<byte[]> closed = new Heard<>();
        Fixtures.withOpen(
                engine,
                dir,
                "r",
                (reactor, file) -> {
                    file.readFile(directory);
                    file.close(err -> file.readFile(closed));
                });
        assertEquals(
                "EISDIR: illegal operation on a directory, read", directory.errno().getMessage());
        assertEquals("EBADF: bad file descriptor, read", closed.errno().getMessage());
    }

    @EveryEngine
    void writeFile_goesOnAtThePosition_andCutsNothingOff(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", "0123456789".getBytes(UTF_8));
        Heard<Void> heard = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    file.writeFile("ab", err -> assertEquals(2, file.position()));
                    file.writeFile(new byte[] {'c'}, err -> {});
                    file.appendFile("d", err -> {});
                    file.appendFile(new byte[] {'e'}, heard);
                });
        heard.ok();
        assertEquals("abcde56789", Files.readString(path));
        Heard<Void> appended = new Heard<>();
        Fixtures.withOpen(engine, path, "a", (r, file) -> file.appendFile("!", appended));
        appended.ok();
        assertEquals("abcde56789!", Files.readString(path));
    }

    @EveryEngine
    void allocate_growsPunchesAndKeeps(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(64 << 10);
        Path path = Fixtures.file(dir, "f", content);
        Heard<Void> last = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) ->
                        file.allocate(
                                AllocateMode.PUNCH_HOLE,
                                4096,
                                8192,
                                punched ->
                                        file.allocate(
                                                AllocateMode.KEEP_SIZE,
                                                1 << 20,
                                                4096,
                                                kept ->
                                                        file.allocate(
                                                                AllocateMode.ZERO_RANGE,
                                                                0,
                                                                10,
                                                                zeroed -> {
                                                                    assertEquals(null, punched);
                                                                    assertEquals(null, kept);
                                                                    assertEquals(null, zeroed);
                                                                    file.allocate(
                                                                            64 << 10, 7, last);
                                                                }))));
        last.ok();
        byte[] expected = Arrays.copyOf(content, (64 << 10) + 7);
        Arrays.fill(expected, 4096, 4096 + 8192, (byte) 0);
        Arrays.fill(expected, 0, 10, (byte) 0);
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    @EngineTest
    void allocate_ofAReadOnlyFile_isEbadf_ofAFifoEspipe(EngineKind engine) throws Exception {
        Path path = Fixtures.file(dir, "f", new byte[1]);
        Heard<Void> readOnly = new Heard<>();
        Fixtures.withOpen(engine, path, "r", (r, file) -> file.allocate(0, 1, readOnly));
        assertEquals("EBADF: bad file descriptor, fallocate", readOnly.errno().getMessage());
        Heard<Void> fifo = new Heard<>();
        Fixtures.withOpen(engine, Fixtures.fifo(dir), "r+", (r, file) -> file.allocate(0, 1, fifo));
        assertEquals("ESPIPE: invalid seek, fallocate", fifo.errno().getMessage());
    }

    @EngineTest
    void advise_takesEveryAdvice_andLengthsBeyond32Bits(EngineKind engine) throws Exception {
        Path path = Fixtures.file(dir, "f", new byte[10_000]);
        for (Advice advice : Advice.values()) {
            for (long length : new long[] {0, 4096, 5L << 30}) {
                Heard<Void> heard = new Heard<>();
                Fixtures.withOpen(
                        engine, path, "r", (r, file) -> file.advise(advice, 0, length, heard));
                heard.ok();
            }
        }
        Heard<Void> fifo = new Heard<>();
        Fixtures.withOpen(
                engine,
                Fixtures.fifo(dir),
                "r+",
                (r, file) -> file.advise(Advice.WILLNEED, 0, 1, fifo));
        assertEquals("ESPIPE: invalid seek, fadvise", fifo.errno().getMessage());
    }

    @EveryEngine
    void afterClose_everyCallIsEbadf(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", new byte[1]);
        List<Heard<Void>> heard = Fixtures.heards(8);
        Heard<Boolean> tried = new Heard<>();
        Heard<byte[]> got = new Heard<>();
        Heard<List<String>> listed = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    file.close(err -> {});
                    file.truncate(1, heard.get(0));
                    file.chmod(0600, heard.get(1));
                    file.chown(1, 2, heard.get(2));
                    file.utimes(null, null, heard.get(3));
                    file.allocate(AllocateMode.KEEP_SIZE, 5, 6, heard.get(4));
                    file.advise(Advice.RANDOM, 5, 6, heard.get(5));
                    file.lock(LockRange.exclusive(), heard.get(6));
                    file.xattrs().set("user.a", new byte[3], heard.get(7));
                    file.tryLock(LockRange.exclusive(), tried);
                    file.xattrs().get("user.a", got);
                    file.xattrs().list(listed);
                });
        String[] steps = {
            "ftruncate", "fchmod", "fchown", "futime", "fallocate", "fadvise", "fcntl", "fsetxattr"
        };
        for (int i = 0; i < steps.length; i++) {
            String expected = "EBADF: bad file descriptor, " + steps[i];
            assertEquals(expected, heard.get(i).errno().getMessage());
        }
        assertEquals("EBADF: bad file descriptor, fcntl", tried.errno().getMessage());
        assertEquals("EBADF: bad file descriptor, fgetxattr", got.errno().getMessage());
        assertEquals("EBADF: bad file descriptor, flistxattr", listed.errno().getMessage());
    }
}
