package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two threads change a tree at random, as fast as they can, while it is watched: whoever does what
 * the events say has the same tree in the end.
 */
class WatchFuzzTest {
    private static final long SEED = Long.getLong("chime.seed", 1);
    private static final int ROUNDS = Integer.getInteger("chime.watchRounds", 12);
    private static final int STEPS = 150;
    private static final int NAMES = 4;

    /** Calls under way at once in the simulation. */
    private static final int LANES = 3;

    @TempDir Path directory;
    @TempDir Path elsewhere;

    /** The names as a listener knows them. */
    private static final class Model {
        final TreeSet<Path> names = new TreeSet<>();
        final List<FileEvent> events = new ArrayList<>();
        private final boolean renames;

        Model(boolean renames) {
            this.renames = renames;
        }

        void apply(FileEvent event) {
            events.add(event);
            switch (event) {
                case FileEvent.Created(Path path) -> {
                    // Only a rename from elsewhere takes the place of a name that is there.
                    boolean there = names.removeIf(name -> name.startsWith(path));
                    assertTrue(renames || !there, () -> "told of twice: " + path);
                    names.add(path);
                }
                case FileEvent.Deleted(Path path) -> names.removeIf(name -> name.startsWith(path));
                case FileEvent.Moved(Path from, Path to) -> move(from, to);
                case FileEvent.Modified m -> {}
                case FileEvent.AttributesChanged a -> {}
                case FileEvent.Overflow o -> throw new AssertionError("too much for this test");
            }
        }

        private void move(Path from, Path to) {
            List<Path> moving = names.stream().filter(name -> name.startsWith(from)).toList();
            names.removeIf(name -> name.startsWith(from) || name.startsWith(to));
            for (Path name : moving) {
                names.add(name.equals(from) ? to : to.resolve(from.relativize(name)));
            }
            names.add(to);
        }
    }

    @EngineTest
    void events_tellTheTree(EngineKind engine) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED + round;
            Path top = Files.createDirectory(directory.resolve("r" + round));
            Path outside = Files.createDirectory(elsewhere.resolve("r" + round));
            Model model = new Model(round % 2 == 0);
            try {
                watch(engine, top, outside, seed, model);
                assertEquals(tree(top), model.names);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + model.events, e);
            }
        }
    }

    private static void watch(EngineKind engine, Path top, Path outside, long seed, Model model) {
        Path end = Path.of("end");
        Watching watching = new Watching();
        Reactors.run(
                engine,
                reactor -> {
                    watching.start(
                            reactor,
                            top,
                            WatchOptions.defaults().recursive(true),
                            event -> {
                                model.apply(event);
                                if (event.equals(new FileEvent.Created(end))) {
                                    watching.watcher.close();
                                }
                            });
                    watching.watcher.onReady(() ->
                            Thread.ofPlatform()
                                    .start(() -> change(top, outside, seed, model.renames)));
                });
        watching.assertClosedWell();
    }

    private static void change(Path top, Path outside, long seed, boolean renames) {
        Thread other =
                Thread.ofPlatform()
                        .start(() -> steps(top, outside, new Random(seed * 1000), renames));
        steps(top, outside, new Random(seed), renames);
        try {
            other.join();
            Files.createFile(top.resolve("end"));
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void steps(Path top, Path outside, Random random, boolean renames) {
        for (int i = 0; i < STEPS; i++) {
            try {
                step(top, outside, random, renames);
            } catch (FileSystemException | UncheckedIOException e) {
                // The other thread was there before, or the tree is not so.
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void step(Path top, Path outside, Random random, boolean renames)
            throws IOException {
        Path path = pick(top, random);
        switch (random.nextInt(renames ? 8 : 5)) {
            case 0, 1 -> Files.createFile(path);
            case 2, 3 -> Files.createDirectories(path);
            case 4 -> remove(path);
            case 5 -> Files.move(path, pick(top, random), StandardCopyOption.ATOMIC_MOVE);
            case 6 ->
                    Files.move(path, outside.resolve(name(random)), StandardCopyOption.ATOMIC_MOVE);
            default ->
                    Files.move(outside.resolve(name(random)), path, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** The same on the simulated machine, with several calls under way at once. */
    @Test
    void events_tellTheSimulatedTree() {
        for (long seed = SEED; seed < SEED + 5L * ROUNDS; seed++) {
            Model model = new Model(seed % 2 == 0);
            try {
                assertEquals(simulated(seed, model), model.names);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + model.events, e);
            }
        }
    }

    /** The tree in the end. */
    private static TreeSet<Path> simulated(long seed, Model model) {
        Path top = Path.of("/tmp/top");
        Simulation simulation = Simulation.seeded(seed);
        simulation.disk().directory(top).directory(Path.of("/tmp/outside"));
        TreeSet<Path> names = new TreeSet<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Watching watching = new Watching();
                    watching.start(
                            reactor,
                            top,
                            WatchOptions.defaults().recursive(true),
                            event -> {
                                model.apply(event);
                                if (event.equals(new FileEvent.Created(Path.of("end")))) {
                                    watching.watcher.close();
                                    fs.readdir(
                                            top,
                                            ReaddirOptions.defaults().recursive(true),
                                            (err, entries) ->
                                                    entries.forEach(e ->
                                                            names.add(top.relativize(e.path()))));
                                }
                            });
                    watching.watcher.onReady(() -> {
                        Random random = new Random(seed);
                        int[] left = {LANES};
                        for (int lane = 0; lane < LANES; lane++) {
                            simulatedSteps(fs, top, random, model.renames, STEPS / LANES, left);
                        }
                    });
                });
        return names;
    }

    private static void simulatedSteps(
            Fs fs, Path top, Random random, boolean renames, int steps, int[] left) {
        if (steps == 0) {
            if (--left[0] == 0) {
                fs.writeFile(top.resolve("end"), "", err -> {});
            }
            return;
        }
        // An error says that another call was there before, or the tree is not so.
        Done next = err -> simulatedSteps(fs, top, random, renames, steps - 1, left);
        Path path = pick(top, random);
        Path outside = Path.of("/tmp/outside").resolve(name(random));
        switch (random.nextInt(renames ? 8 : 5)) {
            case 0, 1 ->
                    fs.open(
                            path,
                            "wx",
                            (err, file) -> {
                                if (err == null) {
                                    file.close(next);
                                } else {
                                    next.call(err);
                                }
                            });
            case 2, 3 ->
                    fs.mkdir(
                            path,
                            MkdirOptions.defaults().recursive(true),
                            (err, first) -> next.call(err));
            case 4 -> fs.rm(path, RmOptions.defaults().recursive(true), next);
            case 5 -> fs.rename(path, pick(top, random), next);
            case 6 -> fs.rename(path, outside, next);
            default -> fs.rename(outside, path, next);
        }
    }

    private static Path pick(Path top, Random random) {
        Path path = top.resolve(name(random));
        while (random.nextInt(3) > 0) {
            path = path.resolve(name(random));
        }
        return path;
    }

    private static String name(Random random) {
        return "n" + random.nextInt(NAMES);
    }

    private static void remove(Path path) throws IOException {
        try (Stream<Path> below = Files.walk(path)) {
            for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static TreeSet<Path> tree(Path top) throws IOException {
        TreeSet<Path> names = new TreeSet<>();
        try (Stream<Path> below = Files.walk(top)) {
            below.filter(path -> !path.equals(top)).map(top::relativize).forEach(names::add);
        }
        return names;
    }
}
