package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a simulated machine promises: virtual time, repeatable runs, faults, power cuts. */
class SimulationTest {
    private static final Path FILE = Path.of("/tmp/file");
    private static final int PAGE = 4096;

    @Test
    void sameSeed_sameTrace_otherSeed_anotherOne() {
        List<String> first = traceOf(7);
        assertTrue(first.size() > 100, () -> first.size() + " lines");
        assertEquals(String.join("\n", first), String.join("\n", traceOf(7)));
        assertNotEquals(String.join("\n", first), String.join("\n", traceOf(8)));
    }

    @Test
    void fingerprint_sumsTheTraceUp() {
        assertEquals(fingerprintOf(7), fingerprintOf(7));
        assertNotEquals(fingerprintOf(7), fingerprintOf(8));
    }

    private static List<String> traceOf(long seed) {
        List<String> lines = new ArrayList<>();
        Simulation simulation = Simulation.seeded(seed).onOperation(lines::add);
        runBusyProgram(simulation);
        return lines;
    }

    private static long fingerprintOf(long seed) {
        Simulation simulation = Simulation.seeded(seed);
        runBusyProgram(simulation);
        return simulation.fingerprint();
    }

    /** Files, connections, timers, faults and cancels, all at once. */
    private static void runBusyProgram(Simulation simulation) {
        simulation.shorten(Simulation.Target.WRITE, Simulation.When.chance(0.3));
        simulation.delay(Simulation.Target.READ, Duration.ofMillis(3), Simulation.When.chance(0.2));
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Chunk memory = ops.core.allocate(1 << 16);
                    for (int i = 0; i < 20; i++) {
                        Fd file = ops.open("/tmp/f" + i, Const.O_RDWR | Const.O_CREAT);
                        ops.write(file, memory.address(), 1000 * i, 0, written -> {});
                        Operation read = ops.read(file, memory.address(), 5000, 0, result -> {});
                        if (i % 3 == 0) {
                            read.cancel();
                        }
                        reactor.setTimeout(i, () -> ops.fsync(file, 0, result -> {}));
                    }
                    for (int i = 0; i < 10; i++) {
                        Fd[] pair = ops.socketPair();
                        ops.recv(
                                pair[1],
                                (slot, result, more) -> {
                                    if (result > 0) {
                                        slot.chunk.release();
                                    }
                                });
                        ops.send(
                                pair[0],
                                memory.address(),
                                3000,
                                sent -> ops.close(pair[0], r -> {}));
                    }
                    connectAndSend(ops, memory);
                    reactor.setTimeout(100, memory::release);
                });
    }

    private static void connectAndSend(Ops ops, Chunk memory) {
        Fd listener = ops.listener();
        Fd client = ops.tcpSocket();
        ops.accept(
                listener,
                (accept, number, more) -> {
                    if (number >= 0) {
                        Fd peer = ops.core.adopt(number, Fd.Kind.SOCKET);
                        ops.recv(
                                peer,
                                (slot, result, goesOn) -> {
                                    if (result > 0) {
                                        slot.chunk.release();
                                    } else {
                                        ops.close(peer, closed -> {});
                                        ops.close(listener, closed -> {});
                                    }
                                });
                    }
                });
        ops.connect(
                client,
                ops.port(listener),
                connected -> {
                    for (int i = 0; i < 40; i++) {
                        ops.send(client, memory.address(), 1 << 16, sent -> {});
                    }
                    ops.core.reactor().setTimeout(50, () -> ops.close(client, closed -> {}));
                });
    }

    @Test
    void files_completeInAnyOrder_orInThatOfSubmission() {
        List<Integer> inOrder = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            inOrder.add(i);
        }
        List<Integer> shuffled = completions(Simulation.seeded(1));
        assertNotEquals(inOrder, shuffled);
        assertEquals(Set.copyOf(inOrder), Set.copyOf(shuffled));
        Duration same = Duration.ofMillis(1);
        assertEquals(inOrder, completions(Simulation.seeded(1).latency(same, same)));
    }

    private static List<Integer> completions(Simulation simulation) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    for (int i = 0; i < 20; i++) {
                        int number = i;
                        ops.statx("/tmp", 0, mode -> order.add(number));
                    }
                });
        return order;
    }

    @Test
    void property_choosesTheSimulation() throws Exception {
        List<String> said =
                ChildJvm.run(List.of(), List.of("-Dchime.engine=sim"), SaysItsEngine.class);
        assertEquals(List.of("sim", "exit 0"), said);
    }

    /** Prints the engine's name, an hour later. */
    static final class SaysItsEngine {
        public static void main(String[] arguments) {
            Reactor.run(reactor ->
                    reactor.setTimeout(
                            Duration.ofHours(1), () -> System.out.println(reactor.engine())));
        }
    }

    @Test
    void aYearPasses_inAMoment() {
        List<Long> fired = new ArrayList<>();
        Reactors.run(
                ReactorOptions.simulated(1),
                reactor -> {
                    long started = reactor.now();
                    reactor.setTimeout(
                            Duration.ofDays(365), () -> fired.add(reactor.now() - started));
                });
        assertEquals(1, fired.size());
        assertTrue(fired.getFirst() >= Duration.ofDays(365).toNanos());
        assertTrue(fired.getFirst() < Duration.ofDays(366).toNanos());
    }

    @Test
    void blockingCalls_holdTheClock() {
        List<String> order = new ArrayList<>();
        Reactors.run(
                ReactorOptions.simulated(1),
                reactor -> {
                    reactor.setTimeout(Duration.ofHours(1), () -> order.add("timer"));
                    reactor.blocking(
                            () -> {
                                Thread.sleep(20);
                                return "work";
                            },
                            (err, text) -> order.add(text));
                });
        assertEquals(List.of("work", "timer"), order);
    }

    @Test
    void faultByNumber_strikesOnce() {
        Simulation simulation = Simulation.seeded(1);
        simulation.fail(Simulation.Target.WRITE, Errno.ENOSPC, Simulation.When.nth(2));
        List<Integer> results = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Chunk memory = ops.core.allocate(10);
                    Fd file = ops.open(FILE.toString(), Const.O_RDWR | Const.O_CREAT);
                    writeThrice(ops, file, memory, results);
                });
        assertEquals(List.of(10, -Errno.ENOSPC.number(), 10), results);
    }

    private static void writeThrice(Ops ops, Fd file, Chunk memory, List<Integer> results) {
        ops.write(
                file,
                memory.address(),
                10,
                -1,
                result -> {
                    results.add(result);
                    if (results.size() < 3) {
                        writeThrice(ops, file, memory, results);
                    } else {
                        memory.release();
                    }
                });
    }

    @Test
    void faultsByChance_comeAboutAsOftenAsAsked() {
        Simulation simulation = Simulation.seeded(5);
        simulation.shorten(Simulation.Target.WRITE, Simulation.When.chance(0.25));
        int[] results = {0, 0};
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Chunk memory = ops.core.allocate(100);
                    Fd file = ops.open(FILE.toString(), Const.O_RDWR | Const.O_CREAT);
                    for (int i = 0; i < 1000; i++) {
                        ops.write(
                                file,
                                memory.address(),
                                100,
                                0,
                                result -> {
                                    assertTrue(result > 0 && result <= 100);
                                    results[result < 100 ? 1 : 0]++;
                                });
                    }
                    reactor.setTimeout(1000, memory::release);
                });
        assertEquals(1000, results[0] + results[1]);
        assertTrue(results[1] > 200 && results[1] < 300, () -> results[1] + " short");
    }

    /** Every errno in the table of faults arrives where the operation's result does. */
    @ParameterizedTest
    @EnumSource(names = {"EINTR", "ECANCELED", "ENOSPC", "EMFILE", "EIO"})
    void errnos_reachTheCallback(Errno errno) {
        Simulation simulation = Simulation.seeded(3);
        for (Simulation.Target target : Simulation.Target.values()) {
            simulation.fail(target, errno, Simulation.When.always());
        }
        List<Integer> results = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Chunk memory = ops.core.allocate(10);
                    Fd file = ops.open(FILE.toString(), Const.O_RDWR | Const.O_CREAT);
                    Fd listener = ops.listener();
                    Fd socket = ops.tcpSocket();
                    ops.openat(FILE.toString(), 0, 0, results::add);
                    ops.read(file, memory.address(), 10, 0, results::add);
                    ops.write(file, memory.address(), 10, 0, results::add);
                    ops.fsync(file, 0, results::add);
                    ops.statx(FILE.toString(), 0, results::add);
                    for (Op op :
                            List.of(
                                    Op.RENAMEAT,
                                    Op.UNLINKAT,
                                    Op.MKDIRAT,
                                    Op.LINKAT,
                                    Op.GETDENTS,
                                    Op.FTRUNCATE,
                                    Op.WATCH,
                                    Op.COPY_FILE_RANGE)) {
                        ops.call(op, slot -> {}, results::add);
                    }
                    ops.socket(Const.AF_INET, Const.SOCK_STREAM, results::add);
                    ops.bind(socket, 0, results::add);
                    ops.listen(socket, 1, results::add);
                    ops.connect(socket, ops.port(listener), results::add);
                    ops.accept(listener, (slot, result, more) -> results.add(result));
                    ops.recv(socket, (slot, result, more) -> results.add(result));
                    ops.send(socket, memory.address(), 10, results::add);
                    ops.shutdown(socket, Const.SHUT_WR, results::add);
                    reactor.setTimeout(
                            1000,
                            () -> {
                                ops.close(file, results::add);
                                memory.release();
                            });
                });
        assertEquals(Set.of(-errno.number()), new HashSet<>(results));
        assertEquals(Simulation.Target.values().length, results.size());
    }

    @Test
    void powerCut_keepsWhatWasSynced_andMayLoseTheRest() {
        Set<String> outcomes = new HashSet<>();
        for (long seed = 0; seed < 60; seed++) {
            Simulation simulation = Simulation.seeded(seed);
            simulation.disk().put(FILE, new byte[0]);
            SimulatedDisk[] left = {SimulatedDisk.empty()};
            Reactors.run(
                    simulation.options(),
                    reactor -> {
                        Ops ops = new Ops(reactor);
                        Chunk memory = ops.core.allocate(2 * PAGE);
                        Fd file = ops.open(FILE.toString(), Const.O_RDWR);
                        Memory.fill(memory.address(), PAGE, (byte) 'a');
                        ops.write(
                                file,
                                memory.address(),
                                PAGE,
                                0,
                                w ->
                                        ops.fsync(
                                                file,
                                                0,
                                                s -> {
                                                    Memory.fill(
                                                            memory.address(), 2 * PAGE, (byte) 'b');
                                                    ops.write(
                                                            file,
                                                            memory.address(),
                                                            2 * PAGE,
                                                            0,
                                                            again -> {
                                                                left[0] = simulation.powerCut();
                                                                memory.release();
                                                                reactor.stop();
                                                            });
                                                }));
                    });
            byte[] content = left[0].get(FILE);
            assertTrue(content.length == PAGE || content.length == 2 * PAGE);
            assertTrue(content[0] == 'a' || content[0] == 'b');
            String second = content.length == PAGE ? "none" : content[PAGE] == 'b' ? "b" : "zero";
            outcomes.add((char) content[0] + " " + second);
        }
        assertEquals(Set.of("a none", "b none", "a b", "b b", "a zero", "b zero"), outcomes);
    }

    @Test
    void powerCut_keepsANewFile_whenItsDirectoryWasSynced() {
        int[] survived = {0, 0};
        for (long seed = 0; seed < 40; seed++) {
            survived[0] += survives(seed, false) ? 1 : 0;
            survived[1] += survives(seed, true) ? 1 : 0;
        }
        assertTrue(survived[0] > 0 && survived[0] < 40, () -> survived[0] + " by luck");
        assertEquals(40, survived[1]);
    }

    private static boolean survives(long seed, boolean syncDirectory) {
        Simulation simulation = Simulation.seeded(seed);
        SimulatedDisk[] left = {SimulatedDisk.empty()};
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd file = ops.open(FILE.toString(), Const.O_RDWR | Const.O_CREAT);
                    Fd directory = ops.open("/tmp", Const.O_RDONLY);
                    ops.fsync(
                            file,
                            0,
                            s ->
                                    ops.fsync(
                                            syncDirectory ? directory : file,
                                            0,
                                            d -> {
                                                left[0] = simulation.powerCut();
                                                reactor.stop();
                                            }));
                });
        return left[0].get(FILE) != null;
    }

    @Test
    void failedSync_losesItsPages_thoughALaterOneSucceeds() {
        Simulation simulation = Simulation.seeded(1);
        simulation.disk().put(FILE, "old".getBytes(StandardCharsets.UTF_8));
        simulation.fail(Simulation.Target.SYNC, Errno.EIO, Simulation.When.nth(1));
        List<Integer> results = new ArrayList<>();
        SimulatedDisk[] left = {SimulatedDisk.empty()};
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd file = ops.open(FILE.toString(), Const.O_RDWR);
                    assertEquals(3, ops.writeNow(file, "new"));
                    ops.fsync(
                            file,
                            0,
                            first ->
                                    ops.fsync(
                                            file,
                                            0,
                                            second -> {
                                                results.addAll(List.of(first, second));
                                                left[0] = simulation.powerCut();
                                            }));
                });
        assertEquals(List.of(-Errno.EIO.number(), 0), results);
        assertEquals("new", text(simulation.disk()));
        assertEquals("old", text(left[0]));
    }

    private static String text(SimulatedDisk disk) {
        return new String(disk.get(FILE), StandardCharsets.UTF_8);
    }

    @Test
    void diskOutlivesTheReactor_andServesTheNext() {
        Simulation simulation = Simulation.seeded(1);
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    ops.writeNow(ops.open(FILE.toString(), Const.O_RDWR | Const.O_CREAT), "kept");
                });
        String[] read = {""};
        Reactors.run(
                Simulation.seeded(2, simulation.disk()).options(),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    read[0] = ops.readNow(ops.open(FILE.toString(), Const.O_RDONLY));
                });
        assertEquals("kept", read[0]);
        assertEquals(List.of(FILE), simulation.disk().files());
        assertArrayEquals("kept".getBytes(StandardCharsets.UTF_8), simulation.disk().get(FILE));
        assertNull(simulation.disk().get(Path.of("/tmp/none")));
    }

    @Test
    void oneReactorAtATime() {
        Simulation simulation = Simulation.seeded(1);
        try (Reactor first = Reactor.open(simulation.options())) {
            assertFalse(first.run(RunMode.NO_WAIT));
            assertThrows(IllegalStateException.class, () -> Reactor.open(simulation.options()));
        }
        Reactor.run(simulation.options(), reactor -> assertEquals("sim", reactor.engine()));
    }

    @Test
    void anotherEngine_leavesTheVirtualClock_andNoOtherClockFits() {
        ReactorOptions simulated = ReactorOptions.simulated(1);
        assertEquals(NanoClock.SYSTEM, simulated.engine(EngineKind.POOL).clock());
        assertThrows(IllegalArgumentException.class, () -> simulated.clock(() -> 0));
    }
}
