package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Laws 2 and 12: a cancelled operation calls back once, with the truth. */
class CancelTest {
    private static final int CANCELED = -Errno.ECANCELED.number();

    @SetupTest
    void pendingReceiveAcceptAndConnectSend_getExactlyOneEcanceled(Setup setup) {
        List<String> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Operation recv =
                    ops.recv(
                            pair[0],
                            (slot, result, more) -> results.add("recv " + Errno.of(result) + more));
            Operation accept =
                    ops.accept(
                            ops.listener(),
                            (slot, result, more) ->
                                    results.add("accept " + Errno.of(result) + more));
            Fd[] full = ops.socketPair();
            int size = 4 << 20;
            Chunk large = ops.core.allocate(size);
            new Object() {
                void fill() {
                    Operation send =
                            ops.send(
                                    full[0],
                                    large.address(),
                                    size,
                                    sent -> {
                                        if (sent > 0) {
                                            fill(); // not full yet
                                            return;
                                        }
                                        results.add("send " + Errno.of(sent) + "false");
                                        large.release();
                                    });
                    reactor.setTimeout(10, send::cancel);
                }
            }.fill();
            reactor.setTimeout(
                    1,
                    () -> {
                        recv.cancel();
                        accept.cancel();
                        recv.cancel();
                        assertEquals(List.of(), results);
                    });
        });
        results.sort(null);
        assertEquals(
                List.of("accept ECANCELEDfalse", "recv ECANCELEDfalse", "send ECANCELEDfalse"),
                results);
    }

    @SetupTest
    void cancelBeforeTheFirstEnter_isNotLost(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            ops.recv(pair[0], (slot, result, more) -> results.add(result)).cancel();
        });
        assertEquals(List.of(CANCELED), results);
    }

    @SetupTest
    void pendingReadOfAPipe_isCancelledOrTrue_andNoByteIsLost(Setup setup) {
        // The ring can cancel it; a worker of the pool is inside read(2) and comes back with bytes.
        List<Integer> results = new ArrayList<>();
        String[] left = {""};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pipe = ops.pipe();
            Chunk memory = ops.core.allocate(16);
            Operation read =
                    ops.read(
                            pipe[0],
                            memory.address(),
                            16,
                            -1,
                            result -> {
                                results.add(result);
                                memory.release();
                            });
            reactor.setTimeout(2, read::cancel);
            reactor.setTimeout(
                    20,
                    () -> {
                        assertEquals(4, ops.writeNow(pipe[1], "late"));
                        reactor.setTimeout(
                                20,
                                () -> {
                                    if (results.getFirst() < 0) {
                                        left[0] = ops.readNow(pipe[0]);
                                    }
                                });
                    });
        });
        assertEquals(1, results.size());
        assertEquals(results.getFirst() == CANCELED ? "late" : "", left[0]);
        assertTrue(results.getFirst() == CANCELED || results.getFirst() == 4);
    }

    @SetupTest
    void readsQueuedBehindBusyWorkers_areCancelledExactly(Setup setup) {
        // More reads of empty pipes than the pool has workers: those that wait can be withdrawn.
        int count = 12;
        int[] results = new int[count];
        int[] calls = {0};
        ReactorOptions options = setup.options().workers(2);
        setup.run(
                options,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Chunk memory = ops.core.allocate(4096);
                    List<Fd[]> pipes = new ArrayList<>();
                    List<Operation> reads = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        Fd[] pipe = ops.pipe();
                        pipes.add(pipe);
                        reads.add(
                                ops.read(
                                        pipe[0],
                                        memory.address() + 8L * i,
                                        8,
                                        -1,
                                        result -> {
                                            results[id] = result;
                                            if (++calls[0] == count) {
                                                memory.release();
                                            }
                                        }));
                    }
                    reactor.setTimeout(
                            10,
                            () -> {
                                reads.forEach(Operation::cancel);
                                reactor.setTimeout(
                                        10, () -> pipes.forEach(p -> ops.writeNow(p[1], "data")));
                            });
                });
        assertEquals(count, calls[0]);
        for (int i = 0; i < count; i++) {
            int id = i;
            boolean busy = i < 2 && results[i] == 4;
            assertTrue(busy || results[i] == CANCELED, () -> id + ": " + results[id]);
        }
    }

    @SetupTest
    void cancelOfACompletedOperation_isNothing(Setup setup) {
        int[] results = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            ops.writeNow(pair[1], "x");
            Operation[] operations = new Operation[2];
            operations[0] =
                    ops.send(
                            pair[0],
                            ops.core.libc().mmap(4096),
                            1,
                            result -> {
                                assertEquals(1, result);
                                results[0]++;
                                operations[0].cancel(); // in its own callback
                            });
            operations[1] = reactor.nop(err -> results[0]++);
            reactor.setTimeout(
                    5,
                    () -> {
                        operations[0].cancel();
                        operations[1].cancel();
                    });
        });
        assertEquals(2, results[0]);
    }

    @SetupTest
    void staleOperation_cancelsNothing_thoughItsSlotIsUsedAgain(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Operation stale = reactor.nop(err -> {});
            reactor.setTimeout(
                    1,
                    () -> {
                        Fd[] pair = ops.socketPair();
                        // The only free slot that was ever used is the nop's.
                        ops.recv(
                                pair[0],
                                (slot, result, more) -> {
                                    results.add(result);
                                    if (result > 0) {
                                        slot.chunk.release();
                                        ops.close(pair[0], closed -> {});
                                    }
                                });
                        stale.cancel();
                        reactor.setTimeout(10, () -> ops.writeNow(pair[1], "y"));
                    });
        });
        assertEquals(List.of(1, CANCELED), results);
    }

    @SetupTest
    void cancelRace_tenThousandRounds_exactlyOneLastResultEach(Setup setup) {
        int rounds = 10_000;
        int[] lasts = {0};
        int[] received = {0};
        int[] cancelled = {0};
        long seed = Long.getLong("chime.seed", System.nanoTime());
        System.out.println("CancelTest: -Dchime.seed=" + seed);
        Random random = new Random(seed);
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Chunk byteToSend = ops.core.allocate(16);
            new Object() {
                private boolean sentByte;
                private boolean gotByte;
                private boolean ended;

                void round() {
                    if (lasts[0] == rounds) {
                        byteToSend.release();
                        return;
                    }
                    sentByte = false;
                    ended = false;
                    Operation recv = ops.recv(pair[0], this::result);
                    // One byte for each round, sent and cancelled in any order and turn.
                    boolean cancelFirst = random.nextBoolean();
                    Task send =
                            () ->
                                    ops.send(
                                            pair[1],
                                            byteToSend.address(),
                                            1,
                                            sent -> {
                                                assertEquals(1, sent);
                                                sentByte = true;
                                                next();
                                            });
                    Task cancel = recv::cancel;
                    later(cancelFirst ? cancel : send);
                    later(cancelFirst ? send : cancel);
                }

                private void later(Task task) {
                    later(task, random.nextInt(5));
                }

                /** Some turns later: before the kernel knows of it, or behind that. */
                private void later(Task task, int turns) {
                    switch (turns) {
                        case 0 -> reactor.nextTick(task);
                        case 1 -> reactor.setTimeout(0, task);
                        default -> reactor.nop(err -> later(task, turns - 1));
                    }
                }

                private void result(dev.chime.reactor.engine.Slot slot, int result, boolean more) {
                    assertTrue(!ended, "nothing behind the last result");
                    if (result > 0) {
                        assertTrue(more);
                        slot.chunk.release();
                        received[0] += result;
                        return;
                    }
                    assertEquals(CANCELED, result);
                    cancelled[0]++;
                    lasts[0]++;
                    ended = true;
                    next();
                }

                private void next() {
                    if (ended && sentByte) {
                        round();
                    }
                }
            }.round();
        });
        assertEquals(rounds, lasts[0]);
        assertEquals(rounds, cancelled[0]);
        // Bytes of a round that was cancelled first come in a later one.
        assertTrue(
                received[0] > rounds / 2 && received[0] <= rounds, () -> received[0] + " received");
    }

    @SetupTest
    void cancelledConnect_callsBackOnce_andTheSocketCloses(Setup setup) {
        int[] results = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd listener = ops.listener();
            int port = ops.port(listener);
            for (int i = 0; i < 100; i++) {
                Fd socket = ops.tcpSocket();
                Operation connect =
                        ops.connect(
                                socket,
                                port,
                                result -> {
                                    assertTrue(result == 0 || result == CANCELED);
                                    results[0]++;
                                    ops.close(socket, closed -> assertEquals(0, closed));
                                });
                if (i % 2 == 0) {
                    connect.cancel();
                } else {
                    reactor.nextTick(connect::cancel);
                }
            }
        });
        assertEquals(100, results[0]);
    }

    @SetupTest
    void cancelledOpen_thatSucceedsAfterAll_givesItsDescriptor(Setup setup) {
        int[] results = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            for (int i = 0; i < 200; i++) {
                Operation open =
                        ops.openat(
                                "/dev/null",
                                Const.O_RDONLY,
                                0,
                                result -> {
                                    results[0]++;
                                    if (result >= 0) {
                                        ops.closeBare(result, closed -> assertEquals(0, closed));
                                    } else {
                                        assertEquals(CANCELED, result);
                                    }
                                });
                open.cancel();
            }
        });
        assertEquals(200, results[0]);
    }

    @SetupTest
    void operationsInFlightAtTheEnd_areCancelledOnce_theirDescriptorsClosed(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            for (int i = 0; i < 100; i++) {
                Fd[] pair = ops.socketPair();
                ops.recv(pair[0], (slot, result, more) -> results.add(result));
            }
            ops.accept(ops.listener(), (slot, result, more) -> results.add(result));
            reactor.setTimeout(2, reactor::stop);
        });
        assertEquals(101, results.size());
        results.forEach(result -> assertEquals(CANCELED, result));
    }

    @SetupTest
    void memoryOfACancelledRead_isNotTouchedAfterwards(Setup setup) {
        long[] memory = {0};
        int[] result = {1};
        try (Libc libc = new Libc()) {
            memory[0] = libc.mmap(4096);
            setup.run(reactor -> {
                Ops ops = new Ops(reactor);
                Fd[] pipe = ops.pipe();
                Operation read =
                        ops.read(
                                pipe[0],
                                memory[0],
                                8,
                                -1,
                                r -> {
                                    result[0] = r;
                                    if (r < 0) {
                                        ops.writeNow(pipe[1], "spoiled!");
                                        ops.close(pipe[0], closed -> {});
                                    }
                                });
                reactor.setTimeout(2, read::cancel);
                reactor.setTimeout(
                        10,
                        () -> {
                            if (result[0] > 0) {
                                ops.writeNow(pipe[1], "late byte"); // a worker waits
                            }
                        });
            });
            if (result[0] < 0) {
                assertEquals(0, Memory.getLong(memory[0]));
            }
            libc.munmap(memory[0], 4096);
        }
    }
}
