package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Several loops: who runs where, what they hand to each other, and how they end. */
class ReactorGroupTest {
    private static final int LOOPS = 4;

    private static GroupOptions options(EngineKind engine) {
        return GroupOptions.of(LOOPS).reactor(Reactors.options(engine));
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(120, TimeUnit.SECONDS), () -> Reactors.threads());
    }

    @EngineTest
    void eachLoop_hasAThreadAndAReactorOfItsOwn(EngineKind engine) throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Set<Reactor> own = ConcurrentHashMap.newKeySet();
        List<Integer> indices = new ArrayList<>();
        CountDownLatch ran = new CountDownLatch(LOOPS);
        try (ReactorGroup group =
                ReactorGroup.start(
                        options(engine).name("chime-test-"),
                        (self, index) -> {
                            assertEquals(index, self.index());
                            assertEquals("chime-test-" + index, Thread.currentThread().getName());
                            for (int i = 0; i < self.size(); i++) {
                                assertNotNull(self.get(i)); // all are there when programs start
                            }
                            self.get(index)
                                    .nop(err -> {
                                        threads.add(Thread.currentThread());
                                        own.add(self.get(index));
                                        ran.countDown();
                                    });
                        })) {
            await(ran);
            assertEquals(LOOPS, group.size());
            assertEquals(-1, group.index());
            for (int i = 0; i < 2 * LOOPS; i++) {
                Reactor next = group.next();
                for (int k = 0; k < LOOPS; k++) {
                    if (next == group.get(k)) {
                        indices.add(k);
                    }
                }
            }
        }
        assertEquals(LOOPS, threads.size());
        assertEquals(LOOPS, own.size());
        assertEquals(List.of(0, 1, 2, 3, 0, 1, 2, 3), indices);
    }

    @EngineTest
    void tokenGoesRound_hundredThousandTimes(EngineKind engine) throws Exception {
        int hops = 100_000;
        int[] token = {0}; // plain: whoever has the token owns it
        CountDownLatch over = new CountDownLatch(1);
        try (ReactorGroup group = ReactorGroup.start(options(engine), (self, index) -> {})) {
            new Object() {
                void at(int loop) {
                    if (group.index() != loop || ++token[0] == hops) {
                        over.countDown();
                    } else {
                        int next = (loop + 1) % LOOPS;
                        group.post(next, () -> at(next));
                    }
                }

                void start() {
                    group.post(0, () -> at(0));
                }
            }.start();
            await(over);
        }
        assertEquals(hops, token[0]);
    }

    @EngineTest
    void fanIn_keepsTheOrderOfEachSender_andLosesNothing(EngineKind engine) throws Exception {
        int each = 30_000;
        int[] next = new int[LOOPS];
        AtomicInteger outOfOrder = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        int[] left = {(LOOPS - 1) * each};
        try (ReactorGroup group =
                ReactorGroup.start(
                        options(engine),
                        (self, index) -> {
                            if (index == 0) {
                                return;
                            }
                            new Object() {
                                void batch(int from) {
                                    for (int i = from; i < from + 100; i++) {
                                        int id = i;
                                        self.post(
                                                0,
                                                () -> {
                                                    if (next[index]++ != id) {
                                                        outOfOrder.incrementAndGet();
                                                    }
                                                    if (--left[0] == 0) {
                                                        over.countDown();
                                                    }
                                                });
                                    }
                                    if (from + 100 < each) {
                                        self.get(index).setImmediate(() -> batch(from + 100));
                                    }
                                }
                            }.batch(0);
                        })) {
            await(over);
            assertEquals(LOOPS, group.size());
        }
        assertEquals(0, outOfOrder.get());
    }

    @EngineTest
    void closeWithTraffic_everyTaskIsRefusedOrRun(EngineKind engine) throws Exception {
        for (int round = 0; round < 20; round++) {
            AtomicLong accepted = new AtomicLong();
            AtomicLong ran = new AtomicLong();
            CountDownLatch warm = new CountDownLatch(1000);
            ReactorGroup group =
                    ReactorGroup.start(
                            options(engine),
                            (self, index) -> {
                                new Object() {
                                    void send() {
                                        for (int to = 0; to < self.size(); to++) {
                                            boolean taken =
                                                    self.post(
                                                            to,
                                                            () -> {
                                                                ran.incrementAndGet();
                                                                warm.countDown();
                                                            });
                                            accepted.addAndGet(taken ? 1 : 0);
                                        }
                                        self.get(index).setImmediate(this::send);
                                    }
                                }.send();
                            });
            await(warm);
            group.close();
            group.close();
            assertEquals(accepted.get(), ran.get());
            assertFalse(group.post(0, () -> {}));
            assertThrows(RejectedExecutionException.class, () -> group.get(1).execute(() -> {}));
            assertThrows(IllegalStateException.class, group::next);
        }
    }

    @EngineTest
    void aLoopThatFails_leavesTheOthersAlone_andIsReported(EngineKind engine) throws Exception {
        IllegalStateException cause = new IllegalStateException("loop two");
        try (LogCapture log = LogCapture.of(ReactorGroup.class)) {
            ReactorGroup group = ReactorGroup.start(options(engine), (self, index) -> {});
            group.post(
                    2,
                    () -> {
                        throw cause;
                    });
            while (group.post(2, () -> {})) {
                Thread.sleep(1);
            }
            // The others go on, and next() leaves the failed one out.
            Set<Reactor> serving = new HashSet<>();
            CountDownLatch ran = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                group.post(i == 2 ? 3 : i, ran::countDown);
            }
            await(ran);
            untilLoopTwoIsGone(group);
            for (int i = 0; i < LOOPS; i++) {
                serving.add(group.next());
            }
            assertEquals(Set.of(group.get(0), group.get(1), group.get(3)), serving);
            assertSame(cause, assertThrows(IllegalStateException.class, group::close));
            group.close(); // reported once
            assertEquals(List.of("ERROR loop 2 of the group has failed"), log.lines());
        }
    }

    private static void untilLoopTwoIsGone(ReactorGroup group) throws InterruptedException {
        for (int i = 0; i < 10_000; i++) {
            boolean there = false;
            for (int k = 0; k < LOOPS; k++) {
                there |= group.next() == group.get(2);
            }
            if (!there) {
                return;
            }
            Thread.sleep(1);
        }
        throw new AssertionError("an ended loop is still offered");
    }

    @EngineTest
    void endTogether_aFailureEndsAll_withoutClose(EngineKind engine) {
        AtomicInteger exits = new AtomicInteger();
        ReactorGroup group =
                ReactorGroup.start(
                        options(engine).endTogether(true),
                        (self, index) -> {
                            self.get(index).onExit(exits::incrementAndGet);
                            if (index == 1) {
                                throw new java.io.IOException("main of one");
                            }
                        });
        IllegalStateException thrown = assertThrows(IllegalStateException.class, group::join);
        assertEquals("main of one", thrown.getCause().getMessage());
        assertEquals(LOOPS, exits.get());
    }

    @EngineTest
    void failuresOfSeveralLoops_areOneWithTheOthersSuppressed(EngineKind engine) {
        ReactorGroup group =
                ReactorGroup.start(
                        options(engine),
                        (self, index) -> {
                            throw new IllegalStateException("loop " + index);
                        });
        IllegalStateException thrown = assertThrows(IllegalStateException.class, group::join);
        assertEquals(LOOPS - 1, thrown.getSuppressed().length);
    }

    @EngineTest
    void aReactorThatCannotOpen_failsTheStart_andTheOthersEnd(EngineKind engine) {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger mains = new AtomicInteger();
        ReactorOptions broken =
                Reactors.options(engine)
                        .clock(() -> {
                            if (asked.getAndIncrement() == 2) {
                                throw new IllegalStateException("no clock");
                            }
                            return System.nanoTime();
                        });
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                ReactorGroup.start(
                                        GroupOptions.of(3).reactor(broken),
                                        (self, index) -> mains.incrementAndGet()));
        assertEquals("no clock", thrown.getMessage());
        assertEquals(0, mains.get());
    }

    @EngineTest
    void closeOnALoop_isRefused_stopThereServes(EngineKind engine) {
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        ReactorGroup group =
                ReactorGroup.start(
                        options(engine),
                        (self, index) -> {
                            if (index == 3) {
                                refusal.set(assertThrows(IllegalStateException.class, self::close));
                                self.stop();
                            }
                        });
        group.join();
        assertTrue(refusal.get().getMessage().contains("stop()"), refusal.get()::getMessage);
    }

    @EngineTest
    void stopWithGrace_letsWorkEnd_onEveryLoop(EngineKind engine) {
        ConcurrentLinkedQueue<String> outcomes = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(LOOPS);
        ReactorGroup group =
                ReactorGroup.start(
                        options(engine),
                        (self, index) ->
                                self.get(index)
                                        .blocking(
                                                () -> {
                                                    begun.countDown();
                                                    Thread.sleep(20);
                                                    return "done";
                                                },
                                                (err, value) ->
                                                        outcomes.add(
                                                                err == null ? value : err.code())));
        group.stop(Duration.ofSeconds(100));
        group.join();
        assertEquals(List.of("done", "done", "done", "done"), List.copyOf(outcomes));
    }

    @EngineTest
    void interruptOfTheCloser_isKept_andTheLoopsStillEnd(EngineKind engine) {
        ReactorGroup group = ReactorGroup.start(options(engine), (self, index) -> {});
        Thread.currentThread().interrupt();
        group.close();
        assertTrue(Thread.interrupted());
        assertThrows(IllegalStateException.class, group::next);
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> GroupOptions.of(0));
        assertThrows(IllegalArgumentException.class, () -> GroupOptions.of(1025));
        assertThrows(IllegalArgumentException.class, () -> ReactorGroup.start(1, null));
        try (ReactorGroup group = ReactorGroup.start(1, (self, index) -> {})) {
            assertThrows(IndexOutOfBoundsException.class, () -> group.get(1));
            assertThrows(IndexOutOfBoundsException.class, () -> group.post(-1, () -> {}));
            assertThrows(IllegalArgumentException.class, () -> group.post(0, null));
        }
    }
}
