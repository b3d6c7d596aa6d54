package dev.chime.fs;

import static dev.chime.fs.WritingCall.Before.CONTENT;
import static dev.chime.fs.WritingCall.Before.OLD;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Every call that writes, on a disk that has room for so many bytes more and then for none. */
class SimulatedSpaceTest {
    private static final Path ROOT = Path.of("/");
    private static final Path SOURCE = ROOT.resolve(WritingCall.Before.SOURCE);

    /** Around pages, around the pieces in which calls write, all but one, all. */
    private static final int[] ROOMS = {
        4095, 4096, 4097, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 299_999, 300_000,
    };

    /** A content so short that space ends once at each byte of it. */
    private static final byte[] SHORT = Fixtures.pattern(300);

    /** Follows which descriptors are open. */
    private static Simulation follow(Simulation simulation, Set<String> open) {
        return simulation.onOperation(line -> {
            String[] words = line.split(" "); // time, operation, "fd", number, "=", result
            if (words[1].startsWith("OPENAT") && !words[5].startsWith("-")) {
                open.add(words[5]);
            } else if (words[1].equals("CLOSE")) {
                open.remove(words[3]);
            }
        });
    }

    private static void fill(SimulatedDisk disk, Path root, byte[] content) {
        disk.put(root.resolve(WritingCall.Before.OLD_NAME), OLD)
                .put(root.resolve(WritingCall.Before.SOURCE), content)
                .directory(root.resolve("e"));
    }

    private static Simulation simulation(Set<String> open) {
        Simulation simulation = follow(Simulation.seeded(3), open);
        fill(simulation.disk(), ROOT, CONTENT);
        return simulation;
    }

    private static Heard<Void> run(Simulation simulation, WritingCall call) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(simulation.options(), reactor -> call.start(reactor, ROOT, CONTENT, heard));
        heard.assertOnce();
        return heard;
    }

    /** A call on a new disk for each room, one after the other, all in one loop. */
    private static final class Sweep {
        private static final Path BELOW = Path.of("/disk");

        private final Set<String> open = new HashSet<>();
        private final Simulation simulation = follow(Simulation.seeded(3), open);
        private final SimulatedDisk disk = simulation.disk();
        private final WritingCall call;
        private final byte[] content;
        private final int[] rooms;
        private int failures;

        Sweep(WritingCall call, byte[] content, int... rooms) {
            this.call = call;
            this.content = content;
            this.rooms = rooms;
        }

        /** How often the call failed. */
        int run() {
            List<Heard<Void>> heards = Fixtures.heards(rooms.length);
            Reactors.run(simulation.options(), reactor -> next(reactor, heards, 0));
            heards.forEach(Heard::assertOnce);
            assertEquals(Set.of(), open, call + " left open");
            return failures;
        }

        private void next(Reactor reactor, List<Heard<Void>> heards, int nth) throws Exception {
            if (nth == rooms.length) {
                return;
            }
            fill(disk, BELOW, content);
            disk.capacity(content.length + OLD.length + rooms[nth]);
            Set<Path> files = new TreeSet<>(disk.files());
            call.start(
                    reactor,
                    BELOW,
                    content,
                    err -> {
                        heards.get(nth).call(err);
                        check(rooms[nth], heards.get(nth), files);
                        Fs.of(reactor)
                                .rm(
                                        BELOW,
                                        RmOptions.defaults().recursive(true),
                                        gone -> next(reactor, heards, nth + 1));
                    });
        }

        private void check(int room, Heard<Void> heard, Set<Path> files) {
            Path target = call.target(BELOW);
            byte[] left = disk.get(target);
            String what = call + " with room for " + room;
            int fits = room + (call.truncates() ? OLD.length : 0);
            if (fits >= content.length) {
                heard.ok();
                assertArrayEquals(call.whole(content), left, what);
            } else {
                failures++;
                String message = "ENOSPC: no space left on device, " + call.step(BELOW);
                assertEquals(message, heard.errno().getMessage(), what);
                assertArrayEquals(call.left(content, fits), left, what);
            }
            files.remove(target);
            for (Path other : files) {
                byte[] before = other.endsWith(WritingCall.Before.OLD_NAME) ? OLD : content;
                assertArrayEquals(before, disk.get(other), what + ": " + other);
            }
            if (left != null) {
                files.add(target);
            }
            assertEquals(List.copyOf(files), disk.files(), what);
        }
    }

    @ParameterizedTest
    @EnumSource(WritingCall.class)
    void spaceThatEndsAtEachByte(WritingCall call) {
        int[] rooms = IntStream.rangeClosed(0, SHORT.length).toArray();
        int failures = new Sweep(call, SHORT, rooms).run();
        assertEquals(SHORT.length - (call.truncates() ? OLD.length : 0), failures);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = ".*(COPY|CP).*")
    void spaceThatEndsAtEachByte_whereTheKernelDoesNotCopy(WritingCall call) {
        int[] rooms = IntStream.rangeClosed(0, SHORT.length).toArray();
        Sweep sweep = new Sweep(call, SHORT, rooms);
        sweep.simulation.fail(Target.COPY, Errno.EXDEV, When.always());
        assertEquals(SHORT.length - (call.truncates() ? OLD.length : 0), sweep.run());
    }

    @ParameterizedTest
    @EnumSource(WritingCall.class)
    void spaceThatEndsAtAPiece(WritingCall call) {
        int failures = new Sweep(call, CONTENT, ROOMS).run();
        assertEquals(ROOMS.length - (call.truncates() ? 2 : 1), failures);
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
