package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A folder that turns into a link to the outside, and back, while paths are walked through it. */
class RootRaceTest {
    private static final int AT_ONCE = 16;

    /** What a walk may meet at the worst moment. */
    private static final Set<String> EXCUSES =
            Set.of("ERR_FS_OUTSIDE_ROOT", "ENOENT", "ENOTDIR", "EAGAIN", "EEXIST");

    @TempDir Path directory;
    private Path top;
    private Path outside;
    private final Map<String, Integer> outcomes = new TreeMap<>();

    @BeforeEach
    void makeTree() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        outside = Files.createDirectory(directory.resolve("outside"));
        Files.createDirectories(top.resolve("real/deep"));
        Files.writeString(top.resolve("real/f"), "inside");
        Files.createDirectory(outside.resolve("deep"));
        Files.writeString(outside.resolve("f"), "outside");
        Files.setAttribute(outside.resolve("f"), "unix:mode", 0640);
        Files.setLastModifiedTime(outside.resolve("f"), FileTime.fromMillis(0));
        Files.createSymbolicLink(top.resolve("real/l"), Path.of("inside"));
        Files.createSymbolicLink(outside.resolve("l"), Path.of("outside"));
        Files.createSymbolicLink(top.resolve("link"), Path.of("../outside"));
    }

    @EngineTest
    void swappedLink_neverLeadsOut(EngineKind engine) throws Exception {
        race(engine, 3000);
    }

    @EngineTest
    @Tag("slow")
    void swappedLink_neverLeadsOut_hundredThousandTimes(EngineKind engine) throws Exception {
        race(engine, 100_000);
    }

    private void race(EngineKind engine, int rounds) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(over));
        try {
            Reactors.run(
                    engine,
                    reactor ->
                            Fs.of(reactor)
                                    .root(
                                            top,
                                            (err, root) -> {
                                                for (int i = 0; i < AT_ONCE; i++) {
                                                    round(root, i, rounds);
                                                }
                                            }));
        } finally {
            over.set(true);
            swapper.join();
        }
        try (Stream<Path> left = Files.list(outside)) {
            List<Path> names = Stream.of("deep", "f", "l").map(outside::resolve).toList();
            assertEquals(names, left.sorted().toList());
        }
        Path f = outside.resolve("f");
        assertEquals(0640, (int) Files.getAttribute(f, "unix:mode") & 07777);
        assertEquals(1, Files.getAttribute(f, "unix:nlink"));
        assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(f));
        assertEquals("outside", Files.readString(outside.resolve("f")));
        for (String outcome :
                List.of("inside", "changed", "linked", "there", "ERR_FS_OUTSIDE_ROOT")) {
            assertTrue(outcomes.getOrDefault(outcome, 0) > 0, outcomes::toString);
        }
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
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void round(Root root, int i, int rounds) {
        if (i >= rounds) {
            return;
        }
        int next = i + AT_ONCE;
        switch (i / AT_ONCE % 12) {
            case 0 ->
                    root.readFile(
                            Path.of("a/f"),
                            UTF_8,
                            (err, text) -> {
                                note(err, text);
                                round(root, next, rounds);
                            });
            case 1 ->
                    root.readFile(
                            Path.of("a/deep/../f"),
                            UTF_8,
                            (err, text) -> {
                                note(err, text);
                                round(root, next, rounds);
                            });
            case 2 ->
                    root.writeFile(
                            Path.of("a/new" + i),
                            "x",
                            err -> {
                                note(err, "written");
                                round(root, next, rounds);
                            });
            case 3 ->
                    root.mkdir(
                            Path.of("a/d" + i),
                            err -> {
                                note(err, "made");
                                round(root, next, rounds);
                            });
            case 4 ->
                    root.unlink(
                            Path.of("a/new" + (i - 2 * AT_ONCE)),
                            err -> {
                                note(err, "removed");
                                round(root, next, rounds);
                            });
            default -> change(root, i, () -> round(root, next, rounds));
        }
    }

    /** Attributes, links, and questions. */
    private void change(Root root, int i, Runnable next) {
        Path f = Path.of("a/f");
        Instant now = Instant.now();
        switch (i / AT_ONCE % 12) {
            case 5 -> root.chmod(f, 0600 | i & 077, err -> note(err, "changed", next));
            case 6 -> root.chown(f, -1, -1, err -> note(err, "changed", next));
            case 7 -> root.utimes(f, now, now, err -> note(err, "changed", next));
            case 8 -> root.lutimes(f, now, now, err -> note(err, "changed", next));
            case 9 -> root.symlink(f, Path.of("a/s" + i), err -> note(err, "linked", next));
            case 10 -> root.link(f, Path.of("a/h" + i), err -> note(err, "linked", next));
            default ->
                    root.readlink(
                            Path.of("a/l"),
                            (err, target) -> {
                                note(err, String.valueOf(target));
                                root.access(f, failure -> note(failure, "there", next));
                            });
        }
    }

    private void note(ReactorException err, String success, Runnable next) {
        note(err, success);
        next.run();
    }

    private void note(ReactorException err, String success) {
        String outcome = err == null ? success : err.code();
        outcomes.merge(outcome, 1, Integer::sum);
        assertTrue(err == null || EXCUSES.contains(err.code()), () -> String.valueOf(err));
        assertTrue(!"outside".equals(success), "it has left the root");
    }
}
