package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@link Reactor#poll}: waits for descriptors that the program has from elsewhere. */
class ForeignPollTest {
    private static final Set<PollEvent> READABLE = EnumSet.of(PollEvent.READABLE);
    private static final Set<PollEvent> WRITABLE = EnumSet.of(PollEvent.WRITABLE);

    /** Two descriptors that the reactor has never heard of. */
    private static final class Foreign {
        final Reactor reactor;
        final Core core;
        final int in;
        final int out;

        private Foreign(Reactor reactor, long made) {
            this.reactor = reactor;
            core = Core.of(reactor);
            assertEquals(0, made);
            in = Memory.getInt(core.scratch());
            out = Memory.getInt(core.scratch() + 4);
        }

        static Foreign pipe(Reactor reactor) {
            Core core = Core.of(reactor);
            return new Foreign(reactor, core.syscall(Sys.PIPE2, core.scratch(), 0, 0));
        }

        static Foreign sockets(Reactor reactor) {
            Core core = Core.of(reactor);
            int type = Const.SOCK_STREAM | Const.SOCK_CLOEXEC;
            long made = core.syscall(Sys.SOCKETPAIR, Const.AF_UNIX, type, 0, core.scratch(), 0, 0);
            return new Foreign(reactor, made);
        }

        void write(int bytes) {
            assertEquals(bytes, core.syscall(Sys.WRITE, out, core.scratch(), bytes));
        }

        void read(int bytes) {
            assertEquals(bytes, core.syscall(Sys.READ, in, core.scratch(), bytes));
        }

        void close(int... numbers) {
            for (int number : numbers) {
                assertEquals(0, core.syscall(Sys.CLOSE, number, 0, 0));
            }
        }
    }

    private static <T> Callback<T> record(List<Object> heard) {
        return (err, value) -> heard.add(err == null ? value : err.code());
    }

