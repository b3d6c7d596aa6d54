package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call that writes, on a disk that has room for so many bytes more and then for none. */
class SimulatedSpaceTest {
    private static final byte[] CONTENT = Fixtures.pattern(300_000);
    private static final byte[] OLD = {1, 2, 3};
    private static final Path SOURCE = Path.of("/d/source");
    private static final Path OVER = Path.of("/d/old");
    private static final Path FRESH = Path.of("/e/new");

    /** None, one byte, around pages, around the pieces in which calls write, all but one, all. */
    private static final int[] ROOMS = {
        0, 1, 2047, 4095, 4096, 4097, 8191, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145,
        299_999, 300_000,
    };

    /** What is left of a file to which not all could be written. */
    private enum Left {
        /** What it was before. */
        OLD,
        /** As much of the new content as there was room for. */
        PREFIX,
        /** The old content, and as much of the new. */
        APPENDED,
        /** No file. */
        NOTHING
    }

    /** A call that writes {@link #CONTENT}. */
    private interface Use {
        void with(Reactor reactor, Fs fs, Path target, Done done) throws Exception;
    }

    private enum Call {
        WRITE_FILE(FRESH, "write", Left.PREFIX, (r, fs, to, done) -> fs.writeFile(to, CONTENT, done)),
        WRITE_FILE_OVER(
                OVER, "write", Left.PREFIX, (r, fs, to, done) -> fs.writeFile(to, CONTENT, done)),
        APPEND_FILE(
                OVER, "write", Left.APPENDED, (r, fs, to, done) -> fs.appendFile(to, CONTENT, done)),
        ATOMIC(
                OVER,
                "write '/d/old'",
                Left.OLD,
                (r, fs, to, done) -> fs.writeFileAtomic(to, CONTENT, done)),
        ATOMIC_NEW(
                FRESH,
                "write '/e/new'",
                Left.NOTHING,
                (r, fs, to, done) -> fs.writeFileAtomic(to, CONTENT, done)),
        HANDLE_WRITE_FILE(
                FRESH,
                "write",
                Left.PREFIX,
                (r, fs, to, done) ->
                        withOpen(fs, to, "w", done, (file, end) -> file.writeFile(CONTENT, end))),
        HANDLE_APPEND(
                OVER,
                "write",
                Left.APPENDED,
                (r, fs, to, done) ->
                        withOpen(fs, to, "a", done, (file, end) -> file.appendFile(CONTENT, end))),
        WRITE_AND_SYNC(
                FRESH,
                "write",
                Left.PREFIX,
                (r, fs, to, done) ->
                        withOpen(
                                fs,
                                to,
                                "w",
                                done,
                                (file, end) ->
                                        file.writeAndSync(
                                                CONTENT, 0, (err, bytes) -> end.call(err)))),
        STREAM(
                FRESH,
                "write",
                Left.PREFIX,
                (r, fs, to, done) -> {
                    WriteStream stream = fs.createWriteStream(to);
                    stream.onClose(done::call);
                    for (int at = 0; at < CONTENT.length; at += 100_000) {
                        stream.write(Arrays.copyOfRange(CONTENT, at, at + 100_000));
                    }
                    stream.end();
                }),
        STREAM_COPY(
                FRESH,
                "write",
                Left.PREFIX,
                (r, fs, to, done) ->
                        fs.createReadStream(SOURCE)
                                .pipe(fs.createWriteStream(to).onClose(done::call))),
        COPY_FILE(
                FRESH,
                "copyfile '/d/source' -> '/e/new'",
                Left.NOTHING,
                (r, fs, to, done) -> fs.copyFile(SOURCE, to, done)),
        COPY_FILE_OVER(
                OVER,
                "copyfile '/d/source' -> '/d/old'",
                Left.NOTHING,
                (r, fs, to, done) -> fs.copyFile(SOURCE, to, done)),
        CP_FILE(
                FRESH,
                "copyfile '/d/source' -> '/e/new'",
                Left.NOTHING,
                (r, fs, to, done) -> fs.cp(SOURCE, to, done)),
        CP_TREE(
                Path.of("/e/copy/tree/new"),
                "copyfile '/c/tree/new' -> '/e/copy/tree/new'",
                Left.NOTHING,
                (r, fs, to, done) ->
                        fs.cp(
                                Path.of("/c"),
                                Path.of("/e/copy"),
                                CpOptions.defaults().recursive(true),
                                done));

        private final Path target;
        private final String step;
        private final Left left;
        private final Use use;

        Call(Path target, String step, Left left, Use use) {
            this.target = target;
            this.step = step;
            this.left = left;
            this.use = use;
        }

        /** How much room there must be for all of it. */
        int needs() {
            boolean truncates = this == WRITE_FILE_OVER || this == COPY_FILE_OVER;
            return CONTENT.length - (truncates ? OLD.length : 0);
        }

        byte[] expected(int room) {
            byte[] prefix = Arrays.copyOf(CONTENT, room + CONTENT.length - needs());
            return switch (left) {
                case OLD -> OLD;
                case PREFIX -> prefix;
                case APPENDED -> appended(prefix);
                case NOTHING -> null;
            };
        }

