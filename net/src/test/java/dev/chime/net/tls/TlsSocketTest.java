package dev.chime.net.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Hoard;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a secure connection does as a stream: ends, backpressure, time. */
class TlsSocketTest {
    /** Both ends of a connection, secure. */
    private interface Both {
        void ready(Reactor reactor, TlsSocket client, TlsSocket server) throws Exception;
    }

    private static void connected(
            EngineKind engine, TlsOptions serverOptions, TlsOptions clientOptions, Both then) {
        connected(Reactors.options(engine), serverOptions, clientOptions, then);
    }

    private static void connected(
            ReactorOptions options, TlsOptions serverOptions, TlsOptions clientOptions, Both then) {
        TlsSocket[] sockets = new TlsSocket[2];
        Reactors.run(
                options,
                reactor ->
                        TlsPeers.once(
                                reactor,
                                serverOptions,
                                socket -> {
                                    sockets[0] = socket;
                                    if (sockets[1] != null) {
                                        then.ready(reactor, sockets[1], socket);
                                    }
                                },
                                (server, port) ->
                                        TlsPeers.connect(
                                                reactor,
                                                port,
                                                clientOptions,
                                                socket -> {
                                                    sockets[1] = socket;
                                                    if (sockets[0] != null) {
                                                        then.ready(reactor, socket, sockets[0]);
                                                    }
                                                })));
    }

    private static void connected(EngineKind engine, Both then) {
        connected(engine, TlsPeers.server(), TlsPeers.client(), then);
    }

    private static String code(ReactorException err) {
        return err == null ? "fine" : err.code();
    }

