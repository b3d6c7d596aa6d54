package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Timer;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Peers who take their time: what they may cost, and how long they may take. */
class SlowPeerTest {
    private static final Duration WINDOW = Duration.ofMillis(60);
    private static final int MUCH = 32 << 20;

    @EveryEngine
    void readerThatTakesTooLittle_isGivenUp(EngineKind engine) {
        List<String> events = new ArrayList<>();
        List<Socket> clients = new ArrayList<>(); // that read nothing
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.write(new byte[MUCH]);
                                    socket.minimumWritten(MUCH, WINDOW);
                                    socket.onClose(err -> {
                                        events.add(err.getMessage());
                                        clients.forEach(Socket::destroy);
                                    });
                                },
                                (server, port) -> Servers.connect(reactor, port, clients::add)));
        assertEquals(1, events.size());
        assertTrue(events.getFirst().startsWith("write ETIMEDOUT 127.0.0.1:"), events::toString);
    }

    private interface RawPeer {
        void run(java.net.Socket socket) throws Exception;
    }

    /** Connects to a peer whose kernel takes little. */
    private static void withRawPeer(EngineKind engine, ConnectionHandler handler, RawPeer peer)
            throws IOException {
        try (ServerSocket server = Peers.listen();
                Peers peers = new Peers()) {
            server.setReceiveBufferSize(8 << 10);
            Reactors.run(
                    engine,
                    reactor -> {
                        peers.start(
                                reactor,
                                () -> {
                                    try (java.net.Socket socket = Peers.accept(server)) {
                                        peer.run(socket);
                                    }
                                });
                        Servers.connect(reactor, server.getLocalPort(), handler);
                    });
        }
    }

    @EngineTest
    void readerThatTakesEnoughOfABigBuffer_isNotGivenUp(EngineKind engine) throws IOException {
        List<String> events = new ArrayList<>();
        withRawPeer(
                engine,
                socket -> {
                    socket.sendBufferSize(200_000);
                    socket.write(new byte[MUCH]);
                    socket.minimumWritten(1000, WINDOW.multipliedBy(2));
                    socket.onClose(err -> events.add("close " + err));
                    later(socket, () -> later(socket, socket::destroy));
                },
                peer -> {
                    byte[] bytes = new byte[4 << 10];
                    try {
                        while (peer.getInputStream().read(bytes) > 0) {
                            Thread.sleep(10);
                        }
                    } catch (SocketException e) {
                        peer.close(); // it had enough of this
                    }
                });
        assertEquals(List.of("close null"), events);
    }

    @EngineTest
    void whatTheKernelHolds_isNotDelivered(EngineKind engine) throws IOException {
        List<Long> undelivered = new ArrayList<>();
        CountDownLatch taken = new CountDownLatch(1);
        withRawPeer(
                engine,
                socket -> {
                    socket.sendBufferSize(400_000);
                    socket.write(new byte[100_000]);
                    socket.flush(err -> {
                        undelivered.add(undelivered(socket));
                        taken.countDown();
                    });
                    socket.onData(data -> {
                        undelivered.add(undelivered(socket));
                        socket.destroy();
                    });
                    socket.onClose(err -> undelivered.add(undelivered(socket)));
                },
                peer -> {
                    Peers.await(taken);
                    peer.getInputStream().readNBytes(100_000);
                    peer.getOutputStream().write(1);
                    assertEquals(-1, peer.getInputStream().read());
                });
        assertEquals(3, undelivered.size());
        assertTrue(undelivered.getFirst() > 0, undelivered::toString);
        assertEquals(List.of(0L, 0L), undelivered.subList(1, 3));
    }

    private static long undelivered(Socket socket) {
        assertEquals(100_000, socket.bytesWritten());
        return socket.bytesWritten() - socket.bytesDelivered();
    }

    @EveryEngine
    void pauseInsideAWindow_excusesThatWindowAlone(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onData(data -> {});
                                    socket.minimumRead(1000, WINDOW);
                                    socket.onClose(err -> events.add(err.getMessage()));
                                    Duration part = WINDOW.dividedBy(4);
                                    reactor.setTimeout(part, socket::pause);
                                    reactor.setTimeout(part.multipliedBy(3), socket::resume);
                                    reactor.setTimeout(
                                            part.multipliedBy(5),
                                            () -> events.add("alive " + !socket.isDestroyed()));
                                },
                                (server, port) -> Servers.connect(reactor, port, Socket::resume)));
        assertEquals(2, events.size());
        assertEquals("alive true", events.getFirst());
        assertTrue(events.getLast().startsWith("read ETIMEDOUT 127.0.0.1:"), events::toString);
    }

    @EveryEngine
    void watchThatIsCleared_leavesNothingBehind(EngineKind engine) {
        List<WeakReference<Timer>> cleared = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    for (int i = 0; i < 1000; i++) {
                                        Timer watch =
                                                i % 2 == 0
                                                        ? socket.minimumRead(1000, WINDOW)
                                                        : socket.minimumWritten(1000, WINDOW);
                                        watch.clear();
                                        cleared.add(new WeakReference<>(watch));
                                    }
                                    System.gc();
                                    cleared.removeIf(watch -> watch.refersTo(null));
                                    socket.destroy();
                                },
                                (server, port) -> Servers.connect(reactor, port, Socket::resume)));
        assertTrue(cleared.size() <= 2, cleared.size() + " are left");
    }

    @EveryEngine
    void idleConnection_andOneThatHasSentAll_areNotSlow(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        Servers.connect(
                                                reactor, port, socket -> visit(socket, events))));
        assertEquals(List.of("echo", "echo", "close null"), events);
    }

    /** A byte every few windows. */
    private static void visit(Socket socket, List<String> events) {
        socket.minimumWritten(1 << 20, WINDOW);
        socket.onClose(err -> events.add("close " + err));
        socket.onData(data -> {
            events.add("echo");
            later(socket, events.size() == 2 ? socket::end : () -> socket.write("y"));
        });
        later(socket, () -> socket.write("x"));
    }

    private static void later(Socket socket, dev.chime.reactor.Task task) {
        socket.reactor().setTimeout(WINDOW.multipliedBy(3), task);
    }

    @EveryEngine
    void writerThatSendsTooLittle_isGivenUp_unlessItWasPausedOrHasEnded(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {
                                    socket.onData(data -> {});
                                    Timer looking = socket.minimumRead(1000, WINDOW);
                                    socket.onClose(err -> events.add("slow " + err.code()));
                                    paused(socket, looking, events);
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.resume();
                                                    trickle(reactor, socket);
                                                    socket.onClose(err -> Servers.close(server));
                                                })));
        assertEquals(List.of("survived a pause", "slow ETIMEDOUT"), events);
    }

    private static void paused(Socket socket, Timer looking, List<String> events) {
        socket.pause();
        later(
                socket,
                () -> {
                    assertFalse(socket.isDestroyed());
                    events.add("survived a pause");
                    looking.clear();
                    socket.minimumRead(1000, WINDOW);
                    socket.resume();
                });
    }

    private static void trickle(Reactor reactor, Socket socket) {
        if (!socket.isDestroyed()) {
            socket.write("x");
            reactor.setTimeout(10, () -> trickle(reactor, socket));
        }
    }

    @EveryEngine
    void wrongValues_throw(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    Class<IllegalArgumentException> wrong =
                                            IllegalArgumentException.class;
                                    assertThrows(wrong, () -> socket.minimumRead(0, WINDOW));
                                    assertThrows(
                                            wrong, () -> socket.minimumWritten(1, Duration.ZERO));
                                    assertThrows(wrong, () -> socket.minimumWritten(1, null));
                                    socket.destroy();
                                },
                                (server, port) -> Servers.connect(reactor, port, Socket::resume)));
    }

    @EveryEngine
    void highWaterMark_isAsTheOptionSays(EngineKind engine) {
        Content in = new Content(1);
        List<String> events = new ArrayList<>();
        SocketOptions options = SocketOptions.defaults().highWaterMark(1000);
        assertThrows(IllegalArgumentException.class, () -> options.highWaterMark(0));
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> socket.onData(in::check),
                                (server, port) -> {
                                    Socket socket =
                                            Net.of(reactor)
                                                    .createConnection(
                                                            ConnectOptions.port(port)
                                                                    .host("127.0.0.1")
                                                                    .socket(options));
                                    assertEquals(1000, socket.highWaterMark());
                                    Content out = new Content(1);
                                    assertTrue(socket.write(out.take(999)));
                                    assertFalse(socket.write(out.take(1)));
                                    socket.onDrain(() -> {
                                        events.add("drain");
                                        assertTrue(socket.write(out.take(1)));
                                        socket.end();
                                    });
                                }));
        assertEquals(List.of("drain"), events);
        assertEquals(1001, in.position());
    }
}
