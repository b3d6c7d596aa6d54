package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.net.testing.Mute;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a program hears of on the way to a connection. */
class ConnectEventsTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress NOBODY = InetAddress.ofLiteral("127.0.0.9");

    private static ConnectOptions options(int port, List<String> heard) {
        return ConnectOptions.port(port).host("name.test").events(event -> heard.add(text(event)));
    }

    private static String text(ConnectEvent event) {
        return switch (event) {
            case ConnectEvent.LookedUp(String host, List<InetAddress> found) ->
                    "lookup " + host + " " + found.size();
            case ConnectEvent.Attempt(var to) -> "attempt " + host(to);
            case ConnectEvent.AttemptFailed(var to, var error) ->
                    "failed " + host(to) + " " + error.code();
            case ConnectEvent.AttemptOverdue(var to) -> "overdue " + host(to);
        };
    }

    private static String host(java.net.SocketAddress address) {
        return ((InetSocketAddress) address).getAddress().getHostAddress();
    }

    private static HostResolver names(InetAddress... addresses) {
        return (host, found) -> {
            found.call(null, List.of(addresses));
            return null;
        };
    }

    @EveryEngine
    void lookup_attempts_andFailures_areToldInOrder_beforeTheConnection(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::resume,
                                (server, port) ->
                                        Net.of(reactor)
                                                .connect(
                                                        options(port, heard)
                                                                .resolver(names(NOBODY, HERE)),
                                                        (err, socket) -> {
                                                            assertNull(err);
                                                            heard.add("connected");
                                                            socket.destroy();
                                                        })));
        assertEquals(
                List.of(
                        "lookup name.test 2",
                        "attempt 127.0.0.9",
                        "failed 127.0.0.9 ECONNREFUSED",
                        "attempt 127.0.0.1",
                        "connected"),
                heard);
    }

    @EveryEngine
    void literal_isNotLookedUp_andNothingIsToldInsideTheCall(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Socket socket =
                            Net.of(reactor).createConnection(options(1, heard).host("127.0.0.1"));
                    socket.onClose(err -> heard.add(err.code()));
                    assertEquals(List.of(), heard);
                });
        assertEquals(
                List.of("attempt 127.0.0.1", "failed 127.0.0.1 ECONNREFUSED", "ECONNREFUSED"),
                heard);
    }

    @EngineTest
    void attemptThatTakesLong_isOverdue_whenTheNextOneBegins(EngineKind engine) throws Exception {
        List<String> heard = new ArrayList<>();
        try (Mute mute = new Mute(NOBODY, 0);
                var server = new java.net.ServerSocket(mute.port(), 1, HERE)) {
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            options(server.getLocalPort(), heard)
                                                    .resolver(names(NOBODY, HERE)),
                                            (err, socket) -> {
                                                assertNull(err);
                                                assertEquals(
                                                        HERE, socket.remoteAddress().getAddress());
                                                socket.destroy();
                                            }));
        }
        assertEquals(
                List.of(
                        "lookup name.test 2",
                        "attempt 127.0.0.9",
                        "overdue 127.0.0.9",
                        "attempt 127.0.0.1"),
                heard);
    }

    @EveryEngine
    void handlerThatCancels_endsTheConnectOnce_atEveryEvent(EngineKind engine) {
        for (Predicate<ConnectEvent> at :
                List.<Predicate<ConnectEvent>>of(
                        ConnectEvent.LookedUp.class::isInstance,
                        ConnectEvent.Attempt.class::isInstance,
                        ConnectEvent.AttemptFailed.class::isInstance)) {
            List<String> heard = new ArrayList<>();
            Reactors.run(engine, reactor -> cancelAt(reactor, at, heard));
            assertEquals(List.of("ECANCELED"), heard);
        }
    }

    private static void cancelAt(Reactor reactor, Predicate<ConnectEvent> at, List<String> heard) {
        Operation[] connecting = new Operation[1];
        connecting[0] =
                Net.of(reactor)
                        .connect(
                                ConnectOptions.port(1)
                                        .host("name.test")
                                        .resolver(names(NOBODY, HERE))
                                        .events(event -> {
                                            if (at.test(event)) {
                                                connecting[0].cancel();
                                            }
                                        }),
                                (err, none) -> heard.add(err.code()));
    }

    @EveryEngine
    void handlerThatThrows_breaksNothing(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(thrown -> heard.add(thrown.getMessage()));
                    ConnectEventHandler failing =
                            event -> {
                                throw new IllegalStateException("mine");
                            };
                    Net.of(reactor)
                            .connect(
                                    ConnectOptions.port(1).host(Peers.LOCAL).events(failing),
                                    (err, none) -> heard.add(err.code()));
                });
        assertEquals(List.of("mine", "mine", "ECONNREFUSED"), heard);
    }
}
