package dev.chime.fs;

import static dev.chime.fs.WritingCall.Before.CONTENT;
import static dev.chime.fs.WritingCall.Before.OLD;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Errno;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call that writes, on a disk that has room for so many bytes more and then for none. */
class SimulatedSpaceTest {
    private static final Path ROOT = Path.of("/");
    private static final Path SOURCE = ROOT.resolve(WritingCall.Before.SOURCE);

    /** None, one byte, around pages, around the pieces in which calls write, all but one, all. */
    private static final int[] ROOMS = {
        0, 1, 2047, 4095, 4096, 4097, 8191, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145,
        299_999, 300_000,
    };

    private static Simulation simulation(Set<String> open) {
        Simulation simulation = Simulation.seeded(3);
        simulation
                .disk()
                .put(ROOT.resolve(WritingCall.Before.OLD_NAME), OLD)
                .put(SOURCE, CONTENT)
                .directory(Path.of("/e"));
        return simulation.onOperation(descriptors(open));
    }

    /** Follows which descriptors are open. */
    private static Consumer<String> descriptors(Set<String> open) {
        return line -> {
            String[] words = line.split(" "); // time, operation, "fd", number, "=", result
            if (words[1].startsWith("OPENAT") && !words[5].startsWith("-")) {
                open.add(words[5]);
            } else if (words[1].equals("CLOSE")) {
                open.remove(words[3]);
            }
        };
    }

    private static Heard<Void> run(Simulation simulation, WritingCall call) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(simulation.options(), reactor -> call.start(Fs.of(reactor), ROOT, heard));
        heard.assertOnce();
        return heard;
    }

    @ParameterizedTest
    @EnumSource(WritingCall.class)
    void spaceThatEndsAnywhere(WritingCall call) {
        int failures = 0;
        for (int room : ROOMS) {
            Set<String> open = new HashSet<>();
            Simulation simulation = simulation(open);
            simulation.disk().capacity(CONTENT.length + OLD.length + room);
            Set<Path> files = new TreeSet<>(simulation.disk().files());
            Heard<Void> heard = run(simulation, call);
            Path target = call.target(ROOT);
            byte[] left = simulation.disk().get(target);
            String what = call + " with room for " + room;
            int fits = room + (call.truncates() ? OLD.length : 0);
            if (fits >= CONTENT.length) {
                heard.ok();
                assertArrayEquals(call.whole(), left, what);
            } else {
                failures++;
                String message = "ENOSPC: no space left on device, " + call.step(ROOT);
                assertEquals(message, heard.errno().getMessage(), what);
                assertArrayEquals(call.left(fits), left, what);
            }
            files.remove(target);
            if (left != null) {
                files.add(target);
            }
            assertEquals(List.copyOf(files), simulation.disk().files(), what);
            assertEquals(Set.of(), open, what);
        }
        assertTrue(failures >= ROOMS.length - 2, failures + " failures");
    }

    /** What fails in the middle of a copy leaves no half of it, whatever step it is. */
    @ParameterizedTest
    @EnumSource(names = {"COPY_FILE", "COPY_FILE_OVER", "CP_FILE", "CP_TREE"})
    void errorInTheMiddleOfACopy_removesIt(WritingCall call) {
        Path target = call.target(ROOT);
        for (Target step : List.of(Target.COPY, Target.READ, Target.WRITE)) {
            int failures = 0;
            for (int nth = 1; ; nth++) {
                Set<String> open = new HashSet<>();
                Simulation simulation = simulation(open);
                if (step != Target.COPY) { // byte by byte then
                    simulation.fail(Target.COPY, Errno.EXDEV, When.always());
                }
                simulation.fail(step, Errno.EIO, When.nth(nth));
                simulation.shorten(step, When.always());
                Heard<Void> heard = run(simulation, call);
                assertEquals(Set.of(), open, call + " " + step + " " + nth);
                if (heard.err == null) {
                    assertArrayEquals(CONTENT, simulation.disk().get(target));
                    break;
                }
                assertEquals("EIO: i/o error, " + call.step(ROOT), heard.errno().getMessage());
                assertEquals(null, simulation.disk().get(target));
                failures++;
            }
            assertTrue(failures >= 2, step + ": " + failures);
        }
    }

    /** Blocks that cannot be shared: TRY copies, FORCE fails and leaves nothing. */
    @Test
    void reflink_whereTheFileSystemCannot() {
        Path to = Path.of("/e/new");
        for (boolean byCp : new boolean[] {false, true}) {
            for (var wish : CopyOptions.Reflink.values()) {
                Set<String> open = new HashSet<>();
                Simulation simulation = simulation(open);
                Heard<Void> heard = new Heard<>();
                Reactors.run(
                        simulation.options(),
                        reactor -> {
                            Fs fs = Fs.of(reactor);
                            if (byCp) {
                                fs.cp(SOURCE, to, CpOptions.defaults().reflink(wish), heard);
                            } else {
                                var options = CopyOptions.defaults().reflink(wish);
                                fs.copyFile(SOURCE, to, options, heard);
                            }
                        });
                heard.assertOnce();
                boolean fails = wish == CopyOptions.Reflink.FORCE;
                assertEquals(fails ? "ENOTSUP" : "ok", heard.err == null ? "ok" : heard.err.code());
                assertArrayEquals(fails ? null : CONTENT, simulation.disk().get(to));
                assertEquals(Set.of(), open);
            }
        }
    }
}
