package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.function.Executable;

/** Who owns received bytes. That all memory comes back is checked when a loop ends. */
class ReceivedBufferTest {
    private static final int HOLDERS = 300;
    private static final int HELD_BYTES = 64 << 10;

    @EngineTest
    void afterTheCallback_aBufferIsGone(EngineKind engine) {
        List<Buffer> late = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onData(late::add);
                    socket.onClose(err -> {
                        assertTrue(late.size() > 0);
                        for (Buffer buffer : late) {
                            assertGone(buffer::length);
                            assertGone(() -> buffer.get(0));
                            assertGone(buffer::toArray);
                            assertGone(buffer::retain);
                            assertGone(buffer::release);
                            assertGone(() -> buffer.slice(0, 0));
                        }
                    });
                },
                client -> client.getOutputStream().write(new byte[100_000]));
    }

    private static void assertGone(Executable use) {
        String message = assertThrows(IllegalStateException.class, use).getMessage();
        assertTrue(message.contains("released"), message);
    }

    @EngineTest
    void retained_keepsItsBytesWhateverArrivesLater(EngineKind engine) {
        List<Buffer> kept = new ArrayList<>();
        List<byte[]> copies = new ArrayList<>();
        int bytes = 8 << 20;
        Content received = new Content(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onData(data -> {
                        received.check(data);
                        if (kept.size() % 2 == 0) {
                            kept.add(data.retain());
                        } else {
                            int cut = data.length() / 3;
                            kept.add(data.slice(cut, data.length() - cut));
                        }
                        copies.add(kept.getLast().toArray());
                    });
                    socket.onClose(err -> {
                        for (int i = 0; i < kept.size(); i++) {
                            assertArrayEquals(copies.get(i), kept.get(i).toArray());
                            kept.get(i).release();
                        }
                    });
                },
                client -> client.getOutputStream().write(new Content(1).take(bytes)));
        assertEquals(bytes, received.position());
    }

    @EngineTest
    void manyHolders_doNotStarveTheOthers(EngineKind engine) {
        List<Buffer> held = new ArrayList<>();
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch served = new CountDownLatch(1);
        long[] heldBytes = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.listen(
                                    reactor,
                                    socket ->
                                            socket.onData(data -> {
                                                held.add(data.retain());
                                                heldBytes[0] += data.length();
                                                if (heldBytes[0] == (long) HOLDERS * HELD_BYTES) {
                                                    holding.countDown();
                                                }
                                            }),
                                    (holder, port) -> {
                                        peers.start(reactor, () -> fill(port, holding, served));
                                        Servers.once(
                                                reactor,
                                                Servers::echo,
                                                (echo, echoPort) ->
                                                        peers.start(
                                                                reactor,
                                                                () -> {
                                                                    Peers.await(holding);
                                                                    pingPong(echoPort);
                                                                    served.countDown();
                                                                    reactor.execute(() ->
                                                                            give(holder, held));
                                                                }));
                                    }));
        }
        assertEquals((long) HOLDERS * HELD_BYTES, heldBytes[0]);
    }

    private static void give(Server holder, List<Buffer> held) {
        held.forEach(Buffer::release);
        Servers.close(holder);
    }

    private static void fill(int port, CountDownLatch holding, CountDownLatch served)
            throws Exception {
        List<java.net.Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < HOLDERS; i++) {
                java.net.Socket socket = Peers.connect(port);
                sockets.add(socket);
                socket.getOutputStream().write(new Content(i).take(HELD_BYTES));
            }
            Peers.await(holding);
            Peers.await(served);
        } finally {
            for (java.net.Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void pingPong(int port) throws Exception {
        try (var socket = Peers.connect(port)) {
            Content out = new Content(2);
            Content in = new Content(2);
            for (int i = 0; i < 200; i++) {
                socket.getOutputStream().write(out.take(10_000));
                Peers.read(socket, in, 10_000);
            }
        }
    }

    @EngineTest
    void heldByOneSocket_moreThanAllReceiveBuffers_goesOn(EngineKind engine) {
        int bytes = 16 << 20;
        List<Buffer> held = new ArrayList<>();
        Content received = new Content(3);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onData(data -> held.add(data.retain()));
                    socket.onEnd(() -> {
                        for (Buffer buffer : held) {
                            received.check(buffer);
                            buffer.release();
                        }
                    });
                },
                client -> client.getOutputStream().write(new Content(3).take(bytes)));
        assertEquals(bytes, received.position());
    }

    @EngineTest
    void givenBackOutOfOrder_areUsedAgain(EngineKind engine) {
        int bytes = 32 << 20;
        Content received = new Content(4);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    List<Buffer> held = new ArrayList<>();
                    socket.onData(data -> {
                        received.check(data);
                        held.add(data.retain());
                        if (held.size() == 40) {
                            releaseFromBothEnds(held);
                        }
                    });
                    socket.onEnd(() -> releaseFromBothEnds(held));
                },
                client -> client.getOutputStream().write(new Content(4).take(bytes)));
        assertEquals(bytes, received.position());
    }

    private static void releaseFromBothEnds(List<Buffer> held) {
        while (!held.isEmpty()) {
            held.removeLast().release();
            if (!held.isEmpty()) {
                held.removeFirst().release();
            }
        }
    }

    @EngineTest
    void forwardedAfterATurn_arriveWhole(EngineKind engine) {
        int bytes = 4 << 20;
        long[] back = new long[1];
        Foreign.run(
                engine,
                (reactor, socket) ->
                        socket.onData(data -> later(reactor, socket, data.retain(), bytes)),
                client -> {
                    Thread reader =
                            Thread.ofPlatform()
                                    .start(() -> back[0] = quietly(client, new Content(5)));
                    client.getOutputStream().write(new Content(5).take(bytes));
                    reader.join();
                });
        assertEquals(bytes, back[0]);
    }

    private static void later(Reactor reactor, Socket socket, Buffer data, long bytes) {
        reactor.setImmediate(() -> {
            socket.write(data);
            data.release();
            if (socket.bytesWritten() + socket.queuedBytes() == bytes) {
                socket.end();
            }
        });
    }

    private static long quietly(java.net.Socket client, Content content) {
        try {
            return Peers.readToEnd(client, content);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
