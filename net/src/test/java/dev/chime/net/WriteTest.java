package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What write and flush promise: order, gathering, and who owns the bytes. */
class WriteTest {
    @EngineTest
    void everyKindOfData_goesOutInCallOrder(EngineKind engine) {
        long seed = new SplittableRandom().nextLong();
        Content sent = new Content(seed);
        long[] read = new long[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    socket.resume();
                    step(reactor, socket, random, sent, 300);
                },
                client -> read[0] = readAll(client, seed));
        assertTrue(sent.position() > 0);
        assertEquals(sent.position(), read[0], "seed " + seed);
    }

    private static long readAll(java.net.Socket client, long seed) throws Exception {
        try {
            return Peers.readToEnd(client, new Content(seed));
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** Writes some pieces in this turn, goes on in the next. */
    private static void step(
            Reactor reactor, Socket socket, SplittableRandom random, Content sent, int left) {
        if (left == 0) {
            socket.end();
            return;
        }
        for (int i = random.nextInt(60); i >= 0; i--) {
            piece(reactor, socket, random, sent);
        }
        reactor.setImmediate(() -> step(reactor, socket, random, sent, left - 1));
    }

    private static void piece(
            Reactor reactor, Socket socket, SplittableRandom random, Content sent) {
        int bytes = random.nextInt(1 << random.nextInt(15));
        byte[] data = sent.take(bytes);
        switch (random.nextInt(5)) {
            case 0 -> socket.write(data);
            case 1 -> {
                ByteBuffer buffer = ByteBuffer.allocateDirect(bytes + 20).position(7);
                buffer.put(data).limit(7 + bytes).position(7);
                socket.write(buffer);
                assertEquals(0, buffer.remaining());
                buffer.clear().put(new byte[bytes]); // a copy went out
            }
            case 2 -> {
                Buffer buffer = reactor.buffer(bytes);
                buffer.put(0, data, 0, bytes);
                socket.write(buffer);
                buffer.release(); // write has retained it
            }
            case 3 -> {
                Buffer whole = reactor.buffer(bytes + 10);
                whole.put(4, data, 0, bytes);
                Buffer part = whole.slice(4, bytes);
                whole.release();
                socket.write(part);
                part.release();
            }
            default -> {
                socket.write(data);
                socket.flush(err -> assertNull(err));
            }
        }
    }

    @EngineTest
    void flushes_comeInOrderWhenTheirBytesHaveGone(EngineKind engine) {
        int[] sizes = {1, 100_000, 0, 3_000_000, 7, 0, 65_536, 2_000_000};
        List<Integer> order = new ArrayList<>();
        Content sent = new Content(1);
        long total = Arrays.stream(sizes).sum();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    for (int i = 0; i < sizes.length; i++) {
                        int number = i;
                        socket.write(sent.take(sizes[i]));
                        long upToHere = sent.position();
                        socket.flush(err -> {
                            assertNull(err);
                            order.add(number);
                            assertTrue(socket.bytesWritten() >= upToHere);
                            assertEquals(total, socket.bytesWritten() + socket.queuedBytes());
                        });
                    }
                    assertEquals(List.of(), order, "called inside the call");
                    socket.end();
                },
                client -> assertEquals(total, Peers.readToEnd(client, new Content(1))));
        assertEquals(IntStream.range(0, sizes.length).boxed().toList(), order);
    }

    @EngineTest
    void flushWithNothingQueued_callsBackInALaterTurn(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.flush(err -> calls.add("flushed " + err));
                    assertEquals(List.of(), calls);
                    reactor.setTimeout(
                            30,
                            () -> {
                                assertEquals(List.of("flushed null"), calls);
                                socket.resume();
                                socket.end();
                            });
                },
                client -> assertEquals(-1, client.getInputStream().read()));
        assertEquals(List.of("flushed null"), calls);
    }

    @EngineTest
    void whatAFlushCallbackWritesElsewhere_leavesAtOnce(EngineKind engine) {
        // Nothing else happens that could wake the loop.
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    reactor.setTimeout(
                            20,
                            () ->
                                    socket.flush(err ->
                                            socket.flush(error -> {
                                                socket.write("now");
                                                socket.end();
                                            })));
                },
                client -> assertEquals(3, client.getInputStream().readAllBytes().length));
    }

    @EngineTest
    void manySmallWritesOfOneTurn_leaveInOneSend(EngineKind engine) {
        for (boolean buffers : new boolean[] {false, true}) {
            int[] reads = {0};
            Foreign.run(
                    engine,
                    (reactor, socket) -> {
                        socket.noDelay(true).resume();
                        Content sent = new Content(2);
                        for (int i = 0; i < 1000; i++) {
                            // 28 buffers in different chunks are one gathering send.
                            if (buffers && i < 28) {
                                Buffer buffer = reactor.buffer(10);
                                buffer.put(0, sent.take(10), 0, 10);
                                socket.write(buffer);
                                buffer.release();
                            } else if (!buffers) {
                                socket.write(sent.take(10));
                            }
                        }
                        socket.end();
                    },
                    client -> {
                        Content content = new Content(2);
                        InputStream in = client.getInputStream();
                        byte[] bytes = new byte[64 << 10];
                        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                            content.check(bytes, n);
                            reads[0]++;
                        }
                        assertEquals(buffers ? 280 : 10_000, content.position());
                    });
            assertEquals(1, reads[0], buffers ? "buffers" : "arrays");
        }
    }

    @EngineTest
    void smallWritesOfManyTurns_keepTheirOrder(EngineKind engine) {
        int count = 20_000;
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    Content sent = new Content(3);
                    writeOneATurn(reactor, socket, sent, count);
                },
                client -> assertEquals(count, Peers.readToEnd(client, new Content(3))));
    }

    private static void writeOneATurn(Reactor reactor, Socket socket, Content sent, int left) {
        if (left == 0) {
            socket.end();
            return;
        }
        socket.write(sent.take(1));
        if (left % 3 == 0) {
            reactor.nextTick(() -> writeOneATurn(reactor, socket, sent, left - 1));
        } else {
            reactor.setImmediate(() -> writeOneATurn(reactor, socket, sent, left - 1));
        }
    }

    @EngineTest
    void theSameBufferOnManySockets_isReleasedWhenAllHaveSentIt(EngineKind engine) {
        int[] closed = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        List<Socket> sockets = new ArrayList<>();
                        Server[] server = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    socket.resume();
                                    socket.onClose(err -> closed[0]++);
                                    sockets.add(socket);
                                    if (sockets.size() == 20) {
                                        Servers.close(server[0]);
                                        broadcast(reactor, sockets);
                                    }
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    for (int i = 0; i < 20; i++) {
                                        peers.start(reactor, () -> receiveBroadcast(port));
                                    }
                                });
                    });
        }
        assertEquals(20, closed[0]);
    }

    private static void broadcast(Reactor reactor, List<Socket> sockets) {
        Buffer buffer = reactor.buffer(1 << 20);
        buffer.put(0, new Content(4).take(1 << 20), 0, 1 << 20);
        for (Socket socket : sockets) {
            socket.write(buffer);
            socket.end();
        }
        buffer.release();
        assertEquals(1 << 20, buffer.length(), "the sockets still use it");
        reactor.setTimeout(300, () -> assertThrows(IllegalStateException.class, buffer::length));
    }

    private static void receiveBroadcast(int port) throws Exception {
        try (var socket = Peers.connect(port)) {
            assertEquals(1 << 20, Peers.readToEnd(socket, new Content(4)));
        }
    }

    @EngineTest
    void aReleasedBuffer_isRefused(EngineKind engine) {
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    Buffer buffer = reactor.buffer(10);
                    buffer.release();
                    assertThrows(IllegalStateException.class, () -> socket.write(buffer));
                    assertThrows(NullPointerException.class, () -> socket.write((byte[]) null));
                    assertEquals(0, socket.queuedBytes());
                    assertFalse(socket.isDestroyed());
                    socket.end("fine");
                },
                client -> assertEquals(4, client.getInputStream().readAllBytes().length));
    }

    @EngineTest
    void drainIsNotForThoseWhoNeverGotAFalse(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.resume();
                    assertTrue(socket.write(new byte[SocketOptions.HIGH_WATER_MARK - 1]));
                    assertEquals(SocketOptions.HIGH_WATER_MARK - 1, socket.queuedBytes());
                    socket.flush(err -> {
                        assertFalse(socket.write(new byte[SocketOptions.HIGH_WATER_MARK]));
                        assertFalse(socket.write(new byte[1]));
                        journal[0].add("false");
                        socket.flush(error -> {
                            journal[0].add("flushed");
                            assertTrue(socket.write(new byte[1]));
                            socket.flush(again -> socket.end());
                        });
                    });
                },
                client -> client.getInputStream().readAllBytes());
        assertEquals(List.of("false", "drain", "flushed", "end", "close"), journal[0].events());
    }
}
