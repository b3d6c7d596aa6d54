package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Mute;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.Census;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** How a client connects: names, errors, cancel, bad arguments. */
class ConnectTest {
    @EveryEngine
    void refused_isNodesError(EngineKind engine) throws IOException {
        int port = Peers.freePort();
        int[] called = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Net.of(reactor)
                            .connect(
                                    port,
                                    "127.0.0.1",
                                    (err, none) -> {
                                        called[0]++;
                                        assertNull(none);
                                        ErrnoException errno =
                                                assertInstanceOf(ErrnoException.class, err);
                                        assertEquals(
                                                "connect ECONNREFUSED 127.0.0.1:" + port,
                                                errno.getMessage());
                                        assertEquals("ECONNREFUSED", errno.code());
                                        assertEquals("connect", errno.syscall());
                                        assertEquals(
                                                new InetSocketAddress(
                                                        InetAddress.ofLiteral("127.0.0.1"), port),
                                                errno.address());
                                    });
                    assertEquals(0, called[0], "called inside the call");
                });
        assertEquals(1, called[0]);
    }

    @EveryEngine
    void refusedAgainAndAgain_leaksNothing(EngineKind engine) throws IOException {
        int port = Peers.freePort();
        int[] left = {1000};
        int[] descriptors = new int[1001];
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    for (int i = 0; i < 10; i++) {
                        refused(net, port, left, descriptors);
                    }
                });
        assertTrue(left[0] <= 0);
        // Some of the last ones are still on their way, or on their way out.
        assertTrue(
                descriptors[1] <= descriptors[900] + 10,
                descriptors[900] + " and later " + descriptors[1]);
    }

    private static void refused(Net net, int port, int[] left, int[] descriptors) {
        net.connect(
                port,
                "127.0.0.1",
                (err, none) -> {
                    assertEquals("ECONNREFUSED", err.code());
                    if (left[0] == 900 || left[0] == 1) {
                        descriptors[left[0]] = Census.descriptors().size();
                    }
                    if (--left[0] > 0) {
                        refused(net, port, left, descriptors);
                    }
                });
    }

    @EveryEngine
    void refusedOnEveryAddressOfAName_isOneError(EngineKind engine) throws IOException {
        int port = Peers.freePort();
        List<String> calls = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor).connect(port, (err, none) -> calls.add(err.getMessage())));
        assertEquals(1, calls.size());
        assertTrue(calls.getFirst().startsWith("connect ECONNREFUSED "), calls::toString);
        assertTrue(calls.getFirst().endsWith(":" + port), calls::toString);
    }

    @EveryEngine
    void byName_triesTheAddressesUntilOneAnswers(EngineKind engine) {
        int[] connected = {0};
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        Net.of(reactor)
                                                .connect(
                                                        port,
                                                        "localhost",
                                                        (err, socket) -> {
                                                            assertNull(err);
                                                            connected[0]++;
                                                            InetSocketAddress remote =
                                                                    socket.remoteAddress();
                                                            assertEquals(server.address(), remote);
                                                            assertFalse(
                                                                    socket.localAddress()
                                                                            .equals(remote));
                                                            socket.onData(data -> socket.end());
                                                            socket.write("x");
                                                            Servers.close(server);
                                                        })));
        assertEquals(1, connected[0]);
    }

    @EveryEngine
    void nameOfSeveralAddresses_goesOnToTheNext(EngineKind engine) {
        InetAddress v4 = InetAddress.ofLiteral("127.0.0.1");
        InetAddress v6 = InetAddress.ofLiteral("::1");
        List<InetSocketAddress> remotes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) -> {
                                    Callback<Socket> connected =
                                            (err, socket) -> {
                                                assertNull(err);
                                                remotes.add(socket.remoteAddress());
                                                socket.resume();
                                                socket.end();
                                                Servers.close(server);
                                            };
                                    HostResolver names =
                                            (host, found) -> {
                                                found.call(null, List.of(v6, v6, v4, v6));
                                                return null;
                                            };
                                    Net.of(reactor, NetOptions.defaults().resolver(names))
                                            .connect(port, "several.test", connected);
                                }));
        assertEquals(1, remotes.size());
        assertEquals(v4, remotes.getFirst().getAddress());
    }

    @EveryEngine
    void unknownName_isNotFound(EngineKind engine) {
        int[] called = {0};
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .connect(
                                        1,
                                        "no-such-host.invalid",
                                        (err, none) -> {
                                            called[0]++;
                                            assertNull(none);
                                            assertEquals("ENOTFOUND", err.code());
                                            assertEquals(
                                                    "getaddrinfo ENOTFOUND no-such-host.invalid",
                                                    err.getMessage());
                                        }));
        assertEquals(1, called[0]);
    }

    @EngineTest
    void cancelledAtOnce_callsBackOnceWithECANCELED(EngineKind engine) throws IOException {
        for (String host : List.of("127.0.0.1", "localhost")) {
            List<String> calls = new ArrayList<>();
            try (ServerSocket server = Peers.listen()) {
                Reactors.run(
                        engine,
                        reactor -> {
                            Operation connecting =
                                    Net.of(reactor)
                                            .connect(
                                                    server.getLocalPort(),
                                                    host,
                                                    (err, socket) -> {
                                                        calls.add(err == null ? "ok" : err.code());
                                                        if (socket != null) {
                                                            socket.destroy();
                                                        }
                                                    });
                            connecting.cancel();
                            connecting.cancel();
                            assertEquals(List.of(), calls, "called inside the call");
                        });
            }
            assertEquals(1, calls.size(), host + calls);
            assertTrue(List.of("ok", "ECANCELED").contains(calls.getFirst()), host + calls);
        }
    }

    @EngineTest
    void cancelledInFlight_callsBackOnceWithECANCELED(EngineKind engine) throws Exception {
        List<String> calls = new ArrayList<>();
        try (Mute mute = new Mute()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation connecting =
                                Net.of(reactor)
                                        .connect(
                                                mute.port(),
                                                "127.0.0.1",
                                                (err, none) -> {
                                                    assertNull(none);
                                                    calls.add(err.getMessage());
                                                });
                        reactor.setTimeout(
                                30,
                                () -> {
                                    assertEquals(List.of(), calls, "nobody answers");
                                    connecting.cancel();
                                    assertEquals(List.of(), calls, "called inside the call");
                                    connecting.cancel();
                                });
                    });
            assertEquals(List.of("connect ECANCELED 127.0.0.1:" + mute.port()), calls);
        }
    }

    @EngineTest
    void inFlightWhenTheLoopStops_callsBackOnceWithECANCELED(EngineKind engine) throws Exception {
        List<String> calls = new ArrayList<>();
        try (Mute mute = new Mute()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Net.of(reactor)
                                .connect(
                                        mute.port(),
                                        "127.0.0.1",
                                        (err, none) -> calls.add(err.code()));
                        reactor.setTimeout(30, reactor::stop);
                    });
        }
        assertEquals(List.of("ECANCELED"), calls);
    }

    @EngineTest
    void stopInAnyTurnOfAConnect_callsBackOnceAndClosesWhatConnected(EngineKind engine)
            throws IOException {
        for (int turns = 0; turns < 6; turns++) {
            int stopAfter = turns;
            List<String> calls = new ArrayList<>();
            try (ServerSocket server = Peers.listen()) {
                Reactors.run(
                        engine,
                        reactor -> {
                            Net.of(reactor)
                                    .connect(
                                            server.getLocalPort(),
                                            "127.0.0.1",
                                            (err, socket) -> {
                                                calls.add(err == null ? "ok" : err.code());
                                                if (socket != null) {
                                                    socket.onClose(gone -> calls.add("close"));
                                                }
                                            });
                            stopAfter(reactor, stopAfter);
                        });
            }
            if (calls.getFirst().equals("ok")) {
                assertEquals(List.of("ok", "close"), calls, "stop after " + turns);
            } else {
                assertEquals(List.of("ECANCELED"), calls, "stop after " + turns);
            }
        }
    }

    private static void stopAfter(dev.chime.reactor.Reactor reactor, int turns) {
        if (turns == 0) {
            reactor.stop();
        } else {
            reactor.setImmediate(() -> stopAfter(reactor, turns - 1));
        }
    }

    @EveryEngine
    void cancelAfterwards_changesNothing(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) -> {
                                    Operation[] connecting = new Operation[1];
                                    connecting[0] =
                                            Net.of(reactor)
                                                    .connect(
                                                            port,
                                                            "127.0.0.1",
                                                            (err, socket) -> {
                                                                assertNull(err);
                                                                calls.add("connected");
                                                                connecting[0].cancel();
                                                                assertNotNull(socket);
                                                                socket.onClose(closed ->
                                                                        Servers.close(server));
                                                                exchange(socket, calls);
                                                            });
                                }));
        assertEquals(List.of("connected", "echoed"), calls);
    }

    private static void exchange(Socket socket, List<String> calls) {
        Content received = new Content(4);
        socket.onData(received::check);
        socket.onEnd(() -> {
            assertEquals(10, received.position());
            calls.add("echoed");
        });
        socket.write(new Content(4).take(10));
        socket.end();
    }

    @EveryEngine
    void badArguments_areNamedAtTheCall(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    named("port", () -> net.connect(-1, (err, s) -> {}));
                    named("port", () -> net.connect(65536, "127.0.0.1", (err, s) -> {}));
                    named("host", () -> net.connect(1, null, (err, s) -> {}));
                    named("host", () -> net.connect(1, "", (err, s) -> {}));
                    named("host", () -> net.connect(1, "a\0b", (err, s) -> {}));
                    named("callback", () -> net.connect(1, null));
                    named("callback", () -> net.connect(1, "127.0.0.1", null));
                });
    }

    private static void named(String argument, Executable call) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
        assertTrue(thrown.getMessage().startsWith(argument + " is "), thrown::getMessage);
    }

    @EngineTest
    void foreignServerGetsAndGivesEveryByte(EngineKind engine) throws IOException {
        long bytes = 3_000_000;
        Content received = new Content(11);
        Journal[] journal = new Journal[1];
        try (Peers peers = new Peers();
                ServerSocket server = Peers.listen()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        peers.start(
                                reactor,
                                () -> {
                                    try (var socket = Peers.accept(server)) {
                                        Peers.read(socket, new Content(10), bytes);
                                        socket.getOutputStream()
                                                .write(new Content(11).take((int) bytes));
                                    }
                                });
                        Servers.connect(
                                reactor,
                                server.getLocalPort(),
                                socket -> {
                                    journal[0] = Journal.reading(socket, received);
                                    socket.write(new Content(10).take((int) bytes));
                                });
                    });
        }
        assertEquals(bytes, received.position());
        assertEquals(List.of("drain", "data", "end", "close"), journal[0].events());
    }
}
