package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** copyFile: content, mode, holes, what is refused, and what a failure leaves. */
class CopyFileTest {
    private static final CopyOptions EXCLUSIVE = CopyOptions.defaults().exclusive(true);

    @TempDir Path dir;

    private static Heard<Void> copy(
            EngineKind engine, Path source, Path dest, CopyOptions options) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).copyFile(source, dest, options, heard));
        heard.assertOnce();
        return heard;
    }

    private static Heard<Void> copy(EngineKind engine, Path source, Path dest) {
        return copy(engine, source, dest, CopyOptions.defaults());
    }

    @EngineTest
    void contentAndMode_areKept(EngineKind engine) throws IOException {
        for (int length : new int[] {0, 1, 4096, 300_001, 40 << 20}) {
            Path from = Fixtures.file(dir, "from" + length, Fixtures.pattern(length));
            Files.setPosixFilePermissions(from, PosixFilePermissions.fromString("rwxrw-rw-"));
            Path to = dir.resolve("to" + length);
            copy(engine, from, to).ok();
            assertEquals(-1, Files.mismatch(from, to));
            assertEquals(0100766, Files.getAttribute(to, "unix:mode"));
        }
    }

    @EngineTest
    void existingDestination_isReplacedInPlace(EngineKind engine) throws IOException {
        Path from = Fixtures.file(dir, "from", Fixtures.pattern(1000));
        Path to = Fixtures.file(dir, "to", new byte[5000]);
        Path link = Files.createSymbolicLink(dir.resolve("link"), to);
        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), Path.of("made"));
        copy(engine, from, link).ok();
        assertArrayEquals(Fixtures.pattern(1000), Files.readAllBytes(to));
        assertTrue(Files.isSymbolicLink(link));
        copy(engine, from, dangling).ok();
        assertArrayEquals(Fixtures.pattern(1000), Files.readAllBytes(dir.resolve("made")));
    }

    @EngineTest
    void refusals_touchNothing(EngineKind engine) throws Exception {
        Path file = Fixtures.file(dir, "file", new byte[3]);
        Path other = Fixtures.file(dir, "other", new byte[5]);
        Path sub = Files.createDirectory(dir.resolve("sub"));
        Path none = dir.resolve("none");
        Path x = dir.resolve("x");
        Path fifo = Fixtures.fifo(dir);
        Path hard = Files.createLink(dir.resolve("hard"), file);
        String[][] expected = {
            {"ENOENT: no such file or directory", "" + none, "" + x},
            {"EISDIR: illegal operation on a directory", "" + sub, "" + x},
            {"EISDIR: illegal operation on a directory", "" + file, "" + sub},
            {"ENOENT: no such file or directory", "" + file, "" + none.resolve("y")},
            {"EINVAL: invalid argument", "" + file, "" + file},
            {"EINVAL: invalid argument", "" + file, "" + hard},
            {"EINVAL: invalid argument", "" + fifo, "" + x},
            {"EINVAL: invalid argument", "" + file, "" + fifo},
        };
        for (String[] row : expected) {
            var err = copy(engine, Path.of(row[1]), Path.of(row[2])).errno();
            assertEquals(
                    row[0] + ", copyfile '" + row[1] + "' -> '" + row[2] + "'", err.getMessage());
        }
        assertEquals(
                "EEXIST: file already exists, copyfile '" + file + "' -> '" + other + "'",
                copy(engine, file, other, EXCLUSIVE).errno().getMessage());
        assertEquals(3, Files.size(file));
        assertEquals(5, Files.size(other));
        assertFalse(Trees.exists(x));
    }

    @EngineTest
    void procFile_whoseSizeIsZero_comesWhole(EngineKind engine) throws IOException {
        Path to = dir.resolve("to");
        copy(engine, Path.of("/proc/self/status"), to).ok();
        assertTrue(Files.readString(to).contains("VmRSS"), Files.readString(to));
        copy(engine, Path.of("/proc/cpuinfo"), to).ok();
        assertTrue(Files.size(to) > 500);
    }

    @EngineTest
    void otherFileSystem_fallsBackToBytes(EngineKind engine) throws IOException {
        Path shm = Path.of("/dev/shm");
        Assumptions.assumeTrue(Files.isWritable(shm), "no /dev/shm");
        Path from = Fixtures.file(dir, "from", Fixtures.pattern(3_000_000));
        Path to = Files.createTempFile(shm, "chime", "");
        try {
            copy(engine, from, to).ok();
            assertEquals(-1, Files.mismatch(from, to));
            Path back = dir.resolve("back");
            copy(engine, to, back).ok();
            assertEquals(-1, Files.mismatch(from, back));
        } finally {
            Files.delete(to);
        }
    }

    @EngineTest
    void device_isReadToItsEnd_andWrittenTo(EngineKind engine) throws IOException {
        Path to = dir.resolve("to");
        copy(engine, Path.of("/dev/null"), to).ok();
        assertEquals(0, Files.size(to));
        copy(engine, Fixtures.file(dir, "f", new byte[9]), Path.of("/dev/null")).ok();
        var full = copy(engine, dir.resolve("f"), Path.of("/dev/full")).errno();
        assertEquals("ENOSPC", full.code());
        assertTrue(Trees.exists(Path.of("/dev/full")));
    }

    @EngineTest
    void sparseFile_of5GiB_keepsItsHoles(EngineKind engine) throws IOException {
        Path from = Fixtures.sparse(dir, 5L << 30);
        byte[] data = Fixtures.pattern(100_000);
        try (RandomAccessFile file = new RandomAccessFile(from.toFile(), "rw")) {
            file.seek(1L << 30);
            file.write(data);
            file.seek((3L << 30) + 12_345);
            file.write(data);
        }
        Path to = dir.resolve("to");
        List<Progress> told = new ArrayList<>();
        copy(engine, from, to, CopyOptions.defaults().progress(told::add)).ok();
        assertEquals(5L << 30, Files.size(to));
        assertEquals(5L << 30, told.getLast().bytes());
        assertEquals(5L << 30, told.getLast().totalBytes());
        assertEquals(1, told.getLast().entries());
        byte[] read = new byte[100_000];
        try (RandomAccessFile file = new RandomAccessFile(to.toFile(), "r")) {
            file.seek(1L << 30);
            file.readFully(read);
            assertArrayEquals(data, read);
            file.seek((3L << 30) + 12_345);
            file.readFully(read);
            assertArrayEquals(data, read);
        }
        Heard<Stats> stats = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).stat(to, stats));
        assertTrue(stats.ok().blocks() * 512 < 10 << 20, stats.ok().blocks() + " blocks");
    }

    @EngineTest
    void sourceThatShrinksOrGrowsMeanwhile(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(20 << 20);
        for (int turns = 0; turns < 12; turns++) {
            for (long newSize : new long[] {1000, 30 << 20}) {
                Path from = Fixtures.file(dir, "from", content);
                Path to = dir.resolve("to");
                Files.deleteIfExists(to);
                int after = turns;
                Heard<Void> heard = new Heard<>();
                Reactors.run(
                        engine,
                        reactor -> {
                            Fs.of(reactor).copyFile(from, to, heard);
                            Fixtures.afterTurns(
                                    reactor,
                                    after,
                                    () -> {
                                        try (var file = new RandomAccessFile(from.toFile(), "rw")) {
                                            file.setLength(newSize);
                                        }
                                    });
                        });
                heard.ok();
                byte[] copied = Files.readAllBytes(to);
                assertTrue(copied.length >= 1000 && copied.length <= 30 << 20);
                byte[] start = Arrays.copyOf(copied, 1000);
                assertArrayEquals(Fixtures.pattern(1000), start);
            }
        }
    }

    @EngineTest
    void clone_orNot(EngineKind engine) throws IOException {
        Path from = Fixtures.file(dir, "from", Fixtures.pattern(10_000));
        Path tried = dir.resolve("tried");
        CopyOptions options = CopyOptions.defaults();
        copy(engine, from, tried, options.reflink(CopyOptions.Reflink.TRY)).ok();
        assertEquals(-1, Files.mismatch(from, tried));
        Path forced = dir.resolve("forced");
        Heard<Void> heard = copy(engine, from, forced, options.reflink(CopyOptions.Reflink.FORCE));
        if (heard.err == null) {
            assertEquals(-1, Files.mismatch(from, forced));
        } else {
            assertTrue(List.of("ENOTSUP", "EINVAL", "ENOTTY").contains(heard.err.code()));
            assertFalse(Trees.exists(forced));
        }
    }

    /** A FIFO without another end would keep an open waiting for ever. */
    @EngineTest
    void fifoThatComesAndGoes_isRefused(EngineKind engine) throws Exception {
        Path file = Fixtures.file(dir, "file", new byte[3]);
        Path other = Fixtures.file(dir, "other", new byte[3]);
        Path fifo = Fixtures.fifo(dir);
        for (boolean isSource : new boolean[] {true, false}) {
            Set<String> outcomes = new TreeSet<>();
            Path from = isSource ? file : other;
            Path to = isSource ? other : file;
            Fixtures.whileExchanging(
                    file,
                    fifo,
                    () ->
                            Reactors.run(
                                    engine,
                                    reactor -> copyAgain(Fs.of(reactor), from, to, 200, outcomes)));
            assertTrue(outcomes.remove("EINVAL") && outcomes.remove("ok"), outcomes::toString);
            outcomes.remove("ENXIO"); // nobody reads what was opened to write
            assertEquals(Set.of(), outcomes);
        }
    }

    private static void copyAgain(Fs fs, Path from, Path to, int times, Set<String> outcomes) {
        fs.copyFile(
                from,
                to,
                err -> {
                    outcomes.add(err == null ? "ok" : err.code());
                    if (times > 1 || outcomes.size() < 2) { // until the other thread had its turn
                        copyAgain(fs, from, to, times - 1, outcomes);
                    }
                });
    }

    @EngineTest
    void cancelInAnyTurn_leavesAWholeCopyOrNone(EngineKind engine) throws IOException {
        Path from = Fixtures.file(dir, "from", Fixtures.pattern(48 << 20));
        int cancelled = 0;
        for (int turns = 0; turns < 16; turns++) {
            Path to = dir.resolve("to" + turns);
            int after = turns;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation call = Fs.of(reactor).copyFile(from, to, heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            assertEquals(0, Fixtures.openIn(dir));
            if (heard.err == null) {
                assertEquals(-1, Files.mismatch(from, to));
            } else {
                cancelled++;
                assertEquals("ECANCELED", heard.err.code());
                assertFalse(Trees.exists(to), "after " + turns + " turns");
            }
            Files.deleteIfExists(to);
        }
        assertTrue(cancelled > 0, "none was cancelled");
    }

    @EngineTest
    void endOfTheReactor_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        Path from = Fixtures.file(dir, "from", Fixtures.pattern(40 << 20));
        for (int turns = 0; turns < 8; turns++) {
            int after = turns;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs.of(reactor).copyFile(from, dir.resolve("to"), heard);
                        Fixtures.afterTurns(reactor, after, reactor::stop);
                    });
            heard.assertOnce();
            assertEquals(0, Fixtures.openIn(dir));
        }
    }
}
