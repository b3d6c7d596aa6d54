package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Pipeline;
import dev.chime.reactor.stream.Transform;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;

/** Files through pipelines. */
class StreamCopyTest {
    private static final int BIG = 64 << 20;
    private static final long BOUND = 4 * (64 << 10);

    @TempDir Path directory;

    private interface Make {
        void start(Reactor reactor, Fs fs, Heard<Void> done) throws Exception;
    }

    private static Heard<Void> run(EngineKind engine, Make make) {
        Heard<Void> done = new Heard<>();
        Reactors.run(engine, reactor -> make.start(reactor, Fs.of(reactor), done));
        done.assertOnce();
        return done;
    }

    @EngineTest
    void aBigFile_isCopiedExactly_inBoundedMemory(EngineKind engine) throws Exception {
        Path from = Fixtures.file(directory, "from", Fixtures.pattern(BIG));
        Path to = directory.resolve("to");
        long[] most = {0};
        run(
                        engine,
                        (reactor, fs, done) -> {
                            reactor.onCheck(() ->
                                    most[0] = Math.max(most[0], reactor.memory().usedBytes()));
                            Pipeline.run(
                                    fs.createReadStream(from),
                                    fs.createWriteStream(to),
                                    err -> {
                                        done.call(err);
                                        assertEquals(0, Fixtures.openIn(directory));
                                        reactor.stop();
                                    });
                        })
                .ok();
        assertEquals(-1, Files.mismatch(from, to));
        assertTrue(most[0] > 0 && most[0] <= BOUND, "held " + most[0]);
    }

    @EngineTest
    void packedAndUnpacked_itIsTheSame_andGzipAgrees(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(5_000_000);
        Path from = Fixtures.file(directory, "from", content);
        Path packed = directory.resolve("packed.gz");
        Path to = directory.resolve("to");
        run(
                        engine,
                        (reactor, fs, done) ->
                                Pipeline.from(fs.createReadStream(from))
                                        .through(Transform.gzip(reactor))
                                        .to(fs.createWriteStream(packed), done))
                .ok();
        assertTrue(Files.size(packed) < content.length);
        assertEquals(
                0,
                new ProcessBuilder("gzip", "-t", packed.toString()).inheritIO().start().waitFor());
        run(
                        engine,
                        (reactor, fs, done) ->
                                Pipeline.from(fs.createReadStream(packed))
                                        .through(Transform.gunzip(reactor))
                                        .to(fs.createWriteStream(to), done))
                .ok();
        assertEquals(-1, Files.mismatch(from, to));
    }

