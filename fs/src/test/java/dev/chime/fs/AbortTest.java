package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Whole files under an abort signal or a deadline. */
class AbortTest {
    @TempDir Path directory;

    private interface Use {
        void of(Reactor reactor, Fs fs, Path old) throws Exception;
    }

    /** Runs in a folder, of the simulation's disk if need be, with a file that says "old". */
    private void run(EngineKind engine, String old, Use use) {
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            directory,
                            MkdirOptions.defaults().recursive(true),
                            (failed, made) ->
                                    fs.writeFile(
                                            directory.resolve("old"),
                                            old,
                                            err -> use.of(reactor, fs, directory.resolve("old"))));
                });
    }

    @EveryEngine
    void abortedBefore_nothingIsTouched(EngineKind engine) {
        List<Heard<?>> all = new ArrayList<>();
        Heard<Boolean> made = new Heard<>();
        Heard<String> text = new Heard<>();
        run(
                engine,
                "old",
                (reactor, fs, old) -> {
                    AbortController controller = new AbortController(reactor);
                    controller.abort();
                    Path none = directory.resolve("new");
                    Heard<byte[]> read = new Heard<>();
                    Heard<byte[]> made2 = new Heard<>();
                    List<Heard<Void>> written = Fixtures.heards(4);
                    ReadOptions creates = ReadOptions.defaults().flags("a+");
                    List<Operation> calls =
                            List.of(
                                    fs.readFile(old, read),
                                    fs.readFile(none, creates, made2),
                                    fs.writeFile(none, "x", written.get(0)),
                                    fs.writeFile(old, "x", written.get(1)),
                                    fs.appendFile(old, "x", written.get(2)),
                                    fs.writeFile(none, List.of("x"), written.get(3)));
                    calls.forEach(call -> call.abortOn(controller.signal()));
                    all.add(read);
                    all.add(made2);
                    all.addAll(written);
                    all.forEach(heard -> assertEquals(0, heard.calls, "never inside the call"));
                    reactor.setTimeout(
                            20,
                            () -> {
                                fs.exists(none, made);
                                fs.readFile(old, UTF_8, text);
                            });
                });
        all.forEach(heard -> assertEquals("ECANCELED", heard.errno().code()));
        assertFalse(made.ok());
        assertEquals("old", text.ok());
    }

    @EveryEngine
    void handleAbortedBefore_neitherMovesNorWrites(EngineKind engine) {
        List<Heard<?>> all = new ArrayList<>();
        Heard<String> text = new Heard<>();
        run(
                engine,
                "old",
                (reactor, fs, old) ->
                        fs.open(
                                old,
                                "r+",
                                (err, file) -> {
                                    AbortController controller = new AbortController(reactor);
                                    controller.abort();
                                    Heard<byte[]> read = new Heard<>();
                                    List<Heard<Void>> written = Fixtures.heards(4);
                                    WriteOptions flush = WriteOptions.defaults().flush(true);
                                    List<Operation> calls =
                                            List.of(
                                                    file.readFile(read),
                                                    file.writeFile("x", written.get(0)),
                                                    file.appendFile("x", written.get(1)),
                                                    file.writeFile(
                                                            new byte[] {1}, flush, written.get(2)),
                                                    file.writeFile(List.of("x"), written.get(3)));
                                    calls.forEach(call -> call.abortOn(controller.signal()));
                                    all.add(read);
                                    all.addAll(written);
                                    file.readFile(UTF_8, text);
                                }));
        all.forEach(heard -> assertEquals("ECANCELED", heard.errno().code()));
        assertEquals("old", text.ok(), "read from the start");
    }

    @EveryEngine
    void abortedDuring_endsEarlyAndClosed(EngineKind engine) {
        byte[] content = Fixtures.pattern(8 << 20);
        List<Heard<Void>> heard = Fixtures.heards(3);
        Heard<byte[]> read = new Heard<>();
        run(
                engine,
                "x".repeat(2 << 20),
                (reactor, fs, old) -> {
                    AbortController controller = new AbortController(reactor);
                    WriteOptions options = WriteOptions.defaults();
                    Path to = directory.resolve("to");
                    fs.writeFile(to, content, heard.get(0)).abortOn(controller.signal());
                    fs.appendFile(to, content, options, heard.get(1)).abortOn(controller.signal());
                    fs.writeFile(to, List.of(content), heard.get(2)).abortOn(controller.signal());
                    fs.readFile(old, read).abortOn(controller.signal());
                    Fixtures.afterTurns(reactor, 3, controller::abort);
                });
        heard.forEach(each -> assertEquals("ECANCELED", each.errno().code()));
        assertEquals("ECANCELED", read.errno().code());
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EveryEngine
    void abortedAfter_changesNothing(EngineKind engine) {
        Heard<byte[]> read = new Heard<>();
        Heard<Void> written = new Heard<>();
        Heard<byte[]> again = new Heard<>();
        run(
                engine,
                "old",
                (reactor, fs, old) -> {
                    AbortController controller = new AbortController(reactor);
                    Operation call = fs.readFile(old, read);
                    call.abortOn(controller.signal());
                    fs.writeFile(
                                    directory.resolve("to"),
                                    "x",
                                    err -> {
                                        written.call(err);
                                        fs.readFile(old, again);
                                        controller.abort();
                                        call.abortOn(controller.signal());
                                    })
                            .abortOn(controller.signal());
                    Fixtures.everyTurn(reactor, () -> read.calls > 0, () -> {});
                });
        read.assertOnce();
        written.ok();
        assertEquals(3, again.ok().length, "somebody else's operation");
    }

    @EngineTest
    void deadline_endsAReadThatWaits(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        List<Heard<byte[]>> heard = List.of(new Heard<>(), new Heard<>());
        try (RandomAccessFile writer = new RandomAccessFile(fifo.toFile(), "rw")) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        for (Heard<byte[]> each : heard) {
                            fs.readFile(fifo, each).deadline(Duration.ofMillis(5));
                        }
                        // A worker of the pool that is in read(2) must be let out.
                        reactor.setTimeout(30, () -> writer.write(new byte[2]));
                        Fixtures.everyTurn(
                                reactor,
                                () -> heard.stream().allMatch(each -> each.calls > 0),
                                () -> writer.write(1));
                    });
        }
        heard.forEach(each -> assertEquals("ETIMEDOUT", each.errno().code()));
    }

    @EveryEngine
    void deadline_endsAContentWithoutEnd(EngineKind engine) {
        List<Heard<Void>> heard = Fixtures.heards(3);
        Iterable<String> endless = () -> Stream.generate(() -> "x").iterator();
        Duration limit = Duration.ofMillis(20);
        run(
                engine,
                "old",
                (reactor, fs, old) -> {
                    fs.writeFile(directory.resolve("f"), endless, heard.get(0)).deadline(limit);
                    fs.open(
                            old,
                            "a",
                            (err, file) -> file.writeFile(endless, heard.get(1)).deadline(limit));
                    fs.root(
                            directory,
                            (err, root) ->
                                    root.writeFile(Path.of("r"), endless, heard.get(2))
                                            .deadline(limit));
                });
        heard.forEach(each -> assertEquals("ETIMEDOUT", each.errno().code()));
        assertEquals("write", heard.getFirst().errno().syscall());
    }

    @EveryEngine
    void readFile_opensAsTheFlagsSay(EngineKind engine) {
        Heard<byte[]> made = new Heard<>();
        Heard<String> refused = new Heard<>();
        Heard<Boolean> there = new Heard<>();
        run(
                engine,
                "old",
                (reactor, fs, old) -> {
                    Path none = directory.resolve("new");
                    ReadOptions exclusive = ReadOptions.defaults().flags("wx+");
                    fs.readFile(old, UTF_8, exclusive, refused);
                    fs.readFile(
                            none,
                            exclusive,
                            (err, bytes) -> {
                                made.call(err, bytes);
                                fs.exists(none, there);
                            });
                });
        assertEquals("EEXIST", refused.errno().code());
        assertEquals(0, made.ok().length);
        assertTrue(there.ok());
    }

    @EngineTest
    void readFileOfAFifo_withNonblock_waitsForNobody(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        Heard<byte[]> heard = new Heard<>();
        var flags = Set.of(OpenFlag.READ, OpenFlag.NONBLOCK);
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor).readFile(fifo, ReadOptions.defaults().flags(flags), heard));
        assertEquals(0, heard.ok().length);
    }

    @EveryEngine
    void handleAppendFile_withFlush_syncs(EngineKind engine) {
        Heard<Void> heard = new Heard<>();
        long[] syncs = new long[1];
        run(
                engine,
                "old",
                (reactor, fs, old) ->
                        fs.open(
                                old,
                                "a",
                                (err, file) ->
                                        file.appendFile(
                                                "x".getBytes(UTF_8),
                                                WriteOptions.defaults().flush(true),
                                                failed -> {
                                                    heard.call(failed);
                                                    syncs[0] =
                                                            reactor.metrics()
                                                                    .operations()
                                                                    .get("FSYNC")
                                                                    .completed();
                                                    file.close(closed -> {});
                                                })));
        heard.ok();
        assertEquals(1, syncs[0]);
    }
}
