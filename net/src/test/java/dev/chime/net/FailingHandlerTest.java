package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.function.Executable;

/** Handlers that throw and threads that have no business here. */
class FailingHandlerTest {
    private static Exception oops(String where, List<String> thrown) {
        thrown.add(where);
        return new Exception(where);
    }

    /** Serves connections of which the first byte says where to throw. */
    private static void misbehave(Socket socket, List<String> thrown) {
        socket.onData(data -> {
            int where = data.get(0);
            socket.write(data);
            switch (where) {
                case 'd' -> throw oops("data", thrown);
                case 'e' ->
                        socket.onEnd(() -> {
                            throw oops("end", thrown);
                        });
                case 'c' ->
                        socket.onClose(err -> {
                            throw oops("close", thrown);
                        });
                case 'f' ->
                        socket.flush(err -> {
                            throw oops("flush", thrown);
                        });
                default -> {}
            }
        });
    }

    @EngineTest
    void whatHandlersThrow_isHeardOnceAndBreaksNothingElse(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        List<String> thrown = new ArrayList<>();
        int[] closes = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        reactor.onUncaught(t -> heard.add(t.getMessage()));
                        int[] count = {0};
                        Servers.listen(
                                reactor,
                                socket -> {
                                    socket.onClose(err -> closes[0]++);
                                    if (count[0]++ == 0) {
                                        socket.resume();
                                        throw oops("connection", thrown);
                                    }
                                    misbehave(socket, thrown);
                                },
                                (server, port) ->
                                        peers.start(
                                                reactor,
                                                () -> {
                                                    provoke(port);
                                                    reactor.execute(() -> Servers.close(server));
                                                }));
                    });
        }
        assertEquals(List.of("connection", "data", "end", "close", "flush"), thrown);
        assertEquals(thrown, heard);
        // Also where another close handler, behind the first, throws.
        assertEquals(1 + 4 + 1, closes[0]);
    }

    private static void provoke(int port) throws IOException {
        try (var first = Peers.connect(port);
                var good = Peers.connect(port)) {
            first.getOutputStream().write(1);
            Content out = new Content(1);
            Content in = new Content(1);
            for (byte where : new byte[] {'d', 'e', 'c', 'f'}) {
                try (var bad = Peers.connect(port)) {
                    bad.getOutputStream().write(where);
                    assertEquals(where, bad.getInputStream().read());
                    bad.shutdownOutput();
                    assertEquals(-1, bad.getInputStream().read());
                }
                good.getOutputStream().write(out.take(0xff));
                Peers.read(good, in, 0xff);
            }
        }
    }

    @EngineTest
    void handlerThatThrowsInTheMiddleOfABacklog_losesNoByteOfTheRest(EngineKind engine) {
        int[] heard = {0};
        Content received = new Content(2);
        int[] calls = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        reactor.onUncaught(t -> heard[0]++);
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onData(data -> {
                                        received.check(data);
                                        if (calls[0]++ == 0) {
                                            socket.pause();
                                            reactor.setTimeout(30, socket::resume);
                                        }
                                        throw new Exception("each time");
                                    });
                                },
                                (server, port) ->
                                        peers.start(
                                                reactor,
                                                () -> {
                                                    try (var socket = Peers.connect(port)) {
                                                        socket.getOutputStream()
                                                                .write(
                                                                        new Content(2)
                                                                                .take(500_000));
                                                    }
                                                }));
                    });
        }
        assertEquals(500_000, received.position());
        assertEquals(calls[0], heard[0]);
    }

    @EngineTest
    void connectCallbackThatThrows_isHeardOnce(EngineKind engine) throws IOException {
        int port = Peers.freePort();
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> heard.add(t.getMessage()));
                    Net.of(reactor)
                            .connect(
                                    port,
                                    "127.0.0.1",
                                    (err, none) -> {
                                        throw err;
                                    });
                });
        assertEquals(List.of("connect ECONNREFUSED 127.0.0.1:" + port), heard);
    }

    @EngineTest
    void anotherThread_isRefusedByName(EngineKind engine) {
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> {
                                        socket.resume();
                                        Net net = Net.of(reactor);
                                        Server idle = net.createServer(s -> {});
                                        CountDownLatch done = new CountDownLatch(1);
                                        peers.start(
                                                reactor,
                                                () -> {
                                                    try {
                                                        refuse(reactor, net, idle, socket);
                                                    } finally {
                                                        done.countDown();
                                                    }
                                                });
                                        Peers.await(done);
                                        socket.end("all well");
                                    },
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        try (var client = Peers.connect(port)) {
                                                            assertEquals(
                                                                    8,
                                                                    client.getInputStream()
                                                                            .readAllBytes()
                                                                            .length);
                                                        }
                                                    })));
        }
    }

    private static void refuse(Reactor reactor, Net net, Server server, Socket socket) {
        refused("Net.of", () -> Net.of(reactor));
        refused("createServer", () -> net.createServer(s -> {}));
        refused("connect", () -> net.connect(1, (err, s) -> {}));
        refused("Server.listen", () -> server.listen(0, (err, s) -> {}));
        refused("Server.close", () -> server.close(err -> {}));
        refused("Server.ref", server::unref);
        refused("Socket.onData", () -> socket.onData(data -> {}));
        refused("Socket.onEnd", () -> socket.onEnd(() -> {}));
        refused("Socket.onDrain", () -> socket.onDrain(() -> {}));
        refused("Socket.onClose", () -> socket.onClose(err -> {}));
        refused("Socket.pause", socket::pause);
        refused("Socket.resume", socket::resume);
        refused("Socket.write", () -> socket.write("x"));
        refused("Socket.write", () -> socket.write(new byte[1]));
        refused("Socket.flush", () -> socket.flush(err -> {}));
        refused("Socket.end", socket::end);
        refused("Socket.destroy", () -> socket.destroy());
        refused("Readable.pipe", () -> socket.pipe(socket));
        refused("Socket.noDelay", () -> socket.noDelay(true));
        refused("Socket.keepAlive", () -> socket.keepAlive(true));
        refused("Socket.ref", socket::unref);
    }

    private static void refused(String call, Executable use) {
        String message = assertThrows(IllegalStateException.class, use).getMessage();
        assertTrue(message.startsWith(call + " was called on "), message);
        assertTrue(message.contains("reactor.execute"), message);
    }

    @EveryEngine
    void afterTheLoopHasEnded_usesAreRefused(EngineKind engine) {
        Socket[] socket = new Socket[1];
        Server[] server = new Server[1];
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                ours -> {
                                    socket[0] = ours;
                                    ours.destroy();
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    Servers.connect(reactor, port, Socket::resume);
                                }));
        for (Executable use :
                List.<Executable>of(
                        () -> socket[0].write("x"),
                        () -> socket[0].destroy(),
                        () -> server[0].listen(0, (err, s) -> {}))) {
            String message = assertThrows(IllegalStateException.class, use).getMessage();
            assertTrue(message.contains("after the reactor had ended"), message);
        }
        assertTrue(socket[0].isDestroyed());
        assertEquals("127.0.0.1", socket[0].remoteAddress().getAddress().getHostAddress());
    }
}
