package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** glob: what patterns match, what is left out, where the walk goes and where it does not. */
class GlobTest {
    @TempDir Path dir;

    private final GlobOptions[] options = new GlobOptions[1];

    private void tree() throws IOException {
        for (String name :
                List.of(
                        "a.txt",
                        "b.txt",
                        "c.md",
                        ".hidden.txt",
                        "src/Main.java",
                        "src/util/Text.java",
                        "src/util/deep/Deep.java",
                        "src/util/notes.txt",
                        "src/.git/config",
                        "out/x1.class",
                        "out/x2.class",
                        "out/x[3].class")) {
            Path file = dir.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        Files.createSymbolicLink(dir.resolve("link"), Path.of("src"));
        Files.createSymbolicLink(dir.resolve("src/util/up"), Path.of("../.."));
        options[0] = GlobOptions.defaults().cwd(dir);
    }

    private String found(EngineKind engine, String... patterns) {
        Heard<List<Path>> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).glob(List.of(patterns), options[0], heard));
        List<Path> found = heard.ok();
        TreeSet<Path> sorted = new TreeSet<>(found);
        assertEquals(found.size(), sorted.size(), "each once: " + found);
        return sorted.toString();
    }

    @EngineTest
    void names(EngineKind engine) throws IOException {
        tree();
        assertEquals("[a.txt, b.txt]", found(engine, "*.txt"));
        assertEquals("[a.txt, b.txt]", found(engine, "?.txt"));
        assertEquals("[b.txt]", found(engine, "[!a].txt"));
        assertEquals("[b.txt]", found(engine, "[^a].txt"));
        assertEquals("[a.txt, c.md]", found(engine, "{a.txt,c.md,none}"));
        assertEquals("[a.txt, b.txt, c.md]", found(engine, "[a-c].*", "a.txt"));
        assertEquals("[.hidden.txt]", found(engine, ".*"));
        assertEquals("[out/x1.class, out/x2.class]", found(engine, "out/x{1..5}.class"));
        assertEquals("[out/x[3].class]", found(engine, "out/x\\[3].class"));
        assertEquals("[out/x[3].class]", found(engine, "out/*[[]*"));
        assertEquals("[]", found(engine, "none/*", "a.txt/*"));
        options[0] = options[0].dot(true);
        assertEquals("[.hidden.txt, a.txt, b.txt]", found(engine, "*.txt"));
    }

    @EngineTest
    void directoriesOfAnyDepth(EngineKind engine) throws IOException {
        tree();
        assertEquals(
                "[src/Main.java, src/util/Text.java, src/util/deep/Deep.java]",
                found(engine, "**/*.java"));
        assertEquals(
                "[src/util/Text.java, src/util/deep/Deep.java]",
                found(engine, "src/util/**/*.java"));
        assertEquals("[src/util/deep/Deep.java]", found(engine, "**/deep/**"));
        assertEquals("[src/util, src/util/deep, src/util/up]", found(engine, "src/**/"));
        assertEquals("[link/, out/, src/]".replace("/", ""), found(engine, "*/"));
        assertEquals(
                "[a.txt, b.txt, src/util/notes.txt]", found(engine, "**/**/*.txt", "**/a.txt"));
        assertEquals("[src/../a.txt]", found(engine, "src/../a.*"));
    }

    @EngineTest
    void absolutePattern_givesAbsolutePaths(EngineKind engine) throws IOException {
        tree();
        assertEquals("[" + dir + "/src/util/Text.java]", found(engine, dir + "/src/*/*.java"));
    }

    @EngineTest
    void links_areFollowedWhenNamedOrAskedFor(EngineKind engine) throws IOException {
        tree();
        assertEquals("[link/Main.java]", found(engine, "link/*.java"));
        assertEquals("[link/Main.java, src/Main.java]", found(engine, "*/Main.java"));
        options[0] = options[0].followSymlinks(true);
        assertEquals(
                "[link/Main.java, link/util/Text.java, link/util/deep/Deep.java, src/Main.java,"
                        + " src/util/Text.java, src/util/deep/Deep.java]",
                found(engine, "**/*.java"));
    }

    @EngineTest
    void excluded_isNotEntered(EngineKind engine) throws IOException {
        tree();
        options[0] = options[0].exclude("**/util", "c.*");
        assertEquals("[a.txt, b.txt, src/Main.java]", found(engine, "**/*.{txt,java,md}"));
        List<String> asked = new ArrayList<>();
        options[0] =
                GlobOptions.defaults()
                        .cwd(dir)
                        .excludeIf(entry -> {
                            asked.add(entry.name());
                            return entry.name().equals("src");
                        });
        assertEquals("[a.txt, b.txt]", found(engine, "**/*.{txt,java}"));
        assertTrue(asked.contains("src") && !asked.contains("util"), asked.toString());
    }

    @EngineTest
    void directoriesThatCannotMatch_areNotRead(EngineKind engine) throws IOException {
        tree();
        List<String> asked = new ArrayList<>();
        options[0] =
                options[0].excludeIf(entry -> {
                    asked.add(entry.path().toString());
                    return false;
                });
        assertEquals("[src/util/Text.java]", found(engine, "src/util/*.java"));
        assertTrue(asked.stream().allMatch(p -> p.startsWith("src")), asked.toString());
        asked.clear();
        assertEquals("[a.txt]", found(engine, "a.txt"));
        assertEquals(List.of("a.txt"), asked);
    }

    @EngineTest
    void visitor_stopsOrThrows(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 30, 10);
        GlobOptions below = GlobOptions.defaults().cwd(root);
        List<Dirent> visited = new ArrayList<>();
        Heard<Void> stopped = new Heard<>();
        Heard<Void> threw = new Heard<>();
        List<Throwable> uncaught = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(uncaught::add);
                    Fs fs = Fs.of(reactor);
                    fs.glob(
                            List.of("**/f*"),
                            below,
                            entry -> {
                                visited.add(entry);
                                return visited.size() < 7;
                            },
                            stopped);
                    fs.glob(
                            List.of("**"),
                            below,
                            entry -> {
                                throw new IllegalStateException("from the visitor");
                            },
                            threw);
                });
        stopped.ok();
        assertEquals(7, visited.size());
        assertTrue(visited.stream().allMatch(Dirent::isFile));
        assertEquals("ECANCELED", threw.error().code());
        assertEquals(1, uncaught.size());
    }

    @EngineTest
    void cancelInAnyTurn_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 40, 3);
        for (int turns = 0; turns < 12; turns++) {
            int after = turns;
            Heard<List<Path>> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation call =
                                Fs.of(reactor)
                                        .glob(
                                                List.of("**/f1"),
                                                GlobOptions.defaults().cwd(root),
                                                heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            if (heard.err == null) {
                assertEquals(40, heard.value.size());
            }
            assertEquals(0, Fixtures.openIn(dir));
        }
    }

    @Test
    void braces() {
        assertEquals(List.of("ab", "ac"), Braces.expand("a{b,c}"));
        assertEquals(List.of("a", "bd", "cd", ""), Braces.expand("{a,{b,c}d,}"));
        assertEquals(List.of("1a", "2a", "3a"), Braces.expand("{1..3}a"));
        assertEquals(List.of("c", "b", "a"), Braces.expand("{c..a}"));
        assertEquals(List.of("{a}", "{a}x"), Braces.expand("{a}{,x}"));
        assertEquals(
                List.of("\\{a,b}", "x{a"),
                List.of("\\{a,b}", "x{a").stream()
                        .flatMap(p -> Braces.expand(p).stream())
                        .toList());
        assertThrows(IllegalArgumentException.class, () -> Braces.expand("{1..1000000}"));
    }

    @EngineTest
    void noPattern_throws(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Heard<List<Path>> heard = new Heard<>();
                    for (String bad : List.of("", ".", "/", "a\0b", "[z-a]")) {
                        assertThrows(
                                IllegalArgumentException.class, () -> fs.glob(bad, heard), bad);
                    }
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> GlobOptions.defaults().exclude(""));
                });
    }

    @EngineTest
    void entries_bearTheTypes(EngineKind engine) throws IOException {
        tree();
        Heard<List<Dirent>> heard = new Heard<>();
        Heard<List<Dirent>> none = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.globEntries(List.of("{a.txt,src,link}"), options[0], heard);
                    fs.globEntries(List.of("nothing*"), options[0], none);
                });
        TreeSet<String> found = new TreeSet<>();
        heard.ok().forEach(entry -> found.add(entry.path() + " " + entry.type()));
        assertEquals("[a.txt FILE, link SYMLINK, src DIRECTORY]", found.toString());
        assertEquals(List.of(), none.ok());
    }
}
