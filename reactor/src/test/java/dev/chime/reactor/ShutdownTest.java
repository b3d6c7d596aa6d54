package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** The end: drain, cancel, deadline, and the report of what was cut. */
class ShutdownTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @EngineTest
    void report_isNullBefore_andCountsAfterTheEnd(EngineKind engine) {
        AtomicReference<Reactor> running = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        Reactors.run(
                engine,
                reactor -> {
                    running.set(reactor);
                    assertNull(reactor.shutdownReport());
                    Ops ops = new Ops(reactor);
                    for (int i = 0; i < 3; i++) {
                        ops.recv(ops.socketPair()[0], (slot, result, more) -> {});
                    }
                    Core core = Core.of(reactor);
                    core.opened(() -> {});
                    reactor.blocking(
                            () -> {
                                begun.countDown();
                                Thread.sleep(100_000);
                                return 1;
                            },
                            (err, value) -> assertEquals("ECANCELED", err.code()));
                    begun.await();
                    reactor.stop();
                    reactor.execute(() -> reactor.nop(err -> {}));
                });
        ShutdownReport report = running.get().shutdownReport();
        assertEquals(1, report.handles());
        assertEquals(1, report.blockingCalls());
        assertEquals(4, report.cancelled()); // three receives, and the nop of the last task
        assertTrue(
                report.tasks() >= 1, report::toString); // the interrupted work's outcome may be one
        assertEquals(0, report.unfinished());
        assertEquals(0, report.runningThreads());
        assertEquals("", report.unfinishedOperations());
        assertTrue(report.isComplete());
        assertTrue(report.took().toNanos() > 0);
    }

    @EngineTest
    void quietEnd_hasAnEmptyReport(EngineKind engine) {
        AtomicReference<Reactor> running = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    running.set(reactor);
                    reactor.nop(err -> assertNull(err));
                });
        ShutdownReport report = running.get().shutdownReport();
        assertEquals(0, report.cancelled() + report.finished() + report.handles());
        assertEquals(0, report.blockingCalls() + report.tasks() + report.unfinished());
    }

    @EngineTest
    void workThatIgnoresItsInterrupt_isReported(EngineKind engine) {
        AtomicReference<Reactor> running = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    engine,
                    reactor -> {
                        running.set(reactor);
                        reactor.blocking(
                                () -> {
                                    begun.countDown();
                                    while (gate.getCount() > 0) {
                                        Thread.onSpinWait();
                                        Thread.yield();
                                    }
                                    return 1;
                                },
                                (err, value) -> assertEquals("ECANCELED", err.code()));
                        begun.await();
                        reactor.stop();
                    });
            assertTrue(
                    log.lines().getLast().contains("not all of it"), () -> log.lines().toString());
        } finally {
            gate.countDown();
        }
        assertEquals(1, running.get().shutdownReport().runningThreads());
        assertFalse(running.get().shutdownReport().isComplete());
    }

    @EngineTest
    void stopWithGrace_letsWhatIsUnderWayEnd_andCutsWhatWaitsForPeers(EngineKind engine) {
        AtomicReference<Reactor> running = new AtomicReference<>();
        List<String> order = new ArrayList<>();
        long started = System.nanoTime();
        Reactors.run(
                engine,
                reactor -> {
                    running.set(reactor);
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    ops.recv(
                            pair[0],
                            (slot, result, more) -> order.add("recv " + Errno.of(-result)));
                    reactor.setTimeout(100_000, () -> order.add("timer"));
                    reactor.onBeforeExit(() -> order.add("before exit"));
                    reactor.blocking(
                            () -> {
                                Thread.sleep(20);
                                return "blocking";
                            },
                            (err, value) -> {
                                order.add(value);
                                // One thing leads to another, and all of it may end.
                                reactor.nop(first -> reactor.nop(second -> order.add("nop")));
                            });
                    reactor.stop(LONG);
                    reactor.setTimeout(1, () -> order.add("short timer"));
                });
        assertEquals(List.of("short timer", "blocking", "nop", "recv ECANCELED"), order);
        assertEquals(1, running.get().shutdownReport().cancelled());
        assertTrue(System.nanoTime() - started < LONG.toNanos());
    }

    @EngineTest
    void stopWithGrace_cutsAtItsEnd(EngineKind engine) {
        CountDownLatch never = new CountDownLatch(1);
        List<String> codes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.blocking(
                            () -> {
                                never.await();
                                return 1;
                            },
                            (err, value) -> codes.add(err.code()));
                    reactor.stop(Duration.ofMillis(20));
                });
        assertEquals(List.of("ECANCELED"), codes);
    }

    @EngineTest
    void stopWithGrace_isForOneRun_theNextIsNotCut(EngineKind engine) {
        List<String> order = new ArrayList<>();
        try (Reactor reactor = Reactor.open(Reactors.options(engine))) {
            Timer left = reactor.setTimeout(Duration.ofDays(1), () -> order.add("never"));
            reactor.nop(err -> order.add("nop"));
            reactor.stop(Duration.ofSeconds(100));
            reactor.stop(Duration.ofMillis(10)); // the later one counts
            assertTrue(reactor.run(RunMode.UNTIL_DONE), "the timer is left");
            assertEquals(List.of("nop"), order);
            left.clear();
            reactor.setTimeout(30, () -> order.add("timer"));
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
        }
        assertEquals(List.of("nop", "timer"), order);
    }

    @EngineTest
    void stepsOfTheEndThatThrow_doNotKeepTheOthersFromRunning(EngineKind engine) {
        List<String> order = new ArrayList<>();
        IllegalStateException first = new IllegalStateException("exit callback");
        AtomicReference<Reactor> running = new AtomicReference<>();
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            running.set(reactor);
                                            Core core = Core.of(reactor);
                                            reactor.onExit(() -> {
                                                throw first;
                                            });
                                            reactor.onExit(() -> order.add("exit"));
                                            core.opened(() -> {
                                                throw new AssertionError("handle");
                                            });
                                            core.opened(() -> order.add("handle"));
                                            new Ops(reactor)
                                                    .recv(
                                                            new Ops(reactor).socketPair()[0],
                                                            (slot, result, more) ->
                                                                    order.add("recv"));
                                            reactor.stop();
                                            reactor.execute(() -> {
                                                throw new IllegalStateException("task");
                                            });
                                            reactor.execute(() -> order.add("task"));
                                        }));
        assertSame(first, thrown);
        assertEquals(2, thrown.getSuppressed().length);
        assertEquals(List.of("exit", "handle", "recv", "task"), order);
        assertTrue(running.get().shutdownReport().isComplete());
    }
}
