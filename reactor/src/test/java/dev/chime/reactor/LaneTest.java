package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** The bounds of the lanes for blocking work, their order and their figures. */
class LaneTest {
    private static ReactorOptions bounded(EngineKind engine, int threads, int queue) {
        return Reactors.options(engine).lanes(LaneOptions.defaults().blocking(threads, queue));
    }

    private static LaneMetrics blocking(Reactor reactor) {
        return reactor.lanes().getFirst();
    }

    private static boolean await(CountDownLatch gate) throws InterruptedException {
        return gate.await(30, TimeUnit.SECONDS);
    }

    @EngineTest
    void userWork_isOnVirtualThreads_atMostSoManyAtOnce(EngineKind engine) {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger virtual = new AtomicInteger();
        Reactors.run(
                bounded(engine, 3, 100),
                reactor -> {
                    for (int i = 0; i < 60; i++) {
                        reactor.blocking(
                                () -> {
                                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                                    Thread.sleep(1);
                                    virtual.addAndGet(Thread.currentThread().isVirtual() ? 1 : 0);
                                    return now.decrementAndGet();
                                },
                                (err, value) -> assertNull(err));
                    }
                });
        assertEquals(60, virtual.get());
        assertTrue(most.get() <= 3, () -> most + " at once");
    }

    @EngineTest
    void fullLane_refusesWithAnError_inALaterTurn_andTheLoopNeverBlocks(EngineKind engine) {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        AtomicInteger ran = new AtomicInteger();
        Reactors.run(
                bounded(engine, 2, 3),
                reactor -> {
                    for (int i = 0; i < 7; i++) {
                        reactor.blocking(
                                () -> {
                                    await(gate);
                                    return ran.incrementAndGet();
                                },
                                (err, value) -> order.add(err == null ? "ran" : err.code()));
                    }
                    order.add("called");
                    // The loop goes round and round while the lane is full.
                    new Object() {
                        void turn(int left) {
                            if (left > 0) {
                                reactor.nop(err -> turn(left - 1));
                                return;
                            }
                            LaneMetrics lane = blocking(reactor);
                            order.add(lane.refused() + " refused of " + lane.threads());
                            gate.countDown();
                        }
                    }.turn(100);
                });
        assertEquals(
                List.of(
                        "called",
                        "ERR_LANE_FULL",
                        "ERR_LANE_FULL",
                        "2 refused of 2",
                        "ran",
                        "ran",
                        "ran",
                        "ran",
                        "ran"),
                order);
        assertEquals(5, ran.get());
    }

    @EngineTest
    void whoTriesAgainInTheRefusal_doesNotStarveTheLoop(EngineKind engine) {
        CountDownLatch gate = new CountDownLatch(1);
        int[] refusals = {0};
        int[] done = {0};
        Reactors.run(
                bounded(engine, 1, 1),
                reactor -> {
                    reactor.setTimeout(10, gate::countDown);
                    for (int i = 0; i < 3; i++) {
                        new Object() {
                            void start() {
                                reactor.blocking(
                                        () -> await(gate),
                                        (err, value) -> {
                                            if (err == null) {
                                                done[0]++;
                                            } else {
                                                refusals[0]++;
                                                start();
                                            }
                                        });
                            }
                        }.start();
                    }
                });
        assertEquals(3, done[0]);
        assertTrue(refusals[0] > 1, refusals[0] + " refusals");
    }

