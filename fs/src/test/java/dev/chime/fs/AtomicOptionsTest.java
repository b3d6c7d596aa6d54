package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** writeFileAtomic with options and of chunks, and options of calls below a root. */
class AtomicOptionsTest {
    private static final AtomicOptions DEFAULTS = AtomicOptions.defaults();

    @TempDir Path dir;

    private interface Calls {
        void make(Fs fs, Root root);
    }

    /** In a folder with the file "f", of mode 0640, that says "old"; and with a tree "t". */
    private void run(EngineKind engine, Calls calls) {
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        WriteOptions mode = WriteOptions.defaults().mode(0640);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            dir.resolve("t/a/b"),
                            parents,
                            (err, first) ->
                                    fs.writeFile(
                                            dir.resolve("f"),
                                            "old".getBytes(UTF_8),
                                            mode,
                                            written ->
                                                    fs.root(
                                                            dir,
                                                            (e, root) -> calls.make(fs, root))));
                });
    }

    private static Iterable<byte[]> chunks(int count, IntFunction<byte[]> make) {
        return () -> IntStream.range(0, count).mapToObj(make).iterator();
    }

    @EveryEngine
    void mode_isThatOfTheOptions_elseOfTheOldFile(EngineKind engine) {
        List<Heard<Void>> written = Fixtures.heards(4);
        List<Heard<Stats>> stats = Stream.generate(Heard<Stats>::new).limit(4).toList();
        run(
                engine,
                (fs, root) -> {
                    Path[] names = {Path.of("f"), Path.of("f"), Path.of("n"), Path.of("r")};
                    AtomicOptions[] options = {
                        DEFAULTS, DEFAULTS.mode(0604), DEFAULTS.mode(0666).flush(false), DEFAULTS
                    };
                    new Object() {
                        void next(int i) {
                            if (i == names.length) {
                                root.close(closed -> {});
                                return;
                            }
                            byte[] content = {1, 2};
                            root.writeFileAtomic(
                                    names[i],
                                    content,
                                    options[i],
                                    err -> {
                                        written.get(i).call(err);
                                        root.stat(
                                                names[i],
                                                (failed, of) -> {
                                                    stats.get(i).call(failed, of);
                                                    next(i + 1);
                                                });
                                    });
                        }
                    }.next(0);
                });
        written.forEach(Heard::ok);
        assertEquals(0100640, stats.get(0).ok().mode());
        assertEquals(0100604, stats.get(1).ok().mode());
        assertEquals(0100666, stats.get(2).ok().mode());
        assertEquals(2, stats.get(3).ok().size());
    }

    @EveryEngine
    void chunks_ofAnySize_becomeTheFile(EngineKind engine) {
        int[] sizes = {0, 3, 300_000, 0, 5_000, 262_144, 1};
        Heard<Void> written = new Heard<>();
        Heard<Void> below = new Heard<>();
        Heard<byte[]> read = new Heard<>();
        Heard<byte[]> readBelow = new Heard<>();
        Iterable<byte[]> chunks = chunks(sizes.length, i -> Fixtures.pattern(sizes[i]));
        run(
                engine,
                (fs, root) -> {
                    fs.writeFileAtomic(
                            dir.resolve("f"),
                            chunks,
                            DEFAULTS,
                            err -> {
                                written.call(err);
                                fs.readFile(dir.resolve("f"), read);
                            });
                    root.writeFileAtomic(
                            Path.of("g"),
                            chunks,
                            DEFAULTS,
                            err -> {
                                below.call(err);
                                root.readFile(
                                        Path.of("g"),
                                        (e, bytes) -> {
                                            readBelow.call(e, bytes);
                                            root.close(closed -> {});
                                        });
                            });
                });
        written.ok();
        below.ok();
        assertEquals(Arrays.stream(sizes).sum(), read.ok().length);
        int at = 0;
        for (int size : sizes) {
            byte[] piece = Arrays.copyOfRange(read.value, at, at + size);
            assertEquals(-1, Arrays.mismatch(Fixtures.pattern(size), piece));
            at += size;
        }
        assertEquals(-1, Arrays.mismatch(read.value, readBelow.ok()));
    }

    @EveryEngine
    void iteratorThatThrows_leavesTheOldFileAndNoOther(EngineKind engine) {
        Heard<Void> written = new Heard<>();
        Heard<String> read = new Heard<>();
        Heard<List<Path>> names = new Heard<>();
        Iterable<byte[]> broken =
                chunks(
                        3,
                        i -> {
                            if (i == 2) {
                                throw new IllegalStateException("no third");
                            }
                            return new byte[10];
                        });
        run(
                engine,
                (fs, root) -> {
                    root.close(closed -> {});
                    fs.writeFileAtomic(
                            dir.resolve("f"),
                            broken,
                            DEFAULTS,
                            err -> {
                                written.call(err);
                                fs.readFile(dir.resolve("f"), UTF_8, read);
                                fs.readdir(dir, names);
                            });
                });
        assertEquals("ERR_FS_CONTENT_FAILED", written.error().code());
        assertEquals("old", read.ok());
        assertEquals(List.of("f", "t"), names.ok().stream().map(Path::toString).sorted().toList());
    }

    @EveryEngine
    void belowARoot_readFileAndReaddirTakeOptions(EngineKind engine) {
        Heard<String> made = new Heard<>();
        Heard<byte[]> old = new Heard<>();
        Heard<List<Dirent>> tree = new Heard<>();
        Heard<List<Dirent>> flat = new Heard<>();
        ReadOptions create = ReadOptions.defaults().flags("a+");
        ReaddirOptions recursive = ReaddirOptions.defaults().recursive(true);
        run(
                engine,
                (fs, root) ->
                        root.readFile(
                                Path.of("t/new"),
                                UTF_8,
                                create,
                                (err, text) -> {
                                    made.call(err, text);
                                    root.readFile(Path.of("f"), create, old);
                                    root.readdir(Path.of("t"), ReaddirOptions.defaults(), flat);
                                    root.readdir(
                                            Path.of(""),
                                            recursive,
                                            (e, entries) -> {
                                                tree.call(e, entries);
                                                root.close(closed -> {});
                                            });
                                }));
        assertEquals("", made.ok());
        assertEquals(3, old.ok().length);
        assertEquals("t/a DIRECTORY, t/new FILE", text(flat));
        assertEquals("f FILE, t DIRECTORY, t/a DIRECTORY, t/a/b DIRECTORY, t/new FILE", text(tree));
    }

    private static String text(Heard<List<Dirent>> entries) {
        return entries.ok().stream()
                .map(entry -> entry.path() + " " + entry.type())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
