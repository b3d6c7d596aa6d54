package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/** What a loop counts: its time, its turns, its operations. */
class LoopMetricsTest {
    private static final int MILLION = 1_000_000;

    private static void spin(long millis) {
        long end = System.nanoTime() + millis * MILLION;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @EngineTest
    void waiting_countsAsIdle(EngineKind engine) {
        List<LoopMetrics> taken = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    taken.add(reactor.metrics());
                    reactor.setTimeout(300, () -> taken.add(reactor.metrics()));
                });
        LoopMetrics metrics = taken.get(1).since(taken.get(0));
        long idle = metrics.idleNanos();
        long all = idle + metrics.busyNanos();
        assertTrue(all >= 300 * MILLION, () -> all + " ns in all");
        assertTrue(idle > 0, metrics::toString);
        assertEquals((double) metrics.busyNanos() / all, metrics.utilization(), 1e-9);
    }

    @EngineTest
    void callbacks_countAsBusy(EngineKind engine) {
        List<LoopMetrics> taken = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        reactor.setTimeout(
                                0,
                                () -> {
                                    taken.add(reactor.metrics());
                                    spin(100);
                                    taken.add(reactor.metrics());
                                }));
        LoopMetrics metrics = taken.get(1).since(taken.get(0));
        assertTrue(metrics.busyNanos() >= 100 * MILLION, metrics::toString);
        assertEquals(0, metrics.idleNanos());
        assertEquals(1.0, metrics.utilization());
    }

    @EngineTest
    void timeOutsideOfRun_countsAsNothing(EngineKind engine) {
        try (Reactor reactor = Reactor.open(Reactors.options(engine))) {
            reactor.nop(err -> {});
            reactor.run(RunMode.UNTIL_DONE);
            LoopMetrics before = reactor.metrics();
            spin(20);
            LoopMetrics after = reactor.metrics().since(before);
            assertEquals(0, after.busyNanos());
            assertEquals(0, after.idleNanos());
            assertEquals(0, after.utilization());
        }
    }

    @EngineTest
    void spinningForWork_countsAsIdle_andEachTurnOnce(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        Reactors.run(
                Reactors.options(engine).busyPoll(Duration.ofSeconds(20)),
                reactor -> {
                    kept.set(reactor);
                    reactor.setTimeout(50, () -> {});
                });
        LoopMetrics metrics = kept.get().metrics();
        assertTrue(metrics.idleNanos() > 0, metrics::toString);
        assertTrue(metrics.turns() >= 1, metrics::toString);
    }

    @EngineTest
    void operations_areCountedByKindAndOutcome(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        List<LoopMetrics> inFlight = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    kept.set(reactor);
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Chunk memory = ops.core.allocate(16);
                    Operation waiting = ops.recv(pair[0], (slot, result, more) -> {});
                    ops.readBare(9999, memory.address(), 1, result -> memory.release());
                    for (int i = 0; i < 5; i++) {
                        reactor.nop(err -> {});
                    }
                    inFlight.add(reactor.metrics());
                    reactor.setTimeout(1, waiting::cancel);
                });
        assertEquals(5, inFlight.getFirst().operation("NOP").inFlight());
        LoopMetrics metrics = kept.get().metrics();
        assertEquals(new OpMetrics(5, 5, 0, 0, 5), metrics.operation("NOP"));
        assertEquals(new OpMetrics(1, 0, 1, 0, 1), metrics.operation("READ"));
        assertEquals(new OpMetrics(1, 0, 0, 1, 1), metrics.operation("RECV"));
        assertEquals(new OpMetrics(0, 0, 0, 0, 0), metrics.operation("NO_SUCH"));
        assertTrue(metrics.completions() >= 7, metrics::toString);
        assertTrue(metrics.enters() >= 1, metrics::toString);
        assertTrue(metrics.completionsPerTurn() > 0, metrics::toString);
    }

    @EngineTest
    void manyResultsOfOneOperation_areEachCounted(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    kept.set(reactor);
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Chunk memory = ops.core.allocate(16);
                    int[] left = {3};
                    ops.recv(
                            pair[1],
                            (slot, result, more) -> {
                                if (result > 0) {
                                    slot.chunk.release();
                                    if (--left[0] > 0) {
                                        ops.send(pair[0], memory.address(), 1, sent -> {});
                                    } else {
                                        memory.release();
                                        ops.close(pair[0], closed -> {});
                                    }
                                }
                            });
                    ops.send(pair[0], memory.address(), 1, sent -> {});
                });
        LoopMetrics metrics = kept.get().metrics();
        assertEquals(new OpMetrics(1, 1, 0, 0, 4), metrics.operation("RECV"));
        assertEquals(3, metrics.operation("SEND").completed());
    }

    @EngineTest
    void turns_areTimed(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    kept.set(reactor);
                    reactor.setTimeout(1, () -> spin(40));
                    reactor.setTimeout(60, () -> {});
                });
        LoopMetrics metrics = kept.get().metrics();
        Histogram turns = metrics.turnDurations();
        assertTrue(turns.getTotalCount() >= metrics.turns(), metrics::toString);
        assertTrue(turns.getMaxValue() >= 40 * MILLION, () -> turns.getMaxValue() + " ns");
    }

    @EngineTest
    void lateTimers_areMeasured(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    kept.set(reactor);
                    reactor.setTimeout(5, () -> {});
                    reactor.setTimeout(0, () -> spin(50));
                });
        Histogram delays = kept.get().metrics().loopDelays();
        assertEquals(2, delays.getTotalCount());
        assertTrue(delays.getMaxValue() >= 40 * MILLION, () -> delays.getMaxValue() + " ns");
    }

    @EngineTest
    void whileACallbackHangs_anotherThreadSeesTheLoopBusy(EngineKind engine) {
        List<LoopMetrics> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    CountDownLatch done = new CountDownLatch(1);
                    Thread other =
                            Thread.ofPlatform()
                                    .start(() -> {
                                        seen.add(reactor.metrics());
                                        spin(30);
                                        seen.add(reactor.metrics());
                                        done.countDown();
                                    });
                    done.await();
                    other.join();
                });
        LoopMetrics metrics = seen.get(1).since(seen.get(0));
        assertTrue(metrics.busyNanos() >= 30 * MILLION, metrics::toString);
        assertEquals(0, metrics.idleNanos());
    }

    @EngineTest
    void lanes_areCounted(EngineKind engine) {
        List<LaneMetrics> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.blocking(
                            () -> reactor.metrics().lanes(), (err, lanes) -> seen.addAll(lanes));
                });
        LaneMetrics blocking = seen.getFirst();
        assertEquals("blocking", blocking.name());
        assertEquals(1, blocking.running());
        assertEquals(0, blocking.queued());
    }
}
