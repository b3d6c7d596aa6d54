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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files on a simulated disk: errors that no kernel gives on demand, short transfers, power cuts.
 */
class SimulatedDiskTest {
    private static final Path FILE = Path.of("/data/file");
    private static final byte[] CONTENT = Fixtures.pattern(700_000);

    private static Simulation simulation(long seed) {
        Simulation simulation = Simulation.seeded(seed);
        simulation.disk().put(FILE, CONTENT);
        return simulation;
    }

    private static String code(ReactorException err) {
        return err == null ? "ok" : err.code();
    }

    @Test
    void wholeFiles_surviveShortTransfers() {
        Simulation simulation = simulation(1);
        simulation.shorten(Target.READ, When.chance(0.5));
        simulation.shorten(Target.WRITE, When.chance(0.5));
        Path copy = Path.of("/data/copy");
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.readFile(
                            FILE,
                            (err, content) -> {
                                heard.add(code(err));
                                fs.writeFile(copy, content, written -> heard.add(code(written)));
                            });
                });
        assertEquals(List.of("ok", "ok"), heard);
        assertArrayEquals(CONTENT, simulation.disk().get(copy));
    }

    @Test
    void root_holdsOnTheSimulatedDiskToo() {
        Simulation simulation = simulation(1);
        simulation.disk().put(Path.of("/data/below/f"), new byte[] {7});
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor ->
                        Fs.of(reactor)
                                .root(
                                        Path.of("/data/below"),
                                        (err, root) -> {
                                            root.readFile(
                                                    Path.of("f"),
                                                    (e, bytes) -> heard.add((int) bytes[0]));
                                            root.readFile(
                                                    Path.of("../file"),
                                                    (e, bytes) -> heard.add(e.code()));
                                            root.unlink(Path.of("f"), e -> heard.add(code(e)));
                                        }));
        assertEquals(Set.of(7, "ERR_FS_OUTSIDE_ROOT", "ok"), Set.copyOf(heard));
        assertEquals(3, heard.size());
    }

    /** A30: what a failed fsync has not written no later fsync can promise. */
    @Test
    void failedSync_poisonsTheHandle() {
        Simulation simulation = simulation(1);
        simulation.fail(Target.SYNC, Errno.EIO, When.nth(1));
        List<String> heard = new ArrayList<>();
        SimulatedDisk[] left = {SimulatedDisk.empty()};
        Reactors.run(
                simulation.options(),
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        FILE,
                                        "r+",
                                        (err, file) -> {
                                            file.write(
                                                    "lost",
                                                    0,
                                                    (failed, written) ->
                                                            file.sync(first -> {
                                                                heard.add("sync " + code(first));
                                                                file.datasync(second ->
                                                                        heard.add(
                                                                                "datasync "
                                                                                        + code(
                                                                                                second)));
                                                                file.sync(third -> {
                                                                    heard.add(
                                                                            "sync " + code(third));
                                                                    left[0] = simulation.powerCut();
                                                                    file.close(closed ->
                                                                            heard.add(
                                                                                    "close "
                                                                                            + code(
                                                                                                    closed)));
                                                                });
                                                            }));
                                        }));
        assertEquals(List.of("sync EIO", "datasync EIO", "sync EIO", "close ok"), heard);
        assertArrayEquals(CONTENT, left[0].get(FILE));
        assertEquals("lost", new String(simulation.disk().get(FILE), 0, 4, StandardCharsets.UTF_8));
    }

    /** A64: each errno arrives at the callback of the operation that met it. */
    @ParameterizedTest
    @EnumSource(names = {"EINTR", "ECANCELED", "ENOSPC", "EMFILE", "EIO"})
    void errnos_reachTheCallbacks(Errno errno) {
        Map<String, String> heard = new LinkedHashMap<>();
        for (Target target :
                List.of(Target.OPEN, Target.READ, Target.WRITE, Target.SYNC, Target.STAT)) {
            Simulation simulation = simulation(1).fail(target, errno, When.always());
            Reactors.run(simulation.options(), reactor -> useFiles(reactor, target, heard));
        }
        Map<String, String> expected = new LinkedHashMap<>();
        for (String operation :
                List.of(
                        "open",
                        "readFile",
                        "writeFile",
                        "stat of OPEN",
                        "read",
                        "readFile read",
                        "write",
                        "writeFile write",
                        "sync",
                        "stat",
                        "fstat")) {
            expected.put(operation, operation.equals("stat of OPEN") ? "ok" : errno.name());
        }
        assertEquals(expected, heard);
    }

    private static void useFiles(Reactor reactor, Target target, Map<String, String> heard) {
        Fs fs = Fs.of(reactor);
        switch (target) {
            case OPEN -> {
                fs.open(FILE, (err, file) -> heard.put("open", code(err)));
                fs.readFile(FILE, (err, content) -> heard.put("readFile", code(err)));
                fs.writeFile(FILE, "text", err -> heard.put("writeFile", code(err)));
                fs.stat(FILE, (err, stats) -> heard.put("stat of OPEN", code(err)));
            }
            case STAT ->
                    fs.stat(
                            FILE,
                            (failed, none) -> {
                                heard.put("stat", code(failed));
                                open(
                                        fs,
                                        file ->
                                                file.stat((err, stats) ->
                                                        heard.put("fstat", code(err))));
                            });
            case READ ->
                    open(
                            fs,
                            file -> {
                                Buffer buffer = reactor.buffer(10);
                                file.read(
                                        buffer,
                                        0,
                                        (err, count, into) -> {
                                            heard.put("read", code(err));
                                            fs.readFile(
                                                    FILE,
                                                    (e, content) ->
                                                            heard.put("readFile read", code(e)));
                                        });
                                buffer.release();
                            });
            case WRITE ->
                    open(
                            fs,
                            file ->
                                    file.write(
                                            "text",
                                            0,
                                            (err, count) -> {
                                                heard.put("write", code(err));
                                                fs.writeFile(
                                                        FILE,
                                                        "text",
                                                        e -> heard.put("writeFile write", code(e)));
                                            }));
            case SYNC -> open(fs, file -> file.sync(err -> heard.put("sync", code(err))));
            default -> throw new AssertionError(target);
        }
    }

    private interface Use {
        void with(FileHandle file) throws Exception;
    }

    private static void open(Fs fs, Use use) {
        fs.open(
                FILE,
                "r+",
                (err, file) -> {
                    if (err != null) {
                        throw err;
                    }
                    use.with(file);
                });
    }

    @Test
    void writeFileThatIsFlushed_survivesThePowerCut_whereItsNameDid() {
        WriteOptions flushed = WriteOptions.defaults().flush(true);
        int[] kept = {0, 0};
        for (long seed = 0; seed < 30; seed++) {
            kept[0] += survives(seed, WriteOptions.defaults()) ? 1 : 0;
            kept[1] += survives(seed, flushed) ? 1 : 0;
        }
        assertEquals(30, kept[1]);
        assertTrue(kept[0] < 30, () -> kept[0] + " by luck");
    }

    private static boolean survives(long seed, WriteOptions options) {
        Simulation simulation = simulation(seed);
        byte[] newer = "newer".repeat(3000).getBytes(StandardCharsets.UTF_8);
        SimulatedDisk[] left = {SimulatedDisk.empty()};
        Reactors.run(
                simulation.options(),
                reactor ->
                        Fs.of(reactor)
                                .writeFile(
                                        FILE,
                                        newer,
                                        options,
                                        err -> {
                                            assertEquals("ok", code(err));
                                            left[0] = simulation.powerCut();
                                        }));
        return java.util.Arrays.equals(newer, left[0].get(FILE));
    }
}
