package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Law 8: timers never fire early, equal deadlines in start order, by the nanosecond. */
class TimerTest {
    private static final long MILLI = 1_000_000;

    @EngineTest
    void timersNeverFireEarly_notByANanosecond(EngineKind engine) {
        int[] fired = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Random random = new Random(1);
                    for (int i = 0; i < 200; i++) {
                        long delay = random.nextLong(20 * MILLI);
                        long started = System.nanoTime();
                        reactor.setTimeout(
                                Duration.ofNanos(delay),
                                () -> {
                                    long waited = System.nanoTime() - started;
                                    assertTrue(waited >= delay, () -> waited + " < " + delay);
                                    fired[0]++;
                                });
                    }
                });
        assertEquals(200, fired[0]);
    }

    @EveryEngine
    void order_isByDeadline_notByStart(EngineKind engine) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int millis : new int[] {12, 3, 9, 6}) {
                        reactor.setTimeout(millis, () -> order.add(millis));
                    }
                });
        assertEquals(List.of(3, 6, 9, 12), order);
    }

    @EveryEngine
    void equalDelays_fireInStartOrder(EngineKind engine) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < 1000; i++) {
                        int id = i;
                        reactor.setTimeout(i % 2 == 0 ? 0 : -1, () -> order.add(id));
                    }
                });
        assertEquals(1000, order.size());
        for (int i = 0; i < 1000; i++) {
            assertEquals(i, order.get(i));
        }
    }

    @EngineTest
    void chainedTimers_areAtLeastTheirDelayApart(EngineKind engine) {
        int[] left = {10};
        Reactors.run(
                engine,
                reactor -> {
                    long[] last = {System.nanoTime()};
                    reactor.setTimeout(
                            1,
                            new Task() {
                                @Override
                                public void run() {
                                    long now = System.nanoTime();
                                    assertTrue(now - last[0] >= MILLI);
                                    last[0] = now;
                                    if (--left[0] > 0) {
                                        reactor.setTimeout(1, this);
                                    }
                                }
                            });
                });
        assertEquals(0, left[0]);
    }

    @EveryEngine
    void clearingASiblingOfTheSameBatch_keepsItFromFiring(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Timer[] siblings = new Timer[3];
                    reactor.setTimeout(
                            0,
                            () -> {
                                order.add("first");
                                for (Timer sibling : siblings) {
                                    reactor.clearTimeout(sibling);
                                }
                            });
                    siblings[0] = reactor.setTimeout(0, () -> order.add("second"));
                    siblings[1] = reactor.setInterval(0, () -> order.add("interval"));
                    siblings[2] = reactor.setTimeout(1, () -> order.add("later"));
                    busyFor(2 * MILLI); // all of them are due when the first turn begins
                });
        assertEquals(List.of("first"), order);
    }

    @EveryEngine
    void clearInTheOwnCallback_endsAnInterval_andIsNothingToATimeout(EngineKind engine) {
        int[] ran = {0, 0};
        Reactors.run(
                engine,
                reactor -> {
                    Timer[] timers = new Timer[2];
                    timers[0] =
                            reactor.setInterval(
                                    1,
                                    () -> {
                                        if (++ran[0] == 3) {
                                            reactor.clearInterval(timers[0]);
                                        }
                                    });
                    timers[1] =
                            reactor.setTimeout(
                                    0,
                                    () -> {
                                        ran[1]++;
                                        timers[1].clear();
                                        timers[1].clear();
                                        timers[1].refresh();
                                    });
                    reactor.clearTimeout(null);
                    reactor.clearInterval(null);
                });
        assertEquals(3, ran[0]);
        assertEquals(1, ran[1]);
    }

    @EngineTest
    void refresh_startsTheDelayAnew_beforeAndAfterFiring(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    int[] ran = {0};
                    long[] refreshed = {0};
                    Timer[] idle = new Timer[1];
                    idle[0] =
                            reactor.setTimeout(
                                    20,
                                    () -> {
                                        assertTrue(System.nanoTime() - refreshed[0] >= 20 * MILLI);
                                        order.add("idle");
                                        assertFalse(idle[0].isActive());
                                        if (++ran[0] == 1) {
                                            refreshed[0] = System.nanoTime();
                                            idle[0].refresh();
                                            assertTrue(idle[0].isActive());
                                        }
                                    });
                    reactor.setTimeout(
                            10,
                            () -> {
                                refreshed[0] = System.nanoTime();
                                idle[0].refresh();
                                order.add("refreshed");
                            });
                    reactor.setTimeout(25, () -> order.add("later than the first deadline"));
                });
        assertEquals("refreshed", order.getFirst());
        assertEquals(2, order.stream().filter("idle"::equals).count());
    }

    @EveryEngine
    void refreshMovesATimerBehindItsYoungerSiblings(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Timer old = reactor.setTimeout(5, () -> order.add("old"));
                    reactor.setTimeout(5, () -> order.add("young"));
                    old.refresh();
                });
        assertEquals(List.of("young", "old"), order);
    }

    @EngineTest
    void interval_countsFromTheStartOfEachRun_andDoesNotPileUp(EngineKind engine) {
        List<Long> starts = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Timer[] interval = new Timer[1];
                    interval[0] =
                            reactor.setInterval(
                                    4,
                                    () -> {
                                        starts.add(System.nanoTime());
                                        busyFor(starts.size() == 1 ? 14 * MILLI : 2 * MILLI);
                                        if (starts.size() == 5) {
                                            interval[0].clear();
                                        }
                                    });
                });
        for (int i = 1; i < starts.size(); i++) {
            long apart = starts.get(i) - starts.get(i - 1);
            // A late run is not made up for: the next one is a whole period away again. The stamp
            // is taken a little behind the start that the period counts from.
            assertTrue(apart >= 4 * MILLI - MILLI / 2, () -> apart + " ns apart");
        }
        assertEquals(5, starts.size());
    }

    @EveryEngine
    void intervalThatThrows_keepsItsSchedule(EngineKind engine) {
        int[] ran = {0};
        int[] caught = {0};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(thrown -> caught[0]++);
                    Timer[] interval = new Timer[1];
                    interval[0] =
                            reactor.setInterval(
                                    1,
                                    () -> {
                                        if (++ran[0] == 3) {
                                            interval[0].clear();
                                        }
                                        throw new IllegalStateException("run " + ran[0]);
                                    });
                });
        assertEquals(3, ran[0]);
        assertEquals(3, caught[0]);
    }

    @EveryEngine
    void zeroTimerThatRestartsItself_firesOncePerTurn(EngineKind engine) {
        int[] fired = {0};
        int[] turns = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    reactor.setTimeout(
                            0,
                            new Task() {
                                @Override
                                public void run() {
                                    fired[0]++;
                                    if (turns[0] < 100) {
                                        reactor.setTimeout(0, this);
                                    }
                                }
                            });
                    Timer interval = reactor.setInterval(0, () -> {});
                    core.beforeEnter(
                            new Task() {
                                @Override
                                public void run() {
                                    if (++turns[0] < 100) {
                                        core.beforeEnter(this);
                                    } else {
                                        interval.clear();
                                    }
                                }
                            });
                });
        assertTrue(fired[0] <= turns[0] + 1, fired[0] + " in " + turns[0] + " turns");
        assertTrue(fired[0] > 50, "it did fire: " + fired[0]);
    }

    @EngineTest
    void hugeDelays_doNotOverflow_doNotFire_andDoNotSpin(EngineKind engine) {
        long[] enters = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Task never =
                            () -> {
                                throw new AssertionError("fired");
                            };
                    List<Timer> huge =
                            List.of(
                                    reactor.setTimeout(Long.MAX_VALUE, never),
                                    reactor.setTimeout(Long.MAX_VALUE / MILLI, never),
                                    reactor.setTimeout(Duration.ofDays(365 * 1000), never),
                                    reactor.setTimeout(Duration.ofNanos(Long.MAX_VALUE), never),
                                    reactor.setTimeout(
                                            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999), never),
                                    reactor.setInterval(Duration.ofDays(365 * 1000), never));
                    Loop loop = (Loop) Core.of(reactor);
                    long before = loop.engine().enters();
                    Thread.ofPlatform()
                            .start(() -> {
                                busyFor(30 * MILLI);
                                reactor.execute(() -> {
                                    enters[0] = loop.engine().enters() - before;
                                    huge.forEach(Timer::clear);
                                });
                            });
                });
        assertTrue(enters[0] < 20, enters[0] + " system calls while it should sleep");
    }

    @EveryEngine
    void negativeDelays_areZero(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(Long.MIN_VALUE, () -> order.add("least long"));
                    reactor.setTimeout(Duration.ofSeconds(Long.MIN_VALUE), () -> order.add("ages"));
                    reactor.setTimeout(-1, () -> order.add("minus one"));
                    reactor.setTimeout(0, () -> order.add("zero"));
                });
        assertEquals(List.of("least long", "ages", "minus one", "zero"), order);
    }

    @EveryEngine
    void millionTimers_insertClearFire(EngineKind engine) {
        int count = 1_000_000;
        int[] fired = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Timer[] timers = new Timer[count];
                    long started = System.nanoTime();
                    Task fire = () -> fired[0]++;
                    for (int i = 0; i < count; i++) {
                        // 2000 delays, so that the table of lists grows and the heap works.
                        timers[i] = reactor.setTimeout(50_000 + i * 7919L % 2000, fire);
                    }
                    for (int i = 0; i < count; i++) {
                        if (i % 10 != 0) {
                            timers[i].clear();
                        }
                    }
                    for (int i = 0; i < count; i += 10) {
                        timers[i].clear();
                        reactor.setTimeout(i % 30, fire);
                    }
                    long took = System.nanoTime() - started;
                    assertTrue(took < 20_000 * MILLI, () -> took / MILLI + " ms");
                });
        assertEquals(count / 10, fired[0]);
    }

    private static void busyFor(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
