package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
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

/** opendir: reads one after the other, null at the end, the close and the walk. */
class DirTest {
    @TempDir Path dir;

    private interface Use {
        void with(Reactor reactor, Dir open) throws Exception;
    }

    private void withOpen(EngineKind engine, Use use) {
        Heard<Dir> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .opendir(
                                        dir,
                                        (err, open) -> {
                                            heard.call(err, open);
                                            use.with(reactor, heard.ok());
                                        }));
        heard.ok();
        assertEquals(0, Fixtures.openIn(dir.getParent()));
    }

    private Set<String> files(int count) throws IOException {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names.add(
                    Files.createFile(dir.resolve("name of a file ".repeat(15) + i)).getFileName()
                            + "");
        }
        return names;
    }

    private static void readAll(Dir open, Set<String> into, Heard<Void> closed) {
        open.read((err, entry) -> {
            if (entry == null) {
                open.close(closed);
                return;
            }
            assertTrue(into.add(entry.name()), "twice: " + entry);
            readAll(open, into, closed);
        });
    }

    @EngineTest
    void oneByOne_nullAtTheEnd(EngineKind engine) throws IOException {
        Set<String> expected = files(400); // more than one buffer
        Set<String> found = new HashSet<>();
        Heard<Void> closed = new Heard<>();
        withOpen(engine, (reactor, open) -> readAll(open, found, closed));
        closed.ok();
        assertEquals(expected, found);
    }

    @EngineTest
    void readAndBatchAtOnce_queueInOrder(EngineKind engine) throws IOException {
        Set<String> expected = files(5);
        List<String> order = new ArrayList<>();
        Set<String> found = new HashSet<>();
        withOpen(
                engine,
                (reactor, open) -> {
                    open.read((err, entry) -> {
                        order.add("first");
                        found.add(entry.name());
                    });
                    open.read((err, entry) -> {
                        order.add("second");
                        found.add(entry.name());
                    });
                    open.readBatch((err, rest) -> {
                        order.add("batch of " + rest.size());
                        rest.forEach(e -> found.add(e.name()));
                    });
                    open.read((err, entry) -> {
                        assertNull(entry);
                        order.add("end");
                    });
                    open.readBatch((err, rest) -> order.add("batch of " + rest.size()));
                    open.close(err -> order.add("close"));
                    order.add("returned");
                });
        assertEquals(
                List.of("returned", "first", "second", "batch of 3", "end", "batch of 0", "close"),
                order);
        assertEquals(expected, found);
    }

    @EngineTest
    void afterTheClose_errDirClosed(EngineKind engine) {
        Heard<Dirent> read = new Heard<>();
        Heard<List<Dirent>> batch = new Heard<>();
        Heard<Void> close = new Heard<>();
        List<Heard<?>> all = List.of(read, batch, close);
        withOpen(
                engine,
                (reactor, open) -> {
                    open.close(err -> assertNull(err));
                    open.read(read);
                    open.readBatch(batch);
                    open.close(close);
                    all.forEach(heard -> assertEquals(0, heard.calls));
                });
        for (Heard<?> heard : all) {
            assertEquals("ERR_DIR_CLOSED", heard.error().code());
            assertEquals("Directory handle was closed", heard.error().getMessage());
        }
    }

    @EngineTest
    void forEach_visitsAllAndCloses(EngineKind engine) throws IOException {
        Set<String> expected = files(400);
        Set<String> found = new HashSet<>();
        Heard<Void> end = new Heard<>();
        withOpen(engine, (reactor, open) -> open.forEach(e -> found.add(e.name()), end));
        end.ok();
        assertEquals(expected, found);
    }

    @EngineTest
    void forEach_stopsAtFalse(EngineKind engine) throws IOException {
        files(10);
        List<Dirent> found = new ArrayList<>();
        Heard<Void> end = new Heard<>();
        withOpen(
                engine,
                (reactor, open) ->
                        open.forEach(
                                e -> {
                                    found.add(e);
                                    return found.size() < 4;
                                },
                                end));
        end.ok();
        assertEquals(4, found.size());
    }

    @EngineTest
    void forEach_visitorThrows_closesAndTellsTheHandler(EngineKind engine) throws IOException {
        files(10);
        RuntimeException thrown = new RuntimeException("from the visitor");
        List<Throwable> uncaught = new ArrayList<>();
        Heard<Void> end = new Heard<>();
        withOpen(
                engine,
                (reactor, open) -> {
                    reactor.onUncaught(uncaught::add);
                    open.forEach(
                            e -> {
                                throw thrown;
                            },
                            end);
                });
        assertEquals(1, uncaught.size());
        assertSame(thrown, uncaught.getFirst());
        assertEquals("ECANCELED", end.error().code());
    }

    @EngineTest
    void forEach_cancelledOrClosedByTheVisitor_endsOnce(EngineKind engine) throws IOException {
        files(10);
        Heard<Void> cancelled = new Heard<>();
        withOpen(engine, (reactor, open) -> open.forEach(e -> true, cancelled).cancel());
        assertEquals("ECANCELED", cancelled.error().code());
        Heard<Void> closed = new Heard<>();
        withOpen(
                engine,
                (reactor, open) ->
                        open.forEach(
                                e -> {
                                    open.close(err -> assertNull(err));
                                    return false;
                                },
                                closed));
        closed.ok();
    }

    @EngineTest
    void leftOpen_isClosedByTheEnd_withAReadUnderWay(EngineKind engine) throws IOException {
        files(10);
        Heard<Dirent> read = new Heard<>();
        Heard<Dirent> queued = new Heard<>();
        withOpen(
                engine,
                (reactor, open) -> {
                    open.read(read);
                    open.read(queued).cancel();
                    reactor.stop();
                });
        read.assertOnce();
        assertEquals("ECANCELED", queued.error().code());
    }

    @EngineTest
    void missingOrNoDirectory_opendirSaysSo(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "file", new byte[1]);
        Heard<Dir> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).opendir(file, heard));
        assertEquals(
                "ENOTDIR: not a directory, opendir '" + file + "'", heard.errno().getMessage());
    }

    @EngineTest
    void bufferSize_boundsBatchesAndMemory(EngineKind engine) throws IOException {
        Set<String> expected = files(100);
        long[] lists = new long[2];
        for (int size : List.of(7, 100_000)) {
            OpendirOptions options = OpendirOptions.defaults().bufferSize(size);
            List<Integer> batches = new ArrayList<>();
            Set<String> found = new HashSet<>();
            Reactors.run(
                    engine,
                    reactor ->
                            Fs.of(reactor)
                                    .opendir(
                                            dir,
                                            options,
                                            (err, open) ->
                                                    batches(
                                                            open,
                                                            batches,
                                                            found,
                                                            () ->
                                                                    lists[size == 7 ? 0 : 1] =
                                                                            reactor.metrics()
                                                                                    .operation(
                                                                                            "GETDENTS")
                                                                                    .completed())));
            assertEquals(expected, found);
            assertTrue(batches.stream().allMatch(n -> n <= size), batches::toString);
            assertEquals(size == 7 ? 7 : 100, batches.getFirst());
        }
        assertTrue(lists[0] >= 100 * 230 / 4096, lists[0] + " calls");
        assertEquals(1, lists[1]);
        assertThrows(IllegalArgumentException.class, () -> OpendirOptions.defaults().bufferSize(0));
    }

    private static void batches(Dir open, List<Integer> sizes, Set<String> found, Runnable end) {
        open.readBatch((err, batch) -> {
            if (batch.isEmpty()) {
                end.run();
                open.close(closed -> {});
                return;
            }
            sizes.add(batch.size());
            batch.forEach(entry -> found.add(entry.name()));
            batches(open, sizes, found, end);
        });
    }
}
