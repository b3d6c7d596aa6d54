package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.SplittableRandom;

/** Bytes there and back, all of them, in order. */
class EchoTest {
    private static final long MEBIBYTE = 1 << 20;

    @EveryEngine
    void pingPong_aThousandRoundTrips(EngineKind engine) {
        for (String host : List.of("127.0.0.1", "::1")) {
            int[] left = {1000};
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.listen(
                                    reactor,
                                    host,
                                    Servers::echo,
                                    (server, port) ->
                                            Net.of(reactor)
                                                    .connect(
                                                            port,
                                                            host,
                                                            (err, socket) -> {
                                                                assertNull(err);
                                                                socket.onClose(closed ->
                                                                        Servers.close(server));
                                                                pingPong(socket, left);
                                                            })));
            assertEquals(0, left[0], host);
        }
    }

    private static void pingPong(Socket socket, int[] left) {
        Content sent = new Content(1);
        Content received = new Content(1);
        socket.onData(data -> {
            received.check(data);
            if (received.position() < sent.position()) {
                return;
            }
            if (--left[0] == 0) {
                socket.end();
            } else {
                socket.write(sent.take(1 + left[0] % 97));
            }
        });
        socket.write(sent.take(1));
    }

    @EveryEngine
    void countsAndAddressesAreExactAndStayAfterTheClose(EngineKind engine) {
        InetSocketAddress[] seen = new InetSocketAddress[4];
        long[] counts = new long[4];
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    Servers.echo(socket);
                                    socket.onClose(err -> {
                                        seen[0] = socket.localAddress();
                                        seen[1] = socket.remoteAddress();
                                        counts[0] = socket.bytesRead();
                                        counts[1] = socket.bytesWritten();
                                    });
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.resume();
                                                    socket.write(new Content(2).take(300_001));
                                                    socket.write("");
                                                    socket.end("the end");
                                                    socket.onClose(err -> {
                                                        assertNull(err);
                                                        assertTrue(socket.isDestroyed());
                                                        seen[2] = socket.localAddress();
                                                        seen[3] = socket.remoteAddress();
                                                        counts[2] = socket.bytesRead();
                                                        counts[3] = socket.bytesWritten();
                                                    });
                                                })));
        for (long count : counts) {
            assertEquals(300_008, count);
        }
        assertEquals(seen[0], seen[3]);
        assertEquals(seen[1], seen[2]);
        assertEquals("127.0.0.1", seen[0].getAddress().getHostAddress());
    }

    @EngineTest
    void foreignClient_getsEveryByteOf64MiBBack(EngineKind engine) {
        SplittableRandom seeds = new SplittableRandom();
        long seed = seeds.nextLong();
        Journal[] journal = new Journal[1];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> {
                                        journal[0] = Journal.of(socket);
                                        socket.pipe(socket);
                                    },
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> chunks(peers, reactor, port, seed))));
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed, t);
        }
        assertEquals(1, journal[0].count("end"));
        assertEquals("close", journal[0].events().getLast());
    }

    private static void chunks(Peers peers, Reactor reactor, int port, long seed) throws Exception {
        long bytes = 64 * MEBIBYTE;
        try (var socket = Peers.connect(port)) {
            peers.start(
                    reactor,
                    () -> {
                        SplittableRandom random = new SplittableRandom(seed);
                        Content content = new Content(seed);
                        OutputStream out = socket.getOutputStream();
                        while (content.position() < bytes) {
                            int most = 1 << random.nextInt(19);
                            long left = bytes - content.position();
                            int n = (int) Math.min(left, 1 + random.nextInt(most));
                            out.write(content.take(n));
                        }
                        socket.shutdownOutput();
                    });
            assertEquals(bytes, Peers.readToEnd(socket, new Content(seed)));
        }
    }

    @EveryEngine
    void ourClient_getsEveryByteOf64MiBBack(EngineKind engine) {
        long bytes = 64 * MEBIBYTE;
        long seed = new SplittableRandom().nextLong();
        Content received = new Content(seed);
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> socket.pipe(socket),
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    Journal.reading(socket, received);
                                                    new Source(socket, seed, bytes)
                                                            .then(socket::end)
                                                            .pour();
                                                })));
        assertEquals(bytes, received.position(), "seed " + seed);
    }

    /** Writes random pieces until write says false, and goes on when drained. */
    private static final class Source {
        private final Socket socket;
        private final Content content;
        private final SplittableRandom random;
        private final long bytes;
        private Runnable last = () -> {};

        Source(Socket socket, long seed, long bytes) {
            this.socket = socket;
            this.bytes = bytes;
            content = new Content(seed);
            random = new SplittableRandom(seed);
            socket.onDrain(this::pour);
        }

        Source then(Runnable task) {
            last = task;
            return this;
        }

        void pour() {
            while (content.position() < bytes) {
                long left = bytes - content.position();
                int n = (int) Math.min(left, 1 + random.nextInt(1 << random.nextInt(19)));
                if (!socket.write(content.take(n))) {
                    return;
                }
            }
            last.run();
        }
    }

    @EngineTest
    void bytewiseTrickle_arrivesWhole(EngineKind engine) {
        Content received = new Content(5);
        Journal[] journal = new Journal[1];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> journal[0] = Journal.reading(socket, received),
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        try (var socket = Peers.connect(port)) {
                                                            Content content = new Content(5);
                                                            for (int i = 0; i < 5000; i++) {
                                                                socket.getOutputStream()
                                                                        .write(content.take(1));
                                                            }
                                                        }
                                                    })));
        }
        assertEquals(5000, received.position());
        assertEquals(List.of("data", "end", "close"), journal[0].events());
    }

    @EveryEngine
    void pipeBetweenTwoConnections_isAProxyBothWays(EngineKind engine) {
        Content received = new Content(6);
        int[] closed = {0};
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Servers::echo,
                                (server, port) -> proxy(reactor, port, closed, received)));
        assertEquals(4 * MEBIBYTE, received.position());
        assertEquals(3, closed[0]);
    }

    private static void proxy(Reactor reactor, int echoPort, int[] closed, Content received) {
        Servers.once(
                reactor,
                front -> {
                    front.onClose(err -> closed[0]++);
                    Servers.connect(
                            reactor,
                            echoPort,
                            back -> {
                                back.onClose(err -> closed[0]++);
                                front.pipe(back);
                                back.pipe(front);
                            });
                },
                (server, port) ->
                        Servers.connect(
                                reactor,
                                port,
                                client -> {
                                    client.onClose(err -> closed[0]++);
                                    // Each end answers an end with its own, as Node's does: so
                                    // the client ends when it has everything.
                                    client.onData(data -> {
                                        received.check(data);
                                        if (received.position() == 4 * MEBIBYTE) {
                                            client.end();
                                        }
                                    });
                                    new Source(client, 6, 4 * MEBIBYTE).pour();
                                }));
    }

    @EngineTest
    void pipe_goesDownOnBothSidesWhenOneIsReset(EngineKind engine) {
        Journal[] journals = new Journal[2];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Socket[] first = new Socket[1];
                        Server[] server = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    if (first[0] == null) {
                                        first[0] = socket;
                                        journals[0] = Journal.of(socket);
                                        return;
                                    }
                                    Servers.close(server[0]);
                                    journals[1] = Journal.of(socket);
                                    first[0].pipe(socket);
                                    socket.pipe(first[0]);
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    peers.start(reactor, () -> resetBehindAProxy(port));
                                });
                    });
        }
        assertEquals(List.of("close ECONNRESET"), journals[0].events());
        assertEquals("close", journals[1].events().getLast().substring(0, 5));
        assertEquals(1, journals[1].events().size());
    }

    private static void resetBehindAProxy(int port) throws Exception {
        try (var one = Peers.connect(port);
                var two = Peers.connect(port)) {
            one.getOutputStream().write(new Content(8).take(1000));
            Peers.read(two, new Content(8), 1000);
            Peers.reset(one);
            Peers.readToEnd(two, new Content(8));
        } catch (java.net.SocketException e) {
            assertTrue(e.getMessage().contains("reset"), e::getMessage);
        }
    }
}
