package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A folder that turns into a link to the outside, and back, while paths are walked through it. */
class RootRaceTest {
    private static final int AT_ONCE = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String REFUSED = "ERR_FS_OUTSIDE_ROOT";

    /** What a walk may meet at the worst moment. */
    private static final Set<String> EXCUSES =
            Set.of(REFUSED, "ENOENT", "ENOTDIR", "EAGAIN", "EEXIST");

    @TempDir Path directory;
    private Path top;
    private Path outside;
    private volatile int swaps;

    /** By call: how often each outcome came. */
    private final Map<String, Map<String, Integer>> outcomes = new TreeMap<>();

    /** What earlier rounds have made, for others to rename and remove. */
    private final ArrayDeque<Path> files = new ArrayDeque<>();

    private final ArrayDeque<Path> folders = new ArrayDeque<>();
    private final ArrayDeque<Path> trees = new ArrayDeque<>();
    private boolean stopped;

    /** One kind of call, its name, and what it is to say, besides being refused. */
    private record Call(String name, String success, Start start) {}

    /** Starts the call of a round; {@code told} hears what became of it. */
    private interface Start {
        void of(Root root, int round, Told told) throws Exception;
    }

    private interface Told {
        void of(ReactorException err, String success) throws Exception;
    }

    @BeforeEach
    void makeTree() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        outside = Files.createDirectory(directory.resolve("outside"));
        for (Path each : List.of(Files.createDirectory(top.resolve("real")), outside)) {
            String where = each.equals(outside) ? "outside" : "inside";
            Files.createDirectory(each.resolve("deep"));
            Files.writeString(each.resolve("deep/" + where), "");
            Files.writeString(each.resolve("f"), where);
            Files.createSymbolicLink(each.resolve("l"), Path.of(where));
        }
        Files.setAttribute(outside.resolve("f"), "unix:mode", 0640);
        Files.setLastModifiedTime(outside.resolve("f"), FileTime.fromMillis(0));
        Files.createSymbolicLink(top.resolve("link"), Path.of("../outside"));
    }

    @EngineTest
    void swappedLink_neverLeadsOut(EngineKind engine) throws Exception {
        race(engine, calls(), 2000, this::swap);
    }

    @EngineTest
    void exchangedLink_neverLeadsOut_andTheNameIsAlwaysThere(EngineKind engine) throws Exception {
        Files.move(top.resolve("real"), top.resolve("a"));
        List<Call> calls = calls();
        calls.add(makes("parents", trees, RootRaceTest::mkdirs));
        race(engine, calls, 2000, over -> exchange(engine, over));
    }

    /** Where there is nothing called "a" for a moment it would make one. */
    private static void mkdirs(Root root, Path path, Done done) {
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        root.mkdir(path.resolve("x/y"), parents, (err, made) -> done.call(err));
    }

    @EngineTest
    @Tag("slow")
    void swappedLink_neverLeadsOut_hundredThousandTimes(EngineKind engine) throws Exception {
        race(engine, calls(), 100_000, this::swap);
    }

    private List<Call> calls() {
        Path f = Path.of("a/f");
        List<Call> calls = new ArrayList<>();
        calls.addAll(reading(f));
        calls.addAll(changing(f));
        calls.addAll(making());
        calls.addAll(removing());
        return calls;
    }

    private static List<Call> reading(Path f) {
        Path deep = Path.of("a/deep");
        return List.of(
                new Call(
                        "readFile", "inside", (root, i, told) -> root.readFile(f, UTF_8, told::of)),
                new Call(
                        "readFile by ..",
                        "inside",
                        (root, i, told) -> root.readFile(Path.of("a/deep/../f"), UTF_8, told::of)),
                new Call(
                        "readlink",
                        "inside",
                        (root, i, told) ->
                                root.readlink(Path.of("a/l"), (err, to) -> told.of(err, to + ""))),
                new Call(
                        "stat",
                        "inside",
                        (root, i, told) ->
                                root.stat(
                                        f,
                                        (err, stats) ->
                                                told.of(
                                                        err,
                                                        err == null && stats.size() == 7
                                                                ? "outside"
                                                                : "inside"))),
                new Call(
                        "access",
                        "there",
                        (root, i, told) -> root.access(f, err -> told.of(err, "there"))),
                new Call(
                        "readdir",
                        "[inside]",
                        (root, i, told) ->
                                root.readdir(deep, (err, names) -> told.of(err, names + ""))),
                new Call(
                        "opendir",
                        "[inside]",
                        (root, i, told) ->
                                root.opendir(deep, (err, open) -> walk(err, open, told))),
                new Call(
                        "createReadStream",
                        "inside",
                        (root, i, told) -> {
                            StringBuilder text = new StringBuilder();
                            root.createReadStream(f)
                                    .onData(data -> text.append(data.toString(UTF_8)))
                                    .onClose(err -> told.of(err, text.toString()));
                        }));
    }

    private static void walk(ReactorException err, Dir open, Told told) throws Exception {
        if (err != null) {
            told.of(err, "");
            return;
        }
        List<String> names = new ArrayList<>();
        open.forEach(entry -> names.add(entry.name()), failed -> told.of(failed, names + ""));
    }

    private static List<Call> changing(Path f) {
        Instant now = Instant.now();
        return List.of(
                changes("chmod", (root, i, done) -> root.chmod(f, 0600 | i & 077, done)),
                changes("chown", (root, i, done) -> root.chown(f, -1, -1, done)),
                changes("utimes", (root, i, done) -> root.utimes(f, now, now, done)),
                changes("lutimes", (root, i, done) -> root.lutimes(f, now, now, done)),
                changes(
                        "appendFile",
                        (root, i, done) -> root.appendFile(Path.of("a/log"), "x", done)),
                changes("truncate", (root, i, done) -> root.truncate(Path.of("a/log"), 5, done)),
                changes(
                        "writeFileAtomic",
                        (root, i, done) -> root.writeFileAtomic(Path.of("a/whole"), "x", done)),
                changes("copyFile", (root, i, done) -> root.copyFile(f, Path.of("a/c"), done)));
    }

    private interface Change {
        void of(Root root, int round, Done done);
    }

    private static Call changes(String name, Change change) {
        return new Call(
                name,
                "changed",
                (root, i, told) -> change.of(root, i, err -> told.of(err, "changed")));
    }

    private List<Call> making() {
        return List.of(
                makes("writeFile", files, (root, path, done) -> root.writeFile(path, "x", done)),
                makes("mkdir", folders, (root, path, done) -> root.mkdir(path, done)),
                makes(
                        "tree",
                        trees,
                        (root, path, done) ->
                                root.mkdir(
                                        path,
                                        err -> {
                                            Done full = err == null ? e -> done.call(null) : done;
                                            root.mkdir(path.resolve("x"), full);
                                        })),
                new Call(
                        "mkdtemp",
                        "made",
                        (root, i, told) ->
                                root.mkdtemp(
                                        "a/t",
                                        (err, path) -> {
                                            if (err == null) {
                                                folders.add(path);
                                            }
                                            told.of(err, "made");
                                        })),
                makes(
                        "symlink",
                        files,
                        (root, path, done) -> root.symlink(Path.of("f"), path, done)),
                makes("link", files, (root, path, done) -> root.link(Path.of("a/f"), path, done)),
                makes(
                        "createWriteStream",
                        files,
                        (root, path, done) -> {
                            WriteStream stream = root.createWriteStream(path);
                            stream.onClose(done);
                            stream.end("x");
                        }));
    }

    private interface ChangeOf {
        void of(Root root, Path path, Done done);
    }

    private static Call makes(String name, ArrayDeque<Path> made, ChangeOf change) {
        return new Call(
                name,
                "made",
                (root, i, told) -> {
                    Path path = Path.of("a/" + name.charAt(0) + i);
                    change.of(
                            root,
                            path,
                            err -> {
                                if (err == null) {
                                    made.add(path);
                                }
                                told.of(err, "made");
                            });
                });
    }

    private List<Call> removing() {
        RmOptions tree = RmOptions.defaults().recursive(true);
        return List.of(
                removes("unlink", files, (root, path, done) -> root.unlink(path, done)),
                removes("rmdir", folders, (root, path, done) -> root.rmdir(path, done)),
                removes("rm", trees, (root, path, done) -> root.rm(path, tree, done)),
                removes(
                        "rename",
                        files,
                        (root, path, done) -> {
                            Path to = Path.of(path + "r");
                            root.rename(
                                    path,
                                    to,
                                    err -> {
                                        if (err == null) {
                                            files.add(to);
                                        }
                                        done.call(err);
                                    });
                        }));
    }

    /** Of something that an earlier round has made; there may be nothing. */
    private static Call removes(String name, ArrayDeque<Path> made, ChangeOf change) {
        return new Call(
                name,
                "removed",
                (root, i, told) -> {
                    Path path = made.poll();
                    if (path == null) {
                        told.of(null, "nothing to do");
                        return;
                    }
                    change.of(
                            root,
                            path,
                            err -> {
                                if (err != null) {
                                    made.add(path); // it is still there
                                }
                                told.of(err, "removed");
                            });
                });
    }

    private void race(
            EngineKind engine, List<Call> calls, int rounds, Consumer<AtomicBoolean> swapping)
            throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Instant end = Instant.now().plus(PATIENCE);
        Thread swapper = Thread.ofPlatform().start(() -> swapping.accept(over));
        try {
            Reactors.run(
                    engine,
                    reactor ->
                            Fs.of(reactor)
                                    .root(
                                            top,
                                            (err, root) -> {
                                                for (int i = 0; i < AT_ONCE; i++) {
                                                    round(root, calls, i, rounds, end);
                                                }
                                            }));
        } finally {
            over.set(true);
            swapper.join();
        }
        assertTrue(swaps > 100, swaps + " swaps");
        for (Call call : calls) {
            for (String outcome : List.of(call.success, REFUSED)) {
                int count = outcomes.get(call.name).getOrDefault(outcome, 0);
                assertTrue(count > 0, call.name + " never " + outcome + ": " + outcomes);
            }
        }
        theOutsideIsAsItWas();
    }

    private void theOutsideIsAsItWas() throws IOException {
        try (Stream<Path> left = Files.list(outside)) {
            List<Path> names = Stream.of("deep", "f", "l").map(outside::resolve).toList();
            assertEquals(names, left.sorted().toList());
        }
        Path f = outside.resolve("f");
        assertEquals(0640, (int) Files.getAttribute(f, "unix:mode") & 07777);
        assertEquals(1, Files.getAttribute(f, "unix:nlink"));
        assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(f));
        assertEquals("outside", Files.readString(outside.resolve("f")));
    }

    /** The name "a" is the real folder, then the link, and so on. */
    private void swap(AtomicBoolean over) {
        Path a = top.resolve("a");
        try {
            while (!over.get()) {
                for (Path each : List.of(top.resolve("real"), top.resolve("link"))) {
                    Files.move(each, a, StandardCopyOption.ATOMIC_MOVE);
                    Thread.onSpinWait();
                    Files.move(a, each, StandardCopyOption.ATOMIC_MOVE);
                }
                swaps++;
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The name "a" is the real folder, or the link, and never nothing. */
    private void exchange(EngineKind engine, AtomicBoolean over) {
        Reactors.run(engine, reactor -> exchange(Fs.of(reactor), over));
    }

    private void exchange(Fs fs, AtomicBoolean over) {
        fs.rename(
                top.resolve("a"),
                top.resolve("link"),
                RenameFlag.EXCHANGE,
                err -> {
                    if (err != null) {
                        throw err;
                    }
                    swaps++;
                    if (!over.get()) {
                        exchange(fs, over);
                    }
                });
    }

    private boolean isOver(List<Call> calls, int i, int rounds, Instant end) {
        if (i < rounds || i % AT_ONCE != 0) {
            return false;
        }
        boolean all =
                calls.stream()
                        .allMatch(call -> {
                            Set<String> seen = outcomes.getOrDefault(call.name, Map.of()).keySet();
                            return seen.containsAll(Set.of(call.success, REFUSED));
                        });
        return all || Instant.now().isAfter(end);
    }

    private void round(Root root, List<Call> calls, int i, int rounds, Instant end)
            throws Exception {
        if (stopped || isOver(calls, i, rounds, end)) {
            stopped = true;
            return;
        }
        Call call = calls.get(i / AT_ONCE % calls.size());
        call.start.of(
                root,
                i,
                (err, success) -> {
                    String outcome = err == null ? success : err.code();
                    outcomes.computeIfAbsent(call.name, name -> new TreeMap<>())
                            .merge(outcome, 1, Integer::sum);
                    boolean excused = err != null && EXCUSES.contains(err.code());
                    boolean idle = outcome.equals("nothing to do");
                    assertTrue(
                            excused || idle || outcome.equals(call.success),
                            () -> call.name + ": " + outcome + ", " + err);
                    root.core()
                            .reactor()
                            .setImmediate(() -> round(root, calls, i + AT_ONCE, rounds, end));
                });
    }
}
