package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static dev.chime.fs.Watching.deleted;
import static dev.chime.fs.Watching.modified;
import static dev.chime.fs.Watching.moved;
import static dev.chime.fs.Watching.until;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Folders below the watched one, old and new. */
class WatchRecursiveTest {
    private static final WatchOptions DEEP = WatchOptions.defaults().recursive(true);

    @TempDir Path directory;
    @TempDir Path elsewhere;

    private Path folder(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private Path file(String name) throws IOException {
        return Files.createFile(directory.resolve(name));
    }

    @EngineTest
    void oldFolders_areWatched_andNotToldOf(EngineKind engine) throws IOException {
        folder("a/b/c");
        file("a/b/f");
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("a/b/c/g"),
                        () -> {
                            Files.writeString(directory.resolve("a/b/f"), "x");
                            file("a/b/c/g");
                        });
        assertEquals(List.of(modified("a/b/f"), created("a/b/c/g")), events);
    }

    @EngineTest
    void whatIsMadeInABrandNewFolder_isToldOfOnce(EngineKind engine) {
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("end"),
                        () -> {
                            folder("a/b/c");
                            file("a/b/c/f");
                            file("a/g");
                            file("end");
                        });
        Set<FileEvent> expected =
                Set.of(
                        created("a"),
                        created("a/b"),
                        created("a/b/c"),
                        created("a/b/c/f"),
                        created("a/g"),
                        created("end"));
        assertEquals(expected, new HashSet<>(events));
        assertEquals(expected.size(), events.size(), events::toString);
    }

    @EngineTest
    void fileMadeWhenItsFolderIsToldOf_isToldOfOnce(EngineKind engine) {
        List<FileEvent> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Watching watching = new Watching();
                    watching.start(
                            reactor,
                            directory,
                            DEEP,
                            event -> {
                                events.add(event);
                                if (event.equals(created("d"))) {
                                    file("d/f"); // no watch on it yet
                                } else if (event.equals(created("d/f"))) {
                                    file("d/g"); // it has one now
                                } else {
                                    watching.watcher.close();
                                }
                            });
                    watching.watcher.onReady(() -> folder("d"));
                });
        assertEquals(List.of(created("d"), created("d/f"), created("d/g")), events);
    }

    @EngineTest
    void renamedFolder_hasItsNewPath_itsPrefixSiblingKeepsIts(EngineKind engine)
            throws IOException {
        folder("ab/x");
        folder("a/x");
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("c/x/g"),
                        () -> {
                            Files.move(directory.resolve("a"), directory.resolve("c"));
                            file("ab/x/f");
                            file("c/x/g");
                        });
        assertEquals(List.of(moved("a", "c"), created("ab/x/f"), created("c/x/g")), events);
    }

    @EngineTest
    void folderMovedIntoAnother_hasItsNewPath(EngineKind engine) throws IOException {
        folder("a/sub");
        folder("b");
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("b/a/sub/f"),
                        () -> {
                            Files.move(directory.resolve("a"), directory.resolve("b/a"));
                            file("b/a/sub/f");
                        });
        assertEquals(List.of(moved("a", "b/a"), created("b/a/sub/f")), events);
    }

    @EngineTest
    void folderMovedOut_isToldOfNoMore_movedInItIsToldOfWhole(EngineKind engine)
            throws IOException {
        folder("d/sub");
        file("d/sub/f");
        Path outside = elsewhere.resolve("d");
        List<FileEvent> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Watching watching = new Watching();
                    watching.start(
                            reactor,
                            directory,
                            DEEP,
                            event -> {
                                events.add(event);
                                if (event.equals(deleted("d"))) {
                                    Files.createFile(outside.resolve("sub/unseen"));
                                    Files.move(outside, directory.resolve("e"));
                                } else if (events.size() == 5) {
                                    file("e/sub/new");
                                } else if (event.equals(created("e/sub/new"))) {
                                    watching.watcher.close();
                                }
                            });
                    watching.watcher.onReady(() -> Files.move(directory.resolve("d"), outside));
                });
        assertEquals(List.of(deleted("d"), created("e"), created("e/sub")), events.subList(0, 3));
        assertEquals(
                Set.of(created("e/sub/f"), created("e/sub/unseen")),
                Set.copyOf(events.subList(3, 5)));
        assertEquals(List.of(created("e/sub/new")), events.subList(5, events.size()));
    }

    @EngineTest
    void removedTree_isToldOfFromBelow(EngineKind engine) throws IOException {
        folder("a/b");
        file("a/b/f");
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("a"),
                        () -> {
                            Files.delete(directory.resolve("a/b/f"));
                            Files.delete(directory.resolve("a/b"));
                            Files.delete(directory.resolve("a"));
                            folder("a");
                        });
        assertEquals(List.of(deleted("a/b/f"), deleted("a/b"), deleted("a"), created("a")), events);
    }

    @EngineTest
    void ignoredFolder_isNotLookedInto(EngineKind engine) throws IOException {
        folder("node_modules/x");
        List<Path> asked = new ArrayList<>();
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP.ignore(path -> {
                            asked.add(path);
                            return path.endsWith("node_modules");
                        }),
                        created("z"),
                        () -> {
                            file("node_modules/x/f");
                            folder("src/node_modules/y");
                            file("z");
                        });
        assertEquals(List.of(created("src"), created("z")), events);
        assertEquals(
                List.of(),
                asked.stream().filter(path -> path.toString().contains("node_modules/")).toList());
    }

    @EngineTest
    void symbolicLinks_areNamesAndNoFolders(EngineKind engine) throws IOException {
        Files.createSymbolicLink(directory.resolve("old"), elsewhere);
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        DEEP,
                        created("end"),
                        () -> {
                            Files.createSymbolicLink(directory.resolve("new"), elsewhere);
                            Files.createSymbolicLink(directory.resolve("loop"), directory);
                            Files.createFile(elsewhere.resolve("f"));
                            file("end");
                        });
        assertEquals(List.of(created("new"), created("loop"), created("end")), events);
    }
}
