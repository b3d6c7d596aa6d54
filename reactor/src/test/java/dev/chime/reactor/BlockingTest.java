package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Blocking work on other threads, and how its outcome comes back. */
class BlockingTest {
    private static final int THREADS = 64;

    @EveryEngine
    void resultComesBackToTheLoopThread_workRunsElsewhere(EngineKind engine) {
        Thread loop = Thread.currentThread();
        int[] calls = {0};
        Reactors.run(
                engine,
                reactor ->
                        reactor.blocking(
                                Thread::currentThread,
                                (err, worker) -> {
                                    calls[0]++;
                                    assertNull(err);
                                    assertNotSame(loop, worker);
                                    assertSame(loop, Thread.currentThread());
                                }));
        assertEquals(1, calls[0]);
    }

    @EveryEngine
    void reactorException_passesAsItIs_othersAreTheCause(EngineKind engine) {
        ReactorException own = new ReactorException("ERR_OWN", "own");
        AssertionError foreign = new AssertionError("foreign");
        List<Throwable> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.blocking(
                            () -> {
                                throw own;
                            },
                            (err, value) -> {
                                assertNull(value);
                                errors.add(err);
                            });
                    reactor.blocking(
                            () -> {
                                throw foreign;
                            },
                            (err, value) -> {
                                assertEquals("ERR_BLOCKING_CALL", err.code());
                                assertTrue(err.getMessage().contains("foreign"));
                                errors.add(err.getCause());
                            });
                });
        assertEquals(2, errors.size());
        assertTrue(errors.contains(own) && errors.contains(foreign), errors::toString);
    }

    @EveryEngine
    void cancelWhileQueued_isExact_theWorkNeverRuns(EngineKind engine) {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < THREADS; i++) {
                        reactor.blocking(() -> await(gate), (err, value) -> assertNull(err));
                    }
                    Operation queued =
                            reactor.blocking(
                                    ran::incrementAndGet,
                                    (err, value) -> {
                                        assertEquals("ECANCELED", err.code());
                                        order.add("cancelled");
                                        gate.countDown();
                                    });
                    reactor.setTimeout(
                            1,
                            () -> {
                                queued.cancel();
                                queued.cancel();
                                order.add("cancel returned");
                            });
                });
        assertEquals(List.of("cancel returned", "cancelled"), order);
        assertEquals(0, ran.get());
    }

    private static boolean await(CountDownLatch gate) throws InterruptedException {
        return gate.await(30, TimeUnit.SECONDS);
    }

    @EveryEngine
    void cancelWhileRunning_isTooLate_theTrueResultComes(EngineKind engine) {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        int[] calls = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Operation running =
                            reactor.blocking(
                                    () -> {
                                        begun.countDown();
                                        assertTrue(await(gate));
                                        return "done";
                                    },
                                    (err, value) -> {
                                        assertNull(err);
                                        assertEquals("done", value);
                                        calls[0]++;
                                    });
                    assertTrue(await(begun));
                    running.cancel();
                    gate.countDown();
                    reactor.setTimeout(20, running::cancel);
                });
        assertEquals(1, calls[0]);
    }

    @EveryEngine
    void endWithBlockingWorkRunning_callsBackWithEcanceledOnce_andInterruptsIt(EngineKind engine) {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        List<String> codes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.blocking(
                            () -> {
                                begun.countDown();
                                try {
                                    return await(new CountDownLatch(1));
                                } catch (InterruptedException e) {
                                    interrupted.countDown();
                                    throw e;
                                }
                            },
                            (err, value) -> codes.add("running " + err.code()));
                    for (int i = 0; i < THREADS; i++) {
                        reactor.blocking(
                                () -> await(new CountDownLatch(1)),
                                (err, value) -> codes.add("other " + err.code()));
                    }
                    assertTrue(await(begun));
                    reactor.stop();
                });
        assertEquals(THREADS + 1, codes.size());
        assertEquals("running ECANCELED", codes.getFirst());
        assertEquals(0, interrupted.getCount());
    }

    @EveryEngine
    void workThatEndsAsTheReactorDoes_callsBackExactlyOnce(EngineKind engine) {
        for (int round = 0; round < 200; round++) {
            int[] calls = {0};
            int spins = round * 50;
            Reactor.run(
                    Reactors.options(engine),
                    reactor -> {
                        reactor.blocking(() -> 1, (err, one) -> calls[0]++);
                        for (int i = 0; i < spins; i++) {
                            Thread.onSpinWait();
                        }
                        reactor.stop();
                    });
            assertEquals(1, calls[0]);
        }
    }

    @EveryEngine
    void manyCalls_allComeBackOnce(EngineKind engine) {
        int count = 10_000;
        int[] calls = new int[count];
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        reactor.blocking(
                                () -> id,
                                (err, value) -> {
                                    assertEquals(id, value);
                                    calls[id]++;
                                });
                    }
                });
        for (int times : calls) {
            assertEquals(1, times);
        }
    }

    @EveryEngine
    void slowLookups_doNotDelayBlockingWork(EngineKind engine) {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    for (int i = 0; i < 20; i++) {
                        core.lookup(() -> await(gate), (err, value) -> order.add("lookup"));
                    }
                    reactor.blocking(
                            () -> "work",
                            (err, value) -> {
                                order.add(value);
                                gate.countDown();
                            });
                });
        assertEquals("work", order.getFirst());
        assertEquals(21, order.size());
    }

    @EveryEngine
    void aVirtualThreadMayPost_andBlockingMayThrowFromItsCallback(EngineKind engine) {
        List<Throwable> caught = new ArrayList<>();
        boolean[] posted = {false};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(caught::add);
                    Core.of(reactor).ref();
                    Thread.ofVirtual()
                            .start(() ->
                                    reactor.execute(() -> {
                                        posted[0] = true;
                                        Core.of(reactor).unref();
                                    }));
                    reactor.blocking(
                            () -> 1,
                            (err, value) -> {
                                throw new IllegalStateException("callback");
                            });
                });
        assertTrue(posted[0]);
        assertEquals(1, caught.size());
        assertFalse(caught.isEmpty());
        assertNotNull(caught.getFirst().getMessage());
    }
}
