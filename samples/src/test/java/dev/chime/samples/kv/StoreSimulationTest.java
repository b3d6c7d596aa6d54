package dev.chime.samples.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.SimulatedDisk;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A store on a disk that fails, and on one that loses power: what was acknowledged is there. */
class StoreSimulationTest {
    private static final Path FOLDER = Path.of("/data/kv");
    private static final long SMALL = 8 << 10;
    private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f");
    private static final String NOTHING = "nothing";

    /** What each key may be after a power cut: what was acknowledged last, or anything later. */
    private static final class Model {
        final Map<String, List<String>> candidates = new HashMap<>();

        Model() {
            KEYS.forEach(key -> candidates.put(key, new ArrayList<>(List.of(NOTHING))));
        }

        void asked(String key, String value) {
            candidates.get(key).add(value);
        }

        /** This value and no older one. */
        void holds(String key, String value) {
            List<String> of = candidates.get(key);
            of.subList(0, of.lastIndexOf(value)).clear();
        }

        /** What was found is what there is now. */
        void found(Map<String, String> values, String when) {
            for (String key : KEYS) {
                String value = values.getOrDefault(key, NOTHING);
                assertTrue(
                        candidates.get(key).stream().anyMatch(one -> same(one, value)),
                        () -> when + ": " + key + " is " + value + " of " + candidates.get(key));
                candidates.put(key, new ArrayList<>(List.of(value)));
            }
        }

        private static boolean same(String candidate, String found) {
            return candidate.equals(found)
                    || (found.equals(NOTHING) && candidate.startsWith(NOTHING));
        }

        Model copy() {
            Model copy = new Model();
            candidates.forEach((key, of) -> copy.candidates.put(key, new ArrayList<>(of)));
            return copy;
        }
    }

    private static Map<String, String> read(SimulatedDisk disk, long seed) {
        Map<String, String> found = new HashMap<>();
        Reactors.run(
                Simulation.seeded(seed, disk).options(),
                reactor ->
                        Stores.open(
                                reactor,
                                FOLDER,
                                Long.MAX_VALUE,
                                store ->
                                        Stores.read(
                                                store,
                                                KEYS,
                                                (err, values) -> {
                                                    found.putAll(values);
                                                    store.close(Stores::ok);
                                                })));
        return found;
    }

    // ---- power cuts

    /** Three lives on one disk; each ends by a power cut while changes are under way. */
    @Test
    void powerCutAnywhere_losesNothingAcknowledged() {
        int compactions = 0;
        for (long seed = 1; seed <= 30; seed++) {
            SimulatedDisk disk = SimulatedDisk.empty();
            Model model = new Model();
            for (int life = 0; life < 3; life++) {
                Random random = new Random(10 * seed + life);
                Life one = new Life(Simulation.seeded(seed, disk), model, random);
                Reactors.run(one.simulation.options(), one::start);
                disk = one.left;
                compactions += one.compactions;
                model.found(read(disk, seed), "seed " + seed + ", life " + life);
            }
        }
        assertTrue(compactions > 10, compactions + " compactions");
    }

    /** Changes at random times until the power fails. */
    private static final class Life {
        final Simulation simulation;
        private final Model model;
        private final Random random;
        private int number;
        int compactions;
        SimulatedDisk left;

        Life(Simulation simulation, Model model, Random random) {
            this.simulation = simulation;
            this.model = model;
            this.random = random;
            simulation.onOperation(line -> compactions += line.contains("RENAMEAT") ? 1 : 0);
            simulation.shorten(Target.WRITE, When.chance(0.1));
            simulation.shorten(Target.READ, When.chance(0.1));
        }

        void start(Reactor reactor) {
            reactor.setTimeout(
                    5 + random.nextInt(100),
                    () -> {
                        left = simulation.powerCut();
                        simulation.onOperation(null);
                        reactor.stop();
                    });
            Stores.open(reactor, FOLDER, SMALL, store -> change(reactor, store));
        }

