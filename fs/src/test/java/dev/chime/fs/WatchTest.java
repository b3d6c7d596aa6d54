package dev.chime.fs;

import static dev.chime.fs.Watching.created;
import static dev.chime.fs.Watching.deleted;
import static dev.chime.fs.Watching.modified;
import static dev.chime.fs.Watching.moved;
import static dev.chime.fs.Watching.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    private static final WatchOptions PLAIN = WatchOptions.defaults();
    private static final FileEvent ATTRIBUTES = new FileEvent.AttributesChanged(Path.of("f"));

    @TempDir Path temporary;

    private Path directory() {
        return temporary.resolve("watched");
    }

    private Path elsewhere() {
        return temporary.resolve("elsewhere");
    }

    private String elsewhere(String name) {
        return elsewhere().resolve(name).toString();
    }

    /** Both folders, and what else is there before the watch. */
    private Changes before() {
        return changes().folder("").folder(elsewhere().toString());
    }

    private Changes changes() {
        return Changes.in(directory());
    }

    private List<FileEvent> watch(
            EngineKind engine, FileEvent last, Changes before, Changes after) {
        return until(engine, directory(), PLAIN, last, before, after);
    }

    // ---- a folder

    @EveryEngine
    void folder_tellsOfCreateModifyRenameAndDelete(EngineKind engine) {
        Changes changes = changes().file("a").write("a").move("a", "b").remove("b");
        assertEquals(
                List.of(created("a"), modified("a"), moved("a", "b"), deleted("b")),
                watch(engine, deleted("b"), before(), changes));
    }

    @EveryEngine
    void attributes_areToldOfTheFileAndOfTheFolder(EngineKind engine) {
        FileEvent ofFolder = new FileEvent.AttributesChanged(Path.of(""));
        assertEquals(
                List.of(ATTRIBUTES, ofFolder),
                watch(engine, ofFolder, before().file("f"), changes().times("f").times("")));
    }

    @EveryEngine
    void halfRenames_areCreatedAndDeleted(EngineKind engine) {
        Changes before = before().file("inside").file(elsewhere("outside"));
        Changes changes =
                changes().move("inside", elsewhere("inside")).move(elsewhere("outside"), "outside");
        assertEquals(
                List.of(deleted("inside"), created("outside")),
                watch(engine, created("outside"), before, changes));
    }

    @EveryEngine
    void manyFilesMovedAway_waitOnceForTheOtherHalf(EngineKind engine) {
        Changes before = before();
        Changes changes = changes();
        List<FileEvent> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            before.file("f" + i);
            changes.move("f" + i, elsewhere("f" + i));
            expected.add(deleted("f" + i));
        }
        assertEquals(expected, watch(engine, expected.getLast(), before, changes));
    }

    @EveryEngine
    void nameThatIsNoText_keepsItsBytes(EngineKind engine) {
        Path name = NativePath.decode("x\377y".getBytes(ISO_8859_1));
        List<Path> made = new ArrayList<>();
        Heard<Void> removed = new Heard<>();
        Watching watching = new Watching();
        watching.run(
                engine,
                before(),
                directory(),
                PLAIN,
                event -> {
                    made.add(((FileEvent.Created) event).path());
                    // The path leads back to the file.
                    Fs.of(watching.reactor).unlink(directory().resolve(made.getFirst()), removed);
                    watching.watcher.close();
                },
                () -> changes().file(name).run(watching.reactor));
        removed.ok();
        assertTrue(made.getFirst().toUri().getRawPath().endsWith("/x%FFy"), made::toString);
    }

    @EveryEngine
    void folderBelow_isNotLookedInto(EngineKind engine) {
        assertEquals(
                List.of(created("sub"), created("last")),
                watch(
                        engine,
                        created("last"),
                        before(),
                        changes().folder("sub").file("sub/f").file("last")));
    }

    @EveryEngine
    void ignoredNames_areNotToldOf(EngineKind engine) {
        Changes changes = changes().file("y.tmp").move("x.tmp", "z").move("z", "z.tmp");
        assertEquals(
                List.of(created("z"), deleted("z")),
                until(
                        engine,
                        directory(),
                        PLAIN.ignore(path -> path.toString().endsWith(".tmp")),
                        deleted("z"),
                        before().file("x.tmp"),
                        changes));
    }

    @EveryEngine
    void removedFolder_isToldOf_andTheWatcherCloses(EngineKind engine) {
        Path folder = directory().resolve("d");
        for (Changes gone :
                List.of(changes().move("d", elsewhere("d")), changes().removeFolder("d"))) {
            Watching watching = new Watching();
            watching.run(
                    engine,
                    before().folder("d"),
                    folder,
                    PLAIN,
                    event -> {},
                    () -> gone.run(watching.reactor));
            assertEquals(List.of(deleted("")), watching.events);
            watching.assertClosedWell();
        }
    }

    // ---- a file

    @EveryEngine
    void file_survivesDeleteAndSaveByRename(EngineKind engine) {
        Changes changes =
                changes()
                        .file("other")
                        .remove("f")
                        .file("f")
                        // as editors save
                        .file("f.new")
                        .write("f.new")
                        .move("f.new", "f")
                        .write("f")
                        .times("f");
        assertEquals(
                List.of(deleted("f"), created("f"), modified("f"), modified("f"), ATTRIBUTES),
                until(
                        engine,
                        directory().resolve("f"),
                        PLAIN,
                        ATTRIBUTES,
                        before().file("f"),
                        changes));
    }

    @EveryEngine
    void fileWhoseFolderGoes_isDeleted_andTheWatcherCloses(EngineKind engine) {
        Watching watching = new Watching();
        watching.run(
                engine,
                before().folder("d").file("d/f"),
                directory().resolve("d/f"),
                PLAIN,
                event -> {},
                () -> changes().move("d", elsewhere("d")).run(watching.reactor));
        assertEquals(List.of(deleted("f")), watching.events);
        watching.assertClosedWell();
    }

    // ---- errors

    @EveryEngine
    void missingPath_isEnoentWithThePath(EngineKind engine) {
        Path missing = directory().resolve("none");
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

    @EveryEngine
    void pathThroughAFile_isEnotdir(EngineKind engine) {
        Watching watching = new Watching();
        Path path = directory().resolve("f/x");
        watching.run(engine, before().file("f"), path, PLAIN, event -> {}, () -> {});
        ErrnoException err = assertInstanceOf(ErrnoException.class, watching.errors.getFirst());
        assertEquals("ENOTDIR", err.code());
        assertEquals(path.toString(), err.path());
    }

    @EveryEngine
    void errorThatNobodyHears_isUncaught(EngineKind engine) {
        var thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> Fs.of(reactor).watch(directory(), event -> {})));
        assertTrue(thrown.getMessage().contains("ENOENT"), thrown::toString);
    }

    // ---- the end

    @EveryEngine
    void closeInsideTheListener_endsIt_whateverIsQueued(EngineKind engine) {
        Changes changes = changes();
        for (int i = 0; i < 10; i++) {
            changes.file("f" + i);
        }
        assertEquals(List.of(created("f0")), watch(engine, created("f0"), before(), changes));
    }

    /** The change is made at once, which no call of Chime does. */
    @EngineTest
    void closeWithEventsQueued_tellsNothing(EngineKind engine) {
        Watching watching = new Watching();
        watching.run(
                engine,
                before(),
                directory(),
                PLAIN,
                event -> {},
                () -> {
                    Files.createFile(directory().resolve("f"));
                    watching.watcher.close();
                    watching.watcher.close();
                });
        assertEquals(List.of(), watching.events);
        watching.assertClosedWell();
    }

    @EveryEngine
    void closeBeforeItHasStarted_isNoError(EngineKind engine) {
        Watching watching = new Watching();
        boolean[] ready = new boolean[1];
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(reactor, temporary, PLAIN.recursive(true), event -> {});
                    watching.watcher.onReady(() -> ready[0] = true);
                    watching.watcher.close();
                    assertEquals(List.of(), watching.closes, "not inside the call");
                });
        watching.assertClosedWell();
        assertFalse(ready[0]);
    }

    @EveryEngine
    void notPersistent_letsTheLoopEnd(EngineKind engine) {
        Watching watching = new Watching();
        watching.run(engine, before(), directory(), PLAIN.persistent(false), event -> {}, () -> {});
        watching.assertClosedWell();
    }

    @EveryEngine
    void unref_letsTheLoopEnd_refTakesItBack(EngineKind engine) {
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        before().run(
                                        reactor,
                                        () -> {
                                            watching.start(
                                                    reactor,
                                                    directory(),
                                                    PLAIN,
                                                    event -> watching.watcher.unref());
                                            watching.watcher.unref().ref();
                                            assertTrue(watching.watcher.hasRef());
                                            watching.watcher.onReady(
                                                    () -> changes().file("f").run(reactor));
                                        }));
        assertEquals(List.of(created("f")), watching.events);
        watching.assertClosedWell();
    }

    @EveryEngine
    void abortSignal_closes(EngineKind engine) {
        Watching watching = new Watching();
        Watching never = new Watching();
        Reactors.run(
                engine,
                reactor ->
                        before().run(
                                        reactor,
                                        () -> {
                                            AbortController controller =
                                                    new AbortController(reactor);
                                            WatchOptions options =
                                                    PLAIN.signal(controller.signal());
                                            watching.start(
                                                    reactor, directory(), options, event -> {});
                                            watching.watcher.onReady(() -> {
                                                controller.abort();
                                                changes().file("f").run(reactor);
                                                never.start(
                                                        reactor, directory(), options, event -> {});
                                            });
                                        }));
        assertEquals(List.of(), watching.events);
        watching.assertClosedWell();
        never.assertClosedWell();
    }

    @EveryEngine
    void listenerThatThrows_losesNoEvent(EngineKind engine) {
        List<Throwable> uncaught = new ArrayList<>();
        Watching watching = new Watching();
        watching.run(
                engine,
                before(),
                directory(),
                PLAIN,
                event -> {
                    if (event.equals(created("b"))) {
                        watching.watcher.close();
                    }
                    throw new IllegalStateException(event.toString());
                },
                () -> {
                    watching.reactor.onUncaught(uncaught::add);
                    changes().file("a").file("b").run(watching.reactor);
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
                    for (Executable wrong :
                            List.<Executable>of(
                                    () -> fs.watch(null, event -> {}),
                                    () -> fs.watch(temporary, null),
                                    () -> fs.watch(temporary, null, event -> {}),
                                    () -> PLAIN.ignore(null),
                                    () -> PLAIN.signal(null))) {
                        assertThrows(IllegalArgumentException.class, wrong);
                    }
                });
    }
}
