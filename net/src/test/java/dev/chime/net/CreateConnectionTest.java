package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A socket that is used before it is connected. */
class CreateConnectionTest {
    private static final int NOBODY = 1;
    private static final int BYTES = 300_000;

    private static Socket create(Reactor reactor, int port) {
        return Net.of(reactor).createConnection(ConnectOptions.port(port).host("127.0.0.1"));
    }

    @EveryEngine
    void writtenBeforeTheConnection_isSentInOrder_andTheEndBehindIt(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Content received = new Content(7);
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onData(received::check);
                                    socket.onEnd(() -> events.add("end at the server"));
                                },
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    Content out = new Content(7);
                                    assertTrue(socket.write(out.take(1000)));
                                    socket.write(out.take(1000), err -> note(events, "sent", err));
                                    assertFalse(socket.write(out.take(BYTES - 2000)));
                                    assertEquals(BYTES, socket.queuedBytes());
                                    socket.onDrain(() -> events.add("drain"));
                                    socket.onFinish(() -> events.add("finish"));
                                    socket.onConnect(() -> {
                                        assertFalse(socket.isConnecting());
                                        assertEquals(port, socket.remoteAddress().getPort());
                                        assertTrue(socket.localAddress().getPort() > 0);
                                        events.add("connect");
                                    });
                                    socket.onClose(err -> note(events, "close", err));
                                    socket.end();
                                    assertThrows(
                                            IllegalStateException.class, () -> socket.write("x"));
                                    assertTrue(socket.isConnecting());
                                    assertNull(socket.remoteAddress());
                                    assertNull(socket.localAddress());
                                    assertEquals(List.of(), events);
                                }));
        assertEquals(BYTES, received.position());
        events.remove("end at the server");
        assertEquals("connect", events.getFirst());
        assertEquals("close null", events.getLast());
        assertTrue(events.indexOf("sent null") < events.indexOf("finish"), events::toString);
        assertEquals(5, events.size(), events::toString);
    }

    private static void note(List<String> events, String event, ReactorException err) {
        events.add(event + " " + (err == null ? null : err.code()));
    }

    @EveryEngine
    void dataHandlerAndPipe_ofASocketOnItsWay_getEverything(EngineKind engine) {
        Content received = new Content(3);
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Servers::echo,
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    socket.onData(data -> {
                                        received.check(data);
                                        if (received.position() == BYTES) {
                                            socket.end();
                                        }
                                    });
                                    socket.write(new Content(3).take(BYTES));
                                }));
        assertEquals(BYTES, received.position());
    }

    @EveryEngine
    void settings_waitForTheConnection(EngineKind engine) {
        List<Integer> marks = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Socket::resume,
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    socket.noDelay(true).typeOfService(0x10);
                                    assertEquals(0, socket.typeOfService());
                                    assertEquals(0, socket.sendBufferSize());
                                    assertThrows(ErrnoException.class, socket::duplicate);
                                    socket.setTimeout(Duration.ofMillis(20), socket::end);
                                    socket.onConnect(() -> marks.add(socket.typeOfService()));
                                }));
        assertEquals(List.of(0x10), marks);
    }

    @EveryEngine
    void refused_isTheErrorOfItsClose_andOfWhatWasWritten(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Socket socket = create(reactor, NOBODY);
                    socket.onConnect(() -> events.add("connect"));
                    socket.write("lost", err -> note(events, "write", err));
                    socket.onClose(err -> events.add("close " + err.getMessage()));
                });
        assertEquals(
                List.of("write ECONNREFUSED", "close connect ECONNREFUSED 127.0.0.1:1"), events);
    }

    @EveryEngine
    void destroyedOnTheWay_closesOnce_andWhatWasWrittenHearsOfIt(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Socket::resume,
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    socket.onConnect(() -> events.add("connect"));
                                    socket.write("lost", err -> note(events, "write", err));
                                    socket.onClose(err -> {
                                        note(events, "close", err);
                                        socket.flush(e -> note(events, "late", e));
                                        Servers.close(server);
                                    });
                                    socket.destroy();
                                    socket.destroy();
                                    assertEquals(List.of(), events);
                                }));
        String code = "ERR_SOCKET_CLOSED_BEFORE_CONNECTION";
        assertEquals(List.of("write " + code, "close null", "late " + code), events);
    }

    @EveryEngine
    void resetOnTheWay_waitsForTheConnection_andThePeerHearsOfAReset(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.resume();
                                    socket.onClose(err -> note(events, "server", err));
                                },
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    socket.onClose(err -> note(events, "client", err));
                                    socket.resetAndDestroy();
                                    assertFalse(socket.isDestroyed());
                                }));
        assertEquals(
                List.of("client null", "server ECONNRESET"), events.stream().sorted().toList());
    }

    @EveryEngine
    void endOfTheLoop_closesItOnItsWay(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Reactors.run(
                engine,
                reactor -> {
                    Socket socket = create(reactor, NOBODY);
                    journal[0] = Journal.of(socket);
                    reactor.stop();
                });
        assertEquals(List.of("close"), journal[0].events());
    }

    @EveryEngine
    void onConnect_ofAConnectedSocket_comesInTheNextTick(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onConnect(() -> events.add("connect"));
                                    events.add("registered");
                                    socket.end();
                                },
                                (server, port) -> create(reactor, port).resume()));
        assertEquals(List.of("registered", "connect"), events);
    }

    @EveryEngine
    void destroySoon_sendsWhatIsQueued_andDoesNotWaitForThePeer(EngineKind engine) {
        Content received = new Content(5);
        List<String> events = new ArrayList<>();
        Socket[] peer = {null};
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    peer[0] = socket;
                                    socket.allowHalfOpen(true); // does not end by itself
                                    socket.onData(received::check);
                                    socket.onEnd(() -> bothThere(peer[0], events, "end"));
                                },
                                (server, port) -> {
                                    Socket socket = create(reactor, port);
                                    socket.onClose(err -> {
                                        assertNull(err);
                                        bothThere(peer[0], events, "close");
                                    });
                                    socket.write(new Content(5).take(BYTES));
                                    socket.destroySoon();
                                    socket.destroySoon();
                                }));
        assertEquals(BYTES, received.position());
        assertEquals(List.of("close", "end"), events.stream().sorted().toList());
    }

    private static void bothThere(Socket peer, List<String> events, String event) {
        events.add(event);
        if (events.size() == 2) {
            peer.destroy();
        }
    }
}
