package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Signals that end groups of operations, and deadlines of single ones. */
class AbortTest {
    @SetupTest
    void abort_endsTheGroup_afterTheCall_andNobodyElse(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            AbortController controller = new AbortController(reactor);
            List<Fd> ends = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Fd end = ops.socketPair()[0];
                ends.add(end);
                ops.recv(end, (s, result, more) -> heard.add(Errno.of(result).name()))
                        .abortOn(controller.signal());
            }
            Operation other =
                    ops.recv(ops.socketPair()[0], (s, result, more) -> heard.add("other"));
            reactor.setTimeout(
                    1,
                    () -> {
                        assertEquals(10, controller.signal().listeners());
                        controller.abort();
                        controller.abort(new IllegalStateException("too late"));
                        assertEquals(List.of(), heard);
                        assertTrue(controller.signal().aborted());
                        ReactorException reason = (ReactorException) controller.signal().reason();
                        assertEquals("ABORT_ERR", reason.code());
                        reactor.setTimeout(1, other::cancel);
                    });
        });
        assertEquals(11, heard.size());
        assertEquals("other", heard.getLast());
        assertEquals(List.of("ECANCELED"), heard.subList(0, 10).stream().distinct().toList());
    }

    @SetupTest
    void anOperationThatHasEnded_isForgottenByItsSignal(Setup setup) {
        int[] ended = {0};
        setup.run(reactor -> {
            AbortController controller = new AbortController(reactor);
            for (int i = 0; i < 100; i++) {
                reactor.nop(err -> ended[0]++).abortOn(controller.signal());
            }
            assertEquals(100, controller.signal().listeners());
            reactor.onBeforeExit(() -> assertEquals(0, controller.signal().listeners()));
        });
        assertEquals(100, ended[0]);
    }

    @SetupTest
    void signalAbortedBefore_endsTheOperationAtOnce_butLater(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            AbortController controller = new AbortController(reactor);
            controller.abort();
            ops.recv(ops.socketPair()[0], (s, result, more) -> heard.add(Errno.of(result).name()))
                    .abortOn(controller.signal());
            assertEquals(List.of(), heard);
        });
        assertEquals(List.of("ECANCELED"), heard);
    }

    @SetupTest
    void timeoutSignal_saysEtimedout_andKeepsNothingAlive(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            AbortSignal.timeout(reactor, Duration.ofDays(1)); // or the loop would not end
            Ops ops = new Ops(reactor);
            AbortSignal signal = AbortSignal.timeout(reactor, Duration.ofMillis(5));
            ops.recv(ops.socketPair()[0], (s, result, more) -> heard.add(Errno.of(result).name()))
                    .abortOn(signal);
            assertFalse(signal.aborted());
            assertNull(signal.reason());
        });
        assertEquals(List.of("ETIMEDOUT"), heard);
    }

    @SetupTest
    void anyOfSeveral_abortsForTheFirstOnesReason(Setup setup) {
        setup.run(reactor -> {
            AbortController first = new AbortController(reactor);
            AbortController second = new AbortController(reactor);
            AbortSignal any = AbortSignal.any(reactor, first.signal(), second.signal());
            List<String> heard = new ArrayList<>();
            any.onAbort(() -> heard.add("a"));
            Runnable takeBack = any.onAbort(() -> heard.add("taken back"));
            takeBack.run();
            any.onAbort(() -> heard.add("b"));
            Throwable reason = new IllegalStateException("second");
            second.abort(reason);
            first.abort();
            assertSame(reason, any.reason());
            assertEquals(List.of("a", "b"), heard);
            any.onAbort(() -> heard.add("late"));
            assertEquals(List.of("a", "b"), heard);
            reactor.setImmediate(() -> assertEquals(List.of("a", "b", "late"), heard));
            assertSame(reason, AbortSignal.any(reactor, any).reason());
        });
    }

    @SetupTest
    void listenerThatThrows_reachesTheHandler_andTheOthersHear(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            reactor.onUncaught(thrown -> heard.add(thrown.getMessage()));
            AbortController controller = new AbortController(reactor);
            controller
                    .signal()
                    .onAbort(() -> {
                        throw new IllegalStateException("thrown");
                    });
            controller.signal().onAbort(() -> heard.add("second"));
            controller.abort();
        });
        assertEquals(List.of("thrown", "second"), heard);
    }

    @SetupTest
    void blockingWork_thatWaitsForAThread_isAborted(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            AbortController controller = new AbortController(reactor);
            CountDownLatch release = new CountDownLatch(1);
            int[] left = {500};
            for (int i = 0; i < 500; i++) {
                reactor.blocking(
                                () -> {
                                    release.await();
                                    return 1;
                                },
                                (err, value) -> {
                                    heard.add(err == null ? "done" : err.code());
                                    left[0]--;
                                })
                        .abortOn(controller.signal());
            }
            reactor.setTimeout(
                    20,
                    () -> {
                        controller.abort();
                        release.countDown();
                    });
        });
        assertEquals(500, heard.size());
        assertEquals(List.of("ECANCELED", "done"), heard.stream().distinct().sorted().toList());
    }

    @SetupTest
    void deadline_expires_withEtimedout_andNotEarly(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            proveReads(ops);
            Fd[] pipe = ops.pipe();
            Chunk memory = ops.core.allocate(64);
            reactor.setTimeout(
                    5,
                    () -> { // the operations have been seen to work by now
                        long started = reactor.updateNow();
                        ops.read(
                                        pipe[0],
                                        memory.address(),
                                        64,
                                        -1,
                                        result -> {
                                            heard.add(
                                                    result < 0 ? Errno.of(result).name() : "bytes");
                                            assertTrue(reactor.updateNow() - started >= 10_000_000);
                                            memory.release();
                                        })
                                .deadline(Duration.ofMillis(10));
                        // On the pool a read that has begun cannot be stopped: it must get its
                        // bytes.
                        reactor.setTimeout(200, () -> ops.writeNow(pipe[1], "late"));
                    });
        });
        assertEquals(1, heard.size());
        assertTrue(List.of("ETIMEDOUT", "bytes").contains(heard.getFirst()), heard::toString);
    }

    private static void proveReads(Ops ops) {
        Fd zero = ops.open("/dev/zero", Const.O_RDONLY);
        Chunk memory = ops.core.allocate(64);
        ops.read(zero, memory.address(), 64, -1, result -> memory.release());
    }

    @SetupTest
    void deadlineOfAConnectOrReceive_isATimer(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            ops.recv(ops.socketPair()[0], (s, result, more) -> heard.add(Errno.of(result).name()))
                    .deadline(Duration.ofMillis(5));
        });
        assertEquals(List.of("ETIMEDOUT"), heard);
    }

    @SetupTest
    void deadlineThatIsNotReached_changesNothing(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd zero = ops.open("/dev/zero", Const.O_RDONLY);
            Chunk memory = ops.core.allocate(64);
            int rounds = 300;
            new Object() {
                void next() {
                    ops.read(
                                    zero,
                                    memory.address(),
                                    64,
                                    -1,
                                    result -> {
                                        results.add(result);
                                        if (results.size() < rounds) {
                                            next();
                                        } else {
                                            memory.release();
                                        }
                                    })
                            .deadline(Duration.ofDays(1));
                }
            }.next();
        });
        assertEquals(300, results.size());
        assertEquals(List.of(64), results.stream().distinct().toList());
    }

    @SetupTest
    void cancelBeforeADeadline_saysEcanceled(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Operation recv =
                    ops.recv(
                            ops.socketPair()[0],
                            (s, result, more) -> heard.add(Errno.of(result).name()));
            recv.deadline(Duration.ofMillis(300));
            reactor.setTimeout(1, recv::cancel);
        });
        assertEquals(List.of("ECANCELED"), heard);
    }

    @SetupTest
    void negativeDeadline_isRefused(Setup setup) {
        setup.run(reactor -> {
            Operation nop = reactor.nop(err -> {});
            assertThrows(IllegalArgumentException.class, () -> nop.deadline(Duration.ofMillis(-1)));
        });
    }

    @KernelSetupTest
    void deadlineByAnInjectedClock_followsThatClock(Setup setup) {
        List<String> heard = new ArrayList<>();
        long[] time = {0};
        try (Reactor reactor = Reactor.open(setup.options().clock(() -> time[0]))) {
            Ops ops = new Ops(reactor);
            ops.recv(ops.socketPair()[0], (s, result, more) -> heard.add(Errno.of(result).name()))
                    .deadline(Duration.ofDays(1));
            reactor.run(RunMode.NO_WAIT);
            time[0] = Duration.ofDays(1).toNanos() - 1;
            reactor.run(RunMode.NO_WAIT);
            assertEquals(List.of(), heard);
            time[0]++;
            while (reactor.run(RunMode.NO_WAIT)) {
                Thread.onSpinWait();
            }
        }
        assertEquals(List.of("ETIMEDOUT"), heard);
    }
}
