package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** Laws 1, 3, 6 and 7: what runs in which phase of a turn, and that no phase starves another. */
class TurnOrderTest {
    @EveryEngine
    void noCallbackRunsInsideTheCallThatRegistersIt(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    reactor.nextTick(() -> order.add("tick"));
                    reactor.microtask(() -> order.add("microtask"));
                    reactor.execute(() -> order.add("posted"));
                    reactor.setImmediate(() -> order.add("immediate"));
                    reactor.setTimeout(-5, () -> order.add("timer"));
                    reactor.nop(err -> order.add("nop"));
                    reactor.nop(err -> order.add("cancelled nop")).cancel();
                    reactor.blocking(() -> "", (err, value) -> order.add("blocking"));
                    core.beforeEnter(() -> order.add("before enter"));
                    core.inClosePhase(() -> order.add("close phase"));
                    assertEquals(List.of(), order);
                });
        assertEquals(10, order.size());
        assertTrue(order.remove("blocking"), "comes whenever its thread is done");
        assertEquals(List.of("tick", "microtask", "timer", "posted"), order.subList(0, 4));
        assertEquals("before enter", order.get(4));
        assertTrue(order.indexOf("immediate") < order.indexOf("close phase"), order::toString);
    }

    @EveryEngine
    void resultAvailableAtOnce_stillArrivesOnALaterTurn(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    boolean[] inside = {false};
                    int[] left = {100};
                    reactor.nop(
                            new Done() {
                                @Override
                                public void call(ReactorException err) {
                                    assertFalse(inside[0], "nested callback");
                                    inside[0] = true;
                                    if (--left[0] > 0) {
                                        reactor.nop(this);
                                    }
                                    inside[0] = false;
                                }
                            });
                });
    }

    @EveryEngine
    void immediateOfAnIoCallback_runsBeforeATimerOfZeroOfTheSameOne(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        reactor.nop(err -> {
                            reactor.setTimeout(0, () -> order.add("timer"));
                            reactor.setImmediate(() -> order.add("immediate"));
                        }));
        assertEquals(List.of("immediate", "timer"), order);
    }

    @EveryEngine
    void selfRequeuingImmediates_runExactlyOnceATurn(EngineKind engine) {
        int count = 1000;
        int turns = 5;
        int[] ran = new int[count];
        List<Integer> ranAtTurn = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    int[] total = {0};
                    core.beforeEnter(
                            new Task() {
                                @Override
                                public void run() {
                                    ranAtTurn.add(total[0]);
                                    if (total[0] < count * turns) {
                                        core.beforeEnter(this);
                                    }
                                }
                            });
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        reactor.setImmediate(
                                new Task() {
                                    @Override
                                    public void run() {
                                        assertEquals(id, total[0] % count, "in order");
                                        total[0]++;
                                        if (++ran[id] < turns) {
                                            reactor.setImmediate(this);
                                        }
                                    }
                                });
                    }
                });
        assertEquals(List.of(0, 1000, 2000, 3000, 4000), ranAtTurn.subList(0, turns));
        for (int times : ran) {
            assertEquals(turns, times);
        }
    }

    @EveryEngine
    void clearedImmediate_doesNotRun(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Immediate[] last = new Immediate[1];
                    reactor.setImmediate(() -> {
                        order.add("first");
                        reactor.clearImmediate(last[0]);
                    });
                    reactor.setImmediate(() -> order.add("second")).clear();
                    last[0] = reactor.setImmediate(() -> order.add("third"));
                    reactor.clearImmediate(null);
                });
        assertEquals(List.of("first"), order);
    }

    @EveryEngine
    void postedTasks_runInASnapshot_thoseTheyPostATurnLater(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    reactor.execute(() -> {
                        order.add("posted 1");
                        reactor.execute(() -> order.add("posted by a posted"));
                        core.beforeEnter(() -> order.add("enter"));
                    });
                    reactor.execute(() -> order.add("posted 2"));
                });
        assertEquals(List.of("posted 1", "posted 2", "enter", "posted by a posted"), order);
    }

    @EveryEngine
    void timersImmediatesAndTasks_areServedThoughCompletionsNeverStop(EngineKind engine) {
        boolean[] served = new boolean[3];
        Reactors.run(
                engine,
                reactor -> {
                    long[] nops = {0};
                    Done again =
                            new Done() {
                                @Override
                                public void call(ReactorException err) {
                                    nops[0]++;
                                    boolean all = served[0] && served[1] && served[2];
                                    // Only being served can end this loop.
                                    if (!all || nops[0] < 10L * Operations.DRAIN_BUDGET_OPS) {
                                        reactor.nop(this);
                                    }
                                }
                            };
                    for (int i = 0; i < 2 * Operations.DRAIN_BUDGET_OPS; i++) {
                        reactor.nop(again);
                    }
                    reactor.setTimeout(1, () -> served[0] = true);
                    reactor.setImmediate(() -> served[1] = true);
                    reactor.execute(() -> served[2] = true);
                });
        for (boolean each : served) {
            assertTrue(each);
        }
    }

    @EveryEngine
    void aReadableSocketIsServed_thoughCompletionsNeverStop(EngineKind engine) {
        boolean[] served = {false};
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Operation recv =
                            ops.recv(
                                    pair[0],
                                    (slot, result, more) -> {
                                        if (result > 0) {
                                            slot.chunk.release();
                                            served[0] = true;
                                        }
                                    });
                    int[] nops = {0};
                    reactor.nop(
                            new Done() {
                                @Override
                                public void call(ReactorException err) {
                                    if (++nops[0] == 100) {
                                        ops.writeNow(pair[1], "x");
                                    }
                                    if (served[0]) {
                                        recv.cancel();
                                    } else {
                                        reactor.nop(this);
                                    }
                                }
                            });
                });
        assertTrue(served[0]);
    }

    @EveryEngine
    void completionsAreServed_thoughImmediatesNeverStop(EngineKind engine) {
        int[] spins = {0};
        int[] nops = {0};
        Reactors.run(
                engine,
                reactor -> {
                    boolean[] stop = {false};
                    reactor.setImmediate(
                            new Task() {
                                @Override
                                public void run() {
                                    spins[0]++;
                                    if (!stop[0]) {
                                        reactor.setImmediate(this);
                                    }
                                }
                            });
                    reactor.nop(
                            new Done() {
                                @Override
                                public void call(ReactorException err) {
                                    if (++nops[0] < 100) {
                                        reactor.nop(this);
                                    } else {
                                        reactor.setTimeout(2, () -> stop[0] = true);
                                    }
                                }
                            });
                });
        assertEquals(100, nops[0]);
        assertTrue(spins[0] > 10);
    }

    @EveryEngine
    void drainBudget_letsImmediatesInBetweenTheCompletionsOfOneTurn(EngineKind engine) {
        int count = 4 * Operations.DRAIN_BUDGET_OPS;
        int[] done = {0};
        List<Integer> doneAtImmediate = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < count; i++) {
                        reactor.nop(err -> done[0]++);
                    }
                    reactor.setImmediate(
                            new Task() {
                                @Override
                                public void run() {
                                    doneAtImmediate.add(done[0]);
                                    if (done[0] < count) {
                                        reactor.setImmediate(this);
                                    }
                                }
                            });
                });
        for (int i = 0; i < doneAtImmediate.size(); i++) {
            assertTrue(
                    doneAtImmediate.get(i) <= (i + 1) * Operations.DRAIN_BUDGET_OPS,
                    doneAtImmediate::toString);
        }
        assertEquals(count, doneAtImmediate.getLast());
    }

    @EveryEngine
    void closePhase_isBehindTheImmediatesOfTheTurn_andKeepsTheLoopAlive(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        reactor.nop(err -> {
                            Core core = Core.of(reactor);
                            core.inClosePhase(() -> order.add("close 1"));
                            core.inClosePhase(
                                    () -> core.inClosePhase(() -> order.add("close 3, next turn")));
                            core.inClosePhase(() -> order.add("close 2"));
                            reactor.setImmediate(() -> order.add("immediate"));
                            reactor.setTimeout(0, () -> order.add("timer"));
                        }));
        assertEquals(
                List.of("immediate", "close 1", "close 2", "timer", "close 3, next turn"), order);
    }

    @EveryEngine
    void nops_completeInTheOrderOfTheirCalls_withoutError(EngineKind engine) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < 500; i++) {
                        int id = i;
                        reactor.nop(err -> {
                            assertNull(err);
                            order.add(id);
                        });
                    }
                });
        assertEquals(500, order.size());
        for (int i = 0; i < 500; i++) {
            assertEquals(i, order.get(i));
        }
    }
}
