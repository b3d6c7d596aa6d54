package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class StatTest {
    @TempDir Path directory;

    private static Stats stat(EngineKind engine, Path path, boolean ofTheLink) {
        Heard<Stats> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    if (ofTheLink) {
                        fs.lstat(path, heard);
                    } else {
                        fs.stat(path, heard);
                    }
                });
        return heard.ok();
    }

    private static void assertAsTheJdkSays(Path path, Stats stats, LinkOption... options)
            throws IOException {
        Map<String, Object> jdk = Files.readAttributes(path, "unix:*", options);
        assertEquals(jdk.get("dev"), stats.dev());
        assertEquals(jdk.get("ino"), stats.ino());
        assertEquals(jdk.get("mode"), stats.mode());
        assertEquals(((Number) jdk.get("nlink")).longValue(), stats.nlink());
        assertEquals(jdk.get("uid"), stats.uid());
        assertEquals(jdk.get("gid"), stats.gid());
        assertEquals(jdk.get("rdev"), stats.rdev());
        assertEquals(jdk.get("size"), stats.size());
        assertEquals(((FileTime) jdk.get("lastAccessTime")).toInstant(), stats.atime());
        assertEquals(((FileTime) jdk.get("lastModifiedTime")).toInstant(), stats.mtime());
        assertEquals(((FileTime) jdk.get("ctime")).toInstant(), stats.ctime());
    }

    @EngineTest
    void regularFile_isAsTheJdkSeesIt(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[12_345]);
        Files.createLink(directory.resolve("second name"), path);
        Instant old = Instant.parse("2001-02-03T04:05:06.123456789Z");
        Files.setLastModifiedTime(path, FileTime.from(old));
        Stats stats = stat(engine, path, false);
        assertAsTheJdkSays(path, stats);
        assertEquals(old, stats.mtime());
        assertEquals(12_345, stats.size());
        assertEquals(2, stats.nlink());
        assertTrue(stats.isFile());
        assertFalse(stats.isDirectory() || stats.isSymbolicLink());
        assertTrue(stats.blksize() > 0);
        assertTrue(stats.blocks() * 512 >= 12_345, stats.blocks() + " blocks");
        assertFalse(stats.birthtime().isAfter(stats.ctime()));
    }

    @EngineTest
    void types_areTold(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        assertTrue(stat(engine, fifo, false).isFIFO());
        assertTrue(stat(engine, directory, false).isDirectory());
        Stats device = stat(engine, Path.of("/dev/null"), false);
        assertTrue(device.isCharacterDevice());
        assertEquals(1 << 8 | 3, device.rdev(), "major 1, minor 3");
        assertAsTheJdkSays(Path.of("/dev/null"), device);
    }

    @EngineTest
    void link_isFollowedByStatAndNotByLstat(EngineKind engine) throws IOException {
        Path file = Fixtures.file(directory, "f", new byte[10]);
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("f"));
        assertAsTheJdkSays(file, stat(engine, link, false));
        Stats ofLink = stat(engine, link, true);
        assertTrue(ofLink.isSymbolicLink());
        assertEquals(1, ofLink.size());
        assertAsTheJdkSays(link, ofLink, LinkOption.NOFOLLOW_LINKS);
    }

    @EngineTest
    void handle_tellsOfItsFileEvenWhenTheNameIsGone(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[77]);
        Heard<Stats> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        path,
                                        (err, file) -> {
                                            Files.delete(path);
                                            file.stat(heard);
                                        }));
        assertEquals(77, heard.ok().size());
        assertEquals(0, heard.value.nlink());
    }

    @EngineTest
    void longPath_leavesRoomForTheAnswer(EngineKind engine) throws IOException {
        // Short paths share the operation's own memory with the answer: all lengths around that.
        Path file = Fixtures.file(directory, "f", new byte[5]);
        assertTrue(file.toString().length() < 200, file.toString());
        List<Heard<Stats>> all = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int dots = 0; dots < 300; dots++) {
                        Heard<Stats> heard = new Heard<>();
                        all.add(heard);
                        Fs.of(reactor).stat(Path.of(directory + "/.".repeat(dots) + "/f"), heard);
                    }
                });
        for (Heard<Stats> heard : all) {
            assertEquals(5, heard.ok().size());
        }
    }

    @EngineTest
    void failures_nameTheCall(EngineKind engine) {
        Path path = directory.resolve("none");
        Heard<Stats> stat = new Heard<>();
        Heard<Stats> lstat = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).stat(path, stat);
                    Fs.of(reactor).lstat(path, lstat);
                });
        String text = "ENOENT: no such file or directory, %s '" + path + "'";
        assertEquals(text.formatted("stat"), stat.errno().getMessage());
        assertEquals(text.formatted("lstat"), lstat.errno().getMessage());
        assertEquals("lstat", lstat.errno().syscall());
    }
}
