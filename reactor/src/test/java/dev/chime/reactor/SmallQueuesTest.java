package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * Queues far too small for what they get: operations are parked, completions overflow, none lost.
 */
class SmallQueuesTest {
    private static final int CANCELED = -Errno.ECANCELED.number();

    @SetupTest
    void oneEntry_tenThousandNopsInOneTurn_completeInOrder(Setup setup) {
        completeInOrder(setup.options().entries(1, 2), setup, 10_000);
    }

    @SetupTest
    void manyMoreCompletionsThanEntries_overflowLosesNothing(Setup setup) {
        completeInOrder(setup.options().entries(64, 128), setup, 50_000);
        completeInOrder(setup.options().entries(1024, 2048), setup, 50_000);
    }

    private static void completeInOrder(ReactorOptions options, Setup setup, int count) {
        int[] next = {0};
        setup.run(
                options,
                reactor -> {
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        reactor.nop(err -> {
                            assertNull(err);
                            assertEquals(id, next[0]++);
                        });
                    }
                });
        assertEquals(count, next[0]);
    }

    @SetupTest
    void parkedSends_reachTheWireInOrder(Setup setup) {
        int count = 200;
        StringBuilder expected = new StringBuilder();
        StringBuilder received = new StringBuilder();
        setup.run(
                setup.options().entries(2, 4),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    Chunk memory = ops.core.allocate(count);
                    int[] sent = {0};
                    for (int i = 0; i < count; i++) {
                        int id = i;
                        char letter = (char) ('a' + i % 26);
                        expected.append(letter);
                        Memory.putByte(memory.address() + i, (byte) letter);
                        ops.send(
                                pair[0],
                                memory.address() + i,
                                1,
                                result -> {
                                    assertEquals(1, result);
                                    assertEquals(id, sent[0]++);
                                    if (sent[0] == count) {
                                        memory.release();
                                        ops.close(pair[0], closed -> {});
                                    }
                                });
                    }
                    ops.recv(
                            pair[1],
                            (slot, result, more) -> {
                                if (result > 0) {
                                    received.append(Ops.take(slot, result));
                                }
                            });
                });
        assertEquals(expected.toString(), received.toString());
    }

    @SetupTest
    void cancelWhileTheQueueIsFull_isNotLost(Setup setup) {
        for (boolean atOnce : new boolean[] {true, false}) {
            List<Integer> results = new ArrayList<>();
            setup.run(
                    setup.options().entries(1, 2),
                    reactor -> {
                        Ops ops = new Ops(reactor);
                        List<Operation> pending = new ArrayList<>();
                        for (int i = 0; i < 100; i++) {
                            Fd[] pair = ops.socketPair();
                            pending.add(
                                    ops.recv(pair[0], (slot, result, more) -> results.add(result)));
                        }
                        Task cancel = () -> pending.forEach(Operation::cancel);
                        if (atOnce) {
                            cancel.run(); // most of them are still parked
                        } else {
                            reactor.setTimeout(5, cancel);
                        }
                        // New work must not overtake the cancels for ever.
                        for (int i = 0; i < 100; i++) {
                            reactor.nop(err -> {});
                        }
                    });
            assertEquals(100, results.size());
            results.forEach(result -> assertEquals(CANCELED, result));
        }
    }

    @SetupTest
    void receivingAndAccepting_surviveATinyCompletionQueue(Setup setup) {
        int count = 60;
        int bytes = 100_000;
        long[] received = {0};
        int[] ends = {0};
        setup.run(
                setup.options().entries(1, 2),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd listener = ops.listener();
                    int port = ops.port(listener);
                    Chunk memory = ops.core.allocate(bytes);
                    int[] accepted = {0};
                    ops.accept(
                            listener,
                            (accept, number, more) -> {
                                if (number < 0) {
                                    return;
                                }
                                if (++accepted[0] == count) {
                                    ops.close(listener, closed -> {});
                                }
                                Fd peer = ops.core.adopt(number, Fd.Kind.SOCKET);
                                ops.recv(
                                        peer,
                                        (slot, result, goesOn) -> {
                                            assertTrue(result >= 0, () -> "recv " + result);
                                            if (result > 0) {
                                                received[0] += result;
                                                slot.chunk.release();
                                            } else if (++ends[0] == count) {
                                                memory.release();
                                            }
                                        });
                            });
                    for (int i = 0; i < count; i++) {
                        Fd client = ops.tcpSocket();
                        ops.connect(client, port, result -> sendAll(ops, client, memory, bytes));
                    }
                });
        assertEquals((long) count * bytes, received[0]);
        assertEquals(count, ends[0]);
    }

    private static void sendAll(Ops ops, Fd to, Chunk memory, int left) {
        if (left == 0) {
            ops.close(to, closed -> {});
            return;
        }
        ops.send(
                to,
                memory.address(),
                left,
                sent -> {
                    assertTrue(sent > 0, () -> "send " + sent);
                    sendAll(ops, to, memory, left - sent);
                });
    }

    @SetupTest
    void closeWithMoreInFlightThanEntries_cancelsThemAll(Setup setup) {
        List<Integer> results = new ArrayList<>();
        boolean[] closed = {false};
        setup.run(
                setup.options().entries(2, 4),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    int size = 1 << 20;
                    Chunk memory = ops.core.allocate(size);
                    for (int i = 0; i < 50; i++) {
                        ops.send(
                                pair[0],
                                memory.address(),
                                size,
                                result -> {
                                    results.add(result);
                                    if (results.size() == 50) {
                                        memory.release();
                                    }
                                });
                    }
                    reactor.nop(err ->
                            ops.close(
                                    pair[0],
                                    result -> {
                                        assertEquals(0, result);
                                        assertEquals(50, results.size());
                                        closed[0] = true;
                                    }));
                });
        assertTrue(closed[0]);
        assertTrue(results.stream().filter(result -> result == CANCELED).count() >= 40);
    }
}
