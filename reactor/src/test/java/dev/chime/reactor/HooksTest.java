package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What runs in every turn, and the time of the turn. */
class HooksTest {
    @EngineTest
    void hooks_runInTheirPhase_everyTurn(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Hook idle = reactor.onIdle(() -> order.add("idle"));
                    Hook prepare = reactor.onPrepare(() -> order.add("prepare"));
                    Hook check = reactor.onCheck(() -> order.add("check"));
                    reactor.setTimeout(0, () -> order.add("timer"));
                    reactor.setImmediate(() -> {
                        order.add("immediate");
                        reactor.setImmediate(() -> {
                            order.add("immediate");
                            idle.clear();
                            prepare.clear();
                            check.clear();
                        });
                    });
                });
        assertEquals(
                List.of(
                        "timer",
                        "idle",
                        "prepare",
                        "check",
                        "immediate",
                        "idle",
                        "prepare",
                        "check",
                        "immediate"),
                order);
    }

    @EngineTest
    void ticksRunAfterEachHook(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (String name : List.of("a", "b")) {
                        Hook[] hook = new Hook[1];
                        hook[0] =
                                reactor.onPrepare(() -> {
                                    order.add(name);
                                    reactor.nextTick(() -> order.add(name + " tick"));
                                    hook[0].clear();
                                });
                    }
                });
        assertEquals(List.of("a", "a tick", "b", "b tick"), order);
    }

    @EngineTest
    void idleHook_starvesNeitherTimersNorOperationsNorTasks(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Hook idle = reactor.onIdle(() -> {});
                    Runnable one =
                            () -> {
                                if (heard.size() == 3) {
                                    idle.clear();
                                }
                            };
                    reactor.setTimeout(
                            5,
                            () -> {
                                heard.add("timer");
                                one.run();
                            });
                    reactor.nop(err -> {
                        heard.add("operation");
                        one.run();
                    });
                    Thread.ofPlatform()
                            .start(() ->
                                    reactor.execute(() -> {
                                        heard.add("task");
                                        one.run();
                                    }));
                });
        assertEquals(List.of("operation", "task", "timer"), heard.stream().sorted().toList());
    }

    @EngineTest
    void unreferencedHook_letsTheLoopEnd(EngineKind engine) {
        int[] runs = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Hook hook = reactor.onPrepare(() -> runs[0]++).unref();
                    assertFalse(hook.hasRef());
                    assertTrue(hook.isActive());
                    reactor.setImmediate(() -> {});
                });
        assertEquals(1, runs[0]);
    }

    @EngineTest
    void hookClearedByAnotherOfTheSamePhase_doesNotRun(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Hook[] hooks = new Hook[2];
                    hooks[0] =
                            reactor.onCheck(() -> {
                                order.add("first");
                                hooks[0].clear();
                                hooks[1].clear();
                                hooks[1].clear();
                            });
                    hooks[1] = reactor.onCheck(() -> order.add("second"));
                    reactor.setImmediate(() -> {}); // without it the loop sleeps: nothing is due
                });
        assertEquals(List.of("first"), order);
    }

    @EngineTest
    void now_isTheTurnsTime_untilItIsUpdated(EngineKind engine) {
        long[] time = {1_000};
        ReactorOptions options = Reactors.options(engine).clock(() -> time[0]);
        try (Reactor reactor = Reactor.open(options)) {
            assertEquals(1_000, reactor.now());
            time[0] = 2_000;
            assertEquals(1_000, reactor.now());
            List<Long> seen = new ArrayList<>();
            reactor.setImmediate(() -> {
                seen.add(reactor.now());
                time[0] = 3_000;
                seen.add(reactor.now());
                seen.add(reactor.updateNow());
                seen.add(reactor.now());
            });
            reactor.run(RunMode.UNTIL_DONE);
            assertEquals(List.of(2_000L, 2_000L, 3_000L, 3_000L), seen);
        }
    }

    @EngineTest
    void injectedClock_drivesTimers_exactly(EngineKind engine) {
        long[] time = {Long.MAX_VALUE - 5_000_000}; // a clock may be anywhere
        ReactorOptions options = Reactors.options(engine).clock(() -> time[0]);
        try (Reactor reactor = Reactor.open(options)) {
            List<String> fired = new ArrayList<>();
            reactor.setTimeout(Duration.ofNanos(1_000), () -> fired.add("b"));
            reactor.setTimeout(Duration.ofNanos(999), () -> fired.add("a"));
            reactor.run(RunMode.NO_WAIT);
            assertEquals(List.of(), fired);
            time[0] += 998;
            reactor.run(RunMode.NO_WAIT);
            assertEquals(List.of(), fired);
            time[0] += 1;
            reactor.run(RunMode.NO_WAIT);
            assertEquals(List.of("a"), fired);
            time[0] += 1;
            assertFalse(reactor.run(RunMode.NO_WAIT));
            assertEquals(List.of("a", "b"), fired);
        }
    }

    @EngineTest
    void fixedRate_keepsToTheGrid_andLeavesOutWhatItMissed(EngineKind engine) {
        long[] time = {0};
        ReactorOptions options = Reactors.options(engine).clock(() -> time[0]);
        try (Reactor reactor = Reactor.open(options)) {
            List<Long> rate = new ArrayList<>();
            List<Long> delay = new ArrayList<>();
            Duration period = Duration.ofNanos(100);
            reactor.setIntervalAtFixedRate(period, () -> rate.add(time[0]));
            reactor.setInterval(period, () -> delay.add(time[0]));
            for (long at : new long[] {100, 230, 299, 300, 330, 570, 599, 600, 670, 700}) {
                time[0] = at;
                reactor.run(RunMode.NO_WAIT);
            }
            assertEquals(List.of(100L, 230L, 300L, 570L, 600L, 700L), rate);
            assertEquals(List.of(100L, 230L, 330L, 570L, 670L), delay);
        }
    }

    @EngineTest
    void intervalThatThrows_keepsItsSchedule(EngineKind engine) {
        long[] time = {0};
        ReactorOptions options = Reactors.options(engine).clock(() -> time[0]);
        try (Reactor reactor = Reactor.open(options)) {
            List<Long> runs = new ArrayList<>();
            List<Throwable> caught = new ArrayList<>();
            reactor.onUncaught(caught::add);
            Timer interval =
                    reactor.setIntervalAtFixedRate(
                            Duration.ofNanos(10),
                            () -> {
                                runs.add(time[0]);
                                throw new IllegalStateException("each time");
                            });
            for (time[0] = 10; time[0] <= 30; time[0] += 10) {
                reactor.run(RunMode.NO_WAIT);
            }
            interval.clear();
            assertEquals(List.of(10L, 20L, 30L), runs);
            assertEquals(3, caught.size());
        }
    }

    @EngineTest
    void badArguments_throwAtTheCall(EngineKind engine) {
        try (Reactor reactor = Reactor.open(Reactors.options(engine))) {
            assertThrows(IllegalArgumentException.class, () -> reactor.onIdle(null));
            assertThrows(IllegalArgumentException.class, () -> reactor.onPrepare(null));
            assertThrows(IllegalArgumentException.class, () -> reactor.onCheck(null));
            assertThrows(IllegalArgumentException.class, () -> reactor.onBeforeExit(null));
            assertThrows(IllegalArgumentException.class, () -> reactor.onExit(null));
            assertThrows(NullPointerException.class, () -> reactor.run((RunMode) null));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> reactor.setIntervalAtFixedRate(Duration.ofMillis(1), null));
        }
    }
}