        private void change(Reactor reactor, Store store) {
            for (int i = random.nextInt(4); i >= 0 && left == null; i--) {
                String key = KEYS.get(random.nextInt(KEYS.size()));
                if (random.nextInt(4) == 0) {
                    model.asked(key, NOTHING + number); // a deletion of its own
                    String mark = NOTHING + number++;
                    Stores.delete(store, key, (err, n) -> acknowledged(err, key, mark));
                } else {
                    String value = number++ + "x".repeat(random.nextInt(3000)) + random.nextLong();
                    model.asked(key, value);
                    Stores.set(store, key, value, err -> acknowledged(err, key, value));
                }
            }
            reactor.setTimeout(random.nextInt(3), () -> change(reactor, store));
        }

        private void acknowledged(Exception err, String key, String value) {
            if (err == null && left == null) {
                model.holds(key, value);
            }
        }
    }

    /** The disk as a power cut leaves it in each turn of a compaction: old log or new, whole. */
    @Test
    void powerCutInEveryTurnOfACompaction_losesNothing() {
        int[] during = {0};
        int shrunk = 0;
        for (long seed = 1; seed <= 5; seed++) {
            Simulation simulation = Simulation.seeded(seed);
            List<SimulatedDisk> cuts = new ArrayList<>();
            List<Model> models = new ArrayList<>();
            Model model = new Model();
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Stores.open(
                                    reactor,
                                    FOLDER,
                                    SMALL,
                                    store -> {
                                        reactor.onCheck(
                                                        () -> {
                                                            cuts.add(simulation.powerCut());
                                                            during[0] +=
                                                                    isCompacting(simulation)
                                                                            ? 1
                                                                            : 0;
                                                            models.add(model.copy());
                                                        })
                                                .unref();
                                        overwrite(store, model, 0);
                                    }));
            for (int i = 0; i < cuts.size(); i++) {
                SimulatedDisk disk = cuts.get(i);
                models.get(i).found(read(disk, seed), "seed " + seed + ", turn " + i);
                shrunk += i > 0 && logBytes(disk) < logBytes(cuts.get(i - 1)) ? 1 : 0;
            }
        }
        assertTrue(during[0] > 100 && shrunk > 10, during[0] + " during a compaction, " + shrunk);
    }

    /**
     * A key deleted, and one made, in each turn of a compaction; the power fails right after it.
     */
    @Test
    void changesInEveryTurnOfACompaction_arePartOfIt() {
        int meanwhile = 0;
        for (int turns = 0; turns < 40; turns++) {
            Simulation simulation = Simulation.seeded(turns % 4);
            int wait = turns / 4;
            Model model = new Model();
            int[] seen = {0, 0};
            SimulatedDisk[] left = new SimulatedDisk[1];
            Model[] then = new Model[1];
            Runnable check =
                    () -> {
                        if (seen[1] == 1 && left[0] == null && !isCompacting(simulation)) {
                            left[0] = simulation.powerCut();
                            then[0] = model.copy();
                        }
                    };
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Stores.open(
                                    reactor,
                                    FOLDER,
                                    SMALL,
                                    store -> {
                                        reactor.onCheck(
                                                        () -> {
                                                            if (isCompacting(simulation)
                                                                    && seen[0]++ == wait) {
                                                                change(store, model, seen);
                                                            }
                                                            check.run();
                                                        })
                                                .unref();
                                        overwrite(store, model, 0);
                                    }));
            model.found(read(simulation.disk(), 1), "turn " + turns);
            if (left[0] != null) {
                then[0].found(read(left[0], 1), "turn " + turns);
            }
            meanwhile += seen[1];
        }
        assertTrue(meanwhile > 20, meanwhile + " times");
    }

    private static void change(Store store, Model model, int[] seen) {
        seen[1] = 1;
        model.asked("f", "changed");
        Stores.set(store, "f", "changed", err -> model.holds("f", "changed"));
        model.asked("e", NOTHING);
        Stores.delete(
                store,
                "e",
                (err, n) -> {
                    Stores.ok(err);
                    model.holds("e", NOTHING);
                });
    }

    private static boolean isCompacting(Simulation simulation) {
        return simulation.disk().files().contains(FOLDER.resolve(Store.NEW_LOG));
    }

    private static int logBytes(SimulatedDisk disk) {
        byte[] log = disk.get(FOLDER.resolve(Store.LOG));
        return log == null ? 0 : log.length;
    }

    private static void overwrite(Store store, Model model, int round) throws Exception {
        if (round == 40) {
            store.close(Stores::ok);
            return;
        }
        String key = KEYS.get(round < 10 ? round % 5 : round % 4); // the others stay as they are
        String value = round + "y".repeat(700);
        model.asked(key, value);
        Stores.set(
                store,
                key,
                value,
                err -> {
                    Stores.ok(err);
                    model.holds(key, value);
                    overwrite(store, model, round + 1);
                });
    }

    // ---- failures

    @Test
    void failedSync_endsTheStore_andNothingIsAcknowledgedAfterIt() {
        List<String> heard = new ArrayList<>();
        Simulation simulation = Simulation.seeded(3);
        Reactors.run(
                simulation.options(),
                reactor ->
                        Stores.open(
                                reactor,
                                FOLDER,
                                SMALL,
                                store -> {
                                    store.onFailure(err -> heard.add("failed " + err.getMessage()));
                                    Stores.set(
                                            store,
                                            "a",
                                            "1",
                                            err -> {
                                                heard.add("a " + err);
                                                simulation.fail(
                                                        Target.SYNC, Errno.EIO, When.nth(1));
                                                failing(store, heard);
                                            });
                                }));
        String eio = "EIO: i/o error, fdatasync";
        assertEquals(
                List.of(
                        "a null",
                        "b " + eio,
                        "c " + eio,
                        "failed " + eio,
                        "d " + eio,
                        "get " + eio),
                heard);
        Map<String, String> found = read(simulation.disk(), 4);
        assertEquals("1", found.get("a"));
    }

    /**
     * What a failed sync left in the page cache alone is on the disk before anything follows it.
     */
    @Test
    void startAfterAFailedSync_makesTheLastCommitGood() {
        for (int seed = 1; seed <= 20; seed++) {
            Simulation first = Simulation.seeded(seed);
            Reactors.run(
                    first.options(),
                    reactor ->
                            Stores.open(
                                    reactor,
                                    FOLDER,
                                    SMALL,
                                    store -> {
                                        first.fail(Target.SYNC, Errno.EIO, When.nth(1));
                                        Stores.set(
                                                store,
                                                "a",
                                                "1".repeat(9000),
                                                err -> store.close(Stores::ok));
                                    }));
            Simulation second = Simulation.seeded(seed, first.disk());
            SimulatedDisk[] left = new SimulatedDisk[1];
            Reactors.run(
                    second.options(),
                    reactor ->
                            Stores.open(
                                    reactor,
                                    FOLDER,
                                    SMALL,
                                    store ->
                                            Stores.set(
                                                    store,
                                                    "b",
                                                    "2",
                                                    err -> {
                                                        Stores.ok(err);
                                                        left[0] = second.powerCut();
                                                        store.close(Stores::ok);
                                                    })));
            assertEquals("2", read(left[0], seed).get("b"), "seed " + seed);
        }
    }

    private static void failing(Store store, List<String> heard) {
        Stores.set(
                store,
                "b",
                "2",
                err -> {
                    heard.add("b " + err.getMessage());
                    Stores.set(store, "d", "4", failed -> heard.add("d " + failed.getMessage()));
                    Stores.get(
                            store,
                            "a",
                            (failed, value) -> {
                                heard.add("get " + failed.getMessage());
                                store.close(Stores::ok);
                            });
                });
        Stores.set(store, "c", "3", err -> heard.add("c " + err.getMessage()));
    }

    /** Whatever step fails before the name changes: the store goes on with the old log. */
    @Test
    void compactionThatFails_isGivenUp_andTheStoreGoesOn() {
        for (Target step : List.of(Target.OPEN, Target.READ, Target.RENAME, Target.CLOSE)) {
            Simulation simulation = Simulation.seeded(7);
            Model model = new Model();
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Stores.open(
                                    reactor,
                                    FOLDER,
                                    SMALL,
                                    store -> {
                                        simulation.fail(step, Errno.ENOSPC, When.nth(1));
                                        overwrite(store, model, 0);
                                    }));
            model.found(read(simulation.disk(), 8), step.name());
            assertEquals(
                    List.of(FOLDER.resolve(Store.LOG), FOLDER.resolve("lock")),
                    simulation.disk().files());
        }
    }
}
