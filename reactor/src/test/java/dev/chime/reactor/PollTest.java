package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Waits for events on descriptors ({@code Op.POLL}). */
class PollTest {
    private static final int MANY = 100;

    @TempDir Path directory;

    @EveryEngine
    void emptyPipe_waitsForTheFirstByte(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pipe = ops.pipe();
                    ops.poll(pipe[0], Const.EPOLLIN, heard::add);
                    reactor.setTimeout(
                            1,
                            () -> {
                                heard.add("write");
                                ops.writeNow(pipe[1], "x");
                            });
                });
        assertEquals(List.of("write", Const.EPOLLIN), heard);
    }

    @EveryEngine
    void whatHoldsAlready_isToldInALaterTurn(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pipe = ops.pipe();
                    ops.poll(pipe[1], Const.EPOLLIN | Const.EPOLLOUT, heard::add);
                    heard.add("submitted");
                });
        assertEquals(List.of("submitted", Const.EPOLLOUT), heard);
    }

    @EveryEngine
    void eachWait_isForItsOwnEvents(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.pipe();
                    for (int i = 0; i < 2; i++) {
                        ops.poll(pair[0], Const.EPOLLIN, heard::add);
                    }
                    ops.poll(pair[1], Const.EPOLLOUT, events -> heard.add("out " + events));
                    reactor.setTimeout(1, () -> ops.writeNow(pair[1], "x"));
                });
        assertEquals(List.of("out " + Const.EPOLLOUT, Const.EPOLLIN, Const.EPOLLIN), heard);
    }

    @EngineTest
    void socket_isPolledBesideItsOperations(EngineKind engine) {
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Operation received =
                            ops.recv(
                                    pair[0],
                                    (slot, result, more) -> {
                                        if (result > 0) {
                                            Ops.take(slot, result);
                                        }
                                    });
                    ops.poll(
                            pair[0],
                            Const.EPOLLRDHUP,
                            events -> {
                                heard.add(events & Const.EPOLLRDHUP);
                                received.cancel();
                            });
                    ops.writeNow(pair[1], "x");
                    reactor.setTimeout(1, () -> ops.shutdown(pair[1], Const.SHUT_WR, result -> {}));
                });
        assertEquals(List.of(Const.EPOLLRDHUP), heard);
    }

    @EveryEngine
    void hangUp_isToldUnasked(EngineKind engine) {
        List<Integer> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pipe = ops.pipe();
                    ops.poll(pipe[0], Const.EPOLLIN, heard::add);
                    reactor.setTimeout(1, () -> ops.close(pipe[1], result -> {}));
                });
        assertEquals(List.of(Const.EPOLLHUP), heard);
    }

    @EveryEngine
    void regularFile_isReadyAtOnce(EngineKind engine) throws Exception {
        String path =
                engine == EngineKind.SIM
                        ? "/dev/null"
                        : Files.createFile(directory.resolve("f")).toString();
        List<Integer> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    ops.poll(ops.open(path, Const.O_RDWR), Const.EPOLLIN, heard::add);
                });
        assertEquals(List.of(Const.EPOLLIN), heard);
    }

    @EveryEngine
    void numberThatIsNotOpen_isEbadf(EngineKind engine) {
        List<Integer> heard = new ArrayList<>();
        Reactors.run(
                engine, reactor -> new Ops(reactor).pollBare(1 << 20, Const.EPOLLIN, heard::add));
        assertEquals(List.of(-ErrnoCode.EBADF), heard);
    }

    @EveryEngine
    void numberWithoutOwner_usedAgain_isTheNewFile(EngineKind engine) {
        List<Integer> heard = new ArrayList<>();
        Reactors.run(engine, reactor -> pollAndReuse(new Ops(reactor), 3, heard));
        assertEquals(List.of(Const.EPOLLIN, Const.EPOLLIN, Const.EPOLLIN), heard);
    }

    /** One pipe after the other, mostly on the same numbers. */
    private static void pollAndReuse(Ops ops, int rounds, List<Integer> heard) {
        if (rounds == 0) {
            return;
        }
        Fd[] pipe = ops.pipe();
        ops.pollBare(
                pipe[0].number(),
                Const.EPOLLIN,
                events -> {
                    heard.add(events);
                    ops.close(pipe[1], ignored -> {});
                    ops.close(pipe[0], ignored -> pollAndReuse(ops, rounds - 1, heard));
                });
        ops.core.reactor().setTimeout(1, () -> ops.writeNow(pipe[1], "x"));
    }

    @EveryEngine
    void cancel_endsTheWait_exactly(EngineKind engine) {
        List<Integer> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pipe = ops.pipe();
                    Operation poll = ops.poll(pipe[0], Const.EPOLLIN, heard::add);
                    reactor.setTimeout(1, poll::cancel);
                });
        assertEquals(List.of(-ErrnoCode.ECANCELED), heard);
    }

    @EngineTest
    void manyWaits_holdNoWorker(EngineKind engine) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "x");
        List<Integer> heard = new ArrayList<>();
        List<Object> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pipe = ops.pipe();
                    for (int i = 0; i < MANY; i++) {
                        ops.poll(pipe[0], Const.EPOLLIN, heard::add);
                    }
                    reactor.setTimeout(
                            1,
                            () ->
                                    ops.openat(
                                            file.toString(),
                                            Const.O_RDONLY,
                                            0,
                                            fd -> {
                                                order.add(heard.size());
                                                ops.closeBare(fd, result -> {});
                                                ops.writeNow(pipe[1], "x");
                                            }));
                });
        assertEquals(List.of(0), order, "a file is opened while they wait");
        assertEquals(MANY, heard.size());
        assertTrue(heard.stream().allMatch(events -> events == Const.EPOLLIN), heard::toString);
    }
}
