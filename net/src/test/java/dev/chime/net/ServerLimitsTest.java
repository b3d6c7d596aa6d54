package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that a server does not take, and how it stops with grace. */
class ServerLimitsTest {
    /** Starts a server of these options on 127.0.0.1 and goes on with it. */
    private static void serve(
            Reactor reactor, ServerOptions options, ConnectionHandler handler, Started then) {
        Server server = Net.of(reactor).createServer(options, handler);
        server.listen(
                0,
                Peers.LOCAL,
                (err, listening) -> {
                    assertNull(err);
                    then.started(listening);
                });
    }

    private interface Started {
        void started(Server server) throws Exception;
    }

    private static void connect(
            Server server, Reactor reactor, String from, ConnectionHandler then) {
        Net.of(reactor)
                .connect(
                        ConnectOptions.port(server.address().getPort())
                                .host(Peers.LOCAL)
                                .localAddress(from),
                        (err, socket) -> {
                            assertNull(err);
                            then.connection(socket);
                        });
    }

    @EveryEngine
    void beyondMaxConnections_isDropped_andAClosedOneMakesRoom(EngineKind engine) {
        List<String> events = new ArrayList<>();
        ServerOptions options = ServerOptions.defaults().maxConnections(2);
        Reactors.run(
                engine,
                reactor ->
                        serve(
                                reactor,
                                options,
                                socket -> socket.resume(),
                                server -> {
                                    List<Socket> clients = new ArrayList<>();
                                    server.onDrop(drop -> {
                                        events.add("drop " + drop.reason());
                                        assertEquals(server.address(), drop.local());
                                        assertEquals(
                                                "127.0.0.3",
                                                drop.remote().getAddress().getHostAddress());
                                        assertEquals(2, server.connections());
                                        assertEquals(1, server.dropped());
                                    });
                                    connect(server, reactor, null, clients::add);
                                    connect(
                                            server,
                                            reactor,
                                            null,
                                            second -> {
                                                clients.add(second);
                                                third(server, reactor, clients, events);
                                            });
                                }));
        events.sort(null);
        assertEquals(List.of("drop CONNECTIONS", "room again", "third closed"), events);
    }

    private static void third(
            Server server, Reactor reactor, List<Socket> clients, List<String> events) {
        connect(
                server,
                reactor,
                "127.0.0.3",
                third -> {
                    third.resume();
                    third.onClose(err -> {
                        events.add("third closed");
                        clients.getFirst().resume();
                        clients.getFirst().end();
                        clients.getFirst()
                                .onClose(gone -> fourth(server, reactor, clients, events));
                    });
                });
    }

    private static void fourth(
            Server server, Reactor reactor, List<Socket> clients, List<String> events) {
        connect(
                server,
                reactor,
                "127.0.0.4",
                fourth -> {
                    fourth.write("x");
                    fourth.resume();
                    fourth.onEnd(() -> events.add("dropped as well"));
                    reactor.setTimeout(
                            30,
                            () -> {
                                if (!fourth.isDestroyed()) {
                                    events.add("room again");
                                }
                                server.close(err -> assertNull(err));
                                fourth.destroy();
                                clients.forEach(Socket::destroy);
                            });
                });
    }

    @EveryEngine
    void beyondTheLimitOfAPeer_thatPeerAloneIsDropped(EngineKind engine) {
        List<String> events = new ArrayList<>();
        ServerOptions options = ServerOptions.defaults().maxConnectionsPerPeer(1);
        int[] left = {3};
        Reactors.run(
                engine,
                reactor ->
                        serve(
                                reactor,
                                options,
                                socket -> {
                                    events.add("from " + ip(socket.remoteAddress()));
                                    socket.onEnd(() -> events.add("end"));
                                    socket.resume();
                                },
                                server -> {
                                    server.onDrop(drop ->
                                            events.add(drop.reason() + " " + ip(drop.remote())));
                                    for (int last : new int[] {5, 5, 6}) {
                                        connect(
                                                server,
                                                reactor,
                                                "127.0.0." + last,
                                                socket -> {
                                                    socket.resume();
                                                    reactor.setTimeout(30, socket::end);
                                                    socket.onClose(err -> {
                                                        if (--left[0] == 0) {
                                                            again(server, reactor);
                                                        }
                                                    });
                                                });
                                    }
                                }));
        assertEquals(1, events.stream().filter("CONNECTIONS_OF_PEER 127.0.0.5"::equals).count());
        assertEquals(2, events.stream().filter("from 127.0.0.5"::equals).count(), "once again");
        assertEquals(1, events.stream().filter("from 127.0.0.6"::equals).count());
        assertEquals(3, events.stream().filter("end"::equals).count());
    }

