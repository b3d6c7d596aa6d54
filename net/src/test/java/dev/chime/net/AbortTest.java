package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Servers;
import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Signals that end what the network does; whatever has ended is forgotten by its signal. */
class AbortTest {
    /** When a signal aborts, seen from the call that it is to end. */
    private enum When {
        BEFORE,
        AT_ONCE,
        NEXT_TICK
    }

    /** A call with a signal, on which it waits. */
    private interface Call {
        Operation begin(Reactor reactor, List<String> heard);
    }

    private static void note(List<String> heard, ReactorException err) {
        heard.add(err == null ? "ok" : err.code());
    }

    /** Before, at once, in the next tick: one ECANCELED, never inside, and nobody listens then. */
    private static void abortedCall(EngineKind engine, Call call) {
        for (When when : When.values()) {
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        AbortController controller = new AbortController(reactor);
                        AbortSignal signal = controller.signal();
                        if (when == When.BEFORE) {
                            controller.abort();
                        }
                        call.begin(reactor, heard).abortOn(signal);
                        assertEquals(when == When.BEFORE ? 0 : 1, Inside.listeners(signal));
                        switch (when) {
                            case BEFORE -> {}
                            case AT_ONCE -> controller.abort();
                            case NEXT_TICK -> reactor.nextTick(controller::abort);
                        }
                        assertEquals(List.of(), heard, "inside the call");
                        reactor.onExit(() -> assertEquals(0, Inside.listeners(signal)));
                    });
            assertEquals(List.of("ECANCELED"), heard, when.name());
        }
    }

    @EveryEngine
    void connect(EngineKind engine) {
        abortedCall(
                engine,
                (reactor, heard) ->
                        Net.of(reactor).connect(1, "localhost", (err, none) -> note(heard, err)));
    }

    @EveryEngine
    void listen(EngineKind engine) {
        abortedCall(
                engine,
                (reactor, heard) ->
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(0, "127.0.0.1", (err, none) -> note(heard, err)));
    }

    @EveryEngine
    void bindOfADatagramSocket(EngineKind engine) {
        abortedCall(
                engine,
                (reactor, heard) ->
                        Net.of(reactor)
                                .createUdp()
                                .bind(0, "127.0.0.1", (err, none) -> note(heard, err)));
    }

    @EveryEngine
    void callThatWentWell_isForgotten(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    AbortSignal signal = controller.signal();
                    Server server = Net.of(reactor).createServer(Socket::resume);
                    server.listen(
                                    0,
                                    "127.0.0.1",
                                    (err, listening) -> {
                                        assertEquals(0, Inside.listeners(signal));
                                        int port = listening.address().getPort();
                                        Net.of(reactor)
                                                .connect(
                                                        port,
                                                        "127.0.0.1",
                                                        (failed, socket) -> {
                                                            assertEquals(
                                                                    0, Inside.listeners(signal));
                                                            controller.abort();
                                                            note(heard, failed);
                                                            socket.end();
                                                            socket.resume();
                                                            Servers.close(server);
                                                        })
                                                .abortOn(signal);
                                        assertEquals(1, Inside.listeners(signal));
                                    })
                            .abortOn(signal);
                });
        assertEquals(List.of("ok"), heard);
    }

    @EveryEngine
    void socketsSignal_destroysIt_connectingOrConnected(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::resume,
                                (server, port) -> {
                                    Net net = Net.of(reactor);
                                    AbortController early = new AbortController(reactor);
                                    early.abort();
                                    Socket never = net.createConnection(ConnectOptions.port(1));
                                    never.destroyOn(early.signal());
                                    never.onClose(err -> note(heard, err));
                                    AbortSignal late =
                                            AbortSignal.timeout(reactor, Duration.ofMillis(20));
                                    Socket socket =
                                            net.createConnection(
                                                    ConnectOptions.port(port).host("127.0.0.1"));
                                    socket.destroyOn(late);
                                    socket.onConnect(() -> heard.add("connect"));
                                    socket.onClose(err -> {
                                        note(heard, err);
                                        assertEquals(0, Inside.listeners(late));
                                    });
                                    reactor.setTimeout(500, () -> {}).unref();
                                    assertEquals(1, Inside.listeners(late));
                                }));
        assertTrue(heard.remove("ABORT_ERR"), heard::toString);
        assertEquals(List.of("connect", "ETIMEDOUT"), heard);
    }

    @EveryEngine
    void socketThatHasClosed_isForgotten(EngineKind engine) {
        int[] listeners = {-1};
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::resume,
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    var signal =
                                                            new AbortController(reactor).signal();
                                                    socket.destroyOn(signal);
                                                    socket.resume();
                                                    socket.end();
                                                    socket.onClose(err ->
                                                            listeners[0] =
                                                                    Inside.listeners(signal));
                                                })));
        assertEquals(0, listeners[0]);
    }

    @EveryEngine
    void serversSignal_stopsAccepting_andLeavesItsConnections(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    Server server = Net.of(reactor).createServer(Servers::echo);
                    assertThrows(
                            IllegalStateException.class, () -> server.closeOn(controller.signal()));
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                int port = server.address().getPort();
                                server.onClose(() -> {
                                    heard.add("closed");
                                    assertEquals(0, Inside.listeners(controller.signal()));
                                    Net.of(reactor)
                                            .connect(
                                                    port,
                                                    "127.0.0.1",
                                                    (refused, none) -> note(heard, refused));
                                });
                                Servers.connect(
                                        reactor, port, client -> abortBetween(controller, client));
                            });
                    server.closeOn(controller.signal());
                    assertFalse(server.isListening());
                });
        assertEquals(List.of("closed", "ECONNREFUSED"), heard);
    }

    /** Two echoes, and the abort between them. */
    private static void abortBetween(AbortController controller, Socket client) {
        client.onData(data -> {
            if (controller.signal().aborted()) {
                client.end();
            } else {
                controller.abort();
                client.write("y");
            }
        });
        client.write("x");
    }

    @EveryEngine
    void serversSignal_endsAListenUnderWay_andIsForgotten(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    Server server = Net.of(reactor).createServer(Servers::echo);
                    server.listen(0, "127.0.0.1", (err, none) -> note(heard, err));
                    server.closeOn(controller.signal());
                    controller.abort();
                    Server other = Net.of(reactor).createServer(Servers::echo);
                    AbortSignal kept = new AbortController(reactor).signal();
                    other.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                assertEquals(1, Inside.listeners(kept));
                                other.close(closed -> {
                                    assertNull(closed);
                                    assertEquals(0, Inside.listeners(kept));
                                    heard.add("closed");
                                });
                            });
                    other.closeOn(kept);
                });
        assertEquals(List.of("ECANCELED", "closed"), heard);
    }

    @EveryEngine
    void datagramSocketsSignal_closesIt(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, udp, address) -> {
                    AbortController controller = new AbortController(reactor);
                    udp.onClose(() -> heard.add("close"));
                    udp.closeOn(controller.signal());
                    Udp unbound = Net.of(reactor).createUdp();
                    unbound.onClose(() -> heard.add("unbound"));
                    unbound.closeOn(controller.signal());
                    Udp other = Net.of(reactor).createUdp();
                    other.closeOn(controller.signal());
                    assertEquals(3, Inside.listeners(controller.signal()));
                    other.onClose(() -> {
                        assertEquals(2, Inside.listeners(controller.signal()));
                        udp.sendTo("last", address, err -> note(heard, err));
                        controller.abort();
                        assertThrows(
                                IllegalStateException.class,
                                () -> udp.sendTo("more", address, err -> {}));
                        Udp late = Net.of(reactor).createUdp();
                        late.onClose(() -> heard.add("aborted before"));
                        late.closeOn(controller.signal());
                    });
                    other.close();
                });
        assertEquals(
                List.of("aborted before", "close", "ok", "unbound"),
                heard.stream().sorted().toList());
    }
}