    @EveryEngine
    void ourEnd_leavesThePeersSideOpen_inTls13(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                TlsPeers.server().allowHalfOpen(true),
                TlsPeers.client(),
                (reactor, client, server) -> {
                    client.onText(UTF_8, text -> events.add("client hears " + text));
                    client.onEnd(() -> events.add("client end"));
                    client.onClose(err -> events.add("client " + code(err)));
                    server.onText(UTF_8, text -> events.add("server hears " + text));
                    server.onEnd(() -> {
                        events.add("server end");
                        reactor.setTimeout(20, () -> server.end("answer"));
                    });
                    server.onClose(err -> events.add("server " + code(err)));
                    client.end("question");
                });
        assertEquals(
                List.of("client hears answer", "client end", "client fine"),
                events.stream().filter(event -> event.startsWith("client")).toList());
        assertEquals(
                List.of("server hears question", "server end", "server fine"),
                events.stream().filter(event -> event.startsWith("server")).toList());
    }

    /** RFC 5246 forbids an answer: whoever writes one hears of it and nothing else breaks. */
    @EveryEngine
    void ourEnd_endsThePeersSide_inTls12(EngineKind engine) {
        List<String> events = new ArrayList<>();
        TlsProtocol old = TlsProtocol.TLS_1_2;
        connected(
                engine,
                TlsPeers.server().allowHalfOpen(true).versions(old, old),
                TlsPeers.client(),
                (reactor, client, server) -> {
                    client.resume();
                    client.onClose(err -> events.add("client " + code(err)));
                    server.resume();
                    server.onEnd(() ->
                            server.write("too late", err -> events.add("write " + code(err))));
                    server.onClose(err -> events.add("server " + code(err)));
                    client.end("question");
                });
        assertTrue(events.contains("client fine"), events.toString());
        assertTrue(events.contains("write EPIPE"), events.toString());
        assertTrue(events.contains("server EPIPE"), events.toString());
    }

    @EveryEngine
    void thePeersEnd_endsOurs_behindWhatIsQueued(EngineKind engine) {
        for (TlsProtocol version : TlsProtocol.values()) {
            Content back = new Content(5);
            int total = 3_000_000;
            List<String> events = new ArrayList<>();
            connected(
                    engine,
                    TlsPeers.server().versions(version, version),
                    TlsPeers.client(),
                    (reactor, client, server) -> {
                        reactor.setTimeout( // question and end are there by then, side by side
                                30,
                                () ->
                                        server.onData(
                                                data -> server.write(new Content(5).take(total))));
                        server.onClose(err -> events.add("server " + code(err)));
                        client.onClose(err -> events.add("client " + code(err)));
                        client.onData(back::check);
                        client.end("everything, please");
                    });
            assertEquals(total, back.position());
            assertEquals(List.of("client fine", "server fine"), events.stream().sorted().toList());
        }
    }

    @EveryEngine
    void withoutAReader_bothSidesStillEnd(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                (reactor, client, server) -> {
                    client.onClose(err -> events.add("client " + code(err)));
                    server.onClose(err -> events.add("server " + code(err)));
                    client.end();
                    server.end();
                });
        assertEquals(List.of("client fine", "server fine"), events.stream().sorted().toList());
    }

    @EveryEngine
    void dataBehindOurEnd_waitsForALateReader(EngineKind engine) {
        Content heard = new Content(6);
        connected(
                engine,
                (reactor, client, server) -> {
                    client.end();
                    server.end(new Content(6).take(500_000));
                    server.resume();
                    reactor.setTimeout(50, () -> client.onData(heard::check));
                });
        assertEquals(500_000, heard.position());
    }

    @EveryEngine
    void aSlowReader_slowsTheWriter_andGetsEveryByte(EngineKind engine) {
        int total = 8 << 20;
        Content sent = new Content(7);
        Content heard = new Content(7);
        long[] most = new long[2];
        connected(
                engine,
                (reactor, client, server) -> {
                    client.onClose(err -> assertNull(err));
                    server.onData(data -> {
                        heard.check(data);
                        most[1] = Math.max(most[1], Inside.chunksInUse(reactor));
                        server.pause();
                        reactor.setImmediate(server::resume);
                    });
                    Runnable[] more = new Runnable[1];
                    more[0] =
                            () -> {
                                while (sent.position() < total) {
                                    boolean below = client.write(sent.take(30_000));
                                    most[0] = Math.max(most[0], client.queuedBytes());
                                    if (!below) {
                                        return;
                                    }
                                }
                                client.end();
                            };
                    client.onDrain(() -> more[0].run());
                    more[0].run();
                });
        assertTrue(heard.position() >= total);
        assertEquals(sent.position(), heard.position());
        assertTrue(most[0] < TlsSocket.HIGH_WATER_MARK + 30_000, "queued " + most[0]);
        assertTrue(most[1] < 100, "chunks " + most[1]);
    }

    @EveryEngine
    void aStoppedReader_holdsTheWriter(EngineKind engine) {
        long[] written = new long[2];
        connected(
                engine,
                (reactor, client, server) -> {
                    server.onData(data -> server.pause());
                    Runnable[] more = new Runnable[1];
                    more[0] =
                            () -> {
                                while (client.write(new byte[60_000])) {
                                    // more
                                }
                            };
                    client.onDrain(() -> more[0].run());
                    more[0].run();
                    reactor.setTimeout(
                            300,
                            () -> {
                                written[0] = client.bytesWritten();
                                reactor.setTimeout(
                                        100,
                                        () -> {
                                            written[1] = client.bytesWritten();
                                            client.destroy();
                                            server.destroy();
                                        });
                            });
                });
        assertEquals(written[0], written[1], "it does not move");
    }

    @EveryEngine
    void writes_callBackInOrder_andAfterTheEndThrow(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                (reactor, client, server) -> {
                    server.resume();
                    client.write("a", err -> events.add("a " + code(err)));
                    client.write(new byte[200_000], err -> events.add("b " + code(err)));
                    client.write("", err -> events.add("c " + code(err)));
                    client.onFinish(() -> events.add("finish"));
                    client.resume();
                    client.end();
                    assertThrows(IllegalStateException.class, () -> client.write("d"));
                });
        assertEquals(List.of("a fine", "b fine", "c fine", "finish"), events);
    }

    @EveryEngine
    void aDestroyedSocket_tellsOnce_andThePeerHearsThatDataMayBeMissing(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                (reactor, client, server) -> {
                    server.resume();
                    server.onClose(err -> events.add("server " + code(err)));
                    client.onClose(err -> events.add("client " + code(err)));
                    client.destroy(new ReactorException("ERR_MINE", "mine"));
                    client.destroy();
                    assertFalse(client.write("x"));
                    assertTrue(client.isDestroyed());
                });
        assertEquals(2, events.size());
        assertTrue(events.contains("client ERR_MINE"), events.toString());
        assertTrue(
                events.contains("server ERR_SSL_UNEXPECTED_EOF_WHILE_READING")
                        || events.contains("server ECONNRESET"),
                events.toString());
    }

    @EveryEngine
    void idleness_isTold_andTheDeadlineEnds(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                (reactor, client, server) -> {
                    server.pipe(server);
                    server.onClose(err -> events.add("server " + code(err)));
                    client.onData(data -> events.add("data"));
                    client.onClose(err -> events.add("client " + code(err)));
                    client.setTimeout(
                            Duration.ofMillis(100),
                            () -> {
                                events.add("idle");
                                client.deadline(Duration.ofMillis(20));
                            });
                    client.write("x");
                });
        assertEquals(List.of("data", "idle", "client ETIMEDOUT"), events.subList(0, 3));
    }

    @EveryEngine
    void tooMuchQueued_isAnError(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connected(
                engine,
                TlsPeers.server(),
                TlsPeers.client().maxQueuedBytes(100_000),
                (reactor, client, server) -> {
                    server.resume();
                    client.onClose(err -> events.add(code(err)));
                    client.write(new byte[60_000]);
                    assertFalse(client.write(new byte[60_000]));
                });
        assertEquals(List.of("ERR_BUFFER_FULL"), events);
    }

    @EveryEngine
    void addressesAndNames(EngineKind engine) {
        connected(
                engine,
                (reactor, client, server) -> {
                    assertEquals(client.localAddress(), server.remoteAddress());
                    assertEquals(client.remoteAddress(), server.localAddress());
                    assertNotNull(client.remoteAddress());
                    assertEquals(Peers.LOCAL, client.remoteAddress().getHostString());
                    assertNull(client.unixAddress());
                    assertEquals("localhost", client.serverName());
                    assertTrue(client.cipherSuite().startsWith("TLS_"), client.cipherSuite());
                    assertTrue(client.toString().contains("TLSv1.3"), client.toString());
                    client.destroy();
                    server.destroy();
                });
    }

    @EveryEngine
    void idleConnections_holdNoNativeMemory(EngineKind engine) {
        int[] chunks = new int[2];
        connected(
                engine,
                (reactor, client, server) -> {
                    chunks[0] = Inside.chunksInUse(reactor);
                    server.pipe(server);
                    client.onData(data -> {
                        if (client.bytesRead() == 100_000) {
                            reactor.setTimeout(
                                    20,
                                    () -> {
                                        chunks[1] = Inside.chunksInUse(reactor);
                                        client.end();
                                    });
                        }
                    });
                    client.write(new byte[100_000]);
                });
        assertTrue(chunks[1] <= chunks[0], chunks[0] + " before, " + chunks[1] + " after");
    }

    @EveryEngine
    void withoutNativeMemory_aConnectionIsSlow_butGoesOn(EngineKind engine) {
        int bytes = 100_000;
        Content heard = new Content(8);
        boolean[] flushed = new boolean[1];
        connected(
                Reactors.options(engine).maxNativeBytes(4L << 20),
                TlsPeers.server(),
                TlsPeers.client(),
                (reactor, client, server) -> {
                    server.onData(heard::check);
                    server.onClose(err -> assertNull(err));
                    client.resume();
                    Hoard hoard = new Hoard(reactor);
                    client.write(
                            new Content(8).take(bytes),
                            err -> {
                                assertNull(err);
                                flushed[0] = true;
                                reactor.setTimeout(50, hoard::release);
                                client.end();
                            });
                });
        assertTrue(flushed[0]);
        assertEquals(bytes, heard.position());
    }
}
