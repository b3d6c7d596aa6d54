package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A server's life: connections, close, ref. */
class ServerTest {
    private static final int BURST = 500;

    @EngineTest
    void close_waitsForTheLastConnectionAndRefusesNewOnes(EngineKind engine) {
        List<String> order = new ArrayList<>();
        CountDownLatch descriptorClosed = new CountDownLatch(1);
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] server = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    assertEquals(1, server[0].connections());
                                    Servers.echo(socket);
                                    socket.onClose(err -> order.add("connection closed"));
                                    server[0].close(err -> order.add("server closed " + err));
                                    reactor.setTimeout(50, descriptorClosed::countDown);
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    peers.start(
                                            reactor, () -> useWhileClosing(port, descriptorClosed));
                                });
                    });
        }
        assertEquals(List.of("connection closed", "server closed null"), order);
    }

    private static void useWhileClosing(int port, CountDownLatch descriptorClosed)
            throws Exception {
        try (var socket = Peers.connect(port)) {
            Peers.await(descriptorClosed);
            assertThrows(ConnectException.class, () -> Peers.connect(port).close());
            Content sent = new Content(3);
            Content received = new Content(3);
            for (int i = 0; i < 10; i++) {
                socket.getOutputStream().write(sent.take(100));
                Peers.read(socket, received, 100);
            }
            socket.shutdownOutput();
            assertEquals(0, Peers.readToEnd(socket, received));
        }
    }

    @EveryEngine
    void closeOfAServerThatDoesNotRun_isAnError(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server idle = Net.of(reactor).createServer(socket -> {});
                    idle.close(err -> order.add("idle " + err.code()));
                    assertEquals(List.of(), order, "called inside the call");
                    Servers.listen(
                            reactor,
                            socket -> {},
                            (server, port) -> {
                                server.close(err -> order.add("first " + err));
                                server.close(err -> order.add("second " + err.code()));
                            });
                });
        assertEquals(
                List.of(
                        "idle ERR_SERVER_NOT_RUNNING",
                        "second ERR_SERVER_NOT_RUNNING",
                        "first null"),
                order);
    }

    @EveryEngine
    void closed_listensAgainAndServes(EngineKind engine) {
        int[] served = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Server server =
                            Net.of(reactor)
                                    .createServer(socket -> {
                                        served[0]++;
                                        Servers.echo(socket);
                                    });
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, first) ->
                                    server.close(closed -> {
                                        assertNull(closed);
                                        serveOne(reactor, server);
                                    }));
                });
        assertEquals(1, served[0]);
    }

    private static void serveOne(Reactor reactor, Server server) {
        server.listen(
                0,
                "127.0.0.1",
                (err, second) -> {
                    assertNull(err);
                    int port = server.address().getPort();
                    Servers.connect(
                            reactor,
                            port,
                            socket -> {
                                Content received = new Content(9);
                                socket.onData(received::check)
                                        .onClose(gone -> {
                                            assertEquals(50, received.position());
                                            Servers.close(server);
                                        });
                                socket.write(new Content(9).take(50));
                                socket.end();
                            });
                });
    }

    @EveryEngine
    void unreferenced_letsTheLoopEnd(EngineKind engine) {
        long started = System.nanoTime();
        Reactors.run(
                engine,
                reactor -> Servers.listen(reactor, s -> {}, (server, port) -> server.unref()));
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> {}).unref();
                    server.listen(0, "127.0.0.1", (err, listening) -> assertNull(err));
                });
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                s -> {},
                                (server, port) -> {
                                    server.unref().unref().ref().unref();
                                    reactor.setTimeout(1, server::ref);
                                    reactor.setTimeout(5, server::unref);
                                }));
        assertTrue(System.nanoTime() - started < 10_000_000_000L);
    }

    @EveryEngine
    void unreferencedSocket_letsTheLoopEndButTakesNoEventAway(EngineKind engine) {
        Journal[] journal = new Journal[1];
        boolean[] echoed = {false};
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {
                                    Servers.echo(socket);
                                    socket.unref();
                                },
                                (server, port) -> {
                                    server.unref();
                                    Servers.connect(
                                            reactor,
                                            port,
                                            socket -> {
                                                journal[0] = Journal.of(socket);
                                                socket.onData(data -> {
                                                    echoed[0] = true;
                                                    socket.unref();
                                                });
                                                socket.write("still here");
                                            });
                                }));
        assertTrue(echoed[0]);
        assertEquals(List.of("close"), journal[0].events());
    }

    @EngineTest
    void burstInTheBacklog_isAcceptedToTheLast(EngineKind engine) {
        boolean[] served = new boolean[BURST];
        int[] most = {0};
        CountDownLatch connected = new CountDownLatch(1);
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] server = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    most[0] = Math.max(most[0], server[0].connections());
                                    Servers.echo(socket);
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    peers.start(
                                            reactor,
                                            () -> {
                                                burst(port, connected, served);
                                                reactor.execute(() -> Servers.close(listening));
                                            });
                                    Peers.await(connected); // the loop stands still meanwhile
                                });
                    });
        }
        for (int i = 0; i < BURST; i++) {
            assertTrue(served[i], "connection " + i);
        }
        assertEquals(BURST, most[0]);
    }

    private static void burst(int port, CountDownLatch connected, boolean[] served)
            throws Exception {
        List<java.net.Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < BURST; i++) {
                sockets.add(Peers.connect(port));
            }
            connected.countDown();
            for (int i = 0; i < BURST; i++) {
                sockets.get(i).getOutputStream().write(new Content(i).take(100));
            }
            for (int i = 0; i < BURST; i++) {
                Peers.read(sockets.get(i), new Content(i), 100);
                served[i] = true;
            }
        } finally {
            for (java.net.Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @EveryEngine
    void connectionsAreCountedUntilTheyHaveClosed(EngineKind engine) {
        List<Integer> counts = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server[] server = new Server[1];
                    Servers.listen(
                            reactor,
                            socket -> {
                                counts.add(server[0].connections());
                                socket.destroy();
                                counts.add(server[0].connections());
                                socket.onClose(err -> {
                                    counts.add(server[0].connections());
                                    Servers.close(server[0]);
                                });
                            },
                            (listening, port) -> {
                                server[0] = listening;
                                counts.add(listening.connections());
                                Servers.connect(reactor, port, Socket::resume);
                            });
                });
        assertEquals(List.of(0, 1, 1, 0), counts);
    }
}