    private static void again(Server server, Reactor reactor) {
        connect(
                server,
                reactor,
                "127.0.0.5",
                socket -> {
                    socket.resume();
                    reactor.setTimeout(
                            30,
                            () -> {
                                socket.end();
                                server.close(err -> assertNull(err));
                            });
                });
    }

    private static String ip(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }

    @EveryEngine
    void aBlockedAddress_neverReachesTheHandler(EngineKind engine) {
        List<String> events = new ArrayList<>();
        BlockList blocked = new BlockList();
        ServerOptions options = ServerOptions.defaults().blockList(blocked);
        Reactors.run(
                engine,
                reactor ->
                        serve(
                                reactor,
                                options,
                                socket -> events.add("never"),
                                server -> {
                                    blocked.addRange("127.0.0.7", "127.0.0.8"); // counts at once
                                    server.onDrop(drop -> {
                                        events.add("drop " + drop.reason());
                                        server.close(err -> assertNull(err));
                                    });
                                    connect(
                                            server,
                                            reactor,
                                            "127.0.0.8",
                                            socket -> {
                                                socket.resume();
                                                socket.onEnd(() -> events.add("end"));
                                            });
                                }));
        assertEquals(List.of("drop BLOCKED", "end"), events);
    }

    @EveryEngine
    void shutdown_endsTheIdle_waitsForAnswers_andCutsOffTheRest(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        serve(
                                reactor,
                                ServerOptions.defaults(),
                                ServerLimitsTest::answerLater,
                                server -> threeClients(server, reactor, events)));
        assertTrue(events.contains("report ServerReport[ended=2, destroyed=1]"), events::toString);
        assertTrue(events.contains("idle ended"), events::toString);
        assertTrue(events.contains("asking got answer"), events::toString);
        assertTrue(events.indexOf("idle ended") < events.indexOf("asking ended"));
        assertTrue(events.contains("unanswered ended"), events::toString);
    }

    /** Answers after a while, unless it is asked not to. */
    private static void answerLater(Socket socket) {
        socket.onData(data -> {
            if (!data.toString(UTF_8).equals("nothing")) {
                socket.reactor().setTimeout(30, () -> socket.write("answer"));
            }
        });
    }

    private static void threeClients(Server server, Reactor reactor, List<String> events) {
        int[] ready = {0};
        String[] names = {"idle", "asking", "unanswered"};
        String[] questions = {"", "question", "nothing"};
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            String question = questions[i];
            connect(
                    server,
                    reactor,
                    null,
                    socket -> {
                        socket.onData(data -> events.add(name + " got " + data.toString(UTF_8)));
                        socket.onEnd(() -> events.add(name + " ended"));
                        socket.write(question);
                        socket.flush(err -> {
                            if (++ready[0] == names.length) {
                                reactor.setTimeout(10, () -> shutDown(server, events));
                            }
                        });
                    });
        }
    }

    private static void shutDown(Server server, List<String> events) {
        assertEquals(3, server.connections());
        server.shutdown(
                Duration.ofMillis(300),
                (err, report) -> {
                    assertNull(err);
                    assertEquals(0, server.connections());
                    events.add("report " + report);
                });
        assertFalse(events.toString().contains("report"), "called inside the call");
    }

    @EveryEngine
    void shutdown_aLateWriteIsRefusedAndNoMistake(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        serve(
                                reactor,
                                ServerOptions.defaults(),
                                socket -> {
                                    socket.resume();
                                    socket.reactor()
                                            .setTimeout(
                                                    30,
                                                    () -> {
                                                        assertFalse(socket.write("late"));
                                                        events.add("refused");
                                                    });
                                },
                                server ->
                                        connect(
                                                server,
                                                reactor,
                                                null,
                                                socket -> {
                                                    socket.resume();
                                                    reactor.setTimeout(
                                                            10,
                                                            () ->
                                                                    server.shutdown(
                                                                            Duration.ofDays(1),
                                                                            (err, report) ->
                                                                                    events.add(
                                                                                            report
                                                                                                    .toString())));
                                                })));
        events.sort(null);
        assertEquals(List.of("ServerReport[ended=1, destroyed=0]", "refused"), events);
    }

    @EveryEngine
    void shutdown_ofAServerThatDoesNotRun_isERR_SERVER_NOT_RUNNING(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> {});
                    server.shutdown(Duration.ZERO, (err, report) -> events.add(err.code()));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> server.shutdown(Duration.ofMillis(-1), (err, report) -> {}));
                    assertEquals(List.of(), events, "called inside the call");
                });
        assertEquals(List.of("ERR_SERVER_NOT_RUNNING"), events);
    }

    @Test
    void wrongOptions_areRefused() {
        ServerOptions options = ServerOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> options.maxConnections(0));
        assertThrows(IllegalArgumentException.class, () -> options.maxConnectionsPerPeer(-1));
        assertThrows(IllegalArgumentException.class, () -> options.socket(null));
    }
}
