package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Files written all or nothing. */
class AtomicWriteTest {
    private static final byte[] OLD = {1, 2, 3};

    @TempDir Path root;
    private Path dir;

    @BeforeEach
    void aFolder() throws IOException {
        dir = Files.createDirectory(root.resolve("dir"));
    }

    private static Heard<Void> write(EngineKind engine, Path path, byte[] content) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).writeFileAtomic(path, content, heard);
                    assertEquals(0, heard.calls, "never inside the call");
                });
        heard.assertOnce();
        return heard;
    }

    /** The names in the folder, none of a file that was to be temporary. */
    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
    }

    @EngineTest
    void newFile_hasAllBytes_andNothingElseIsLeft(EngineKind engine) throws IOException {
        for (int size : List.of(0, 1, 262_144, 262_145, 3_000_000)) {
            Path path = dir.resolve("f");
            byte[] content = Fixtures.pattern(size);
            write(engine, path, content).ok();
            assertArrayEquals(content, Files.readAllBytes(path), size + " bytes");
            assertEquals(List.of("f"), names());
        }
        assertEquals(0, Fixtures.openIn(root));
        Heard<Void> text = new Heard<>();
        Reactors.run(engine, r -> Fs.of(r).writeFileAtomic(dir.resolve("t"), "gr\u00fcn", text));
        text.ok();
        assertEquals("gr\u00fcn", Files.readString(dir.resolve("t")));
    }

    @EngineTest
    void existingFile_keepsModeAndOwner_otherNamesKeepTheOldContent(EngineKind engine)
            throws IOException {
        Path path = Fixtures.file(dir, "f", OLD);
        Path other = Files.createLink(dir.resolve("other"), path);
        Files.setAttribute(path, "unix:mode", 02741);
        boolean isRoot = (int) Files.getAttribute(path, "unix:uid") == 0;
        int owner = isRoot ? 12 : (int) Files.getAttribute(path, "unix:uid");
        if (isRoot) {
            Files.setAttribute(path, "unix:uid", owner);
            Files.setAttribute(path, "unix:mode", 02741);
        }
        write(engine, path, new byte[] {9}).ok();
        assertArrayEquals(new byte[] {9}, Files.readAllBytes(path));
        assertEquals(02741, mode(path));
        assertEquals(owner, Files.getAttribute(path, "unix:uid"));
        assertArrayEquals(OLD, Files.readAllBytes(other));
    }

    @EngineTest
    void newFile_getsTheModeThatWriteFileGives(EngineKind engine) throws IOException {
        write(engine, dir.resolve("f"), OLD).ok();
        assertEquals(mode(Fixtures.file(dir, "g", OLD)), mode(dir.resolve("f")));
    }

    @EngineTest
    void links_leadToTheFileThatIsReplaced(EngineKind engine) throws IOException {
        Path sub = Files.createDirectory(dir.resolve("sub"));
        Path file = Fixtures.file(sub, "f", OLD);
        Path first = Files.createSymbolicLink(dir.resolve("first"), Path.of("second"));
        Files.createSymbolicLink(dir.resolve("second"), Path.of("sub/../sub/f"));
        write(engine, first, new byte[] {9}).ok();
        assertArrayEquals(new byte[] {9}, Files.readAllBytes(file));
        assertTrue(Files.isSymbolicLink(first));
        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), sub.resolve("new"));
        write(engine, dangling, new byte[] {8}).ok();
        assertArrayEquals(new byte[] {8}, Files.readAllBytes(sub.resolve("new")));
        assertEquals(List.of("dangling", "first", "second", "sub"), names());
    }

    @EngineTest
    void whatCannotBe_isAnErrorWithThePath(EngineKind engine) throws Exception {
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Path fifo = Fixtures.fifo(dir);
        Path file = Fixtures.file(dir, "file", OLD);
        List<String> messages = new ArrayList<>();
        List<Path> paths =
                List.of(
                        dir,
                        Path.of("/"),
                        Path.of(""),
                        loop,
                        fifo,
                        file.resolve("x"),
                        dir.resolve("none/x"),
                        dir.resolve("n".repeat(256)));
        for (Path path : paths) {
            String message = write(engine, path, OLD).errno().getMessage();
            messages.add(message.replace("'" + path + "'", "'*'"));
        }
        assertEquals(
                List.of(
                        "EISDIR: illegal operation on a directory, open '*'",
                        "EISDIR: illegal operation on a directory, open '*'",
                        "ENOENT: no such file or directory, open '*'",
                        "ELOOP: too many symbolic links encountered, open '*'",
                        "EINVAL: invalid argument, open '*'",
                        "ENOTDIR: not a directory, open '*'",
                        "ENOENT: no such file or directory, open '*'",
                        "ENAMETOOLONG: name too long, open '*'"),
                messages);
        assertEquals(List.of("fifo", "file", "loop"), names());
        assertEquals(0, Fixtures.openIn(root));
    }

    /** Whenever a cancel comes: the old file or the new one, whole, and nothing else. */
    @EngineTest
    void cancelInAnyTurn_leavesTheOldFileOrTheNewOne(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(600_000);
        for (int turns = 0; turns < 25; turns++) {
            Path path = Fixtures.file(dir, "f", OLD);
            Heard<Void> heard = new Heard<>();
            int wait = turns;
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation write = Fs.of(reactor).writeFileAtomic(path, content, heard);
                        Fixtures.afterTurns(reactor, wait, write::cancel);
                    });
            assertOldOrNew(path, content, heard);
        }
    }

    /** Whenever the reactor ends: the same, though it refuses what would remove a file. */
    @EngineTest
    void endOfTheReactorInAnyTurn_leavesTheOldFileOrTheNewOne(EngineKind engine)
            throws IOException {
        byte[] content = Fixtures.pattern(600_000);
        for (int turns = 0; turns < 25; turns++) {
            Path path = Fixtures.file(dir, "f", OLD);
            Heard<Void> heard = new Heard<>();
            int wait = turns;
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs.of(reactor).writeFileAtomic(path, content, heard);
                        Fixtures.afterTurns(reactor, wait, reactor::stop);
                    });
            assertOldOrNew(path, content, heard);
        }
    }

    private void assertOldOrNew(Path path, byte[] content, Heard<Void> heard) throws IOException {
        heard.assertOnce();
        assertEquals(List.of("f"), names());
        byte[] left = Files.readAllBytes(path);
        boolean isNew = Arrays.equals(content, left);
        assertTrue(isNew || Arrays.equals(OLD, left), left.length + " bytes");
        assertTrue(isNew || heard.err != null, "no error, and the old file");
        assertEquals(0, Fixtures.openIn(root));
    }
}
