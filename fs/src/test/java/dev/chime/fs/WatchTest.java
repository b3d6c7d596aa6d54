package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static dev.chime.fs.Watching.deleted;
import static dev.chime.fs.Watching.modified;
import static dev.chime.fs.Watching.moved;
import static dev.chime.fs.Watching.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    private static final WatchOptions PLAIN = WatchOptions.defaults();

    @TempDir Path directory;
    @TempDir Path elsewhere;

    // ---- a folder

    @EngineTest
    void folder_tellsOfCreateModifyRenameAndDelete(EngineKind engine) {
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        deleted("b"),
                        () -> {
                            Files.createFile(directory.resolve("a"));
                            Files.writeString(directory.resolve("a"), "x");
                            Files.move(directory.resolve("a"), directory.resolve("b"));
                            Files.delete(directory.resolve("b"));
                        });
        assertEquals(List.of(created("a"), modified("a"), moved("a", "b"), deleted("b")), events);
    }

    @EngineTest
    void attributes_areToldOfTheFileAndOfTheFolder(EngineKind engine) throws IOException {
        Path file = Files.createFile(directory.resolve("f"));
        FileEvent ofFile = new FileEvent.AttributesChanged(Path.of("f"));
        FileEvent ofFolder = new FileEvent.AttributesChanged(Path.of(""));
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        ofFolder,
                        () -> {
                            Files.setLastModifiedTime(file, FileTime.fromMillis(1000));
                            Files.setLastModifiedTime(directory, FileTime.fromMillis(1000));
                        });
        assertEquals(List.of(ofFile, ofFolder), events);
    }

    @EngineTest
    void halfRenames_areCreatedAndDeleted(EngineKind engine) throws IOException {
        Path inside = Files.createFile(directory.resolve("inside"));
        Path outside = Files.createFile(elsewhere.resolve("outside"));
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        created("outside"),
                        () -> {
                            Files.move(inside, elsewhere.resolve("inside"));
                            Files.move(outside, directory.resolve("outside"));
                        });
        assertEquals(List.of(deleted("inside"), created("outside")), events);
    }

    @EngineTest
    void manyFilesMovedAway_waitOnceForTheOtherHalf(EngineKind engine) throws IOException {
        int files = 500;
        for (int i = 0; i < files; i++) {
            Files.createFile(directory.resolve("f" + i));
        }
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        deleted("f" + (files - 1)),
                        () -> {
                            for (int i = 0; i < files; i++) {
                                Files.move(directory.resolve("f" + i), elsewhere.resolve("f" + i));
                            }
                        });
        List<FileEvent> expected = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            expected.add(deleted("f" + i));
        }
        assertEquals(expected, events);
    }

    @EngineTest
    void nameThatIsNoText_keepsItsBytes(EngineKind engine) throws Exception {
        List<String> made = new ArrayList<>();
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        watching.start(
                                        reactor,
                                        directory,
                                        PLAIN,
                                        event -> {
                                            Path name = ((FileEvent.Created) event).path();
                                            made.add(name.toUri().getRawPath());
                                            // The path leads back to the file.
                                            Fs.of(reactor)
                                                    .unlink(
                                                            directory.resolve(name),
                                                            err -> assertNull(err));
                                            watching.watcher.close();
                                        })
                                .watcher
                                .onReady(() -> touch("printf 'x\\377y'")));
        assertTrue(made.getFirst().endsWith("/x%FFy"), made::toString);
        try (var left = Files.list(directory)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private void touch(String name) throws Exception {
        String command = "cd '" + directory + "' && touch \"$(" + name + ")\"";
        assertEquals(0, new ProcessBuilder("sh", "-c", command).start().waitFor());
    }

    @EngineTest
    void folderBelow_isNotLookedInto(EngineKind engine) {
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        created("last"),
                        () -> {
                            Files.createDirectory(directory.resolve("sub"));
                            Files.createFile(directory.resolve("sub/f"));
                            Files.createFile(directory.resolve("last"));
                        });
        assertEquals(List.of(created("sub"), created("last")), events);
    }

    @EngineTest
    void ignoredNames_areNotToldOf(EngineKind engine) throws IOException {
        Files.createFile(directory.resolve("x.tmp"));
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN.ignore(path -> path.toString().endsWith(".tmp")),
                        deleted("z"),
                        () -> {
                            Files.createFile(directory.resolve("y.tmp"));
                            Files.move(directory.resolve("x.tmp"), directory.resolve("z"));
                            Files.move(directory.resolve("z"), directory.resolve("z.tmp"));
                        });
        assertEquals(List.of(created("z"), deleted("z")), events);
    }

    @EngineTest
    void removedFolder_isToldOf_andTheWatcherCloses(EngineKind engine) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("d"));
        for (boolean moved : List.of(true, false)) {
            Watching watching = new Watching();
            Reactors.run(
                    engine,
                    reactor ->
                            watching.start(reactor, folder, PLAIN, event -> {})
                                    .watcher
                                    .onReady(() -> {
                                        if (moved) {
                                            Files.move(folder, elsewhere.resolve("d"));
                                        } else {
                                            Files.delete(folder);
                                        }
                                    }));
            assertEquals(List.of(deleted("")), watching.events);
            watching.assertClosedWell();
            if (moved) {
                Files.move(elsewhere.resolve("d"), folder);
            }
        }
    }

    // ---- a file

    @EngineTest
    void file_surviveDeleteAndSaveByRename(EngineKind engine) throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "1");
        List<FileEvent> events =
                until(
                        engine,
                        file,
                        PLAIN,
                        new FileEvent.AttributesChanged(Path.of("f")),
                        () -> {
                            Files.createFile(directory.resolve("other"));
                            Files.delete(file);
                            Files.createFile(file);
                            // as editors save
                            Path saved = Files.writeString(directory.resolve("f.new"), "2");
                            Files.move(saved, file, StandardCopyOption.ATOMIC_MOVE);
                            Files.writeString(file, "3");
                            Files.setLastModifiedTime(file, FileTime.fromMillis(1000));
                        });
        assertEquals(
                List.of(
                        deleted("f"),
                        created("f"),
                        modified("f"),
                        modified("f"),
                        new FileEvent.AttributesChanged(Path.of("f"))),
                withoutRepeats(events, modified("f"), 2));
    }

    /** Truncation and write are one change or two, as the reads fall. */
    private static List<FileEvent> withoutRepeats(
            List<FileEvent> events, FileEvent repeated, int most) {
        List<FileEvent> kept = new ArrayList<>();
        int seen = 0;
        for (FileEvent event : events) {
            seen += event.equals(repeated) ? 1 : 0;
            if (!event.equals(repeated) || seen <= most) {
                kept.add(event);
            }
        }
        return kept;
    }

    @EngineTest
    void fileWhoseFolderGoes_isDeleted_andTheWatcherCloses(EngineKind engine) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("d"));
        Path file = Files.createFile(folder.resolve("f"));
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        watching.start(reactor, file, PLAIN, event -> {})
                                .watcher
                                .onReady(() -> Files.move(folder, elsewhere.resolve("d"))));
        assertEquals(List.of(deleted("f")), watching.events);
        watching.assertClosedWell();
    }

    // ---- errors and limits

    @EngineTest
    void missingPath_isEnoentWithThePath(EngineKind engine) {
        Path missing = directory.resolve("none");
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(reactor, missing, PLAIN, event -> {});
                    assertEquals(List.of(), watching.errors, "not inside the call");
                });
        ErrnoException err = assertInstanceOf(ErrnoException.class, watching.errors.getFirst());
        assertEquals(
                "ENOENT: no such file or directory, watch '" + missing + "'", err.getMessage());
        assertEquals("watch", err.syscall());
        assertEquals(missing.toString(), err.path());
        assertEquals(List.of(err), watching.errors);
        assertEquals(List.of(err), watching.closes);
        assertFalse(watching.watcher.isOpen());
    }

    @EngineTest
    void pathThroughAFile_isEnotdir(EngineKind engine) throws IOException {
        Path file = Files.createFile(directory.resolve("f"));
        Watching watching = new Watching();
        Reactors.run(
                engine, reactor -> watching.start(reactor, file.resolve("x"), PLAIN, event -> {}));
        assertEquals("ENOTDIR", watching.errors.getFirst().code());
    }

    @EngineTest
    void errorThatNobodyHears_isUncaught(EngineKind engine) {
        var thrown =
                assertThrows(
                        Exception.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor ->
                                                Fs.of(reactor)
                                                        .watch(directory.resolve("x"), e -> {})));
        assertTrue(String.valueOf(thrown).contains("ENOENT"), thrown::toString);
    }

    /** The kernel gives such a number to one read alone: Files.readString would have a digit. */
    private static int limit(String name) throws IOException {
        Path path = Path.of("/proc/sys/fs/inotify", name);
        return Integer.parseInt(Files.readAllLines(path).getFirst());
    }

    @EngineTest
    void tooManyInstances_namesTheLimit(EngineKind engine) throws IOException {
        int limit = limit("max_user_instances");
        assumeTrue(limit <= 1000, "the limit is high: " + limit);
        List<Watcher> watchers = new ArrayList<>();
        List<Exception> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i <= limit; i++) {
                        watchers.add(
                                Fs.of(reactor).watch(directory, event -> {}).onError(errors::add));
                    }
                    reactor.setImmediate(() -> watchers.forEach(Watcher::close));
                });
        assertFalse(errors.isEmpty(), "one more than the limit");
        String message = errors.getFirst().getMessage();
        assertTrue(message.startsWith("EMFILE: too many open files, watch '"), message);
        assertTrue(message.contains("fs.inotify.max_user_instances"), message);
    }

    @EngineTest
    void overflow_isToldOf_andTheWatchGoesOn(EngineKind engine) throws IOException {
        int limit = limit("max_queued_events");
        assumeTrue(limit <= 20_000, "the limit is high: " + limit);
        Path[] two = {directory.resolve("a"), directory.resolve("b")};
        for (Path path : two) {
            Files.createFile(path);
        }
        FileEvent overflow = new FileEvent.Overflow();
        int[] overflows = new int[1];
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(
                            reactor,
                            directory,
                            PLAIN.recursive(true),
                            event -> {
                                if (event.equals(overflow)) {
                                    overflows[0]++;
                                    // Made while events were lost, and under watch by now.
                                    Files.createFile(directory.resolve("late/f"));
                                } else if (event.equals(created("late/f"))) {
                                    watching.watcher.close();
                                }
                            });
                    watching.watcher.onReady(() -> {
                        for (int i = 0; i <= limit; i++) {
                            // Two names in turn, so that no two events are equal.
                            Files.setLastModifiedTime(two[i % 2], FileTime.fromMillis(i));
                        }
                        Files.createDirectory(directory.resolve("late"));
                    });
                });
        assertEquals(1, overflows[0]);
        assertEquals(limit + 2, watching.events.size());
        watching.assertClosedWell();
    }

    // ---- the end

    @EngineTest
    void closeInsideTheListener_endsIt_whateverIsQueued(EngineKind engine) {
        List<FileEvent> events =
                until(
                        engine,
                        directory,
                        PLAIN,
                        created("f0"),
                        () -> {
                            for (int i = 0; i < 10; i++) {
                                Files.createFile(directory.resolve("f" + i));
                            }
                        });
        assertEquals(List.of(created("f0")), events);
    }

    @EngineTest
    void closeWithEventsQueued_tellsNothing(EngineKind engine) {
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        watching.start(reactor, directory, PLAIN, event -> {})
                                .watcher
                                .onReady(() -> {
                                    Files.createFile(directory.resolve("f"));
                                    watching.watcher.close();
                                    watching.watcher.close();
                                }));
        assertEquals(List.of(), watching.events);
        watching.assertClosedWell();
    }

    @EngineTest
    void closeBeforeItHasStarted_isNoError(EngineKind engine) {
        Watching watching = new Watching();
        boolean[] ready = new boolean[1];
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(reactor, directory, PLAIN.recursive(true), event -> {});
                    watching.watcher.onReady(() -> ready[0] = true);
                    watching.watcher.close();
                    assertEquals(List.of(), watching.closes, "not inside the call");
                });
        watching.assertClosedWell();
        assertFalse(ready[0]);
    }

    @EngineTest
    void notPersistent_letsTheLoopEnd(EngineKind engine) {
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        watching.start(reactor, directory, PLAIN.persistent(false), event -> {}));
        watching.assertClosedWell();
    }

    @EngineTest
    void unref_letsTheLoopEnd_refTakesItBack(EngineKind engine) {
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(reactor, directory, PLAIN, event -> watching.watcher.unref());
                    watching.watcher.unref().ref();
                    assertTrue(watching.watcher.hasRef());
                    watching.watcher.onReady(() -> Files.createFile(directory.resolve("f")));
                });
        assertEquals(List.of(created("f")), watching.events);
        watching.assertClosedWell();
    }

    @EngineTest
    void abortSignal_closes(EngineKind engine) {
        Watching watching = new Watching();
        Watching never = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    watching.start(
                            reactor, directory, PLAIN.signal(controller.signal()), event -> {});
                    watching.watcher.onReady(() -> {
                        Files.createFile(directory.resolve("f"));
                        controller.abort();
                        never.start(
                                reactor, directory, PLAIN.signal(controller.signal()), event -> {});
                    });
                });
        assertEquals(List.of(), watching.events);
        watching.assertClosedWell();
        never.assertClosedWell();
    }

    @EngineTest
    void listenerThatThrows_losesNoEvent(EngineKind engine) {
        List<Throwable> uncaught = new ArrayList<>();
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(uncaught::add);
                    watching.start(
                            reactor,
                            directory,
                            PLAIN,
                            event -> {
                                if (event.equals(created("b"))) {
                                    watching.watcher.close();
                                }
                                throw new IllegalStateException(event.toString());
                            });
                    watching.watcher.onReady(() -> {
                        Files.createFile(directory.resolve("a"));
                        Files.createFile(directory.resolve("b"));
                    });
                });
        assertEquals(List.of(created("a"), created("b")), watching.events);
        assertEquals(2, uncaught.size());
    }

    // ---- arguments

    @Test
    void wrongArguments_throwAtTheCall() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (Watching.Step wrong :
                            Set.<Watching.Step>of(
                                    () -> fs.watch(null, event -> {}),
                                    () -> fs.watch(directory, null),
                                    () -> fs.watch(directory, null, event -> {}),
                                    () -> PLAIN.ignore(null),
                                    () -> PLAIN.signal(null))) {
                        assertThrows(IllegalArgumentException.class, wrong::run);
                    }
                });
    }
}
