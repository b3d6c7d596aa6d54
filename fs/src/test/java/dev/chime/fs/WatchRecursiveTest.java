package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static dev.chime.fs.Watching.deleted;
import static dev.chime.fs.Watching.modified;
import static dev.chime.fs.Watching.moved;
import static dev.chime.fs.Watching.until;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Folders below the watched one, old and new. */
class WatchRecursiveTest {
    private static final WatchOptions DEEP = WatchOptions.defaults().recursive(true);

    @TempDir Path temporary;

    private Path directory() {
        return temporary.resolve("watched");
    }

    private String elsewhere(String name) {
        return temporary.resolve("elsewhere").resolve(name).toString();
    }

    private Changes changes() {
        return Changes.in(directory());
    }

    /** Both folders, and what else is there before the watch. */
    private Changes before() {
        return changes().folder("").folder(elsewhere(""));
    }

    private List<FileEvent> watch(
            EngineKind engine, FileEvent last, Changes before, Changes after) {
        return until(engine, directory(), DEEP, last, before, after);
    }

    @EveryEngine
    void oldFolders_areWatched_andNotToldOf(EngineKind engine) {
        assertEquals(
                List.of(modified("a/b/f"), created("a/b/c/g")),
                watch(
                        engine,
                        created("a/b/c/g"),
                        before().folder("a/b/c").file("a/b/f"),
                        changes().write("a/b/f").file("a/b/c/g")));
    }

    @EveryEngine
    void whatIsMadeInABrandNewFolder_isToldOfOnce(EngineKind engine) {
        Changes changes =
                changes().folder("a/b/c").file("a/b/c/f").file("a/g").folder("x/y").file("end");
        List<FileEvent> events = watch(engine, created("end"), before(), changes);
        Set<FileEvent> expected =
                Set.of(
                        created("a"),
                        created("a/b"),
                        created("a/b/c"),
                        created("a/b/c/f"),
                        created("a/g"),
                        created("x"),
                        created("x/y"),
                        created("end"));
        assertEquals(expected, new HashSet<>(events));
        assertEquals(expected.size(), events.size(), events::toString);
    }

    @EveryEngine
    void fileMadeWhenItsFolderIsToldOf_isToldOfOnce(EngineKind engine) {
        Watching watching = new Watching();
        watching.run(
                engine,
                before(),
                directory(),
                DEEP,
                event -> {
                    if (event.equals(created("d"))) {
                        changes().file("d/f").run(watching.reactor); // no watch on it yet
                    } else if (event.equals(created("d/f"))) {
                        changes().file("d/g").run(watching.reactor); // it has one now
                    } else {
                        watching.watcher.close();
                    }
                },
                () -> changes().folder("d").run(watching.reactor));
        assertEquals(List.of(created("d"), created("d/f"), created("d/g")), watching.events);
    }

    @EveryEngine
    void renamedFolder_hasItsNewPath_itsPrefixSiblingKeepsIts(EngineKind engine) {
        assertEquals(
                List.of(moved("a", "c"), created("ab/x/f"), created("c/x/g")),
                watch(
                        engine,
                        created("c/x/g"),
                        before().folder("ab/x").folder("a/x"),
                        changes().move("a", "c").file("ab/x/f").file("c/x/g")));
    }

    @EveryEngine
    void folderMovedIntoAnother_hasItsNewPath(EngineKind engine) {
        assertEquals(
                List.of(moved("a", "b/a"), created("b/a/sub/f")),
                watch(
                        engine,
                        created("b/a/sub/f"),
                        before().folder("a/sub").folder("b"),
                        changes().move("a", "b/a").file("b/a/sub/f")));
    }

    @EveryEngine
    void folderMovedOut_isToldOfNoMore_movedInItIsToldOfWhole(EngineKind engine) {
        List<FileEvent> events = new ArrayList<>();
        Watching watching = new Watching();
        watching.run(
                engine,
                before().folder("d/sub").file("d/sub/f"),
                directory(),
                DEEP,
                event -> {
                    events.add(event);
                    if (event.equals(deleted("d"))) {
                        changes()
                                .file(elsewhere("d/sub/unseen"))
                                .move(elsewhere("d"), "e")
                                .run(watching.reactor);
                    } else if (events.size() == 5) {
                        changes().file("e/sub/new").run(watching.reactor);
                    } else if (event.equals(created("e/sub/new"))) {
                        watching.watcher.close();
                    }
                },
                () -> changes().move("d", elsewhere("d")).run(watching.reactor));
        assertEquals(List.of(deleted("d"), created("e"), created("e/sub")), events.subList(0, 3));
        assertEquals(
                Set.of(created("e/sub/f"), created("e/sub/unseen")),
                Set.copyOf(events.subList(3, 5)));
        assertEquals(List.of(created("e/sub/new")), events.subList(5, events.size()));
    }

    @EveryEngine
    void removedTree_isToldOfFromBelow(EngineKind engine) {
        Changes changes =
                changes().remove("a/b/f").removeFolder("a/b").removeFolder("a").folder("a");
        assertEquals(
                List.of(deleted("a/b/f"), deleted("a/b"), deleted("a"), created("a")),
                watch(engine, created("a"), before().folder("a/b").file("a/b/f"), changes));
    }

    @EveryEngine
    void ignoredFolder_isNotLookedInto(EngineKind engine) {
        List<Path> asked = new ArrayList<>();
        List<FileEvent> events =
                until(
                        engine,
                        directory(),
                        DEEP.ignore(path -> {
                            asked.add(path);
                            return path.endsWith("node_modules");
                        }),
                        created("z"),
                        before().folder("node_modules/x"),
                        changes().file("node_modules/x/f").folder("src/node_modules/y").file("z"));
        assertEquals(List.of(created("src"), created("z")), events);
        assertEquals(
                List.of(),
                asked.stream().filter(path -> path.toString().contains("node_modules/")).toList());
    }

    @EveryEngine
    void symbolicLinks_areNamesAndNoFolders(EngineKind engine) {
        Changes changes =
                changes()
                        .link(elsewhere(""), "new")
                        .link(directory().toString(), "loop")
                        .file(elsewhere("f"))
                        .file("end");
        assertEquals(
                List.of(created("new"), created("loop"), created("end")),
                watch(engine, created("end"), before().link(elsewhere(""), "old"), changes));
    }
}
