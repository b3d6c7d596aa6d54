package dev.chime.net.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.Net;
import dev.chime.net.ServerReport;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;

/** Servers, and the handshakes that go wrong at them. */
class TlsServerTest {
    /** What a server says of one client that sends {@code bytes} and nothing else. */
    private static String errorOf(EngineKind engine, byte[] bytes, List<String> answer) {
        List<String> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsPeers.server(),
                                socket -> errors.add("secure"),
                                (server, port) -> {
                                    server.onClientError((err, socket) -> {
                                        errors.add(err.code());
                                        assertNotNull(socket.remoteAddress());
                                        TlsPeers.close(server);
                                    });
                                    Servers.connect(
                                            reactor,
                                            port,
                                            socket -> {
                                                socket.onData(data -> {
                                                    for (byte b : data.toArray()) {
                                                        answer.add(Integer.toString(b));
                                                    }
                                                });
                                                socket.end(bytes);
                                            });
                                }));
        assertEquals(1, errors.size(), errors.toString());
        return errors.getFirst();
    }

    @EveryEngine
    void whatIsNoTls_isNamed_andAnsweredByAnAlert(EngineKind engine) {
        Map<String, String> cases = new TreeMap<>();
        cases.put("GET / HTTP/1.1\r\n\r\n", "ERR_SSL_HTTP_REQUEST");
        cases.put("OPTIONS * HTTP/1.1\r\n\r\n", "ERR_SSL_HTTP_REQUEST");
        cases.put("EHLO example.com\r\n", "ERR_SSL_WRONG_VERSION_NUMBER");
        cases.put("\u0016\u0003\u0001\u007f\u007f", "ERR_SSL_PACKET_LENGTH_TOO_LONG");
        cases.forEach((sent, code) -> {
            List<String> answer = new ArrayList<>();
            assertEquals(code, errorOf(engine, sent.getBytes(UTF_8), answer));
            assertEquals(List.of("21", "3", "3", "0", "2", "2", "70"), answer, code);
        });
        assertEquals("ECONNRESET", errorOf(engine, "GET".getBytes(UTF_8), new ArrayList<>()));
        assertEquals("ECONNRESET", errorOf(engine, new byte[0], new ArrayList<>()));
    }

    @EveryEngine
    void aHandshakeOfGarbage_isAnError(EngineKind engine) {
        byte[] garbage = new byte[105];
        garbage[0] = 22;
        garbage[1] = 3;
        garbage[2] = 1;
        garbage[4] = 100;
        garbage[5] = 1;
        List<String> answer = new ArrayList<>();
        String code = errorOf(engine, garbage, answer);
        assertTrue(code.startsWith("ERR_SSL_"), code);
        assertEquals("21", answer.getFirst(), "an alert");
    }

    @EveryEngine
    void aClientWhoSaysNothing_isSentAway(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsPeers.server().handshakeTimeout(Duration.ofMillis(50)),
                                socket -> events.add("secure"),
                                (server, port) -> {
                                    server.onClientError((err, socket) -> {
                                        events.add(err.code());
                                        TlsPeers.close(server);
                                    });
                                    Servers.connect(
                                            reactor,
                                            port,
                                            socket -> {
                                                socket.onClose(err -> events.add("closed"));
                                                socket.resume();
                                            });
                                }));
        assertEquals(List.of("ERR_TLS_HANDSHAKE_TIMEOUT", "closed"), events);
    }

    @EveryEngine
    void sessionsAreResumed_amongTheConnectionsOfAContext(EngineKind engine) {
        for (TlsProtocol version : TlsProtocol.values()) {
            List<String> resumed = new ArrayList<>();
            TlsOptions client = TlsPeers.client().versions(version, version);
            Reactors.run(
                    engine,
                    reactor ->
                            TlsPeers.listen(
                                    reactor,
                                    TlsPeers.server(),
                                    socket -> {
                                        resumed.add("server " + socket.isResumed());
                                        socket.pipe(socket);
                                    },
                                    (server, port) ->
                                            again(reactor, server, port, client, resumed)));
            assertEquals(
                    List.of(
                            "client false",
                            "client true",
                            "client true",
                            "server false",
                            "server true",
                            "server true"),
                    resumed.stream().sorted().toList());
        }
    }

    private static void again(
            Reactor reactor, TlsServer server, int port, TlsOptions client, List<String> resumed) {
        TlsPeers.connect(
                reactor,
                port,
                client,
                socket -> {
                    resumed.add("client " + socket.isResumed());
                    assertEquals(
                            "CN=localhost",
                            socket.peerCertificates()
                                    .getFirst()
                                    .getSubjectX500Principal()
                                    .getName());
                    socket.onData(data -> socket.end());
                    socket.onClose(err -> {
                        assertNull(err);
                        if (resumed.stream().filter(s -> s.startsWith("client")).count() < 3) {
                            again(reactor, server, port, client, resumed);
                        } else {
                            TlsPeers.close(server);
                        }
                    });
                    socket.write("x");
                });
    }

    /** New certificates while clients come: none is lost, and late ones see the new. */
    @EveryEngine
    void reload_underLoad(EngineKind engine) {
        int many = 70;
        List<String> seen = new ArrayList<>();
        int[] started = new int[1];
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsPeers.server(),
                                socket -> socket.pipe(socket),
                                (server, port) -> {
                                    Runnable[] next = new Runnable[1];
                                    next[0] =
                                            () -> {
                                                int number = started[0]++;
                                                if (number >= many) {
                                                    return;
                                                }
                                                if (number % 10 == 5) {
                                                    String name = "g%03d".formatted(number);
                                                    server.reload(
                                                            TlsOptions.of(
                                                                    TlsContext.of(
                                                                            Authority.ROOT
                                                                                    .issue(
                                                                                            name,
                                                                                            "localhost")
                                                                                    .identity())));
                                                }
                                                one(
                                                        reactor,
                                                        port,
                                                        seen,
                                                        () -> {
                                                            if (seen.size() == many) {
                                                                TlsPeers.close(server);
                                                            } else {
                                                                next[0].run();
                                                            }
                                                        });
                                            };
                                    for (int i = 0; i < 8; i++) {
                                        next[0].run();
                                    }
                                }));
        assertEquals(many, seen.size());
        assertEquals("CN=g065", seen.getLast());
        assertTrue(seen.stream().distinct().count() > 5, seen.toString());
    }

    private static void one(Reactor reactor, int port, List<String> seen, Runnable then) {
        TlsPeers.connect(
                reactor,
                port,
                TlsPeers.client(),
                socket -> {
                    String peer =
                            socket.peerCertificates()
                                    .getFirst()
                                    .getSubjectX500Principal()
                                    .getName();
                    socket.onData(data -> socket.end());
                    socket.onClose(err -> {
                        assertNull(err);
                        seen.add(peer);
                        then.run();
                    });
                    socket.write("x");
                });
    }

    @EngineTest
    void manyHandshakes_leaveNothing(EngineKind engine) {
        handshakes(engine, 100);
    }

    @EngineTest
    @Tag("slow")
    void aThousandHandshakes_leaveNothing(EngineKind engine) {
        handshakes(engine, 1000);
    }

    private static void handshakes(EngineKind engine, int many) {
        List<String> seen = new ArrayList<>();
        int[] started = new int[1];
        TlsOptions client = TlsPeers.client();
        int[] resumed = new int[1];
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsPeers.server(),
                                socket -> {
                                    resumed[0] += socket.isResumed() ? 1 : 0;
                                    socket.pipe(socket);
                                },
                                (server, port) -> {
                                    Runnable[] next = new Runnable[1];
                                    next[0] =
                                            () -> {
                                                if (started[0]++ < many) {
                                                    TlsPeers.connect(
                                                            reactor,
                                                            port,
                                                            client,
                                                            s -> {
                                                                s.onData(data -> s.end());
                                                                s.onClose(err -> {
                                                                    seen.add(String.valueOf(err));
                                                                    next[0].run();
                                                                });
                                                                s.write("x");
                                                            });
                                                } else if (seen.size() == many) {
                                                    TlsPeers.close(server);
                                                }
                                            };
                                    for (int i = 0; i < 20; i++) {
                                        next[0].run();
                                    }
                                }));
        assertEquals(List.of("null"), seen.stream().distinct().toList());
        assertEquals(many, seen.size());
        assertTrue(resumed[0] > many / 10, "resumed " + resumed[0]);
    }

    /** Clients that go away at every moment of a handshake, the kernel's sockets between. */
    @EveryEngine
    void clientsWhoGoAway_whileTheyShakeHands(EngineKind engine) {
        int many = 100;
        int[] ended = new int[2];
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsPeers.server(),
                                socket -> socket.onClose(err -> ended[1]++).resume(),
                                (server, port) -> {
                                    server.onClientError((err, socket) -> ended[1]++);
                                    for (int i = 0; i < many; i++) {
                                        long micros = i * 60L;
                                        Net.of(reactor)
                                                .connect(
                                                        TlsPeers.where(port),
                                                        (err, socket) -> {
                                                            Tls.of(reactor)
                                                                    .wrap(
                                                                            socket,
                                                                            TlsPeers.client(),
                                                                            (failed, secure) ->
                                                                                    ended[0]++);
                                                            reactor.setTimeout(
                                                                    Duration.ofNanos(micros * 1000),
                                                                    socket::resetAndDestroy);
                                                        });
                                    }
                                    reactor.setInterval(
                                            5,
                                            () -> {
                                                if (ended[0] == many
                                                        && server.connections() == 0
                                                        && ended[1] > 0) {
                                                    server.shutdown(
                                                            Duration.ZERO,
                                                            (err, report) -> reactor.stop());
                                                }
                                            });
                                }));
        assertEquals(many, ended[0], "each callback once");
    }

    /** Opens a secure connection, which says what it is, and notes how it ends. */
    private static void talk(Reactor reactor, int port, String kind, List<String> events) {
        TlsPeers.connect(
                reactor,
                port,
                TlsPeers.client(),
                socket -> {
                    socket.resume();
                    socket.onClose(err -> events.add(kind + " " + (err == null ? "fine" : "cut")));
                    socket.write(kind);
                });
    }

    @EveryEngine
    void shutdown_endsIdleOnes_withACloseNotify_andCutsOffTheRest(EngineKind engine) {
        List<String> events = new ArrayList<>();
        ServerReport[] report = new ServerReport[1];
        TlsServer[] listening = new TlsServer[1];
        int[] heard = new int[1];
        Reactors.run(
                engine,
                reactor -> {
                    Task shutdown =
                            () ->
                                    listening[0].shutdown(
                                            Duration.ofMillis(100),
                                            (err, ends) -> report[0] = ends);
                    TlsPeers.listen(
                            reactor,
                            TlsPeers.server(),
                            socket ->
                                    socket.onText(
                                            UTF_8,
                                            text -> {
                                                if (text.equals("idle")) {
                                                    socket.write("answer");
                                                }
                                                if (++heard[0] == 2) {
                                                    reactor.setImmediate(shutdown);
                                                }
                                            }),
                            (server, port) -> {
                                listening[0] = server;
                                Servers.connect(
                                        reactor,
                                        port,
                                        mute -> {
                                            mute.resume();
                                            talk(reactor, port, "idle", events);
                                            talk(reactor, port, "busy", events);
                                        });
                            });
                });
        assertEquals(List.of("idle fine", "busy cut"), events);
        assertEquals(new ServerReport(1, 2), report[0]);
    }
}
