package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** mkdir with options, mkdtemp, and realpath. */
class MakeDirectoryTest {
    private static final MkdirOptions RECURSIVE = MkdirOptions.defaults().recursive(true);

    @TempDir Path dir;

    private static Heard<Path> mkdir(EngineKind engine, Path path, MkdirOptions options) {
        Heard<Path> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).mkdir(path, options, heard));
        return heard;
    }

    private static String message(EngineKind engine, Path path) {
        return mkdir(engine, path, RECURSIVE).errno().getMessage();
    }

    @EngineTest
    void recursive_givesTheFirstThatWasMade(EngineKind engine) {
        Path deep = dir.resolve("a/b/c/d");
        assertEquals(dir.resolve("a"), mkdir(engine, deep, RECURSIVE).ok());
        assertTrue(Files.isDirectory(deep));
        assertNull(mkdir(engine, deep, RECURSIVE).ok());
        assertEquals(dir.resolve("a/b/x"), mkdir(engine, dir.resolve("a/b/x/y"), RECURSIVE).ok());
        assertNull(mkdir(engine, Path.of("/"), RECURSIVE).ok());
    }

    @EngineTest
    void notRecursive_givesItself_andFailsWhereSomethingIs(EngineKind engine) throws IOException {
        Path made = dir.resolve("made");
        assertEquals(made, mkdir(engine, made, MkdirOptions.defaults().mode(0710)).ok());
        assertEquals(040710, Files.getAttribute(made, "unix:mode"));
        assertEquals(
                "EEXIST: file already exists, mkdir '" + made + "'",
                mkdir(engine, made, MkdirOptions.defaults()).errno().getMessage());
    }

    @EngineTest
    void fileInTheWay_namesTheWholePath(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "file", new byte[1]);
        Path below = file.resolve("a/b");
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop")).resolve("a");
        assertEquals("EEXIST: file already exists, mkdir '" + file + "'", message(engine, file));
        assertEquals("ENOTDIR: not a directory, mkdir '" + below + "'", message(engine, below));
        assertEquals(
                "ELOOP: too many symbolic links encountered, mkdir '" + loop + "'",
                message(engine, loop));
    }

    @EngineTest
    void linkToNothingInTheWay_isNodes(EngineKind engine) throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("nothing"));
        assertEquals(
                "ENOENT: no such file or directory, mkdir '" + link + "'", message(engine, link));
        assertEquals(
                "ENOTDIR: not a directory, mkdir '" + link + "'",
                message(engine, link.resolve("a/b")));
    }

    @EngineTest
    void linkToADirectory_isOne(EngineKind engine) throws IOException {
        Files.createDirectory(dir.resolve("real"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("real"));
        assertNull(mkdir(engine, link, RECURSIVE).ok());
        assertEquals(link.resolve("x"), mkdir(engine, link.resolve("x/y"), RECURSIVE).ok());
        assertTrue(Files.isDirectory(dir.resolve("real/x/y")));
    }

    @EngineTest
    void manyMakeTheSameAtOnce_allSucceed(EngineKind engine) {
        Path deep = dir.resolve("a/b/c/d/e");
        List<Heard<Path>> all = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (int i = 0; i < 50; i++) {
                        all.add(new Heard<>());
                        fs.mkdir(deep, RECURSIVE, all.getLast());
                    }
                });
        all.forEach(Heard::ok);
        assertTrue(Files.isDirectory(deep));
    }

    @EngineTest
    void cancel_callsBackOnce(EngineKind engine) {
        for (int turns = 0; turns < 5; turns++) {
            int after = turns;
            Path deep = dir.resolve("t" + turns + "/b/c/d/e/f/g/h");
            Heard<Path> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        var call = Fs.of(reactor).mkdir(deep, RECURSIVE, heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            if (heard.err == null) {
                assertTrue(Files.isDirectory(deep));
            } else {
                assertEquals("ECANCELED", heard.err.code());
            }
        }
    }

    @EngineTest
    void mkdtemp_makesPrivateDirectoriesOfDifferentNames(EngineKind engine) throws IOException {
        Heard<Path> first = new Heard<>();
        Heard<Path> second = new Heard<>();
        Heard<Path> missing = new Heard<>();
        String prefix = dir + "/temp-";
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdtemp(prefix, first);
                    fs.mkdtemp(prefix, second);
                    fs.mkdtemp(dir + "/none/x", missing);
                    assertThrows(IllegalArgumentException.class, () -> fs.mkdtemp("a\0", first));
                });
        assertNotEquals(first.ok(), second.ok());
        assertTrue(first.value.toString().matches(prefix + "[A-Za-z0-9]{6}"), "" + first.value);
        assertEquals(040700, Files.getAttribute(first.value, "unix:mode"));
        assertEquals("ENOENT", missing.errno().code());
        assertEquals("mkdtemp", missing.errno().syscall());
    }

    private static Heard<Path> realpath(EngineKind engine, Path path) {
        Heard<Path> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).realpath(path, heard));
        return heard;
    }

    @EngineTest
    void realpath_isTheJdks(EngineKind engine) throws IOException {
        Path sub = Files.createDirectories(dir.resolve("a/b"));
        Fixtures.file(sub, "file", new byte[1]);
        Files.createSymbolicLink(dir.resolve("relative"), Path.of("a/../a/b"));
        Files.createSymbolicLink(dir.resolve("absolute"), dir.resolve("relative/file"));
        Files.createSymbolicLink(sub.resolve("up"), Path.of("../.."));
        for (String name :
                List.of(
                        "a/b/file",
                        "relative",
                        "relative/..",
                        "absolute",
                        "a/b/up/relative/up/./absolute")) {
            Path path = dir.resolve(name);
            assertEquals(path.toRealPath(), realpath(engine, path).ok());
        }
        assertEquals(Path.of("/"), realpath(engine, Path.of("/")).ok());
        assertEquals(Path.of("/"), realpath(engine, Path.of("/../..")).ok());
        assertEquals(Path.of("").toRealPath(), realpath(engine, Path.of("")).ok());
    }

    @EngineTest
    void realpath_failures(EngineKind engine) throws IOException {
        Path none = dir.resolve("none");
        Path file = Fixtures.file(dir, "file", new byte[1]);
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        assertEquals(
                "ENOENT: no such file or directory, realpath '" + none + "'",
                realpath(engine, none).errno().getMessage());
        assertEquals("ENOTDIR", realpath(engine, file.resolve("..")).errno().code());
        assertEquals("ELOOP", realpath(engine, loop).errno().code());
    }
}
