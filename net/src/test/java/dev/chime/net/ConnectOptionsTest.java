package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.chime.net.testing.Mute;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a connect can be told, and how it goes through several addresses (RFC 8305). */
class ConnectOptionsTest {
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress OTHER_V4 = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress THIRD_V4 = InetAddress.ofLiteral("127.0.0.3");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    /** Connects to a name with these addresses. */
    private static Operation connect(
            Reactor reactor,
            ConnectOptions options,
            Callback<Socket> callback,
            InetAddress... addresses) {
        HostResolver names =
                (host, found) -> {
                    found.call(null, List.of(addresses));
                    return null;
                };
        return Net.of(reactor, NetOptions.defaults().resolver(names))
                .connect(options.host("several.test"), callback);
    }

    @EveryEngine
    void localAddressAndPort_areWhatThePeerSees(EngineKind engine) {
        List<InetSocketAddress> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    seen.add(socket.remoteAddress());
                                    socket.end();
                                },
                                (server, port) -> {
                                    ConnectOptions options =
                                            ConnectOptions.port(port)
                                                    .host(Peers.LOCAL)
                                                    .localAddress("127.0.0.9");
                                    Net.of(reactor)
                                            .connect(
                                                    options,
                                                    (err, socket) -> {
                                                        assertNull(err);
                                                        seen.add(socket.localAddress());
                                                        socket.resume();
                                                    });
                                }));
        assertEquals(2, seen.size());
        assertEquals(seen.get(0), seen.get(1));
        assertEquals("127.0.0.9", seen.getFirst().getAddress().getHostAddress());
    }

    @EngineTest
    void aLocalPortThatIsTaken_isEADDRINUSE_ofBind(EngineKind engine) throws IOException {
        List<String> errors = new ArrayList<>();
        try (ServerSocket server = Peers.listen()) {
            int port = server.getLocalPort();
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            ConnectOptions.port(port)
                                                    .host(Peers.LOCAL)
                                                    .localAddress(Peers.LOCAL)
                                                    .localPort(port),
                                            (err, none) -> errors.add(err.getMessage())));
            assertEquals(
                    List.of("bind EADDRINUSE: address already in use 127.0.0.1:" + port), errors);
        }
    }

    @EveryEngine
    void family_leavesTheOtherAddressesOut(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::end,
                                (server, port) -> {
                                    ConnectOptions options =
                                            ConnectOptions.port(port)
                                                    .family(StandardProtocolFamily.INET);
                                    connect(
                                            reactor,
                                            options,
                                            (err, socket) -> {
                                                assertNull(err);
                                                InetSocketAddress to = socket.remoteAddress();
                                                events.add(to.getAddress().getHostAddress());
                                                socket.resume();
                                            },
                                            V6,
                                            V6,
                                            V4);
                                    connect(
                                            reactor,
                                            options.family(StandardProtocolFamily.INET6),
                                            (err, none) -> events.add(err.code()),
                                            V4);
                                    // From an IPv4 address there is no way to an IPv6 one.
                                    connect(
                                            reactor,
                                            ConnectOptions.port(port).localAddress(Peers.LOCAL),
                                            (err, none) -> events.add(err.code()),
                                            V6);
                                    reactor.onExit(() ->
                                            assertEquals(
                                                    1,
                                                    reactor.metrics()
                                                            .operation("CONNECT")
                                                            .submitted()));
                                }));
        events.sort(null);
        assertEquals(List.of("127.0.0.1", "ENOTFOUND", "ENOTFOUND"), events);
    }

    @EngineTest
    void timeout_endsAllAttemptsWithETIMEDOUT(EngineKind engine) throws Exception {
        List<String> events = new ArrayList<>();
        try (Mute mute = new Mute()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            ConnectOptions.port(mute.port())
                                                    .host(Peers.LOCAL)
                                                    .timeout(Duration.ofMillis(40)),
                                            (err, none) -> events.add(err.getMessage())));
            assertEquals(List.of("connect ETIMEDOUT 127.0.0.1:" + mute.port()), events);
        }
    }

    @EngineTest
    void aMuteAddress_doesNotKeepTheNextFromWinning(EngineKind engine) throws Exception {
        List<String> events = new ArrayList<>();
        try (Mute mute = new Mute();
                ServerSocket server = listenOn(OTHER_V4, mute.port())) {
            Reactors.run(
                    engine,
                    reactor -> {
                        connect(
                                reactor,
                                ConnectOptions.port(mute.port()),
                                (err, socket) -> {
                                    assertNull(err);
                                    events.add(socket.remoteAddress().toString());
                                    assertEquals(1, underWay(reactor), "the loser goes on");
                                    socket.onClose(none -> assertEquals(0, underWay(reactor)));
                                    reactor.setTimeout(1, socket::destroy);
                                },
                                V4,
                                OTHER_V4,
                                THIRD_V4);
                        reactor.onExit(() -> assertEquals(2, connects(reactor)));
                    });
            assertEquals(List.of("/127.0.0.2:" + mute.port()), events);
            try (var accepted = server.accept()) {
                assertEquals("/127.0.0.2", accepted.getLocalAddress().toString());
            }
        }
    }

    private static ServerSocket listenOn(InetAddress address, int port) throws IOException {
        return new ServerSocket(port, 5, address);
    }

    private static long connects(Reactor reactor) {
        return reactor.metrics().operation("CONNECT").submitted();
    }

    private static long underWay(Reactor reactor) {
        return reactor.activeResources().stream()
                .filter(resource -> resource.toString().contains("CONNECT"))
                .count();
    }

    private static void whenTwoAreUnderWay(Reactor reactor, Task then) throws Exception {
        if (connects(reactor) == 2) {
            then.run();
        } else {
            reactor.setTimeout(20, () -> whenTwoAreUnderWay(reactor, then));
        }
    }

    @EngineTest
    void attemptsGoOnSideBySide_andTheFirstOneMayStillWin(EngineKind engine) throws Exception {
        List<String> events = new ArrayList<>();
        try (Mute mute = new Mute();
                Mute second = new Mute(OTHER_V4, mute.port())) {
            assertEquals(mute.port(), second.port());
            Reactors.run(
                    engine,
                    reactor -> {
                        connect(
                                reactor,
                                ConnectOptions.port(mute.port()),
                                (err, socket) -> {
                                    assertNull(err);
                                    events.add(socket.remoteAddress().toString());
                                    socket.destroy();
                                },
                                V4,
                                OTHER_V4);
                        // Then the first server takes connections again: the kernel's next try
                        // gets through.
                        whenTwoAreUnderWay(reactor, mute::speak);
                    });
            assertEquals(List.of("/127.0.0.1:" + mute.port()), events);
        }
    }

    @EngineTest
    void cancel_endsAllAttempts(EngineKind engine) throws Exception {
        List<String> events = new ArrayList<>();
        try (Mute mute = new Mute();
                Mute second = new Mute(OTHER_V4, mute.port())) {
            assertEquals(mute.port(), second.port());
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation connecting =
                                connect(
                                        reactor,
                                        ConnectOptions.port(mute.port()),
                                        (err, none) -> events.add(err.getMessage()),
                                        V4,
                                        OTHER_V4);
                        whenTwoAreUnderWay(reactor, connecting::cancel);
                    }); // which would wait for an attempt that goes on
            assertEquals(List.of("connect ECANCELED 127.0.0.2:" + mute.port()), events);
        }
    }

    @EveryEngine
    void allFailed_isOneErrorWithAllAttempts(EngineKind engine) {
        List<ReactorException> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        connect(
                                reactor,
                                ConnectOptions.port(1),
                                (err, none) -> errors.add(err),
                                V4,
                                OTHER_V4,
                                V6));
        assertEquals(1, errors.size());
        assertEquals("connect ECONNREFUSED 127.0.0.2:1", errors.getFirst().getMessage());
        assertEquals("ECONNREFUSED", errors.getFirst().code());
        List<String> attempts =
                Arrays.stream(errors.getFirst().getSuppressed())
                        .map(error -> ((ErrnoException) error).address().toString())
                        .toList();
        // The families take turns.
        assertEquals(List.of("/127.0.0.1:1", "/[0:0:0:0:0:0:0:1]:1", "/127.0.0.2:1"), attempts);
    }

    @EveryEngine
    void socketOptions_areTheSockets(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.resume();
                                    socket.end();
                                    socket.onEnd(() -> events.add("server heard the end"));
                                },
                                (server, port) ->
                                        Net.of(reactor)
                                                .connect(
                                                        ConnectOptions.port(port)
                                                                .host(Peers.LOCAL)
                                                                .noDelay(true)
                                                                .keepAlive(
                                                                        KeepAlive.after(
                                                                                Duration.ofSeconds(
                                                                                        9)))
                                                                .allowHalfOpen(true),
                                                        (err, socket) -> {
                                                            assertNull(err);
                                                            halfOpen(socket, events);
                                                        })));
        assertEquals(List.of("still open", "server heard the end"), events);
    }

    private static void halfOpen(Socket socket, List<String> events) {
        socket.resume();
        socket.onEnd(() ->
                socket.reactor()
                        .setTimeout(
                                20,
                                () -> {
                                    assertFalse(socket.isDestroyed());
                                    events.add("still open");
                                    socket.end();
                                }));
    }

    @EveryEngine
    void wrongValues_throwAtTheCall(EngineKind engine) {
        ConnectOptions options = ConnectOptions.port(1);
        assertThrows(IllegalArgumentException.class, () -> ConnectOptions.port(65536));
        assertThrows(IllegalArgumentException.class, () -> options.localPort(-1));
        assertThrows(IllegalArgumentException.class, () -> options.host(""));
        assertThrows(IllegalArgumentException.class, () -> options.localAddress("localhost"));
        assertThrows(IllegalArgumentException.class, () -> options.timeout(Duration.ZERO));
        assertThrows(
                IllegalArgumentException.class, () -> options.family(StandardProtocolFamily.UNIX));
        assertThrows(IllegalArgumentException.class, () -> options.socket(null));
        assertThrows(IllegalArgumentException.class, () -> ConnectOptions.path(""));
        assertThrows(IllegalArgumentException.class, () -> ConnectOptions.path("a\0b"));
        assertThrows(
                IllegalArgumentException.class, () -> SocketOptions.defaults().maxQueuedBytes(0));
        Reactors.run(
                engine,
                reactor ->
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Net.of(reactor)
                                                .connect(
                                                        (ConnectOptions) null,
                                                        (err, none) -> assertNotNull(none))));
    }
}
