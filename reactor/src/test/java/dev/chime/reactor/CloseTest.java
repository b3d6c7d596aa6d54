package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.Census;
import java.util.ArrayList;
import java.util.List;

/** Law 11: on close, pending operations end with ECANCELED, then close completes, then silence. */
class CloseTest {
    private static final String CANCELED = "ECANCELED";

    @SetupTest
    void closeWithPendingOperations_cancelsThem_thenCompletes(Setup setup) {
        List<String> order = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            int size = 8 << 20;
            Chunk large = ops.core.allocate(size);
            ops.recv(pair[0], (slot, result, more) -> note(order, "recv", result));
            int[] sends = {3};
            for (int i = 0; i < 3; i++) {
                ops.send(
                        pair[0],
                        large.address(),
                        size,
                        result -> {
                            if (--sends[0] == 0) {
                                large.release();
                            }
                            if (result < 0) { // the first is a short one
                                note(order, "send", result);
                            }
                        });
            }
            reactor.setTimeout(
                    5,
                    () -> {
                        order.clear();
                        assertTrue(pair[0].inFlight() >= 2);
                        ops.close(pair[0], result -> note(order, "close", result));
                        assertFalse(pair[0].isOpen());
                        assertEquals(List.of(), order);
                    });
        });
        assertEquals("close 0", order.getLast());
        assertTrue(order.contains("recv " + CANCELED), order::toString);
        assertTrue(order.contains("send " + CANCELED), order::toString);
        assertEquals(1, order.stream().filter(line -> line.startsWith("recv")).count());
        order.removeLast();
        order.forEach(line -> assertTrue(line.endsWith(CANCELED), order::toString));
    }

    private static void note(List<String> order, String name, int result) {
        order.add(name + " " + (result < 0 ? Errno.of(result).name() : String.valueOf(result)));
    }

    @KernelSetupTest
    void numberIsNotUsedAgain_beforeTheLastOperationHasEnded(Setup setup) {
        int[] calls = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            boolean[] ended = {false};
            boolean[] closed = {false};
            ops.recv(
                    pair[0],
                    (slot, result, more) -> {
                        ended[0] = true;
                        calls[0]++;
                        // What is opened now must not get the number under the recv.
                        Fd probe = ops.open("/dev/null", Const.O_RDONLY);
                        assertNotEquals(pair[0].number(), probe.number());
                    });
            reactor.setTimeout(
                    1,
                    () -> {
                        ops.close(
                                pair[0],
                                result -> {
                                    assertTrue(ended[0], "operations end first");
                                    closed[0] = true;
                                    calls[0]++;
                                });
                        assertTrue(
                                Census.descriptors().containsKey(pair[0].number()),
                                "still open inside the call");
                    });
        });
        assertEquals(2, calls[0]);
    }

    @SetupTest
    void submitOnAClosingDescriptor_givesEbadf_later(Setup setup) {
        List<String> order = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Chunk memory = ops.core.allocate(16);
            ops.recv(pair[0], (slot, result, more) -> note(order, "recv", result));
            reactor.setTimeout(
                    1,
                    () -> {
                        ops.close(pair[0], result -> note(order, "close", result));
                        ops.send(
                                pair[0],
                                memory.address(),
                                1,
                                result -> {
                                    note(order, "send", result);
                                    memory.release();
                                });
                        Operation late =
                                ops.recv(
                                        pair[0],
                                        (s, result, more) -> note(order, "late recv", result));
                        late.cancel();
                        assertEquals(List.of(), order);
                    });
        });
        assertEquals(4, order.size());
        assertEquals("close 0", order.getLast());
        assertTrue(order.contains("send EBADF"), order::toString);
        assertTrue(order.contains("late recv EBADF"), order::toString);
        assertTrue(order.contains("recv ECANCELED"), order::toString);
    }

    @SetupTest
    void submitOnAClosedDescriptor_givesEbadf_evenIfTheNumberLives(Setup setup) {
        List<String> order = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Chunk memory = ops.core.allocate(16);
            Fd file = ops.open("/dev/zero", Const.O_RDONLY);
            ops.close(
                    file,
                    closed -> {
                        Fd again = ops.open("/dev/zero", Const.O_RDONLY);
                        ops.read(
                                file, memory.address(), 8, 0, result -> note(order, "old", result));
                        ops.read(
                                again,
                                memory.address(),
                                8,
                                0,
                                result -> {
                                    note(order, "new", result);
                                    memory.release();
                                });
                    });
        });
        order.sort(null);
        assertEquals(List.of("new 8", "old EBADF"), order);
    }

    @SetupTest
    void closeTwice_isAnInvariantThatFails(Setup setup) {
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd file = ops.open("/dev/null", Const.O_RDONLY);
            ops.close(file, closed -> assertEquals(0, closed));
            assertThrows(AssertionError.class, () -> ops.close(file, closed -> {}));
        });
    }

    @SetupTest
    void closeAndStopAtOnce_stillCloses(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(
                setup.options().entries(1, 2),
                reactor -> {
                    Ops ops = new Ops(reactor);
                    for (int i = 0; i < 50; i++) {
                        ops.close(ops.open("/dev/null", Const.O_RDONLY), results::add);
                        ops.close(ops.tcpSocket(), results::add);
                    }
                    reactor.stop();
                });
        assertEquals(100, results.size());
        results.forEach(result -> assertEquals(0, result)); // and the census finds none open
    }

    @SetupTest
    void closeInTheCallbackOfAnOperationOnIt_works(Setup setup) {
        List<String> order = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Chunk memory = ops.core.allocate(16);
            Fd file = ops.open("/dev/zero", Const.O_RDONLY);
            for (int i = 0; i < 3; i++) {
                ops.read(
                        file,
                        memory.address(),
                        8,
                        0,
                        result -> {
                            order.add(result < 0 ? "other" : "read");
                            if (file.isOpen()) {
                                ops.close(file, closed -> note(order, "close", closed));
                            }
                        });
            }
            reactor.setTimeout(20, memory::release);
        });
        assertEquals("read", order.getFirst());
        assertEquals("close 0", order.getLast());
        assertEquals(4, order.size());
    }

    @KernelSetupTest
    void tenThousandOpensAndCloses_leakNoDescriptor(Setup setup) {
        int count = 10_000;
        int[] closed = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            int[] started = {0};
            new Object() {
                void next() {
                    if (started[0]++ < count) {
                        ops.openat("/dev/null", Const.O_RDONLY, 0, this::opened);
                    }
                }

                private void opened(int number) {
                    assertTrue(number >= 0 && number < 500, () -> "number " + number);
                    Fd fd = ops.core.adopt(number, Fd.Kind.FILE);
                    ops.close(
                            fd,
                            result -> {
                                assertEquals(0, result);
                                closed[0]++;
                                next();
                            });
                }

                void start() {
                    for (int i = 0; i < 32; i++) {
                        next();
                    }
                }
            }.start();
        });
        assertEquals(count, closed[0]);
    }

    @KernelSetupTest
    void descriptorsLeftOpen_areClosedAtTheEnd(Setup setup) {
        int before = Census.descriptors().size();
        int[] during = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            ops.open("/dev/null", Const.O_RDONLY);
            ops.pipe();
            ops.socketPair();
            during[0] = Census.descriptors().size();
        });
        assertTrue(during[0] >= before + 5);
        assertEquals(before, Census.descriptors().size());
    }
}
