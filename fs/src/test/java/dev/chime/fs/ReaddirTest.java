package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** readdir: names, types, whole trees, and what fails. */
class ReaddirTest {
    private static final ReaddirOptions RECURSIVE = ReaddirOptions.defaults().recursive(true);

    @TempDir(factory = MemoryDirectory.class)
    Path dir;

    private static List<Path> names(EngineKind engine, Path path) {
        Heard<List<Path>> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readdir(path, heard));
        return heard.ok();
    }

    private static Heard<List<Dirent>> entries(
            EngineKind engine, Path path, ReaddirOptions options) {
        Heard<List<Dirent>> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readdir(path, options, heard));
        return heard;
    }

    @EngineTest
    void names_withoutTheDots(EngineKind engine) throws IOException {
        Fixtures.file(dir, "a", new byte[1]);
        Fixtures.file(dir, ".hidden", new byte[1]);
        Fixtures.file(dir, "...", new byte[1]);
        Files.createDirectory(dir.resolve("sub"));
        assertEquals(
                Set.of(Path.of("a"), Path.of(".hidden"), Path.of("..."), Path.of("sub")),
                Set.copyOf(names(engine, dir)));
        assertEquals(List.of(), names(engine, dir.resolve("sub")));
    }

    @EngineTest
    void types_ofEveryKind(EngineKind engine) throws Exception {
        Fixtures.file(dir, "file", new byte[1]);
        Files.createDirectory(dir.resolve("sub"));
        Files.createSymbolicLink(dir.resolve("link"), Path.of("nowhere"));
        Fixtures.fifo(dir);
        Map<String, FileType> types = new TreeMap<>();
        try (ServerSocketChannel socket =
                ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(dir.resolve("socket")));
            for (Dirent entry : entries(engine, dir, ReaddirOptions.defaults()).ok()) {
                assertEquals(dir, entry.parentPath());
                assertEquals(dir.resolve(entry.name()), entry.path());
                types.put(entry.name(), entry.type());
            }
        }
        assertEquals(
                Map.of(
                        "file", FileType.FILE,
                        "sub", FileType.DIRECTORY,
                        "link", FileType.SYMLINK,
                        "fifo", FileType.FIFO,
                        "socket", FileType.SOCKET),
                types);
        Heard<List<Dirent>> devices = entries(engine, Path.of("/dev"), ReaddirOptions.defaults());
        assertTrue(
                devices.ok().stream()
                        .anyMatch(e ->
                                e.name().equals("null") && e.type() == FileType.CHARACTER_DEVICE));
    }

    @EngineTest
    void nameThatIsNoText_survives(EngineKind engine) throws IOException {
        Path odd = Path.of(URI.create("file://" + dir.toUri().getRawPath() + "%FF%20%80x"));
        Files.write(odd, new byte[] {1, 2, 3});
        Path name = names(engine, dir).getFirst();
        Heard<byte[]> content = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readFile(dir.resolve(name), content));
        assertEquals(3, content.ok().length);
        Dirent entry = entries(engine, dir, ReaddirOptions.defaults()).ok().getFirst();
        assertEquals(odd, entry.path());
        assertTrue(entry.name().indexOf('\uFFFD') >= 0, entry.name());
    }

    @EngineTest
    void recursive_givesEverythingAndFollowsNoLink(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 12, 5);
        Files.createSymbolicLink(root.resolve("d0/up"), Path.of(".."));
        Set<Path> expected = new HashSet<>();
        try (var all = Files.walk(root)) {
            all.skip(1).forEach(expected::add);
        }
        List<Path> found = new ArrayList<>();
        for (Dirent entry : entries(engine, root, RECURSIVE).ok()) {
            found.add(entry.path());
        }
        assertEquals(expected.size(), found.size());
        assertEquals(expected, Set.copyOf(found));
    }

    @EngineTest
    void directoryOfManyNames_comesWhole(EngineKind engine) throws IOException {
        Set<Path> expected = new TreeSet<>();
        for (int i = 0; i < 700; i++) {
            Path name = Path.of("n".repeat(1 + i % 200) + i);
            Files.createFile(dir.resolve(name));
            expected.add(name);
        }
        assertEquals(expected, new TreeSet<>(names(engine, dir)));
    }

    @EngineTest
    @Tag("slow")
    void hundredThousandFiles(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 1000, 100);
        List<Dirent> found = entries(engine, root, RECURSIVE).ok();
        assertEquals(100_000, found.stream().filter(Dirent::isFile).count());
        assertEquals(101_010, found.size());
    }

    @EngineTest
    void failures_nameTheStep(EngineKind engine) throws IOException {
        Path none = dir.resolve("none");
        Path file = Fixtures.file(dir, "file", new byte[1]);
        assertEquals(
                "ENOENT: no such file or directory, scandir '" + none + "'",
                entries(engine, none, RECURSIVE).errno().getMessage());
        Heard<List<Path>> ofFile = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readdir(file, ofFile));
        assertEquals(
                "ENOTDIR: not a directory, scandir '" + file + "'", ofFile.errno().getMessage());
    }

    @EngineTest
    void typesThatTheFileSystemDoesNotTell_areAskedFor(EngineKind engine) throws IOException {
        List<Dirent> unknown = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Files.createFile(dir.resolve("f" + i));
            unknown.add(new Dirent(dir, Path.of("f" + i), FileType.UNKNOWN));
        }
        Files.createDirectory(dir.resolve("sub"));
        Files.createSymbolicLink(dir.resolve("link"), Path.of("sub"));
        unknown.add(new Dirent(dir, Path.of("sub"), FileType.UNKNOWN));
        unknown.add(new Dirent(dir, Path.of("link"), FileType.UNKNOWN));
        unknown.add(new Dirent(dir, Path.of("gone"), FileType.UNKNOWN));
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine, reactor -> new Dir.Types(Fs.of(reactor).core(), unknown, heard).start());
        heard.ok();
        assertEquals(100, unknown.stream().filter(Dirent::isFile).count());
        List<FileType> rest = unknown.subList(100, 103).stream().map(Dirent::type).toList();
        assertEquals(List.of(FileType.DIRECTORY, FileType.SYMLINK, FileType.UNKNOWN), rest);
    }

    @EngineTest
    void cancelInAnyTurn_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 40, 3);
        for (int turns = 0; turns < 12; turns++) {
            int after = turns;
            Heard<List<Dirent>> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation call = Fs.of(reactor).readdir(root, RECURSIVE, heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            if (heard.err != null) {
                assertEquals("ECANCELED", heard.err.code());
            }
            assertEquals(0, Fixtures.openIn(dir));
        }
    }

    @EngineTest
    void endOfTheReactor_callsBackOnce(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 40, 3);
        Heard<List<Dirent>> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).readdir(root, RECURSIVE, heard);
                    Fixtures.afterTurns(reactor, 2, reactor::stop);
                });
        heard.assertOnce();
        assertFalse(heard.err == null && heard.value.size() < 130);
    }

    @EngineTest
    void manyAtOnce_allComplete(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 10, 10);
        List<Heard<List<Dirent>>> all =
                IntStream.range(0, 50).mapToObj(i -> new Heard<List<Dirent>>()).toList();
        Reactors.run(
                engine,
                (Reactor reactor) -> {
                    Fs fs = Fs.of(reactor);
                    all.forEach(heard -> fs.readdir(root, RECURSIVE, heard));
                });
        all.forEach(heard -> assertEquals(120, heard.ok().size()));
    }
}