        byte[] whole() {
            return left == Left.APPENDED ? appended(CONTENT) : CONTENT;
        }
    }

    private interface OnFile {
        void with(FileHandle file, Done end);
    }

    private static void withOpen(Fs fs, Path to, String flags, Done done, OnFile use) {
        fs.open(
                to,
                flags,
                (err, file) ->
                        use.with(file, failed -> file.close(closed -> done.call(failed))));
    }

    private static byte[] appended(byte[] more) {
        byte[] all = Arrays.copyOf(OLD, OLD.length + more.length);
        System.arraycopy(more, 0, all, OLD.length, more.length);
        return all;
    }

    private static Simulation simulation(Call call, Set<String> open) {
        Simulation simulation = Simulation.seeded(3);
        simulation.disk().put(OVER, OLD).directory(Path.of("/e"));
        if (call == Call.CP_TREE) {
            simulation.disk().put(Path.of("/c/tree/new"), CONTENT);
        } else {
            simulation.disk().put(SOURCE, CONTENT);
        }
        simulation.onOperation(descriptors(open));
        return simulation;
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

    private static Heard<Void> run(Simulation simulation, Call call) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                simulation.options(),
                reactor -> call.use.with(reactor, Fs.of(reactor), call.target, heard));
        heard.assertOnce();
        return heard;
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    void spaceThatEndsAnywhere(Call call) {
        int failures = 0;
        for (int room : ROOMS) {
            Set<String> open = new HashSet<>();
            Simulation simulation = simulation(call, open);
            simulation.disk().capacity(CONTENT.length + OLD.length + room);
            List<Path> before = new ArrayList<>(simulation.disk().files());
            Heard<Void> heard = run(simulation, call);
            byte[] left = simulation.disk().get(call.target);
            String what = call + " with room for " + room;
            if (room >= call.needs()) {
                heard.ok();
                assertArrayEquals(call.whole(), left, what);
            } else {
                failures++;
                String message = "ENOSPC: no space left on device, " + call.step;
                assertEquals(message, heard.errno().getMessage(), what);
                assertArrayEquals(call.expected(room), left, what);
            }
            before.remove(call.target);
            if (left != null) {
                before.add(call.target);
            }
            assertEquals(before.stream().sorted().toList(), simulation.disk().files(), what);
            assertEquals(Set.of(), open, what);
        }
        assertTrue(failures >= ROOMS.length - 2, failures + " failures");
    }

    /** What fails in the middle of a copy leaves no half of it, whatever step it is. */
    @ParameterizedTest
    @EnumSource(names = {"COPY_FILE", "COPY_FILE_OVER", "CP_FILE", "CP_TREE"})
    void errorInTheMiddleOfACopy_removesIt(Call call) {
        for (Target step : List.of(Target.COPY, Target.READ, Target.WRITE)) {
            int failures = 0;
            for (int nth = 1; ; nth++) {
                Set<String> open = new HashSet<>();
                Simulation simulation = simulation(call, open);
                if (step != Target.COPY) { // byte by byte then
                    simulation.fail(Target.COPY, Errno.EXDEV, When.always());
                }
                simulation.fail(step, Errno.EIO, When.nth(nth));
                simulation.shorten(step, When.always());
                Heard<Void> heard = run(simulation, call);
                assertEquals(Set.of(), open, call + " " + step + " " + nth);
                if (heard.err == null) {
                    assertArrayEquals(CONTENT, simulation.disk().get(call.target));
                    break;
                }
                assertEquals("EIO: i/o error, " + call.step, heard.errno().getMessage());
                assertEquals(null, simulation.disk().get(call.target));
                failures++;
            }
            assertTrue(failures >= 2, step + ": " + failures);
        }
    }

    /** Blocks that cannot be shared: TRY copies, FORCE fails and leaves nothing. */
    @Test
    void reflink_whereTheFileSystemCannot() {
        for (boolean byCp : new boolean[] {false, true}) {
            for (var wish : CopyOptions.Reflink.values()) {
                Set<String> open = new HashSet<>();
                Simulation simulation = simulation(Call.COPY_FILE, open);
                Heard<Void> heard = new Heard<>();
                Reactors.run(
                        simulation.options(),
                        reactor -> {
                            Fs fs = Fs.of(reactor);
                            if (byCp) {
                                fs.cp(SOURCE, FRESH, CpOptions.defaults().reflink(wish), heard);
                            } else {
                                var options = CopyOptions.defaults().reflink(wish);
                                fs.copyFile(SOURCE, FRESH, options, heard);
                            }
                        });
                boolean fails = wish == CopyOptions.Reflink.FORCE;
                assertEquals(fails ? "ENOTSUP" : "ok", fails ? heard.errno().code() : "ok");
                assertArrayEquals(fails ? null : CONTENT, simulation.disk().get(FRESH));
                assertEquals(Set.of(), open);
            }
        }
    }
}
