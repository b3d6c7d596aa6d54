package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Errno;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** rm's retries, as Node has them, with errors that no kernel gives on demand. */
class SimulatedRmTest {
    private static final Path ROOT = Path.of("/root");
    private static final RmOptions TREE = RmOptions.defaults().recursive(true);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Deeper than there are directories open at once. */
    private static final int DEPTH = Rm.MAX_OPEN_DIRECTORIES + 16;

    private final int[] removals = {0};

    private Simulation simulation(int depth) {
        Simulation simulation = Simulation.seeded(5);
        simulation.latency(Duration.ofNanos(1000), Duration.ofNanos(1000));
        Path at = ROOT;
        for (int level = 0; level < depth; level++) {
            simulation.disk().put(at.resolve("file"), new byte[1]);
            simulation.disk().directory(at.resolve("side"));
            at = at.resolve("next");
        }
        removals[0] = 0;
        return simulation.onOperation(line -> {
            removals[0] += line.split(" ")[1].equals("UNLINKAT") ? 1 : 0;
        });
    }

    private static String rm(Simulation simulation, Path path, RmOptions options) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(simulation.options(), reactor -> Fs.of(reactor).rm(path, options, heard));
        heard.assertOnce();
        return heard.err == null ? "ok" : heard.err.code();
    }

    @ParameterizedTest
    @EnumSource(names = {"EBUSY", "EMFILE", "ENFILE", "ENOTEMPTY", "EPERM"})
    void oneFailure_ofWhicheverRemoval_isTriedAgain(Errno errno) {
        for (int nth = 1; nth <= 6; nth++) { // two levels
            Simulation simulation = simulation(2).fail(Target.REMOVE, errno, When.nth(nth));
            assertEquals("ok", rm(simulation, ROOT, TREE.retries(1, SECOND)));
            assertEquals(List.of(), simulation.disk().files());
            boolean relooks = errno == Errno.ENOTEMPTY; // a folder is listed again before
            assertTrue(simulation.nanoTime() > SECOND.toNanos() || relooks, errno + " " + nth);
            String failed = rm(simulation(2).fail(Target.REMOVE, errno, When.nth(nth)), ROOT, TREE);
            assertTrue(failed.equals(errno.name()) || relooks, failed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EMFILE", "ENFILE"})
    void oneFailure_ofWhicheverOpen_isTriedAgain(Errno errno) {
        int climbs = 0;
        for (int nth = 1; ; nth++) {
            Simulation simulation = simulation(DEPTH).fail(Target.OPEN, errno, When.nth(nth));
            assertEquals("ok", rm(simulation, ROOT, TREE.retries(1, SECOND)), "open " + nth);
            assertEquals(List.of(), simulation.disk().files());
            if (simulation.nanoTime() < SECOND.toNanos()) {
                break; // there was no such open
            }
            climbs = nth - 2 * DEPTH;
        }
        assertTrue(climbs > 8, climbs + " folders were opened again from below");
    }

    @ParameterizedTest
    @EnumSource(names = {"EBUSY", "EMFILE", "ENFILE", "EPERM"})
    void pausesGrow_thenTheErrorComes(Errno errno) {
        Simulation simulation = simulation(1).fail(Target.REMOVE, errno, When.always());
        assertEquals(errno.name(), rm(simulation, ROOT.resolve("side"), TREE.retries(3, SECOND)));
        assertEquals(4, removals[0]);
        assertEquals(1 + 2 + 3, Duration.ofNanos(simulation.nanoTime()).toSeconds());
    }

    @Test
    void othersErrors_areNotTriedAgain() {
        for (Errno errno : List.of(Errno.EACCES, Errno.EIO, Errno.EROFS)) {
            Simulation simulation = simulation(1).fail(Target.REMOVE, errno, When.nth(1));
            assertEquals(errno.name(), rm(simulation, ROOT, TREE.retries(3, SECOND)));
            assertTrue(simulation.nanoTime() < SECOND.toNanos());
        }
    }

    /** Node: the option is ignored without {@code recursive}. */
    @Test
    void withoutRecursive_nothingIsTriedAgain() {
        Simulation simulation = simulation(1).fail(Target.REMOVE, Errno.EBUSY, When.always());
        RmOptions one = RmOptions.defaults().retries(3, SECOND);
        assertEquals("EBUSY", rm(simulation, ROOT.resolve("file"), one));
        assertEquals(1, removals[0]);
    }
}
