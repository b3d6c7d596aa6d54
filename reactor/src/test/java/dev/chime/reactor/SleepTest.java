package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How the loop sleeps: until the deadline whatever interrupts it, and with few system calls. */
class SleepTest {
    private static final long MILLI = 1_000_000;

    /** HotSpot has a handler for it that does nothing unless the JVM itself has sent it. */
    private static final int SIGUSR2 = 12;

    @EngineTest
    void signalsInterruptTheWait_theDeadlineIsKept(EngineKind engine) throws Exception {
        long[] waited = {0};
        long[] enters = {0};
        int signals = 20;
        CountDownLatch sent = new CountDownLatch(1);
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    long thread = ops.core.libc().syscall(Sys.GETTID, 0);
                    long process = ops.core.libc().syscall(Sys.GETPID, 0);
                    long before = ops.loop().engine().enters();
                    long started = System.nanoTime();
                    reactor.setTimeout(
                            400,
                            () -> {
                                waited[0] = System.nanoTime() - started;
                                enters[0] = ops.loop().engine().enters() - before;
                            });
                    Thread.ofPlatform().start(() -> signal(process, thread, signals, sent));
                });
        assertTrue(sent.await(10, TimeUnit.SECONDS));
        assertTrue(waited[0] >= 400 * MILLI, () -> waited[0] + " ns");
        assertTrue(waited[0] < 5000 * MILLI, () -> waited[0] + " ns");
        assertTrue(enters[0] >= signals / 2, () -> "interrupted " + enters[0] + " times");
        assertTrue(enters[0] <= 4 * signals, () -> "interrupted " + enters[0] + " times");
    }

    private static void signal(long process, long thread, int signals, CountDownLatch sent) {
        try (Libc libc = new Libc()) {
            for (int i = 0; i < signals; i++) {
                pause(10);
                libc.syscall(Sys.TGKILL, process, thread, SIGUSR2);
            }
        }
        sent.countDown();
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + millis * MILLI;
        while (System.nanoTime() < end) {
            java.util.concurrent.locks.LockSupport.parkNanos(MILLI);
        }
    }

    @EngineTest
    void idleLoop_makesNoSystemCalls(EngineKind engine) {
        long[] enters = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Operation recv = ops.recv(pair[0], (slot, result, more) -> {});
                    long before = ops.loop().engine().enters();
                    reactor.setTimeout(
                            100,
                            () -> {
                                enters[0] = ops.loop().engine().enters() - before;
                                recv.cancel();
                            });
                });
        assertTrue(enters[0] <= 6, () -> enters[0] + " enters in 100 ms of idleness");
    }

    @EngineTest
    void atMostTwoSystemCallsATurn_withNopsTimersAndSockets(EngineKind engine) {
        int turns = 2000;
        long[] enters = {0};
        int[] counted = {0};
        int[] served = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Chunk memory = ops.core.allocate(64);
                    ops.recv(
                            pair[0],
                            (slot, result, more) -> {
                                if (result > 0) {
                                    slot.chunk.release();
                                    served[0]++;
                                }
                            });
                    long before = ops.loop().engine().enters();
                    ops.core.beforeEnter(
                            new Task() {
                                @Override
                                public void run() {
                                    if (counted[0]++ == turns) {
                                        enters[0] = ops.loop().engine().enters() - before;
                                        memory.release();
                                        ops.close(pair[0], closed -> {});
                                        return;
                                    }
                                    ops.core.beforeEnter(this);
                                    reactor.nop(err -> {});
                                    if (counted[0] % 2 == 0) {
                                        reactor.setTimeout(0, () -> {});
                                    }
                                    if (counted[0] % 3 == 0) {
                                        ops.send(pair[1], memory.address(), 1, sent -> {});
                                    }
                                }
                            });
                });
        assertEquals(turns + 1, counted[0]);
        assertTrue(served[0] > turns / 10, "the socket was in use");
        assertTrue(enters[0] <= 2L * turns, () -> enters[0] + " in " + turns + " turns");
    }
}