    @EngineTest
    void callbacksComeInTheOrderOfCompletion(EngineKind engine) {
        int count = 5;
        List<CountDownLatch> gates = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < count; i++) {
                        gates.add(new CountDownLatch(1));
                    }
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        reactor.blocking(
                                () -> await(gates.get(id)),
                                (err, value) -> {
                                    order.add(id);
                                    if (id > 0) {
                                        gates.get(id - 1).countDown();
                                    }
                                });
                    }
                    gates.getLast().countDown();
                });
        assertEquals(List.of(4, 3, 2, 1, 0), order);
    }

    @EngineTest
    void metrics_countQueuedRunningCompletedAndCancelled(EngineKind engine) {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch gate = new CountDownLatch(1);
        List<LaneMetrics> seen = new ArrayList<>();
        Reactors.run(
                bounded(engine, 2, 10),
                reactor -> {
                    List<Operation> calls = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        calls.add(
                                reactor.blocking(
                                        () -> {
                                            begun.countDown();
                                            return await(gate);
                                        },
                                        (err, value) -> seen.add(blocking(reactor))));
                    }
                    assertTrue(await(begun));
                    seen.add(blocking(reactor));
                    calls.get(4).cancel();
                    calls.get(0).cancel(); // it runs: too late
                    reactor.setTimeout(20, gate::countDown);
                });
        LaneMetrics full = seen.getFirst();
        assertEquals("blocking", full.name());
        assertEquals(2, full.running());
        assertEquals(4, full.queued());
        assertEquals(0, full.completed());
        LaneMetrics end = seen.getLast();
        assertEquals(0, end.queued());
        assertEquals(5, end.completed());
        assertEquals(1, end.cancelled());
        assertEquals(0, end.refused());
        assertTrue(end.maxWaitNanos() >= 10_000_000, end::toString); // the third waited for both
        assertTrue(end.maxRunNanos() >= 10_000_000, end::toString);
        assertTrue(end.meanWaitNanos() <= end.maxWaitNanos(), end::toString);
        assertTrue(end.meanRunNanos() <= end.maxRunNanos(), end::toString);
        assertTrue(end.totalRunNanos() >= end.maxRunNanos(), end::toString);
        assertAgrees(end);
        assertEquals(0, full.runDurations().getTotalCount(), "a snapshot");
    }

    /** The histograms tell the same as sums and maxima, as far as their buckets go. */
    private static void assertAgrees(LaneMetrics lane) {
        Histogram waits = lane.waitDurations();
        Histogram runs = lane.runDurations();
        assertEquals(lane.completed(), waits.getTotalCount());
        assertEquals(lane.completed(), runs.getTotalCount());
        assertTrue(waits.valuesAreEquivalent(lane.maxWaitNanos(), waits.getMaxValue()));
        assertTrue(runs.valuesAreEquivalent(lane.maxRunNanos(), runs.getMaxValue()));
        assertEquals(lane.meanWaitNanos(), waits.getMean(), 1 + lane.meanWaitNanos() / 64.0);
        assertEquals(lane.meanRunNanos(), runs.getMean(), 1 + lane.meanRunNanos() / 64.0);
    }

    @EngineTest
    void cancelOfThousandsQueued_isExact_andEachCallsBackOnce(EngineKind engine) {
        int count = 20_000;
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        int[] cancelled = {0};
        Reactors.run(
                bounded(engine, 1, count),
                reactor -> {
                    List<Operation> calls = new ArrayList<>();
                    reactor.blocking(
                            () -> {
                                begun.countDown();
                                return await(gate);
                            },
                            (err, value) -> assertNull(err));
                    for (int i = 0; i < count; i++) {
                        calls.add(
                                reactor.blocking(
                                        ran::incrementAndGet,
                                        (err, value) -> {
                                            assertEquals("ECANCELED", err.code());
                                            if (++cancelled[0] == count) {
                                                gate.countDown();
                                            }
                                        }));
                    }
                    assertTrue(await(begun));
                    Collections.reverse(calls);
                    calls.forEach(Operation::cancel);
                });
        assertEquals(count, cancelled[0]);
        assertEquals(0, ran.get());
    }

    @EngineTest
    void cancelRacingTheThread_givesEcanceledOrTheResult_neverBoth(EngineKind engine) {
        int count = 5000;
        AtomicInteger ran = new AtomicInteger();
        int[] results = {0};
        int[] cancelled = {0};
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < count; i++) {
                        Operation call =
                                reactor.blocking(
                                        ran::incrementAndGet,
                                        (err, value) -> {
                                            if (err == null) {
                                                results[0]++;
                                            } else {
                                                cancelled[0]++;
                                            }
                                        });
                        if (i % 2 == 0) {
                            call.cancel();
                        }
                    }
                });
        assertEquals(count, results[0] + cancelled[0]);
        assertEquals(ran.get(), results[0]);
    }

    @EngineTest
    void interruptInsideWork_doesNotReachTheNextWork(EngineKind engine) {
        List<Boolean> interrupted = new ArrayList<>();
        Reactors.run(
                bounded(engine, 1, 10),
                reactor -> {
                    reactor.blocking(
                            () -> {
                                Thread.currentThread().interrupt();
                                return 1;
                            },
                            (err, value) -> assertEquals(1, value));
                    reactor.blocking(
                            () -> Thread.currentThread().isInterrupted(),
                            (err, value) -> interrupted.add(value));
                });
        assertEquals(List.of(false), interrupted);
    }

    @EngineTest
    void lookups_haveALaneAndBoundsOfTheirOwn(EngineKind engine) {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        Reactors.run(
                Reactors.options(engine).lanes(LaneOptions.defaults().lookups(1, 1)),
                reactor -> {
                    Core core = Core.of(reactor);
                    for (int i = 0; i < 3; i++) {
                        core.lookup(
                                () -> {
                                    await(gate);
                                    return Thread.currentThread().getName();
                                },
                                (err, name) -> order.add(err == null ? name : err.code()));
                    }
                    reactor.blocking(
                            () -> "work",
                            (err, value) -> {
                                order.add(value);
                                LaneMetrics lookups = reactor.lanes().get(1);
                                assertEquals("lookup", lookups.name());
                                assertEquals(1, lookups.refused());
                                assertEquals(2, lookups.queued() + lookups.running());
                                gate.countDown();
                            });
                });
        order.remove("ERR_LANE_FULL"); // before or after the work, as that is quick or not
        assertEquals(List.of("work", "chime-lookup-0", "chime-lookup-0"), order);
    }

    @EngineTest
    void fileLane_countsWhatWentToWorkers(EngineKind engine) {
        int count = 10;
        int[] closed = {0};
        List<LaneMetrics> seen = new ArrayList<>();
        Setup.runDenying(
                EnumSet.of(Op.OPENAT, Op.CLOSE),
                Reactors.options(engine),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    seen.add(reactor.lanes().getLast());
                    for (int i = 0; i < count; i++) {
                        ops.openat(
                                "/dev/null",
                                Const.O_RDONLY,
                                0,
                                fd ->
                                        ops.closeBare(
                                                fd,
                                                result -> {
                                                    if (++closed[0] == count) {
                                                        seen.add(reactor.lanes().getLast());
                                                    }
                                                }));
                    }
                });
        LaneMetrics unused = seen.getFirst();
        LaneMetrics files = seen.getLast();
        assertEquals("file", files.name());
        assertEquals(4, files.threads());
        assertEquals(4, unused.threads());
        assertEquals(0, unused.completed());
        assertEquals(2 * count, files.completed());
        assertEquals(0, files.queued() + files.running());
        assertTrue(files.totalRunNanos() >= files.maxRunNanos() && files.maxRunNanos() > 0);
        assertTrue(files.totalWaitNanos() >= files.maxWaitNanos() && files.maxWaitNanos() > 0);
        assertAgrees(files);
        assertEquals(0, unused.waitDurations().getTotalCount());
    }

    @Test
    void boundsAreChecked() {
        LaneOptions lanes = LaneOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> lanes.blocking(0, 1));
        assertThrows(IllegalArgumentException.class, () -> lanes.blocking(1, 0));
        assertThrows(IllegalArgumentException.class, () -> lanes.lookups(1025, 1));
        assertThrows(IllegalArgumentException.class, () -> lanes.lookups(1, -1));
        assertEquals(64, lanes.blockingThreads());
        assertEquals(65_536, lanes.blockingQueue());
    }
}
