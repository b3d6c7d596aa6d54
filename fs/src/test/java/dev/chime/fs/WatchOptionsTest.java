package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static dev.chime.fs.Watching.deleted;
import static dev.chime.fs.Watching.modified;
import static dev.chime.fs.Watching.moved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left out, and what Node would say of the rest. */
class WatchOptionsTest {
    private static final WatchOptions PLAIN = WatchOptions.defaults();

    @TempDir Path temporary;

    private static boolean ignores(WatchOptions options, String path) {
        return options.ignore().test(Path.of(path));
    }

    @Test
    void glob_ofANameIgnoresItAnywhere_withAllInIt() {
        WatchOptions options = PLAIN.ignoreGlob("*.tmp", "node_modules");
        for (String path :
                List.of("a.tmp", "x/y/.b.tmp", "node_modules", "x/node_modules/y", "d.tmp/e")) {
            assertEquals(true, ignores(options, path), path);
        }
        for (String path : List.of("", "a", "tmp", "x/node_modules2", "a.tmp2")) {
            assertEquals(false, ignores(options, path), path);
        }
    }

    @Test
    void glob_withASlashIsAPathFromTheTop() {
        WatchOptions options = PLAIN.ignoreGlob("build/*.o", "out/**", "gen/");
        for (String path : List.of("build/a.o", "build/d.o/x", "out/a/b", "gen/x")) {
            assertEquals(true, ignores(options, path), path);
        }
        for (String path : List.of("build", "x/build/a.o", "build/x/a.o", "out", "gen")) {
            assertEquals(false, ignores(options, path), path);
        }
    }

    @Test
    void glob_joinsTheFilterThatIsThere() {
        WatchOptions options = PLAIN.ignore(path -> path.endsWith("x")).ignoreGlob("y");
        assertEquals(true, ignores(options, "a/x") && ignores(options, "a/y"));
        assertEquals(false, ignores(options, "a/z"));
    }

    @Test
    void wrongGlobs_throw() {
        for (String wrong : List.of("", "/", "/abs", "a\0b")) {
            assertThrows(IllegalArgumentException.class, () -> PLAIN.ignoreGlob(wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> PLAIN.ignoreGlob((String[]) null));
    }

    @EveryEngine
    void ignoredFolder_isNotLookedInto(EngineKind engine) {
        Changes top = Changes.in(temporary.resolve("top"));
        List<FileEvent> events =
                Watching.until(
                        engine,
                        temporary.resolve("top"),
                        PLAIN.recursive(true).ignoreGlob("*.tmp", "old"),
                        created("z"),
                        top.folder("old/sub"),
                        Changes.in(temporary.resolve("top"))
                                .file("old/sub/f")
                                .file("x.tmp")
                                .folder("new/old")
                                .file("z"));
        assertEquals(List.of(created("new"), created("z")), events);
    }

    @Test
    void raw_isWhatNodeTells() {
        assertEquals("[Raw[eventType=rename, filename=a]]", created("a").raw().toString());
        assertEquals("[Raw[eventType=rename, filename=a]]", deleted("a").raw().toString());
        assertEquals("[Raw[eventType=change, filename=a]]", modified("a").raw().toString());
        FileEvent attributes = new FileEvent.AttributesChanged(Path.of(""));
        assertEquals("[Raw[eventType=change, filename=]]", attributes.raw().toString());
        assertEquals(
                "[Raw[eventType=rename, filename=a], Raw[eventType=rename, filename=b/c]]",
                moved("a", "b/c").raw().toString());
        FileEvent overflow = new FileEvent.Overflow();
        assertEquals("[Raw[eventType=rename, filename=null]]", overflow.raw().toString());
    }
}
