package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.LingerLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.Sys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Sockets as the engines see them, on the loopback address. */
class SocketOpsTest {
    private static final int F_GETFD = 1;

    @SetupTest
    void wholeConversation_fromSocketToClose(Setup setup) {
        List<String> heard = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Chunk memory = ops.core.allocate(4096);
            int stream = Const.SOCK_STREAM;
            ops.socket(
                    Const.AF_INET,
                    stream,
                    number -> {
                        Fd listener = ops.core.adopt(number, Fd.Kind.SOCKET);
                        ops.bind(
                                listener,
                                0,
                                bound ->
                                        ops.listen(
                                                listener,
                                                10,
                                                listening -> {
                                                    assertEquals(0, bound);
                                                    assertEquals(0, listening);
                                                    serve(ops, listener, heard);
                                                    call(ops, listener, memory, heard);
                                                }));
                    });
        });
        assertEquals(
                List.of(
                        "server got ping",
                        "client got ping back",
                        "server got EOF",
                        "client got EOF"),
                heard);
    }

    private static void serve(Ops ops, Fd listener, List<String> heard) {
        ops.accept(
                listener,
                (accept, number, more) -> {
                    if (number < 0) {
                        assertEquals(-Errno.ECANCELED.number(), number);
                        assertFalse(more);
                        return;
                    }
                    assertTrue(more);
                    Fd peer = ops.core.adopt(number, Fd.Kind.SOCKET);
                    Chunk reply = ops.core.allocate(4096);
                    ops.recv(
                            peer,
                            (slot, result, goesOn) -> {
                                assertEquals(result > 0, goesOn);
                                if (result == 0) {
                                    heard.add("server got EOF");
                                    reply.release();
                                    ops.close(peer, closed -> assertEquals(0, closed));
                                    ops.close(listener, closed -> assertEquals(0, closed));
                                    return;
                                }
                                String text = Ops.take(slot, result);
                                heard.add("server got " + text);
                                byte[] bytes = (text + " back").getBytes();
                                Memory.copy(bytes, 0, reply.address(), bytes.length);
                                ops.send(
                                        peer,
                                        reply.address(),
                                        bytes.length,
                                        sent -> assertEquals(bytes.length, sent));
                            });
                });
    }

    private static void call(Ops ops, Fd listener, Chunk memory, List<String> heard) {
        Fd client = ops.tcpSocket();
        ops.connect(
                client,
                ops.port(listener),
                connected -> {
                    assertEquals(0, connected);
                    Memory.copy("ping".getBytes(), 0, memory.address(), 4);
                    ops.send(client, memory.address(), 4, sent -> assertEquals(4, sent));
                    ops.recv(
                            client,
                            (slot, result, more) -> {
                                if (result == 0) {
                                    heard.add("client got EOF");
                                    memory.release();
                                    ops.close(client, closed -> assertEquals(0, closed));
                                    return;
                                }
                                heard.add("client got " + Ops.take(slot, result));
                                ops.shutdown(client, Const.SHUT_WR, down -> assertEquals(0, down));
                            });
                });
    }

    @SetupTest
    void oneAccept_givesManyConnections_eachCloseOnExec(Setup setup) {
        int count = 300;
        Set<Integer> numbers = new HashSet<>();
        int[] connected = {0};
        List<Integer> last = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd listener = ops.listener();
            int port = ops.port(listener);
            ops.accept(
                    listener,
                    (slot, number, more) -> {
                        if (!more) {
                            last.add(number);
                            return;
                        }
                        ops.core.adopt(number, Fd.Kind.SOCKET);
                        assertTrue(numbers.add(number), "a number of its own");
                        long flags = ops.core.syscall(Sys.FCNTL, number, F_GETFD, 0);
                        assertEquals(1, flags, "FD_CLOEXEC");
                        if (numbers.size() == count) {
                            ops.close(listener, closed -> assertEquals(0, closed));
                        }
                    });
            for (int i = 0; i < count; i++) {
                ops.connect(
                        ops.tcpSocket(),
                        port,
                        result -> {
                            assertEquals(0, result);
                            connected[0]++;
                        });
            }
        });
        assertEquals(count, numbers.size());
        assertEquals(count, connected[0]);
        assertEquals(List.of(-Errno.ECANCELED.number()), last);
    }

    @SetupTest
    void sendmsg_gathersInOrder(Setup setup) {
        StringBuilder received = new StringBuilder();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Chunk chunk = ops.core.allocate(4096);
            long memory = chunk.address();
            Memory.fill(memory, 4096, (byte) 0);
            Memory.copy("gathered".getBytes(), 0, memory, 8);
            long iovecs = memory + 256;
            int[][] parts = {{5, 3}, {0, 5}, {2, 1}};
            for (int i = 0; i < parts.length; i++) {
                long at = iovecs + (long) i * IovecLayout.SIZE;
                Memory.putLong(at + IovecLayout.IOV_BASE, memory + parts[i][0]);
                Memory.putLong(at + IovecLayout.IOV_LEN, parts[i][1]);
            }
            long header = memory + 512;
            Memory.putLong(header + MsghdrLayout.MSG_IOV, iovecs);
            Memory.putLong(header + MsghdrLayout.MSG_IOVLEN, parts.length);
            ops.sendmsg(
                    pair[0],
                    header,
                    sent -> {
                        assertEquals(9, sent);
                        chunk.release();
                        ops.close(pair[0], closed -> {});
                    });
            ops.recv(
                    pair[1],
                    (slot, result, more) -> {
                        if (result > 0) {
                            received.append(Ops.take(slot, result));
                        }
                    });
        });
        assertEquals("redgathet", received.toString());
    }

    @SetupTest
    void connectToADeadPort_isRefused_againAndAgain(Setup setup) {
        int[] refused = {0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            int dead = ops.deadPort();
            new Object() {
                void connect() {
                    Fd socket = ops.tcpSocket();
                    ops.connect(
                            socket,
                            dead,
                            result -> {
                                assertEquals(-Errno.ECONNREFUSED.number(), result);
                                ops.close(
                                        socket,
                                        closed -> {
                                            assertEquals(0, closed);
                                            if (++refused[0] < 200) {
                                                connect();
                                            }
                                        });
                            });
                }
            }.connect();
        });
        assertEquals(200, refused[0]);
    }

    @SetupTest
    void sendToAFullSocket_waitsUntilThePeerReads(Setup setup) {
        int size = 4 << 20;
        long[] counts = {0, 0};
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd[] pair = ops.socketPair();
            Chunk chunk = ops.core.allocate(size);
            for (int i = 0; i < size; i++) {
                Memory.putByte(chunk.address() + i, (byte) (i * 31));
            }
            new Object() {
                void send(int from) {
                    if (from == size) {
                        chunk.release();
                        ops.shutdown(pair[0], Const.SHUT_WR, down -> {});
                        return;
                    }
                    ops.send(
                            pair[0],
                            chunk.address() + from,
                            size - from,
                            sent -> {
                                assertTrue(sent > 0, () -> Errno.of(sent).name());
                                counts[0] += sent;
                                send(from + sent);
                            });
                }
            }.send(0);
            reactor.setTimeout(
                    5,
                    () -> {
                        assertTrue(counts[0] < size, "nobody has read yet");
                        ops.recv(
                                pair[1],
                                (slot, result, more) -> {
                                    for (int i = 0; i < result; i++) {
                                        byte expected = (byte) (counts[1]++ * 31);
                                        long at = slot.chunk.address();
                                        assertEquals(
                                                expected,
                                                Memory.getByte(at + slot.chunkOffset + i));
                                    }
                                    if (result > 0) {
                                        slot.chunk.release();
                                    }
                                });
                    });
        });
        assertEquals(size, counts[0]);
        assertEquals(size, counts[1]);
    }

    @SetupTest
    void resetByThePeer_isReportedOnce(Setup setup) {
        List<Integer> results = new ArrayList<>();
        setup.run(reactor -> {
            Ops ops = new Ops(reactor);
            Fd listener = ops.listener();
            Fd client = ops.tcpSocket();
            int[] ready = {0};
            Runnable reset =
                    () -> {
                        if (++ready[0] == 2) { // connected here, accepted there
                            closeWithReset(ops, client);
                            ops.close(listener, closed -> {});
                        }
                    };
            ops.accept(
                    listener,
                    (accept, number, more) -> {
                        if (number >= 0) {
                            Fd peer = ops.core.adopt(number, Fd.Kind.SOCKET);
                            ops.recv(peer, (slot, result, goesOn) -> results.add(result));
                            reset.run();
                        }
                    });
            ops.connect(
                    client,
                    ops.port(listener),
                    result -> {
                        assertEquals(0, result);
                        reset.run();
                    });
        });
        assertEquals(List.of(-Errno.ECONNRESET.number()), results);
    }

    private static void closeWithReset(Ops ops, Fd socket) {
        Libc libc = ops.core.libc();
        long linger = libc.mmap(4096);
        Memory.putInt(linger + LingerLayout.L_ONOFF, 1);
        Memory.putInt(linger + LingerLayout.L_LINGER, 0);
        ops.core.syscall(
                Sys.SETSOCKOPT,
                socket.number(),
                Const.SOL_SOCKET,
                Const.SO_LINGER,
                linger,
                LingerLayout.SIZE,
                0);
        libc.munmap(linger, 4096);
        ops.close(socket, closed -> assertEquals(0, closed));
    }
}
