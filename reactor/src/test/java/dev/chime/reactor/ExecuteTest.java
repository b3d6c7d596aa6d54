package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Tasks from other threads: wake-up, order, none lost, and the end. */
class ExecuteTest {
    @EveryEngine
    void executeWakesASleepingLoop_onTheLoopThread(EngineKind engine) {
        Thread loop = Thread.currentThread();
        int rounds = 200;
        int[] ran = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    core.ref();
                    SynchronousQueue<Integer> echo = new SynchronousQueue<>();
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < rounds; i++) {
                                    int id = i;
                                    // Nothing else is due for ever: only the wake-up can
                                    // bring the loop to run this.
                                    reactor.execute(() -> {
                                        assertSame(loop, Thread.currentThread());
                                        assertEquals(id, ran[0]++);
                                        if (ran[0] == rounds) {
                                            core.unref();
                                        }
                                        offer(echo, id);
                                    });
                                    take(echo);
                                }
                            });
                });
        assertEquals(rounds, ran[0]);
    }

    private static void offer(SynchronousQueue<Integer> queue, int value) {
        try {
            assertTrue(queue.offer(value, 10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void take(SynchronousQueue<Integer> queue) {
        try {
            if (queue.poll(10, TimeUnit.SECONDS) == null) {
                throw new AssertionError("the task did not run");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @EveryEngine
    void eightSenders_hundredThousandTasksEach_noneLost_inOrderOfEachSender(EngineKind engine)
            throws Exception {
        int senders = 8;
        int each = 100_000;
        int[] next = new int[senders];
        List<Thread> threads = new ArrayList<>();
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    Core core = Core.of(reactor);
                    core.ref();
                    int[] left = {senders * each};
                    for (int s = 0; s < senders; s++) {
                        int sender = s;
                        threads.add(
                                Thread.ofPlatform()
                                        .uncaughtExceptionHandler((t, e) -> refused.set(e))
                                        .start(() -> {
                                            for (int i = 0; i < each; i++) {
                                                int id = i;
                                                reactor.execute(() -> {
                                                    assertEquals(next[sender]++, id);
                                                    if (--left[0] == 0) {
                                                        core.unref();
                                                    }
                                                });
                                            }
                                        }));
                    }
                });
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(refused.get());
        for (int sent : next) {
            assertEquals(each, sent);
        }
    }

    @EveryEngine
    void executeBeforeTheFirstTurn_isNotLost_andRunsLater(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Thread other = new Thread(() -> reactor.execute(() -> order.add("other")));
                    other.start();
                    other.join();
                    reactor.execute(() -> order.add("own"));
                    order.add("main");
                });
        assertEquals(List.of("main", "other", "own"), order);
    }

    @EveryEngine
    void afterTheEnd_executeIsRefused_andHandlesSaySo(EngineKind engine) {
        AtomicReference<Reactor> ended = new AtomicReference<>();
        AtomicReference<Timer> timer = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    ended.set(reactor);
                    timer.set(reactor.setTimeout(1, () -> {}));
                });
        RejectedExecutionException refusal =
                assertThrows(RejectedExecutionException.class, () -> ended.get().execute(() -> {}));
        assertTrue(refusal.getMessage().contains("ended"), refusal::getMessage);
        IllegalStateException late =
                assertThrows(
                        IllegalStateException.class, () -> ended.get().setTimeout(1, () -> {}));
        assertTrue(late.getMessage().contains("ended"), late::getMessage);
        assertThrows(IllegalStateException.class, () -> timer.get().clear());
    }

    @EveryEngine
    void taskPostedAtTheVeryEnd_mayStillUseTheReactor(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.setImmediate(() -> {
                        reactor.stop();
                        reactor.execute(() -> {
                            heard.add("posted");
                            reactor.nextTick(() -> heard.add("tick"));
                            reactor.nop(err -> heard.add("nop " + err.code()));
                            reactor.blocking(
                                    () -> "", (err, v) -> heard.add("blocking " + err.code()));
                        });
                    });
                });
        assertEquals(List.of("posted", "tick"), heard.subList(0, 2));
        assertEquals(
                List.of("blocking ECANCELED", "nop ECANCELED"),
                heard.subList(2, heard.size()).stream().sorted().toList());
    }

    @EngineTest
    void startStopStorm_everyAcceptedTaskRan_everyOtherWasRefused(EngineKind engine)
            throws Exception {
        int hammers = 2;
        AtomicReference<Reactor> current = new AtomicReference<>();
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(hammers);
        boolean[] stop = {false};
        Runnable hammer =
                () -> {
                    started.countDown();
                    while (current.getAcquire() != null || !stopped(stop)) {
                        Reactor reactor = current.getAcquire();
                        if (reactor == null || accepted.get() - ran.get() > 1000) {
                            Thread.onSpinWait(); // a mailbox has no limit: the hammers do
                            continue;
                        }
                        try {
                            reactor.execute(ran::incrementAndGet);
                            accepted.incrementAndGet();
                        } catch (RejectedExecutionException e) {
                            refused.incrementAndGet();
                        }
                    }
                };
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < hammers; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((t, e) -> failed.set(e))
                            .start(hammer));
        }
        started.await();
        for (int i = 0; i < 300; i++) {
            int before = i % 30 == 0 ? ran.get() : -1;
            // Without the watchdog: a thread more for each of the reactors.
            Reactor.run(
                    Reactors.options(engine),
                    reactor -> {
                        current.setRelease(reactor);
                        untilMoreRan(reactor, ran, before);
                    });
        }
        synchronized (stop) {
            stop[0] = true;
        }
        current.setRelease(null);
        for (Thread thread : threads) {
            thread.join(10_000);
        }
        assertNull(failed.get());
        assertTrue(accepted.get() > 0, "some came in time");
        assertTrue(refused.get() > 0, "some came too late");
        assertEquals(accepted.get(), ran.get());
    }

    /** A reactor with hardly any life; some wait until a task has come in. */
    private static void untilMoreRan(Reactor reactor, AtomicInteger ran, int before) {
        reactor.nop(err -> {
            if (ran.get() == before) {
                untilMoreRan(reactor, ran, before);
            }
        });
    }

    private static boolean stopped(boolean[] stop) {
        synchronized (stop) {
            return stop[0];
        }
    }

    @EveryEngine
    void manyPostsToABusyLoop_costNoSystemCallEach(EngineKind engine) {
        int posts = 10_000;
        long[] enters = {0};
        int[] ran = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Loop loop = (Loop) Core.of(reactor);
                    long before = loop.engine().enters();
                    for (int i = 0; i < posts; i++) {
                        reactor.execute(() -> {
                            ran[0]++;
                            enters[0] = loop.engine().enters() - before;
                        });
                    }
                });
        assertEquals(posts, ran[0]);
        assertTrue(enters[0] <= 4, enters[0] + " enters");
    }

    @EngineTest
    void busyPoll_servesTasksTimersAndNops(EngineKind engine) {
        int[] ran = {0};
        Reactors.run(
                Reactors.options(engine).busyPoll(java.time.Duration.ofMillis(2)),
                reactor -> {
                    long started = System.nanoTime();
                    Core.of(reactor).ref();
                    reactor.nop(err -> ran[0]++);
                    reactor.setTimeout(
                            10,
                            () -> {
                                assertTrue(System.nanoTime() - started >= 10_000_000);
                                ran[0]++;
                                Thread.ofPlatform()
                                        .start(() ->
                                                reactor.execute(() -> {
                                                    ran[0]++;
                                                    Core.of(reactor).unref();
                                                }));
                            });
                });
        assertEquals(3, ran[0]);
    }

    @EngineTest
    void pendingTasks_countsWhatWasPostedAndHasNotBegun_fromAnyThread(EngineKind engine) {
        List<Long> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    seen.add(reactor.pendingTasks());
                    for (int i = 0; i < 5; i++) {
                        reactor.execute(() -> seen.add(reactor.pendingTasks()));
                    }
                    Thread other =
                            Thread.ofPlatform()
                                    .start(() -> {
                                        reactor.execute(() -> seen.add(reactor.pendingTasks()));
                                        long all = reactor.pendingTasks();
                                        reactor.execute(() -> seen.add(all));
                                    });
                    other.join();
                });
        assertEquals(List.of(0L, 6L, 5L, 4L, 3L, 2L, 1L, 6L), seen);
    }

    @EngineTest
    void threeThreadsWakeAtOnce_allGetThrough_andNothingLeaks(EngineKind engine) {
        int each = 5000;
        AtomicInteger woken = new AtomicInteger();
        Reactors.run(
                engine,
                reactor -> {
                    Loop loop = (Loop) Core.of(reactor);
                    Core.of(reactor).ref();
                    for (int t = 0; t < 3; t++) {
                        Thread.ofPlatform()
                                .start(() -> {
                                    for (int i = 0; i < each; i++) {
                                        loop.engine().wakeup();
                                        woken.incrementAndGet();
                                    }
                                    reactor.execute(() -> {
                                        if (woken.get() == 3 * each) {
                                            reactor.stop();
                                        }
                                    });
                                });
                    }
                });
        assertEquals(3 * each, woken.get());
    }
}
