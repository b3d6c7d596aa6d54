package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.http.Http;
import dev.chime.net.http.HttpClient;
import dev.chime.net.http.HttpClientOptions;
import dev.chime.net.http.HttpServer;
import dev.chime.net.http.RequestOptions;
import dev.chime.net.http.WebSockets;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** HTTP and WebSocket upon TLS. */
class HttpsTest {
    private interface Use {
        void use(Reactor reactor, HttpServer server, HttpClient client, String place);
    }

    /** A server that echoes bodies, and messages of WebSockets; a client that believes it. */
    private static void run(EngineKind engine, Use use) {
        Reactors.run(
                engine,
                reactor -> {
                    Http http = Http.of(reactor);
                    HttpServer server =
                            http.createSecureServer(
                                    TlsPeers.server(),
                                    (request, response) ->
                                            request.text(
                                                    1 << 20,
                                                    StandardCharsets.UTF_8,
                                                    (err, text) -> response.end("got " + text)));
                    server.onUpgrade(
                            WebSockets.upgrade(
                                    WebSocketOptions.defaults(),
                                    (socket, request) -> socket.onText(socket::send)));
                    HttpClient client =
                            http.createClient(HttpClientOptions.defaults().tls(TlsPeers.client()));
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                String place = "://localhost:" + server.address().getPort() + "/";
                                use.use(reactor, server, client, place);
                            });
                });
    }

    @EveryEngine
    void requests_shareAConnection(EngineKind engine) {
        List<String> answers = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) ->
                        post(
                                client,
                                "https" + place,
                                "one",
                                answers,
                                () ->
                                        post(
                                                client,
                                                "https" + place,
                                                "two",
                                                answers,
                                                () -> {
                                                    answers.add(
                                                            client.connections() + " connection");
                                                    client.close();
                                                    server.close(err -> {});
                                                })));
        assertEquals(List.of("got one", "got two", "1 connection"), answers);
    }

    private static void post(
            HttpClient client, String url, String body, List<String> answers, Runnable then) {
        client.request(
                RequestOptions.post(url).body(body),
                (err, response) -> {
                    if (err != null) {
                        throw err;
                    }
                    response.text(
                            100,
                            StandardCharsets.UTF_8,
                            (failed, text) -> {
                                answers.add(text);
                                // In a turn of its own: the connection rests behind the callback.
                                response.reactor().setImmediate(then::run);
                            });
                });
    }

    @EveryEngine
    void webSocket_uponTls(EngineKind engine) {
        List<String> messages = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) ->
                        WebSockets.connect(
                                client,
                                "wss" + place,
                                WebSocketOptions.defaults(),
                                (err, socket) -> {
                                    if (err != null) {
                                        throw err;
                                    }
                                    socket.onText(text -> {
                                        messages.add(text);
                                        socket.close();
                                    });
                                    socket.onClose((code, reason, failure) -> {
                                        messages.add("closed " + code);
                                        server.close(closed -> {});
                                    });
                                    socket.send("hello");
                                }));
        assertEquals("hello", messages.getFirst());
        assertTrue(messages.getLast().startsWith("closed"), messages::toString);
    }

    @EveryEngine
    void whoIsNotBelieved_isNotAsked(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) ->
                        Http.of(reactor)
                                .get(
                                        "https" + place,
                                        (err, response) -> {
                                            codes.add(err.code());
                                            server.close(closed -> {});
                                        }));
        assertEquals(1, codes.size());
        assertTrue(codes.getFirst().matches("(UNABLE|SELF|DEPTH)_.*"), codes::toString);
    }

    /** A client connects and says nothing; what does a call make of it? */
    private static List<String> shaking(
            EngineKind engine, BiConsumer<HttpServer, List<String>> call) {
        List<String> events = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) ->
                        dev.chime.net.Net.of(reactor)
                                .connect(
                                        server.address().getPort(),
                                        "127.0.0.1",
                                        (err, mute) -> {
                                            mute.resume();
                                            mute.onClose(closed -> events.add("cut"));
                                            reactor.setTimeout(
                                                    20, () -> call.accept(server, events));
                                        }));
        return events;
    }

    @EveryEngine
    void close_doesNotWaitForHandshakes(EngineKind engine) {
        List<String> events =
                shaking(engine, (server, seen) -> server.close(closed -> seen.add("closed")));
        assertEquals(2, events.size(), events::toString);
    }

    @EveryEngine
    void closeAllConnections_endsHandshakes(EngineKind engine) {
        List<String> events =
                shaking(
                        engine,
                        (server, seen) -> {
                            server.onTlsClientError((error, socket) -> {
                                seen.add(error.code());
                                server.close(closed -> {});
                            });
                            server.closeAllConnections();
                        });
        assertEquals(List.of("ECANCELED", "cut"), events);
    }

    /** Whom the server shows, by its name, to a client that believes the tests' root. */
    private static void see(Reactor reactor, int port, Consumer<String> then) {
        TlsPeers.connect(
                reactor,
                port,
                TlsPeers.client(),
                socket -> {
                    var shown = socket.peerCertificates().getFirst();
                    socket.onClose(err -> then.accept(shown.getSubjectX500Principal().getName()));
                    socket.resume();
                    socket.end();
                });
    }

    @EveryEngine
    void reload_showsLaterClientsTheNewCertificate(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) -> {
                    int port = server.address().getPort();
                    see(
                            reactor,
                            port,
                            first -> {
                                seen.add(first);
                                var identity = Authority.ROOT.issue("new", "localhost").identity();
                                server.reload(TlsOptions.of(TlsContext.of(identity)));
                                see(
                                        reactor,
                                        port,
                                        second -> {
                                            seen.add(second);
                                            client.close();
                                            server.close(err -> {});
                                        });
                            });
                });
        assertEquals(List.of("CN=localhost", "CN=new"), seen);
    }

    @EveryEngine
    void failedHandshakes_areHeardOf(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        run(
                engine,
                (reactor, server, client, place) -> {
                    server.onTlsClientError((err, socket) -> {
                        codes.add(err.code());
                        server.close(closed -> {});
                    });
                    Http.of(reactor).get("http" + place, (err, response) -> codes.add(err.code()));
                });
        assertEquals(
                List.of("ERR_SSL_HTTP_REQUEST", "HPE_INVALID_RESPONSE"),
                codes.stream().sorted().toList());
    }

    @Test
    void plainServers_haveNothingToReload() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    HttpServer plain = Http.of(reactor).createServer((request, response) -> {});
                    assertThrows(
                            IllegalStateException.class, () -> plain.reload(TlsPeers.server()));
                });
    }

    @Test
    void withoutAnIdentity_thereIsNoServer() {
        Reactors.run(
                EngineKind.POOL,
                reactor ->
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Http.of(reactor)
                                                .createSecureServer(
                                                        TlsOptions.client(), (a, b) -> {})));
    }
}