    @EngineTest
    void aFailureAtAnyStage_leavesNothingOpen(EngineKind engine) throws Exception {
        Path from = Fixtures.file(directory, "from", Fixtures.pattern(1_000_000));
        Path to = directory.resolve("to");
        Path none = directory.resolve("none/f");
        assertEquals(
                "ENOENT",
                run(
                                engine,
                                (reactor, fs, done) ->
                                        Pipeline.run(
                                                fs.createReadStream(none),
                                                fs.createWriteStream(to),
                                                done))
                        .error()
                        .code());
        assertEquals(
                "ENOENT",
                run(
                                engine,
                                (reactor, fs, done) ->
                                        Pipeline.run(
                                                fs.createReadStream(from),
                                                fs.createWriteStream(none),
                                                done))
                        .error()
                        .code());
        assertEquals(
                "EISDIR",
                run(
                                engine,
                                (reactor, fs, done) ->
                                        Pipeline.run(
                                                fs.createReadStream(directory),
                                                fs.createWriteStream(to),
                                                done))
                        .error()
                        .code());
        assertEquals(
                "ENOSPC",
                run(
                                engine,
                                (reactor, fs, done) ->
                                        Pipeline.run(
                                                fs.createReadStream(from),
                                                fs.createWriteStream(
                                                        Path.of("/dev/full"),
                                                        WriteStreamOptions.defaults().flags("r+")),
                                                done))
                        .error()
                        .code());
        assertEquals(
                "Z_DATA_ERROR",
                run(
                                engine,
                                (reactor, fs, done) ->
                                        Pipeline.from(fs.createReadStream(from))
                                                .through(Transform.gunzip(reactor))
                                                .to(fs.createWriteStream(to), done))
                        .error()
                        .code());
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void aCancel_closesBothFiles(EngineKind engine) throws Exception {
        Path from = Fixtures.sparse(directory, 1L << 40);
        Path to = Path.of("/dev/null");
        Heard<Void> heard =
                run(
                        engine,
                        (reactor, fs, done) -> {
                            var source = fs.createReadStream(from);
                            var operation =
                                    Pipeline.run(
                                            source,
                                            fs.createWriteStream(
                                                    to, WriteStreamOptions.defaults().flags("r+")),
                                            done);
                            Fixtures.everyTurn(
                                    reactor,
                                    () -> done.calls > 0,
                                    () -> {
                                        if (source.bytesRead() > 1_000_000) {
                                            operation.cancel();
                                        }
                                    });
                        });
        assertEquals("ECANCELED", heard.error().code());
        assertEquals(0, Fixtures.openIn(directory));
    }

    @EngineTest
    void aFileThatGrowsOrShrinksMeanwhile_breaksNothing(EngineKind engine) throws Exception {
        for (long size : new long[] {100_000, 3_000_000}) {
            Path from = Fixtures.file(directory, "from", Fixtures.pattern(1_000_000));
            Path to = directory.resolve("to");
            run(
                            engine,
                            (reactor, fs, done) -> {
                                ReadStream source = fs.createReadStream(from);
                                source.onOpen(file -> {
                                    try (var other =
                                            new java.io.RandomAccessFile(from.toFile(), "rw")) {
                                        other.setLength(size);
                                    }
                                });
                                Pipeline.run(source, fs.createWriteStream(to), done);
                            })
                    .ok();
            assertEquals(-1, Files.mismatch(from, to));
        }
    }

    /** Any sizes, any pauses, packed or not: what comes out is what went in. */
    @EveryEngine
    void randomPipelines_keepEveryByte(EngineKind engine) {
        long seed = Long.getLong("chime.seed", new SplittableRandom().nextLong());
        SplittableRandom random = new SplittableRandom(seed);
        boolean simulated = engine == EngineKind.SIM;
        Path from = simulated ? Path.of("/from") : directory.resolve("from");
        Path to = simulated ? Path.of("/to") : directory.resolve("to");
        for (int round = 0; round < 15; round++) {
            byte[] content = Fixtures.pattern(random.nextInt(1 << random.nextInt(1, 21)));
            SplittableRandom part = random.split();
            List<byte[]> copies = new ArrayList<>();
            String where = "seed " + seed + ", round " + round;
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        fs.writeFile(
                                from,
                                content,
                                err -> {
                                    assertNull(err, where);
                                    copy(
                                            reactor,
                                            fs,
                                            part,
                                            from,
                                            to,
                                            failure -> {
                                                if (failure != null) {
                                                    throw new AssertionError(where, failure);
                                                }
                                                fs.readFile(to, (e, bytes) -> copies.add(bytes));
                                            });
                                });
                    });
            assertEquals(1, copies.size(), where);
            assertArrayEquals(content, copies.getFirst(), where);
        }
    }

    private static void copy(
            Reactor reactor,
            Fs fs,
            SplittableRandom random,
            Path from,
            Path to,
            dev.chime.reactor.Done done) {
        ReadStream source =
                fs.createReadStream(
                        from,
                        ReadStreamOptions.defaults()
                                .highWaterMark(1 + random.nextInt(1 << random.nextInt(8, 19))));
        WriteStream destination =
                fs.createWriteStream(
                        to,
                        WriteStreamOptions.defaults()
                                .highWaterMark(1 + random.nextInt(1 << random.nextInt(1, 19)))
                                .flush(random.nextBoolean()));
        Pipeline pipeline = Pipeline.from(source);
        for (int i = random.nextInt(3); i > 0; i--) {
            pipeline.through(Transform.gzip(reactor, random.nextInt(10)));
            pipeline.through(Transform.passThrough(reactor));
            pipeline.through(Transform.gunzip(reactor));
        }
        boolean[] over = {false};
        pipeline.to(
                destination,
                err -> {
                    over[0] = true;
                    done.call(err);
                });
        disturb(reactor, random, source, over);
    }

    /** Pauses and resumes the source behind the pipeline's back. */
    private static void disturb(
            Reactor reactor, SplittableRandom random, ReadStream source, boolean[] over) {
        if (over[0]) {
            return;
        }
        if (random.nextInt(3) == 0) {
            source.pause();
            reactor.setTimeout(
                    random.nextInt(2),
                    () -> {
                        source.resume();
                        disturb(reactor, random, source, over);
                    });
        } else {
            reactor.setImmediate(() -> disturb(reactor, random, source, over));
        }
    }

    @EngineTest
    void aSlowDestination_holdsTheSourceBack(EngineKind engine) throws Exception {
        Path from = Fixtures.file(directory, "from", Fixtures.pattern(1_000_000));
        Path to = directory.resolve("to");
        long[] most = {0};
        List<ReactorException> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    ReadStream source = fs.createReadStream(from);
                    WriteStream destination = fs.createWriteStream(to);
                    Transform joint = Transform.passThrough(reactor);
                    source.pipe(joint);
                    joint.onData(data -> {
                        most[0] = Math.max(most[0], source.bytesRead() - joint.bytesRead());
                        destination.write(data);
                        joint.pause();
                        reactor.setTimeout(2, joint::resume);
                    });
                    joint.onEnd(destination::end);
                    destination.finished(heard::add);
                });
        assertEquals(1, heard.size());
        assertNull(heard.getFirst());
        assertEquals(-1, Files.mismatch(from, to));
        assertTrue(most[0] <= 6 * (64 << 10), "ahead by " + most[0]);
    }
}
