package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What a socket can beyond reading and writing: time, half-open, reset, cork, options, limits. */
class SocketTest {
    private static final Duration SHORT = Duration.ofMillis(40);

    @EveryEngine
    void idleTimeout_tellsOnceAndLeavesTheSocketOpen(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> socket.resume().onEnd(() -> events.add("end")),
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.resume();
                                                    socket.setTimeout(
                                                            SHORT, () -> idle(socket, events));
                                                    assertEquals(List.of(), events);
                                                })));
        assertEquals(List.of("idle", "idle", "end"), events);
    }

    /** The first time it writes, which begins the time anew; the second time it ends. */
    private static void idle(Socket socket, List<String> events) {
        events.add("idle");
        assertFalse(socket.isDestroyed());
        if (events.size() == 1) {
            socket.write("x");
        } else {
            socket.end();
        }
    }

    @EveryEngine
    void idleTimeout_anyActivityBeginsItAnew_andZeroEndsIt(EngineKind engine) {
        Duration idle = Duration.ofMillis(1500);
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    Servers.echo(socket);
                                    socket.setTimeout(idle, () -> events.add("server idle"));
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.setTimeout(
                                                            idle, () -> events.add("client idle"));
                                                    pingPong(socket, events);
                                                })));
        assertEquals(List.of("7 pings"), events);
    }

    /** Seven times a sixth of the idle time passes between two messages. */
    private static void pingPong(Socket socket, List<String> events) {
        int[] pings = {0};
        socket.onData(data -> {
            if (++pings[0] == 8) {
                events.add("7 pings");
                socket.setTimeout(Duration.ZERO, () -> events.add("never"));
                socket.end();
            } else {
                socket.reactor().setTimeout(250, () -> socket.write("ping"));
            }
        });
        socket.write("ping");
    }

    @EveryEngine
    void idleTimeoutAndDeadline_areOverWhenTheSocketIs(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.setTimeout(SHORT, () -> events.add("idle"));
                                    socket.deadline(SHORT);
                                    socket.onClose(err -> events.add("close " + err));
                                    reactor.setTimeout(SHORT.multipliedBy(2), () -> {});
                                    assertThrows(
                                            IllegalArgumentException.class,
                                            () -> socket.setTimeout(SHORT.negated(), () -> {}));
                                    assertThrows(
                                            IllegalArgumentException.class,
                                            () -> socket.setTimeout(SHORT, null));
                                    socket.destroy();
                                },
                                (server, port) -> Servers.connect(reactor, port, Socket::resume)));
        assertEquals(List.of("close null"), events);
    }

    @EveryEngine
    void deadline_destroysWhateverIsGoingOn(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(socket::write); // for ever
                                                    socket.write("x");
                                                    socket.deadline(SHORT);
                                                    socket.onClose(
                                                            err -> events.add(err.getMessage()));
                                                })));
        assertEquals(1, events.size());
        assertTrue(events.getFirst().startsWith("read ETIMEDOUT 127.0.0.1:"), events::toString);
    }

    @EngineTest
    void halfOpen_ourSideGoesOnUntilItEnds(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.allowHalfOpen(true);
                    journal[0] = Journal.reading(socket, new Content(1));
                    socket.onFinish(() -> journal[0].add("finish"));
                    socket.onEnd(() ->
                            reactor.setImmediate(() ->
                                    reactor.setImmediate(() -> {
                                        assertFalse(socket.isDestroyed());
                                        assertTrue(socket.write("late"));
                                        socket.end();
                                    })));
                },
                client -> {
                    client.getOutputStream().write(new Content(1).take(10));
                    client.shutdownOutput();
                    assertEquals(4, client.getInputStream().readAllBytes().length);
                });
        assertEquals(List.of("data", "end", "finish", "close"), journal[0].events());
        assertNull(journal[0].error());
    }

    @EngineTest
    void halfOpen_endedBeforeThePeer_closesAtThePeersEnd(EngineKind engine) {
        Journal[] journal = new Journal[1];
        CountDownLatch finished = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.allowHalfOpen(true);
                    journal[0] = Journal.reading(socket, new Content(1));
                    socket.onFinish(() -> {
                        journal[0].add("finish");
                        finished.countDown();
                    });
                    socket.end("bye".getBytes(UTF_8));
                },
                client -> {
                    assertEquals(3, client.getInputStream().readAllBytes().length);
                    Peers.await(finished);
                });
        assertEquals(List.of("finish", "end", "close"), journal[0].events());
    }

    @EngineTest
    void resetAndDestroy_thePeerHearsOfAReset(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        socket.resetAndDestroy();
                        assertTrue(socket.isDestroyed());
                        socket.resetAndDestroy();
                    });
                },
                client -> {
                    client.getOutputStream().write(1);
                    SocketException reset =
                            assertThrows(
                                    SocketException.class, () -> client.getInputStream().read());
                    assertTrue(reset.getMessage().contains("reset"), reset::toString);
                });
        assertEquals(List.of("close"), journal[0].events());
        assertNull(journal[0].error());
    }

    @EveryEngine
    void resetAndDestroy_betweenTwoOfOurs_isECONNRESET(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> socket.onData(data -> socket.resetAndDestroy()),
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.resume();
                                                    socket.onClose(err -> events.add(err.code()));
                                                    socket.write("x");
                                                })));
        assertEquals(List.of("ECONNRESET"), events);
    }

    @EveryEngine
    void cork_holdsBackUntilTheLastUncork(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> socket.onData(data -> events.add(data.toString(UTF_8))),
                                (server, port) ->
                                        Servers.connect(
                                                reactor, port, socket -> corked(socket, events))));
        assertEquals(List.of("0 of 2 bytes", "0 of 4 bytes", "onetwo"), events.subList(0, 3));
    }

    private static void corked(Socket socket, List<String> events) {
        socket.resume();
        socket.cork().cork();
        socket.write("on");
        socket.reactor()
                .setTimeout(
                        20,
                        () -> {
                            events.add(socket.bytesWritten() + " of 2 bytes");
                            socket.uncork();
                            socket.write("et");
                            socket.reactor()
                                    .setTimeout(
                                            20,
                                            () -> {
                                                events.add(socket.bytesWritten() + " of 4 bytes");
                                                socket.write("wo");
                                                socket.uncork();
                                                socket.uncork(); // one too many does nothing
                                                socket.cork();
                                                socket.end(); // ends every cork
                                            });
                        });
    }

    @EngineTest
    void keepAliveAndBufferSizes_reachTheKernel(EngineKind engine) {
        int[] sizes = new int[4];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.keepAlive(
                            new KeepAlive(Duration.ofSeconds(33), Duration.ofMillis(1500), 7));
                    assertEquals(List.of(1, 33, 2, 7), keepAlive(reactor, socket));
                    socket.sendBufferSize(32 << 10).receiveBufferSize(48 << 10);
                    sizes[0] = socket.sendBufferSize();
                    sizes[1] = socket.receiveBufferSize();
                    socket.destroy();
                    sizes[2] = socket.sendBufferSize(1).sendBufferSize();
                    sizes[3] = socket.keepAlive(KeepAlive.after(SHORT)).receiveBufferSize();
                    assertThrows(IllegalArgumentException.class, () -> socket.sendBufferSize(0));
                },
                client -> assertEquals(-1, client.getInputStream().read()));
        assertEquals(List.of(64 << 10, 96 << 10, 0, 0), ints(sizes)); // Linux doubles
    }

    private static List<Integer> keepAlive(Reactor reactor, Socket socket) {
        Core core = Core.of(reactor);
        int fd = Inside.descriptor(socket);
        return List.of(
                Sockaddr.get(core, fd, Const.SOL_SOCKET, Const.SO_KEEPALIVE),
                Sockaddr.get(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPIDLE),
                Sockaddr.get(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPINTVL),
                Sockaddr.get(core, fd, Const.IPPROTO_TCP, Const.TCP_KEEPCNT));
    }

    @EveryEngine
    void optionsOfAServer_areThoseOfItsSockets_andOfAConnectOnesOwn(EngineKind engine) {
        List<Object> seen = new ArrayList<>();
        SocketOptions options =
                SocketOptions.defaults()
                        .noDelay(true)
                        .keepAlive(KeepAlive.after(Duration.ofSeconds(77)))
                        .allowHalfOpen(true);
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(
                                        ServerOptions.defaults().socket(options),
                                        socket -> {
                                            seen.add(keepAlive(reactor, socket));
                                            seen.add(noDelay(reactor, socket));
                                            socket.resume();
                                            // Only a half-open socket may write after the end.
                                            socket.onEnd(() ->
                                                    reactor.setImmediate(() -> socket.end("late")));
                                        })
                                .listen(
                                        0,
                                        Peers.LOCAL,
                                        (err, server) -> {
                                            assertNull(err);
                                            ConnectOptions own =
                                                    ConnectOptions.port(server.address().getPort())
                                                            .host(Peers.LOCAL)
                                                            .noDelay(true);
                                            Net.of(reactor)
                                                    .connect(
                                                            own,
                                                            (none, socket) -> {
                                                                assertNull(none);
                                                                int on = noDelay(reactor, socket);
                                                                assertEquals(1, on);
                                                                socket.onData(data ->
                                                                        seen.add(data.length()));
                                                                socket.onClose(closed ->
                                                                        Servers.close(server));
                                                                socket.end();
                                                            });
                                        }));
        assertEquals(List.of(List.of(1, 77, 1, 10), 1, 4), seen);
    }

    private static int noDelay(Reactor reactor, Socket socket) {
        int fd = Inside.descriptor(socket);
        return Sockaddr.get(Core.of(reactor), fd, Const.IPPROTO_TCP, Const.TCP_NODELAY);
    }

    private static List<Integer> ints(int[] values) {
        return java.util.Arrays.stream(values).boxed().toList();
    }

    @EveryEngine
    void keepAlive_wrongValuesThrow(EngineKind engine) {
        Duration second = Duration.ofSeconds(1);
        assertThrows(IllegalArgumentException.class, () -> KeepAlive.after(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> KeepAlive.after(Duration.ofDays(1)));
        assertThrows(IllegalArgumentException.class, () -> new KeepAlive(second, second, 128));
        assertThrows(IllegalArgumentException.class, () -> new KeepAlive(second, null, 1));
        assertEquals(10, KeepAlive.after(second).count());
        assertNotNull(engine);
    }

    @EveryEngine
    void addressesAndCounts_stayAfterTheClose(EngineKind engine) {
        List<Object> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(data -> socket.destroy());
                                                    socket.write("12345");
                                                    socket.onClose(err -> {
                                                        seen.add(socket.remoteAddress());
                                                        seen.add(
                                                                socket.localAddress().getAddress());
                                                        seen.add(socket.bytesRead());
                                                        seen.add(socket.bytesWritten());
                                                        seen.set(
                                                                0,
                                                                seen.getFirst()
                                                                        .equals(server.address()));
                                                    });
                                                })));
        assertEquals(
                List.of(true, new InetSocketAddress(Peers.LOCAL, 0).getAddress(), 5L, 5L), seen);
    }

    @EngineTest
    void aPeerThatDoesNotRead_isGivenUpAtTheLimitOfQueuedBytes(EngineKind engine)
            throws IOException {
        CountDownLatch closed = new CountDownLatch(1);
        List<String> events = new ArrayList<>();
        try (var listening = Peers.listen();
                Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        peers.start(
                                reactor,
                                () -> {
                                    try (var peer = Peers.accept(listening)) {
                                        Peers.await(closed);
                                        peer.getInputStream().read();
                                    }
                                });
                        ConnectOptions options =
                                ConnectOptions.port(listening.getLocalPort())
                                        .host(Peers.LOCAL)
                                        .socket(SocketOptions.defaults().maxQueuedBytes(100_000));
                        Net.of(reactor)
                                .connect(
                                        options,
                                        (err, socket) -> {
                                            assertNull(err);
                                            writeUntilGivenUp(socket, events, closed);
                                        });
                    });
        }
        assertEquals("ERR_BUFFER_FULL", events.get(0));
        assertEquals("lost ERR_BUFFER_FULL", events.get(1));
        assertEquals("close ERR_BUFFER_FULL", events.get(2));
    }

    private static void writeUntilGivenUp(
            Socket socket, List<String> events, CountDownLatch closed) {
        socket.onClose(err -> {
            events.add("close " + err.code());
            closed.countDown();
        });
        byte[] piece = new byte[60_000];
        socket.write(piece);
        socket.flush(err -> events.add("lost " + assertCode(err)));
        socket.write(piece);
        events.add(socket.error().code());
        assertFalse(socket.write(piece));
        assertTrue(socket.isDestroyed());
    }

    private static String assertCode(dev.chime.reactor.ReactorException err) {
        assertNotNull(err);
        assertFalse(err instanceof ErrnoException);
        return assertInstanceOf(dev.chime.reactor.ReactorException.class, err).code();
    }
}
