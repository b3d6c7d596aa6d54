package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.SimulatedDisk;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes on a disk that fails, or loses power, at each step. */
class SimulatedWritesTest {
    private static final Path FILE = Path.of("/data/file");
    private static final byte[] OLD = Fixtures.pattern(5000);
    private static final byte[] NEW = Fixtures.pattern(700_000);

    private static Simulation simulation(long seed) {
        Simulation simulation = Simulation.seeded(seed);
        simulation.disk().put(FILE, OLD);
        return simulation;
    }

    private static String code(ReactorException err) {
        return err == null ? "ok" : err.code();
    }

    /** The error of one atomic write. */
    private static ReactorException atomic(Simulation simulation) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                simulation.options(), reactor -> Fs.of(reactor).writeFileAtomic(FILE, NEW, heard));
        heard.assertOnce();
        return heard.err;
    }

    private static void assertOldOrNew(SimulatedDisk disk, boolean mustBeNew) {
        assertEquals(List.of(FILE), disk.files());
        byte[] left = disk.get(FILE);
        boolean isNew = Arrays.equals(NEW, left);
        assertTrue(isNew || !mustBeNew && Arrays.equals(OLD, left), left.length + " bytes");
    }

    /** ENOSPC, or another error, at each single step: nothing is lost, no file is left. */
    @ParameterizedTest
    @EnumSource(names = {"ENOSPC", "EIO", "EDQUOT"})
    void atomicWrite_whateverStepFails_leavesTheOldFileOrTheNewOne(Errno errno) {
        Set<Target> steps =
                EnumSet.of(
                        Target.STAT,
                        Target.OPEN,
                        Target.WRITE,
                        Target.SYNC,
                        Target.RENAME,
                        Target.CLOSE);
        Map<Target, Integer> failures = new TreeMap<>();
        for (Target step : steps) {
            for (int nth = 1; ; nth++) {
                Simulation simulation = simulation(nth);
                simulation.fail(step, errno, When.nth(nth));
                simulation.shorten(Target.WRITE, When.chance(0.3)); // the first that applies wins
                ReactorException err = atomic(simulation);
                assertOldOrNew(simulation.disk(), err == null);
                if (err == null) {
                    break;
                }
                assertEquals(errno.name(), err.code());
                failures.merge(step, 1, Integer::sum);
            }
        }
        int writes = failures.remove(Target.WRITE);
        assertTrue(writes >= 3, writes + " writes");
        assertEquals(
                Map.of(
                        Target.STAT,
                        1,
                        Target.OPEN,
                        2,
                        Target.SYNC,
                        2,
                        Target.RENAME,
                        1,
                        Target.CLOSE,
                        2),
                failures);
    }

    @Test
    void atomicWrite_whenTheTemporaryFileCannotBeRemoved_saysBoth() {
        Simulation simulation = simulation(1);
        simulation.fail(Target.SYNC, Errno.EIO, When.nth(1));
        simulation.fail(Target.REMOVE, Errno.EROFS, When.always());
        ReactorException err = atomic(simulation);
        assertEquals("EIO: i/o error, fsync '/data/file'", err.getMessage());
        assertTrue(err.getSuppressed()[0].getMessage().startsWith("EROFS"));
        assertArrayEquals(OLD, simulation.disk().get(FILE));
    }

    /** Power fails in each turn, and after the callback: the old file or the new one, whole. */
    @Test
    void atomicWrite_survivesThePowerCut_inWhateverTurn() {
        int[] kept = {0, 0};
        for (int turns = 0; turns < 60; turns++) {
            Simulation simulation = simulation(turns);
            int wait = turns;
            SimulatedDisk[] left = new SimulatedDisk[2];
            Reactors.run(
                    simulation.options(),
                    reactor -> {
                        Fs.of(reactor)
                                .writeFileAtomic(
                                        FILE,
                                        NEW,
                                        err -> {
                                            assertEquals("ok", code(err));
                                            left[1] = simulation.powerCut();
                                        });
                        Fixtures.afterTurns(reactor, wait, () -> left[0] = simulation.powerCut());
                    });
            byte[] early = left[0].get(FILE);
            boolean isOld = Arrays.equals(OLD, early);
            assertTrue(isOld || Arrays.equals(NEW, early), "seed and turn " + turns);
            kept[isOld ? 0 : 1]++;
            assertArrayEquals(NEW, left[1].get(FILE), "seed and turn " + turns);
        }
        assertTrue(kept[0] > 0, "some cuts came before the rename");
    }

    /** ENOSPC at each write of the three that go in pieces: an error, and what came before it. */
    @Test
    void otherWrites_sayWhereTheSpaceEnded() {
        for (int nth = 1; nth < 6; nth++) {
            Simulation simulation = simulation(nth);
            simulation.fail(Target.WRITE, Errno.ENOSPC, When.nth(nth));
            simulation.shorten(Target.WRITE, When.chance(0.5));
            List<String> heard = new ArrayList<>();
            long[] written = {-1};
            Path vector = Path.of("/data/vector");
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Fs.of(reactor)
                                    .open(
                                            vector,
                                            "w",
                                            (err, file) -> writev(reactor, file, heard, written)));
            byte[] left = simulation.disk().get(vector);
            boolean failed = heard.equals(List.of("ENOSPC"));
            assertTrue(failed || heard.equals(List.of("ok")), heard.toString());
            assertTrue(nth > 1 || failed, "the first write fails");
            assertEquals(failed ? written[0] : NEW.length, left.length);
            assertArrayEquals(Arrays.copyOf(NEW, left.length), left);
            writeFile(nth);
        }
    }

    private static void writev(
            Reactor reactor, FileHandle file, List<String> heard, long[] written) {
        List<Buffer> buffers = new ArrayList<>();
        for (int from = 0; from < NEW.length; from += 100_000) {
            Buffer buffer = reactor.buffer(100_000);
            buffer.put(0, NEW, from, 100_000);
            buffers.add(buffer);
        }
        file.writev(
                buffers,
                (err, n, given) -> {
                    heard.add(code(err));
                    written[0] = n;
                    assertEquals(n, file.position());
                });
        buffers.forEach(Buffer::release);
    }

    private static void writeFile(int nth) {
        Simulation simulation = simulation(nth);
        simulation.fail(Target.WRITE, Errno.ENOSPC, When.nth(nth));
        Heard<Void> heard = new Heard<>();
        Reactors.run(simulation.options(), reactor -> Fs.of(reactor).writeFile(FILE, NEW, heard));
        heard.assertOnce();
        assertEquals(nth <= 3 ? "ENOSPC" : "ok", code(heard.err));
        byte[] left = simulation.disk().get(FILE);
        assertArrayEquals(Arrays.copyOf(NEW, Math.min(NEW.length, (nth - 1) * (256 << 10))), left);
    }
}
