package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Law 14: a throwing callback reaches the handler; the rest of its batch is untouched. */
class UncaughtTest {
    @EveryEngine
    void withHandler_theBatchOfAThrowingCallback_isNeitherLostNorRepeated(EngineKind engine) {
        int count = 2000;
        int[] ran = new int[count];
        List<Throwable> caught = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(caught::add);
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        reactor.nop(err -> {
                            ran[id]++;
                            if (id % 3 == 0) {
                                throw new IOException("nop " + id);
                            }
                        });
                    }
                });
        for (int times : ran) {
            assertEquals(1, times);
        }
        assertEquals((count + 2) / 3, caught.size());
        for (int i = 0; i < caught.size(); i++) {
            assertEquals("nop " + 3 * i, caught.get(i).getMessage());
        }
    }

    @EveryEngine
    void withoutHandler_logsAndStops_andTheBatchStillRunsOnce(EngineKind engine) {
        int count = 600;
        int[] ran = new int[count];
        IllegalStateException first = new IllegalStateException("nop 100");
        List<String> log;
        try (LogCapture capture = LogCapture.of(Reactor.class)) {
            Throwable thrown =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    Reactors.run(
                                            engine,
                                            reactor -> {
                                                reactor.setTimeout(100_000, () -> {});
                                                for (int i = 0; i < count; i++) {
                                                    int id = i;
                                                    reactor.nop(err -> {
                                                        ran[id]++;
                                                        if (id == 100) {
                                                            throw first;
                                                        }
                                                        if (id == 200) {
                                                            throw new IOException("later");
                                                        }
                                                    });
                                                }
                                            }));
            assertSame(first, thrown);
            assertEquals("later", thrown.getSuppressed()[0].getMessage());
            log = capture.lines();
        }
        for (int times : ran) {
            assertEquals(1, times);
        }
        assertTrue(log.getFirst().startsWith("ERROR "), log::toString);
    }

    @EveryEngine
    void errorsAndRuntimeExceptions_areThrownFromRunAsTheyAre_checkedOnesWrapped(
            EngineKind engine) {
        try (LogCapture capture = LogCapture.of(Reactor.class)) {
            Throwable error = new LinkageError("error");
            assertSame(error, thrownBy(engine, error));
            Throwable runtime = new ArithmeticException("runtime");
            assertSame(runtime, thrownBy(engine, runtime));
            Throwable checked = new IOException("checked");
            Throwable wrapper = thrownBy(engine, checked);
            assertEquals(IllegalStateException.class, wrapper.getClass());
            assertSame(checked, wrapper.getCause());
            assertEquals(3, capture.lines().size());
        }
    }

    private static Throwable thrownBy(EngineKind engine, Throwable planned) {
        return assertThrows(
                Throwable.class,
                () ->
                        Reactors.run(
                                engine,
                                reactor -> reactor.setTimeout(0, () -> sneakyThrow(planned))));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneakyThrow(Throwable t) throws T {
        throw (T) t;
    }

    @EveryEngine
    void throwInMain_stopsToo_andClosesWhatIsOpen(EngineKind engine) {
        List<String> order = new ArrayList<>();
        try (LogCapture capture = LogCapture.of(Reactor.class)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            Reactors.run(
                                    engine,
                                    reactor -> {
                                        reactor.setTimeout(0, () -> order.add("timer"));
                                        reactor.nop(err -> order.add("nop"));
                                        throw new IllegalArgumentException("main");
                                    }));
            assertEquals(1, capture.lines().size());
        }
        assertEquals(List.of("nop"), order);
    }

    @EveryEngine
    void everyKindOfCallback_reachesTheHandler_andTheLoopGoesOn(EngineKind engine) {
        List<String> caught = new ArrayList<>();
        boolean[] last = {false};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> caught.add(t.getMessage()));
                    reactor.nextTick(() -> fail("tick"));
                    reactor.microtask(() -> fail("microtask"));
                    reactor.setTimeout(0, () -> fail("timer"));
                    reactor.execute(() -> failUnchecked("posted"));
                    reactor.nop(err -> fail("nop"));
                    reactor.setImmediate(() -> fail("immediate"));
                    reactor.blocking(() -> 1, (err, one) -> fail("blocking"));
                    reactor.setTimeout(30, () -> last[0] = true);
                    fail("main");
                });
        assertEquals("main", caught.getFirst());
        assertEquals(
                List.of(
                        "blocking",
                        "immediate",
                        "main",
                        "microtask",
                        "nop",
                        "posted",
                        "tick",
                        "timer"),
                caught.stream().sorted().toList());
        assertTrue(last[0]);
    }

    private static void fail(String name) throws Exception {
        throw new Exception(name);
    }

    private static void failUnchecked(String name) {
        throw new IllegalStateException(name);
    }

    @EveryEngine
    void aThrowingHandler_stopsTheLoop_withItsOwnException(EngineKind engine) {
        try (LogCapture capture = LogCapture.of(Reactor.class)) {
            IllegalStateException thrown =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    Reactors.run(
                                            engine,
                                            reactor -> {
                                                reactor.onUncaught(t -> {
                                                    throw new IllegalStateException("from handler");
                                                });
                                                reactor.setTimeout(100_000, () -> {});
                                                reactor.nop(err -> fail("from callback"));
                                            }));
            assertEquals("from handler", thrown.getMessage());
            assertEquals("from callback", thrown.getSuppressed()[0].getMessage());
            assertEquals(1, capture.lines().size());
        }
    }

    @EveryEngine
    void nullHandler_restoresTheDefault(EngineKind engine) {
        try (LogCapture capture = LogCapture.of(Reactor.class)) {
            assertThrows(
                    ArithmeticException.class,
                    () ->
                            Reactors.run(
                                    engine,
                                    reactor -> {
                                        reactor.onUncaught(t -> {});
                                        reactor.nop(err -> fail("handled"));
                                        reactor.setTimeout(
                                                5,
                                                () -> {
                                                    reactor.onUncaught(null);
                                                    reactor.nop(err -> {
                                                        throw new ArithmeticException();
                                                    });
                                                });
                                    }));
            assertEquals(1, capture.lines().size());
        }
    }
}