    @EveryEngine
    void once_hearsTheFirstByte_andNoFurther(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    reactor.poll(
                            pipe.in,
                            READABLE,
                            (err, events) -> {
                                heard.add(events);
                                pipe.write(1);
                                reactor.setTimeout(5, () -> pipe.close(pipe.in, pipe.out));
                            });
                    heard.add("called");
                    reactor.setTimeout(1, () -> pipe.write(1));
                });
        assertEquals(List.of("called", READABLE), heard);
    }

    @EveryEngine
    void whatHoldsAlready_isToldInALaterTurn(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    reactor.poll(
                            pipe.out,
                            EnumSet.allOf(PollEvent.class),
                            (err, events) -> {
                                heard.add(events);
                                pipe.close(pipe.in, pipe.out);
                            });
                    heard.add("called");
                });
        assertEquals(List.of("called", WRITABLE), heard);
    }

    @EveryEngine
    void repeated_tellsWhatIsLeft_eachTurn_untilItIsCancelled(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    Operation[] poll = new Operation[1];
                    int[] left = {3};
                    poll[0] =
                            reactor.pollRepeatedly(
                                    pipe.in,
                                    READABLE,
                                    (err, events) -> {
                                        heard.add(err == null ? events : err.code());
                                        if (err != null) {
                                            pipe.close(pipe.in, pipe.out);
                                            return;
                                        }
                                        pipe.read(1);
                                        if (--left[0] == 0) {
                                            reactor.setTimeout(1, poll[0]::cancel);
                                        }
                                    });
                    reactor.setTimeout(1, () -> pipe.write(2));
                    reactor.setTimeout(20, () -> pipe.write(1));
                });
        assertEquals(List.of(READABLE, READABLE, READABLE, "ECANCELED"), heard);
    }

    @EveryEngine
    void repeated_cancelledInItsCallback_hearsOnlyTheEnd_evenAfterTheClose(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    Operation[] poll = new Operation[1];
                    poll[0] =
                            reactor.pollRepeatedly(
                                    pipe.in,
                                    READABLE,
                                    (err, events) -> {
                                        heard.add(err == null ? events : err.code());
                                        if (err == null) {
                                            poll[0].cancel();
                                            pipe.close(pipe.in, pipe.out);
                                        }
                                    });
                    pipe.write(1);
                });
        assertEquals(List.of(READABLE, "ECANCELED"), heard);
    }

    @EveryEngine
    void cancelAndDeadlineAndSignal_endBoth(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    AbortController controller = new AbortController(reactor);
                    Callback<Set<PollEvent>> last =
                            (err, events) -> {
                                heard.add(err.code());
                                pipe.close(pipe.in, pipe.out);
                            };
                    Callback<Set<PollEvent>> third =
                            (err, events) -> {
                                heard.add(err.code());
                                reactor.pollRepeatedly(pipe.in, READABLE, last)
                                        .abortOn(controller.signal());
                                reactor.setImmediate(controller::abort);
                            };
                    Callback<Set<PollEvent>> second =
                            (err, events) -> {
                                heard.add(err.code());
                                reactor.pollRepeatedly(pipe.in, READABLE, third)
                                        .deadline(Duration.ofMillis(5));
                            };
                    Callback<Set<PollEvent>> first =
                            (err, events) -> {
                                heard.add(err.code());
                                reactor.poll(pipe.in, READABLE, second)
                                        .deadline(Duration.ofMillis(5));
                            };
                    reactor.poll(pipe.in, READABLE, first).cancel();
                });
        assertEquals(List.of("ECANCELED", "ETIMEDOUT", "ETIMEDOUT", "ECANCELED"), heard);
    }

    @EveryEngine
    void hangUp_isToldUnasked_andHalfAnEndWhenAskedFor(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    Foreign pair = Foreign.sockets(reactor);
                    reactor.poll(
                            pipe.in,
                            READABLE,
                            (err, events) -> {
                                heard.add(events);
                                pipe.close(pipe.in);
                                pair.core.syscall(Sys.SHUTDOWN, pair.out, Const.SHUT_WR, 0);
                            });
                    reactor.poll(
                            pair.in,
                            EnumSet.of(PollEvent.HANGUP),
                            (err, events) -> {
                                heard.add(events);
                                pair.close(pair.in, pair.out);
                            });
                    reactor.setTimeout(1, () -> pipe.close(pipe.out));
                });
        assertEquals(List.of(EnumSet.of(PollEvent.HANGUP), EnumSet.of(PollEvent.HANGUP)), heard);
    }

    @EveryEngine
    void pipeThatNobodyReads_isAnError_unasked(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    pipe.close(pipe.in);
                    reactor.poll(
                            pipe.out,
                            WRITABLE,
                            (err, events) -> {
                                heard.add(events);
                                pipe.close(pipe.out);
                            });
                });
        assertEquals(List.of(EnumSet.of(PollEvent.WRITABLE, PollEvent.ERROR)), heard);
    }

    @EveryEngine
    void severalWaits_onOneDescriptor_areEachForTheirOwnEvents(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pair = Foreign.sockets(reactor);
                    Operation urgent =
                            reactor.poll(
                                    pair.in,
                                    EnumSet.of(PollEvent.PRIORITY),
                                    (err, events) -> {
                                        heard.add("urgent " + err.code());
                                        pair.write(1);
                                    });
                    Operation[] reads = new Operation[1];
                    reads[0] =
                            reactor.pollRepeatedly(
                                    pair.in,
                                    READABLE,
                                    (err, events) -> {
                                        heard.add(err == null ? events : err.code());
                                        if (err != null) {
                                            pair.close(pair.in, pair.out);
                                            return;
                                        }
                                        pair.read(1);
                                        if (heard.size() < 3) {
                                            urgent.cancel();
                                        } else {
                                            reads[0].cancel();
                                        }
                                    });
                    reactor.poll(
                            pair.in,
                            WRITABLE,
                            (err, events) -> {
                                heard.add(events);
                                pair.write(1);
                            });
                });
        assertEquals(List.of(WRITABLE, READABLE, "urgent ECANCELED", READABLE, "ECANCELED"), heard);
    }

    @EngineTest
    void numberThatIsNotOpen_isEbadf_andSaysWhatToDo(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.poll(1 << 20, READABLE, (err, e) -> heard.add(err.getMessage()));
                    reactor.pollRepeatedly(1 << 20, READABLE, (err, e) -> heard.add(err.code()));
                });
        assertEquals(
                List.of(
                        "EBADF: bad file descriptor, poll: fd 1048576 is not open: end the poll"
                                + " before the descriptor is closed",
                        "EBADF"),
                heard);
    }

    @Test
    void inASimulation_descriptorsOfOthers_areRefusedAtTheCall() {
        Reactors.run(
                EngineKind.SIM,
                reactor -> {
                    UnsupportedOperationException thrown =
                            assertThrows(
                                    UnsupportedOperationException.class,
                                    () -> reactor.poll(0, READABLE, (err, events) -> {}));
                    assertTrue(thrown.getMessage().startsWith("fd 0 is not"), thrown::getMessage);
                });
    }

    @EveryEngine
    void endOfTheReactor_endsTheWaits_andClosesNothing(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    reactor.poll(pipe.in, READABLE, record(heard));
                    reactor.pollRepeatedly(pipe.in, READABLE, record(heard));
                    reactor.onExit(() -> heard.add("exit"));
                    reactor.setTimeout(
                            1,
                            () -> {
                                reactor.stop();
                                reactor.setImmediate(() -> {});
                            });
                    // Behind the end it is still open: the test closes what is its own.
                    reactor.onUncaught(e -> heard.add(e));
                    if (engine != EngineKind.SIM) {
                        reactor.poll(pipe.in, READABLE, (err, e) -> pipe.close(pipe.in, pipe.out));
                    }
                });
        assertEquals(2, heard.stream().filter("ECANCELED"::equals).count(), heard::toString);
        assertEquals(3, heard.size(), heard::toString);
    }

    @EngineTest
    void wait_doesNotHoldUpAStopWithGrace(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        long begun = System.nanoTime();
        Reactors.run(
                engine,
                reactor -> {
                    Foreign pipe = Foreign.pipe(reactor);
                    reactor.pollRepeatedly(
                            pipe.in,
                            READABLE,
                            (err, events) -> {
                                heard.add(err.code());
                                pipe.close(pipe.in, pipe.out);
                            });
                    reactor.setTimeout(1, () -> reactor.stop(Duration.ofSeconds(30)));
                });
        assertEquals(List.of("ECANCELED"), heard);
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(20).toNanos());
    }

    @EngineTest
    void descriptorThatIsUsedByOthersAfterwards_doesNotWakeTheLoop(EngineKind engine) {
        long[] enters = new long[2];
        EnumSet<Op> onPool = EnumSet.of(Op.POLL);
        Setup.runDenying(
                onPool,
                Reactors.options(engine),
                reactor -> {
                    Foreign pair = Foreign.sockets(reactor);
                    Operation poll = reactor.pollRepeatedly(pair.in, READABLE, (err, e) -> {});
                    Thread[] other = new Thread[1];
                    reactor.setTimeout(5, poll::cancel);
                    reactor.setTimeout(
                            10,
                            () -> {
                                enters[0] = reactor.metrics().turns();
                                other[0] = Thread.ofPlatform().start(() -> useFor(pair, 30));
                            });
                    reactor.setTimeout(
                            100,
                            () -> {
                                enters[1] = reactor.metrics().turns();
                                other[0].join();
                                pair.close(pair.in, pair.out);
                            });
                });
        assertTrue(enters[1] - enters[0] < 10, () -> enters[1] - enters[0] + " turns");
    }

    private static void useFor(Foreign pair, int millis) {
        try (dev.chime.reactor.libc.Libc libc = new dev.chime.reactor.libc.Libc()) {
            long page = libc.mmap(4096);
            long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
            while (System.nanoTime() < end) {
                libc.syscall(Sys.WRITE, pair.out, page, 1);
                libc.syscall(Sys.READ, pair.in, page, 1);
            }
            libc.munmap(page, 4096);
        }
    }

    @EngineTest
    void numberOfAFileOfTheReactors_isPolledBesideItsOperations(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    ops.recv(
                            pair[0],
                            (slot, result, more) -> {
                                heard.add(result);
                                if (result > 0) {
                                    Ops.take(slot, result);
                                    ops.shutdown(pair[1], Const.SHUT_WR, ended -> {});
                                }
                            });
                    reactor.setTimeout(
                            1,
                            () -> {
                                int number = pair[0].number();
                                reactor.poll(number, EnumSet.of(PollEvent.HANGUP), record(heard));
                                reactor.setTimeout(1, () -> ops.writeNow(pair[1], "x"));
                            });
                });
        assertEquals(1, heard.getFirst());
        assertEquals(
                Set.of(0, EnumSet.of(PollEvent.HANGUP)),
                Set.copyOf(heard.subList(1, heard.size())));
    }

    @EngineTest
    void numberThatBecomesTheReactorsOwn_losesNobodyWhoWaits(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Setup.runDenying(
                EnumSet.of(Op.POLL, Op.RECV),
                Reactors.options(engine),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Foreign pair = Foreign.sockets(reactor);
                    Operation poll =
                            reactor.poll(pair.in, EnumSet.of(PollEvent.PRIORITY), record(heard));
                    reactor.setTimeout(
                            1,
                            () -> {
                                Fd own = ops.core.adopt(pair.in, Fd.Kind.SOCKET);
                                ops.recv(
                                        own,
                                        (slot, result, more) -> {
                                            if (result > 0) {
                                                Ops.take(slot, result);
                                                heard.add("received");
                                                poll.cancel();
                                                pair.close(pair.out);
                                            }
                                        });
                            });
                    reactor.setTimeout(5, () -> pair.write(1));
                });
        assertEquals(List.of("received", "ECANCELED"), heard);
    }
}
