package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** Law 5: after every callback all ticks, then all microtasks, until both are empty. */
class TickOrderTest {
    @EveryEngine
    void ticksRunBeforeMicrotasks_microtasksBeforeTheNextCallback(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setImmediate(() -> {
                        reactor.microtask(() -> order.add("microtask"));
                        reactor.nextTick(() -> order.add("tick 1"));
                        reactor.nextTick(() -> order.add("tick 2"));
                        order.add("first");
                    });
                    reactor.setImmediate(() -> order.add("second"));
                });
        assertEquals(List.of("first", "tick 1", "tick 2", "microtask", "second"), order);
    }

    @EveryEngine
    void tickOfMicrotask_runsAfterAllMicrotasks_beforeTheNextCallback(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setImmediate(() -> {
                        reactor.microtask(() -> {
                            order.add("microtask 1");
                            reactor.nextTick(() -> {
                                order.add("tick");
                                reactor.microtask(() -> order.add("microtask 3"));
                            });
                        });
                        reactor.microtask(() -> order.add("microtask 2"));
                    });
                    reactor.setImmediate(() -> order.add("next"));
                });
        assertEquals(List.of("microtask 1", "microtask 2", "tick", "microtask 3", "next"), order);
    }

    @EveryEngine
    void ticksRunAfterEveryKindOfCallback(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.nextTick(() -> order.add("after main"));
                    reactor.setTimeout(0, () -> note(reactor, order, "timer"));
                    reactor.setTimeout(0, () -> note(reactor, order, "timer 2"));
                    reactor.execute(() -> note(reactor, order, "posted"));
                    reactor.execute(() -> note(reactor, order, "posted 2"));
                    reactor.nop(err -> note(reactor, order, "nop"));
                    reactor.nop(err -> note(reactor, order, "nop 2"));
                    reactor.blocking(() -> "", (err, value) -> note(reactor, order, "blocking"));
                });
        assertEquals("after main", order.removeFirst());
        assertEquals(7 * 2, order.size());
        for (int i = 0; i < order.size(); i += 2) {
            assertEquals(order.get(i) + "'s tick", order.get(i + 1));
        }
    }

    private static void note(Reactor reactor, List<String> order, String name) {
        order.add(name);
        reactor.nextTick(() -> order.add(name + "'s tick"));
    }

    @EveryEngine
    void tickThatQueuesATick_isServedBeforeATimerOfZero(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        reactor.nextTick(() -> {
                            reactor.setTimeout(0, () -> order.add("timer"));
                            reactor.nextTick(() -> order.add("inner tick"));
                        }));
        assertEquals(List.of("inner tick", "timer"), order);
    }

    @EveryEngine
    void ticksMayQueueTicksWithoutEnd_andGrowNoStack(EngineKind engine) {
        int[] ran = {0};
        boolean[] timer = {false};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(0, () -> timer[0] = true);
                    reactor.nextTick(
                            new Task() {
                                @Override
                                public void run() {
                                    if (++ran[0] < 1_000_000) {
                                        reactor.nextTick(this);
                                        assertTrue(!timer[0], "nextTick alone may starve timers");
                                    }
                                }
                            });
                });
        assertEquals(1_000_000, ran[0]);
        assertTrue(timer[0]);
    }

    @EveryEngine
    void manyTicksAtOnce_keepTheirOrder(EngineKind engine) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    // Taken and added in turns, so that the ring of the queue wraps and grows.
                    for (int i = 0; i < 1000; i++) {
                        int id = i;
                        reactor.nextTick(() -> {
                            order.add(id);
                            reactor.nextTick(() -> order.add(1000 + id));
                        });
                    }
                });
        assertEquals(2000, order.size());
        for (int i = 0; i < order.size(); i++) {
            assertEquals(i, order.get(i));
        }
    }

    @EveryEngine
    void throwingTickAndMicrotask_areGone_theOthersSurvive(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(thrown -> order.add("uncaught " + thrown.getMessage()));
                    reactor.nextTick(() -> order.add("tick 1"));
                    reactor.nextTick(() -> {
                        throw new IllegalStateException("tick 2");
                    });
                    reactor.nextTick(() -> order.add("tick 3"));
                    reactor.microtask(() -> {
                        throw new Exception("microtask 1");
                    });
                    reactor.microtask(() -> order.add("microtask 2"));
                });
        assertEquals(
                List.of(
                        "tick 1",
                        "uncaught tick 2",
                        "tick 3",
                        "uncaught microtask 1",
                        "microtask 2"),
                order);
    }
}
