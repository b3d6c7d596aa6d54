package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** How far a run turns the loop, what stops it, and what is refused inside. */
class RunModesTest {
    private static Reactor open(EngineKind engine) {
        return Reactor.open(Reactors.options(engine));
    }

    @EngineTest
    void nothingToDo_everyModeReturnsFalse(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            for (RunMode mode : RunMode.values()) {
                assertFalse(reactor.run(mode), mode::name);
            }
        }
    }

    @EngineTest
    void noWait_doesNotSleep_andSaysThatATimerIsLeft(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            boolean[] fired = {false};
            Timer timer = reactor.setTimeout(Duration.ofDays(1), () -> fired[0] = true);
            assertTrue(reactor.run(RunMode.NO_WAIT));
            assertTrue(reactor.run(RunMode.NO_WAIT));
            assertFalse(fired[0]);
            timer.clear();
            assertFalse(reactor.run(RunMode.NO_WAIT));
        }
    }

    @EngineTest
    void once_sleepsForATimer_andRunsIt(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> order = new ArrayList<>();
            reactor.setTimeout(20, () -> order.add("timer"));
            assertFalse(reactor.run(RunMode.ONCE));
            assertEquals(List.of("timer"), order);
        }
    }

    @EngineTest
    void once_isOneTurn(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> order = new ArrayList<>();
            reactor.setImmediate(() -> {
                order.add("first");
                reactor.setImmediate(() -> order.add("second"));
            });
            assertTrue(reactor.run(RunMode.ONCE));
            assertEquals(List.of("first"), order);
            assertFalse(reactor.run(RunMode.ONCE));
            assertEquals(List.of("first", "second"), order);
        }
    }

    @EngineTest
    void once_bringsAnOperationsResult(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            int[] done = {0};
            reactor.nop(err -> done[0]++);
            while (reactor.run(RunMode.ONCE)) {
                assertEquals(0, done[0]);
            }
            assertEquals(1, done[0]);
        }
    }

    @EngineTest
    void untilDone_canBeRunAgain(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> order = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                reactor.nop(err -> order.add(name));
                assertFalse(reactor.run(RunMode.UNTIL_DONE));
            }
            assertEquals(List.of("a", "b", "c"), order);
        }
    }

    @EngineTest
    void stopFromACallback_endsAfterThisTurn_andTheNextRunGoesOn(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> order = new ArrayList<>();
            reactor.setTimeout(
                    0,
                    () -> {
                        order.add("timer");
                        reactor.stop();
                        reactor.setImmediate(() -> {
                            order.add("immediate of the same turn");
                            reactor.setImmediate(() -> order.add("immediate of the next"));
                        });
                    });
            assertTrue(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(List.of("timer", "immediate of the same turn"), order);
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
            assertEquals("immediate of the next", order.getLast());
        }
    }

    @EngineTest
    void stopBeforeRun_runDoesNothing_once(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            int[] ran = {0};
            reactor.setImmediate(() -> ran[0]++);
            reactor.stop();
            assertTrue(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(0, ran[0]);
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(1, ran[0]);
        }
    }

    @EngineTest
    void stoppedTurn_doesNotSleep(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            reactor.setTimeout(Duration.ofDays(1), () -> {});
            reactor.setTimeout(0, reactor::stop);
            assertTrue(reactor.run(RunMode.UNTIL_DONE)); // or the test hangs
        }
    }

    @EngineTest
    void runAndCloseInACallback_areRefused_andTheLoopGoesOn(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> heard = new ArrayList<>();
            reactor.setImmediate(() -> {
                for (RunMode mode : RunMode.values()) {
                    heard.add(
                            assertThrows(IllegalStateException.class, () -> reactor.run(mode))
                                    .getMessage());
                }
                heard.add(assertThrows(IllegalStateException.class, reactor::close).getMessage());
                reactor.setImmediate(() -> heard.add("on"));
            });
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(5, heard.size());
            assertTrue(heard.get(0).startsWith("run was called in a callback"), heard::toString);
            assertTrue(heard.get(3).startsWith("close was called in a callback"), heard::toString);
            assertEquals("on", heard.getLast());
        }
    }

    @EngineTest
    void anotherThread_mayNotRunIt(EngineKind engine) throws Exception {
        try (Reactor reactor = open(engine)) {
            List<String> heard = new ArrayList<>();
            Thread other =
                    Thread.ofPlatform()
                            .start(() -> {
                                heard.add(
                                        assertThrows(
                                                        IllegalStateException.class,
                                                        () -> reactor.run(RunMode.NO_WAIT))
                                                .getMessage());
                                heard.add(
                                        assertThrows(IllegalStateException.class, reactor::close)
                                                .getMessage());
                            });
            other.join();
            assertEquals(2, heard.size());
            assertTrue(heard.getFirst().contains("reactor.execute"), heard::toString);
        }
    }

    @EngineTest
    void whatACallbackThrows_runThrowsOnce_andTheRestIsThere(EngineKind engine) {
        try (Reactor reactor = open(engine)) {
            List<String> order = new ArrayList<>();
            RuntimeException thrown = new IllegalArgumentException("mine");
            reactor.setImmediate(() -> {
                throw thrown;
            });
            reactor.setImmediate(() -> {
                order.add("after");
                reactor.setImmediate(() -> order.add("later"));
            });
            RuntimeException seen =
                    assertThrows(RuntimeException.class, () -> reactor.run(RunMode.UNTIL_DONE));
            assertSame(thrown, seen);
            assertEquals(List.of("after"), order);
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(List.of("after", "later"), order);
        }
    }

    @EngineTest
    void taskOfAnotherThread_keepsAnOpenedLoopAlive(EngineKind engine) throws Exception {
        try (Reactor reactor = open(engine)) {
            CountDownLatch posted = new CountDownLatch(1);
            int[] ran = {0};
            Thread.ofPlatform()
                    .start(() -> {
                        reactor.execute(() -> ran[0]++);
                        posted.countDown();
                    });
            posted.await();
            assertFalse(reactor.run(RunMode.UNTIL_DONE));
            assertEquals(1, ran[0]);
        }
    }

    @EngineTest
    void close_cancelsWhatIsInFlight_andIsIdempotent(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactor reactor = open(engine);
        Ops ops = new Ops(reactor);
        ops.recv(ops.socketPair()[0], (slot, result, more) -> heard.add(Errno.of(result).name()));
        assertTrue(reactor.run(RunMode.NO_WAIT));
        assertEquals(List.of(), heard);
        reactor.close();
        reactor.close();
        assertEquals(List.of("ECANCELED"), heard);
        assertThrows(IllegalStateException.class, () -> reactor.run(RunMode.NO_WAIT));
        assertThrows(IllegalStateException.class, () -> reactor.setTimeout(0, () -> {}));
    }

    @EngineTest
    void beforeExit_revivesTheLoop_threeTimes_fourDeathsOneExit(EngineKind engine) {
        List<String> order = new ArrayList<>();
        int[] deaths = {0};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onExit(() -> order.add("exit"));
                    reactor.onBeforeExit(() -> {
                        order.add("death");
                        switch (deaths[0]++) {
                            case 0 -> reactor.setImmediate(() -> order.add("immediate"));
                            case 1 -> reactor.setTimeout(1, () -> order.add("timer"));
                            case 2 -> reactor.nop(err -> order.add("operation"));
                            default -> reactor.nextTick(() -> order.add("tick"));
                        }
                    });
                });
        assertEquals(
                List.of(
                        "death",
                        "immediate",
                        "death",
                        "timer",
                        "death",
                        "operation",
                        "death",
                        "tick",
                        "exit"),
                order);
    }

    @EngineTest
    void afterStop_noBeforeExit_butExit(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onBeforeExit(() -> order.add("before"));
                    reactor.onExit(() -> order.add("exit"));
                    reactor.setImmediate(reactor::stop);
                });
        assertEquals(List.of("exit"), order);
    }

    @EngineTest
    void workStartedInExit_isCancelled(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine, reactor -> reactor.onExit(() -> reactor.nop(err -> heard.add(err.code()))));
        assertEquals(List.of("ECANCELED"), heard);
    }
}
