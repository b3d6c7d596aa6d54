package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.SimulatedDisk;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** cp while folders and files of both trees become links to the outside, and back. */
class CpRaceTest {
    private static final CpOptions TREE = CpOptions.defaults().recursive(true);
    private static final byte[] INSIDE = "inside".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OUTSIDE = "outside".getBytes(StandardCharsets.UTF_8);

    @TempDir Path dir;

    // ---- at each moment there is, on the simulated machine

    private static Simulation simulation(boolean merges) {
        Simulation simulation = Simulation.seeded(7);
        SimulatedDisk disk = simulation.disk();
        for (String name : List.of("f", "a/f", "a/g", "a/deep/f", "a/deep/g", "b/f")) {
            disk.put(Path.of("/from", name), INSIDE);
            if (merges) {
                disk.put(Path.of("/to", name), "old".getBytes(StandardCharsets.UTF_8));
            }
        }
        for (String name : List.of("f", "g", "deep/f", "deep/g", "more/f")) {
            disk.put(Path.of("/outside", name), OUTSIDE);
        }
        disk.link(Path.of("/folder"), Path.of("/outside"));
        disk.link(Path.of("/file"), Path.of("/outside/f"));
        return simulation;
    }

    /** Exchanges a name for a link after the nth result of an operation; how the call ended. */
    private static String exchangeAt(int nth, Path victim, Path link, boolean merges) {
        Simulation simulation = simulation(merges);
        int[] results = {0};
        boolean[] exchanged = {false};
        simulation.onOperation(line -> {
            if (++results[0] == nth) {
                exchanged[0] = simulation.disk().exchange(victim, link);
            }
        });
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                simulation.options(),
                reactor -> Fs.of(reactor).cp(Path.of("/from"), Path.of("/to"), TREE, heard));
        heard.assertOnce();
        SimulatedDisk disk = simulation.disk();
        int outside = 0;
        for (Path file : disk.files()) {
            byte[] content = disk.get(file);
            assertNotNull(content);
            boolean isCopy = file.startsWith("/to") || file.startsWith("/folder");
            if (Arrays.equals(content, OUTSIDE)) {
                assertFalse(isCopy && !file.startsWith(link), () -> nth + ": " + file);
                outside++;
            }
        }
        assertEquals(5, outside, () -> nth + ": " + disk.files());
        assertEquals(5, disk.files().stream().filter(f -> f.startsWith("/outside")).count());
        return results[0] < nth
                ? "over"
                : !exchanged[0] ? "too early" : heard.err == null ? "copied" : heard.err.code();
    }

    private static Map<String, Integer> exchangeAtEach(Path victim, Path link, boolean merges) {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int nth = 1; !outcomes.containsKey("over"); nth++) {
            outcomes.merge(exchangeAt(nth, victim, link, merges), 1, Integer::sum);
        }
        return outcomes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/from/a", "/from/a/deep", "/to/a", "/to/a/deep"})
    void folder_thatBecomesALink_atWhateverStep(String victim) {
        for (boolean merges : new boolean[] {false, true}) {
            Map<String, Integer> outcomes =
                    exchangeAtEach(Path.of(victim), Path.of("/folder"), merges);
            assertTrue(outcomes.getOrDefault("copied", 0) > 5, outcomes::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/from/f", "/from/a/f", "/to/f", "/to/a/f"})
    void file_thatBecomesALink_atWhateverStep(String victim) {
        for (boolean merges : new boolean[] {false, true}) {
            Map<String, Integer> outcomes =
                    exchangeAtEach(Path.of(victim), Path.of("/file"), merges);
            assertTrue(outcomes.getOrDefault("copied", 0) > 5, outcomes::toString);
        }
    }

    /** A folder of the destination that is a link when it is to be filled is refused. */
    @Test
    void destinationFolder_thatIsALinkInTime_isRefused() {
        Map<String, Integer> outcomes = exchangeAtEach(Path.of("/to/a"), Path.of("/folder"), true);
        assertTrue(outcomes.getOrDefault("ERR_FS_CP_DIR_TO_NON_DIR", 0) > 0, outcomes::toString);
    }

    // ---- at an exact moment, and at any, on real files

    private Path tree(String name, byte[] content) throws IOException {
        Path top = dir.resolve(name);
        for (String folder : List.of("a", "a/deep", "b")) {
            Files.createDirectories(top.resolve(folder));
            for (String file : List.of("f", "g")) {
                Files.write(top.resolve(folder).resolve(file), content);
            }
        }
        return top;
    }

    private static void assertAll(byte[] content, Path top) throws IOException {
        for (Map.Entry<String, String> entry : Trees.of(top).entrySet()) {
            if (!entry.getValue().equals("/") && !entry.getValue().startsWith("->")) {
                String text = new String(content, StandardCharsets.UTF_8);
                assertEquals(text, entry.getValue(), entry.getKey());
            }
        }
    }

    private Heard<Void> cpWith(
            EngineKind engine, Path from, Path to, BiPredicate<Path, Path> filter) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).cp(from, to, TREE.filter(filter), heard));
        heard.assertOnce();
        return heard;
    }

    @EngineTest
    void foldersExchangedByTheFilter_whenWeAreInThem(EngineKind engine) throws IOException {
        for (String side : List.of("from", "to")) {
            Path from = tree("from-" + side, INSIDE);
            Path to = dir.resolve("to-" + side);
            Path outside = tree("outside-" + side, OUTSIDE);
            Path link = Files.createSymbolicLink(dir.resolve("link-" + side), outside.resolve("a"));
            Path victim = (side.equals("from") ? from : to).resolve("a");
            AtomicInteger swaps = new AtomicInteger();
            cpWith(
                            engine,
                            from,
                            to,
                            (source, dest) -> {
                                if (source.getParent().endsWith("a")
                                        && swaps.getAndIncrement() == 0) {
                                    try (Libc libc = new Libc()) {
                                        assertTrue(Fixtures.exchange(libc, victim, link));
                                    }
                                }
                                return true;
                            })
                    .ok();
            assertTrue(swaps.get() > 0 && Files.isSymbolicLink(victim));
            assertAll(OUTSIDE, outside);
            assertEquals(10, Trees.of(outside).size());
            Path copy = side.equals("from") ? to.resolve("a") : link;
            assertAll(INSIDE, copy);
            assertEquals(6, Trees.of(copy).size());
        }
    }

    /** A FIFO that nobody writes to would keep the open of a copy waiting for ever. */
    @EngineTest
    void fifoThatComesAndGoes(EngineKind engine) throws Exception {
        Path from = tree("from", INSIDE);
        Path fifo = Fixtures.fifo(dir);
        Map<String, Integer> outcomes = new TreeMap<>();
        Fixtures.whileExchanging(
                from.resolve("b/f"),
                fifo,
                () -> Reactors.run(engine, reactor -> round(Fs.of(reactor), 150, outcomes)));
        assertAll(INSIDE, dir.resolve("to"));
        assertEquals(Set.of("copied", "ERR_FS_CP_FIFO_PIPE"), outcomes.keySet());
    }

    @EngineTest
    void linksThatComeAndGo(EngineKind engine) throws Exception {
        race(engine, 150);
    }

    @EngineTest
    @Tag("slow")
    void linksThatComeAndGo_often(EngineKind engine) throws Exception {
        race(engine, 5000);
    }

    private void race(EngineKind engine, int rounds) throws Exception {
        Path from = tree("from", INSIDE);
        Path to = tree("to", INSIDE);
        Path outside = tree("outside", OUTSIDE);
        Map<String, String> before = Trees.of(outside);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger swaps = new AtomicInteger();
        Map<String, Integer> outcomes = new TreeMap<>();
        Thread swapper = Thread.ofPlatform().start(() -> swap(over, swaps, from, to, outside));
        try {
            Reactors.run(engine, reactor -> round(Fs.of(reactor), rounds, outcomes));
        } finally {
            over.set(true);
            swapper.join();
        }
        assertEquals(before, Trees.of(outside));
        assertAll(INSIDE, to);
        assertTrue(swaps.get() > 10, swaps + " swaps");
        assertTrue(outcomes.getOrDefault("copied", 0) > 0, outcomes::toString);
        assertTrue(outcomes.size() > 1, outcomes::toString);
    }

    private void round(Fs fs, int left, Map<String, Integer> outcomes) {
        if (left > 0 || outcomes.size() < 2) { // until the other thread had its turn
            fs.cp(
                    dir.resolve("from"),
                    dir.resolve("to"),
                    TREE,
                    err -> {
                        outcomes.merge(err == null ? "copied" : err.code(), 1, Integer::sum);
                        round(fs, left - 1, outcomes);
                    });
        }
    }

    private void swap(AtomicBoolean over, AtomicInteger swaps, Path from, Path to, Path outside) {
        try (Libc libc = new Libc()) {
            Path folder = Files.createSymbolicLink(dir.resolve("folder"), outside.resolve("a"));
            Path file = Files.createSymbolicLink(dir.resolve("file"), outside.resolve("a/f"));
            while (!over.get()) {
                for (Path top : List.of(from, to)) {
                    for (int i = 0; i < 2; i++) {
                        for (int spin = 0; spin < 1000; spin++) {
                            Thread.onSpinWait();
                        }
                        swaps.addAndGet(Fixtures.exchange(libc, top.resolve("a"), folder) ? 1 : 0);
                        swaps.addAndGet(Fixtures.exchange(libc, top.resolve("b/f"), file) ? 1 : 0);
                    }
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
