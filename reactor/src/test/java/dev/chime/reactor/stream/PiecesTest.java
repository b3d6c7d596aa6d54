package dev.chime.reactor.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/** A readable in a for loop of another thread: these wait, so none runs in a simulation. */
class PiecesTest {
    private static final byte[] CONTENT = Bytes.random(1, 1_000_000);

    private interface Loop<T> {
        T over(Pieces pieces, Spring source) throws Exception;
    }

    /** Iterates in a virtual thread. */
    private static <T> T run(EngineKind engine, Consumer<Spring> setUp, Loop<T> loop)
            throws Exception {
        FutureTask<?>[] task = new FutureTask<?>[1];
        Spring[] source = new Spring[1];
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    source[0] = spring;
                    setUp.accept(spring);
                    Pieces pieces = Bridges.pieces(spring);
                    FutureTask<T> work = new FutureTask<>(() -> loop.over(pieces, spring));
                    task[0] = work;
                    keepUp(reactor, work);
                    Thread.ofVirtual().start(work);
                });
        assertEquals(1, source[0].closes);
        @SuppressWarnings("unchecked")
        T found = (T) task[0].get();
        return found;
    }

    /** Keeps the loop going until the thread has seen all that is held for it. */
    private static void keepUp(Reactor reactor, FutureTask<?> until) {
        if (!until.isDone()) {
            reactor.setTimeout(1, () -> keepUp(reactor, until));
        }
    }

    @EngineTest
    void aForLoop_getsEverythingInOrder(EngineKind engine) throws Exception {
        byte[] found =
                run(
                        engine,
                        spring -> {},
                        (pieces, source) -> {
                            ByteArrayOutputStream all = new ByteArrayOutputStream();
                            for (byte[] piece : pieces) {
                                assertTrue(piece.length > 0);
                                all.writeBytes(piece);
                            }
                            assertFalse(pieces.iterator().hasNext(), "for ever");
                            assertThrows(NoSuchElementException.class, pieces.iterator()::next);
                            pieces.close();
                            return all.toByteArray();
                        });
        assertArrayEquals(CONTENT, found);
    }

    @EngineTest
    void whoeverTakesHisTime_holdsTheStreamBack(EngineKind engine) throws Exception {
        int most =
                run(
                        engine,
                        spring -> {},
                        (pieces, source) -> {
                            int ahead = 0;
                            int taken = 0;
                            for (byte[] piece : pieces) {
                                taken += piece.length;
                                CountDownLatch turns = new CountDownLatch(5);
                                source.reactor().execute(() -> countDown(source, turns));
                                turns.await();
                                ahead = Math.max(ahead, source.at - taken);
                            }
                            return ahead;
                        });
        assertTrue(most <= (2 * 64 << 10) + 30_000, "ahead " + most);
        assertTrue(most >= 64 << 10, "ahead " + most);
    }

    private static void countDown(Spring source, CountDownLatch turns) {
        turns.countDown();
        if (turns.getCount() > 0) {
            source.reactor().setImmediate(() -> countDown(source, turns));
        }
    }

    @EngineTest
    void theStreamsError_isThrownBehindWhatCame(EngineKind engine) throws Exception {
        int[] taken = new int[1];
        UncheckedIOException thrown =
                run(
                        engine,
                        spring -> spring.failAt = 300_000,
                        (pieces, source) ->
                                assertThrows(
                                        UncheckedIOException.class,
                                        () -> {
                                            for (byte[] piece : pieces) {
                                                taken[0] += piece.length;
                                            }
                                        }));
        assertTrue(taken[0] <= 300_000);
        ReactorException cause =
                assertInstanceOf(ReactorException.class, thrown.getCause().getCause());
        assertEquals("ERR_SPRING", cause.code());
    }

    @EngineTest
    void whoWaits_leavesTheLoopFree(EngineKind engine) throws Exception {
        int[] timers = new int[1];
        int seen =
                run(
                        engine,
                        spring -> {
                            spring.at = CONTENT.length;
                            spring.endless = true; // it brings nothing, and does not end
                            afterTimers(spring, timers);
                        },
                        (pieces, source) -> {
                            var each = pieces.iterator();
                            assertThrows(UncheckedIOException.class, each::hasNext);
                            return timers[0];
                        });
        assertEquals(5, seen);
    }

    private static void afterTimers(Spring spring, int[] timers) {
        spring.reactor()
                .setTimeout(
                        1,
                        () -> {
                            if (++timers[0] == 5) {
                                spring.destroy(new ReactorException("ERR_SPRING", "enough"));
                            } else {
                                afterTimers(spring, timers);
                            }
                        });
    }

    @EngineTest
    void closingEarly_destroysTheStream(EngineKind engine) throws Exception {
        int taken =
                run(
                        engine,
                        spring -> {},
                        (pieces, source) -> {
                            try (pieces) {
                                int length = pieces.iterator().next().length;
                                pieces.close();
                                assertThrows(
                                        UncheckedIOException.class, pieces.iterator()::hasNext);
                                return length;
                            }
                        });
        assertTrue(taken < CONTENT.length);
    }

    @EngineTest
    void anInterrupt_endsAWait_andLosesNothing(EngineKind engine) throws Exception {
        byte[] found =
                run(
                        engine,
                        spring -> {},
                        (pieces, source) -> {
                            ByteArrayOutputStream all = new ByteArrayOutputStream();
                            int interrupts = 0;
                            boolean more = true;
                            while (more) {
                                if (interrupts == 0) {
                                    Thread.currentThread().interrupt();
                                }
                                try {
                                    more = pieces.iterator().hasNext();
                                    if (more) {
                                        all.writeBytes(pieces.iterator().next());
                                    }
                                } catch (UncheckedIOException e) {
                                    assertTrue(Thread.interrupted());
                                    interrupts++;
                                }
                            }
                            assertEquals(1, interrupts);
                            return all.toByteArray();
                        });
        assertArrayEquals(CONTENT, found);
    }
}
