package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Law 9: what keeps the loop alive, what does not, and how it ends. */
class LivenessTest {
    @EveryEngine
    void nothingToDo_endsAtOnce_afterTheTicks(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.nextTick(() -> order.add("tick"));
                    reactor.microtask(() -> order.add("microtask"));
                });
        assertEquals(List.of("tick", "microtask"), order);
    }

    @EveryEngine
    void aliveWhile_timerOperationImmediateBlockingOrClosing(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    // Each sets the next one up, and is all that lives meanwhile.
                    Task closing = () -> Core.of(reactor).inClosePhase(() -> order.add("closing"));
                    Task blocking =
                            () ->
                                    reactor.blocking(
                                            () -> 1,
                                            (err, one) -> then(order, "blocking", closing));
                    Task immediate =
                            () -> reactor.setImmediate(() -> then(order, "immediate", blocking));
                    Task operation = () -> reactor.nop(err -> then(order, "operation", immediate));
                    reactor.setTimeout(1, () -> then(order, "timer", operation));
                });
        assertEquals(List.of("timer", "operation", "immediate", "blocking", "closing"), order);
    }

    private static void then(List<String> order, String name, Task next) throws Exception {
        order.add(name);
        next.run();
    }

    @EveryEngine
    void loneUnreferencedTimer_neverRuns_andRunReturns(EngineKind engine) {
        boolean[] ran = {false};
        long started = System.nanoTime();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(0, () -> ran[0] = true).unref();
                    Timer timer = reactor.setInterval(20_000, () -> ran[0] = true);
                    timer.unref().unref();
                    assertFalse(timer.hasRef());
                    assertTrue(timer.isActive());
                    reactor.setImmediate(() -> ran[0] = true).unref().unref();
                });
        assertFalse(ran[0]);
        assertTrue(System.nanoTime() - started < Duration.ofSeconds(10).toNanos());
    }

    @EveryEngine
    void unreferencedTimer_stillFiresWhileSomethingElseLives(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(1, () -> order.add("unreferenced")).unref();
                    reactor.setImmediate(() -> order.add("immediate")).unref();
                    reactor.setTimeout(10, () -> order.add("referenced"));
                });
        assertEquals(List.of("immediate", "unreferenced", "referenced"), order);
    }

    @EveryEngine
    void refAgain_keepsAlive_alsoAfterRefresh(EngineKind engine) {
        int[] ran = {0};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(3, () -> ran[0]++).unref().ref().ref();
                    reactor.setTimeout(2, () -> ran[0]++).unref().refresh().ref();
                    reactor.setTimeout(60_000, () -> ran[0]++).ref().refresh().unref();
                });
        assertEquals(2, ran[0]);
    }

    @EveryEngine
    void unreferencedBlockingUnrefInOwnCallback_doesNotMiscount(EngineKind engine) {
        int[] ran = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Timer[] interval = new Timer[1];
                    interval[0] =
                            reactor.setInterval(
                                    1,
                                    () -> {
                                        if (++ran[0] == 2) {
                                            interval[0].unref(); // while it is not waiting
                                        }
                                    });
                    Immediate[] immediate = new Immediate[1];
                    immediate[0] = reactor.setImmediate(() -> immediate[0].unref());
                });
        assertEquals(2, ran[0]);
    }

    @EveryEngine
    void clearedTimersAndImmediates_doNotKeepAlive(EngineKind engine) {
        Reactors.run(
                Reactors.options(engine),
                Duration.ofSeconds(10),
                reactor -> {
                    reactor.setTimeout(100_000, () -> {}).clear();
                    reactor.setInterval(100_000, () -> {}).clear();
                    reactor.setImmediate(() -> {}).clear();
                    Timer twice = reactor.setTimeout(100_000, () -> {});
                    twice.clear();
                    twice.clear();
                    twice.ref();
                });
    }

    @EveryEngine
    void stop_endsAfterThisTurn_whateverLives(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(100_000, () -> order.add("never"));
                    reactor.setInterval(0, () -> order.add("interval"));
                    reactor.nop(err -> {
                        order.clear();
                        reactor.stop();
                        reactor.stop();
                        reactor.nextTick(() -> order.add("tick"));
                        reactor.setTimeout(0, () -> order.add("timer"));
                        Core.of(reactor).inClosePhase(() -> order.add("close phase"));
                    });
                });
        assertEquals(List.of("tick", "close phase"), order);
    }

    @EveryEngine
    void stopInMain_runsNothing_butOperationsStillCallBack(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setTimeout(0, () -> order.add("timer"));
                    reactor.setImmediate(() -> order.add("immediate"));
                    reactor.nop(err -> order.add("nop"));
                    reactor.nextTick(() -> order.add("tick"));
                    reactor.stop();
                });
        assertEquals(List.of("tick", "nop"), order);
    }

    @EveryEngine
    void operationsSubmittedWhileItEnds_areCancelled(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.nop(first -> {
                        reactor.nop(second -> {
                            codes.add(second.code());
                            reactor.nop(third -> codes.add(third.code()));
                            reactor.blocking(() -> 1, (err, value) -> codes.add(err.code()));
                        });
                    });
                    reactor.stop();
                });
        assertEquals(List.of("ECANCELED", "ECANCELED", "ECANCELED"), codes);
    }

    @EveryEngine
    void openHandle_isShutDownAtTheEnd(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    Core.Handle closed = () -> order.add("closed before");
                    core.opened(closed);
                    core.closed(closed);
                    core.opened(() -> {
                        order.add("shutdown");
                        core.inClosePhase(() -> order.add("close fired"));
                    });
                    reactor.nop(err -> order.add("nop"));
                });
        assertEquals(List.of("nop", "shutdown", "close fired"), order);
    }

    @EveryEngine
    void aReactorInsideACallback_isALoopOfItsOwn(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                outer -> {
                    outer.setTimeout(
                            1,
                            () -> {
                                outer.nextTick(() -> order.add("outer tick"));
                                outer.nop(err -> order.add("outer nop"));
                                Reactor.run(
                                        Reactors.options(engine),
                                        inner -> {
                                            inner.nop(err -> order.add("inner nop"));
                                            inner.setTimeout(1, () -> order.add("inner timer"));
                                        });
                                order.add("inner ended");
                            });
                });
        assertEquals(
                List.of("inner nop", "inner timer", "inner ended", "outer tick", "outer nop"),
                order);
    }

    @EveryEngine
    void twoReactorsOnTwoThreads_talkToEachOther(EngineKind engine) throws Exception {
        AtomicReference<Reactor> second = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        int[] count = {0};
        Thread thread =
                Thread.ofPlatform()
                        .start(() ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            Core.of(reactor).ref();
                                            second.set(reactor);
                                            ready.countDown();
                                        }));
        ready.await();
        Reactors.run(
                engine,
                first -> {
                    Core.of(first).ref();
                    new Object() {
                        void ping() {
                            second.get()
                                    .execute(() ->
                                            first.execute(() -> {
                                                if (++count[0] < 1000) {
                                                    ping();
                                                } else {
                                                    Core.of(first).unref();
                                                }
                                            }));
                        }
                    }.ping();
                });
        second.get().execute(() -> second.get().stop());
        thread.join();
        assertEquals(1000, count[0]);
    }

    @EveryEngine
    void virtualThread_isRefused_andToldWhatToUse(EngineKind engine) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        Reactor.run(Reactors.options(engine), reactor -> {});
                    } catch (Throwable t) {
                        thrown.set(t);
                    }
                })
                .join();
        IllegalStateException refusal =
                assertThrows(
                        IllegalStateException.class,
                        () -> {
                            throw thrown.get();
                        });
        assertTrue(refusal.getMessage().contains("Thread.ofPlatform()"), refusal::getMessage);
    }
}
