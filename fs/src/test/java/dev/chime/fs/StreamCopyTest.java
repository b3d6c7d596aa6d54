package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
        assertTrue(most[0] <= 64 << 10, "held " + most[0]); // the read that finds the end
    }

    @EngineTest
    void whereTheKernelCannotCopy_bytesPassInBoundedMemory(EngineKind engine) throws Exception {
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
                                    fs.createWriteStream(
                                            to, WriteStreamOptions.defaults().flags("a")),
                                    err -> {
                                        done.call(err);
                                        reactor.stop();
                                    });
                        })
                .ok();
        assertEquals(-1, Files.mismatch(from, to));
        assertTrue(most[0] > 0 && most[0] <= BOUND, "held " + most[0]);
    }

    @EveryEngine
    void aCopyGoesBehindWhatWasWritten_andBeforeWhatIsWrittenAfterIt(EngineKind engine) {
        byte[] content = Fixtures.pattern(10_000_000);
        Path from = path(engine, "from");
        Path to = path(engine, "to");
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(
                            from,
                            content,
                            err -> {
                                assertNull(err);
                                ReadStream source = fs.createReadStream(from);
                                WriteStream destination = fs.createWriteStream(to);
                                destination.write("head");
                                source.pipe(destination, false);
                                source.onEnd(() -> destination.end("tail"));
                                destination.finished(failure -> {
                                    assertNull(failure);
                                    assertEquals(content.length, source.bytesRead());
                                    assertEquals(content.length + 8, destination.bytesWritten());
                                    fs.readFile(to, heard::call);
                                });
                            });
                });
        ByteBuffer copy = ByteBuffer.wrap(heard.ok());
        assertEquals(content.length + 8, copy.remaining());
        assertEquals(ByteBuffer.wrap("head".getBytes(UTF_8)), copy.slice(0, 4));
        assertEquals(ByteBuffer.wrap(content), copy.slice(4, content.length));
        assertEquals(ByteBuffer.wrap("tail".getBytes(UTF_8)), copy.slice(4 + content.length, 4));
    }

    @EveryEngine
    void writesIntoTheMiddleOfACopy_stayWhole(EngineKind engine) {
        byte[] content = new byte[20_000_000];
        Arrays.fill(content, (byte) 'c');
        byte[] mark = "MARK".getBytes(UTF_8);
        Path from = path(engine, "from");
        Path to = path(engine, "to");
        Heard<byte[]> heard = new Heard<>();
        int[] marks = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(
                            from,
                            content,
                            err -> {
                                assertNull(err);
                                ReadStream source = fs.createReadStream(from);
                                WriteStream destination = fs.createWriteStream(to);
                                source.pipe(destination);
                                Fixtures.everyTurn(
                                        reactor,
                                        destination::isEnding,
                                        () -> {
                                            if (marks[0] < 50 && !destination.isEnding()) {
                                                destination.write(mark);
                                                marks[0]++;
                                            }
                                        });
                                destination.finished(failure -> {
                                    assertNull(failure);
                                    fs.readFile(to, heard::call);
                                });
                            });
                });
        String copy = new String(heard.ok(), UTF_8);
        assertTrue(marks[0] > 0);
        assertEquals(content.length + 4L * marks[0], copy.length());
        assertEquals(content.length, copy.replace("MARK", "").length());
    }

    @EveryEngine
    void aRange_isCopiedToAPlace(EngineKind engine) {
        byte[] content = Fixtures.pattern(9_000_000);
        Path from = path(engine, "from");
        Path to = path(engine, "to");
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(
                            from,
                            content,
                            err ->
                                    Pipeline.run(
                                            fs.createReadStream(
                                                    from,
                                                    ReadStreamOptions.defaults()
                                                            .start(1001)
                                                            .end(8_000_000)),
                                            fs.createWriteStream(
                                                    to, WriteStreamOptions.defaults().start(7)),
                                            failure -> {
                                                assertNull(failure);
                                                fs.readFile(to, heard::call);
                                            }));
                });
        byte[] copy = heard.ok();
        assertEquals(7 + 8_000_000 - 1000, copy.length);
        assertArrayEquals(new byte[7], Arrays.copyOf(copy, 7));
        assertEquals(
                ByteBuffer.wrap(content, 1001, 8_000_000 - 1000),
                ByteBuffer.wrap(copy, 7, copy.length - 7));
    }

    @EngineTest
    void anEndInTheMiddleOfACopy_isAnError(EngineKind engine) throws Exception {
        Path from = Fixtures.sparse(directory, 1L << 30);
        Path to = directory.resolve("to");
        Heard<Void> heard =
                run(
                        engine,
                        (reactor, fs, done) -> {
                            ReadStream source = fs.createReadStream(from);
                            WriteStream destination = fs.createWriteStream(to);
                            source.pipe(destination);
                            source.finished(done);
                            destination.onReady(
                                    () -> reactor.setTimeout(2, () -> destination.end("end")));
                        });
        assertEquals("ERR_STREAM_WRITE_AFTER_END", heard.error().code());
        assertEquals(0, Fixtures.openIn(directory));
        assertTrue(Files.readAllBytes(to).length >= 3);
    }

    @EngineTest
    void aSourceDestroyedInTheMiddle_closesBoth_andItsHandleOutlivesTheCopy(EngineKind engine)
            throws Exception {
        Path from = Fixtures.sparse(directory, 1L << 40);
        Path to = directory.resolve("to");
        for (boolean closeHandle : new boolean[] {false, true}) {
            Heard<Void> heard =
                    run(
                            engine,
                            (reactor, fs, done) -> {
                                ReadStream source = fs.createReadStream(from);
                                WriteStream destination = fs.createWriteStream(to);
                                source.pipe(destination);
                                destination.finished(done);
                                destination.onReady(() ->
                                        reactor.setTimeout(
                                                3,
                                                () -> {
                                                    if (closeHandle) {
                                                        source.file().close(err -> {});
                                                    } else {
                                                        source.destroy();
                                                    }
                                                }));
                            });
            assertEquals(
                    closeHandle ? "EBADF" : "ERR_STREAM_PREMATURE_CLOSE", heard.error().code());
            assertEquals(0, Fixtures.openIn(directory));
        }
    }

    private Path path(EngineKind engine, String name) {
        return engine == EngineKind.SIM ? Path.of("/" + name) : directory.resolve(name);
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
        Path from = path(engine, "from");
        Path to = path(engine, "to");
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
