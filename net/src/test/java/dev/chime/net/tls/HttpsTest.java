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

    @EveryEngine
    void close_doesNotWaitForHandshakes(EngineKind engine) {
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
                                                    20,
                                                    () ->
                                                            server.close(closed ->
                                                                    events.add("closed")));
                                        }));
        assertEquals(2, events.size(), events::toString);
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
