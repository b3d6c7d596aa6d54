package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The opening handshake of WebSockets. */
class WebSocketsTest {
    /** The key of RFC 6455, section 1.3, and a request with it. */
    private static final String HEAD =
            "GET /chat?room=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                    + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static HttpServer echo(dev.chime.reactor.Reactor reactor) {
        return Http.of(reactor)
                .createServer((request, response) -> response.status(404).end("no page"))
                .onUpgrade(
                        WebSockets.upgrade(
                                WebSocketOptions.defaults(),
                                (socket, request) -> {
                                    socket.send(request.target());
                                    socket.onText(socket::send);
                                }));
    }

    @EngineTest
    void handshakeOfTheRfc_isAnsweredAsThere(EngineKind engine) {
        Serving.run(
                engine,
                WebSocketsTest::echo,
                port -> {
                    // Behind the head comes a masked close frame of no status.
                    String answer = Wire.exchange(port, HEAD + "\u0088\u0080\0\0\0\0");
                    assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
                    assertTrue(
                            answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                            answer);
                    assertTrue(answer.contains("/chat?room=1"), answer);
                });
    }

    @EngineTest
    void whatIsNoHandshake_isRefused(EngineKind engine) {
        Serving.run(
                engine,
                WebSocketsTest::echo,
                port -> {
                    assertStatus(port, "426", HEAD.replace("Version: 13", "Version: 8"));
                    assertStatus(port, "426", HEAD.replace("Upgrade: websocket", "Upgrade: h2c"));
                    assertStatus(port, "426", HEAD.replace("GET", "PUT"));
                    assertStatus(port, "400", HEAD.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="));
                    assertStatus(port, "400", HEAD.replace("dGhl", "?!"));
                    assertStatus(port, "400", HEAD.replaceFirst("Sec-WebSocket-Key.*\r\n", ""));
                });
    }

    private static void assertStatus(int port, String status, String head) throws Exception {
        String answer = Wire.exchange(port, head);
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), head + answer);
        assertTrue(!status.equals("426") || answer.contains("Sec-WebSocket-Version: 13"), answer);
    }

    @EveryEngine
    void client_opensTalksAndCloses(EngineKind engine) {
        List<String> events = new ArrayList<>();
        client(
                engine,
                (server, client, url) ->
                        WebSockets.connect(
                                client,
                                "ws" + url + "path",
                                WebSocketOptions.defaults(),
                                (err, socket) -> {
                                    if (err != null) {
                                        throw err;
                                    }
                                    socket.onText(text -> {
                                        events.add(text);
                                        if (text.equals("bye")) {
                                            socket.close(1000, "enough");
                                        }
                                    });
                                    socket.onClose((code, reason, failure) -> {
                                        events.add(code + " " + reason);
                                        server.close(done -> {});
                                    });
                                    socket.send("hello");
                                    socket.send("bye");
                                }));
        assertEquals(List.of("/path", "hello", "bye", "1000 "), events);
    }

    @EveryEngine
    void serverWithoutWebSockets_isAnError(EngineKind engine) {
        List<String> errors = new ArrayList<>();
        client(
                engine,
                (server, client, url) -> {
                    server.onUpgrade((request, connection, unread) -> {
                        connection.end("HTTP/1.1 503 Not now\r\nContent-Length: 0\r\n\r\n");
                        connection.resume();
                    });
                    WebSockets.connect(
                            client,
                            "ws" + url,
                            WebSocketOptions.defaults(),
                            (err, socket) -> {
                                errors.add(err.code() + " " + err.getMessage());
                                server.close(done -> {});
                            });
                });
        assertEquals(List.of("ERR_WEBSOCKET_REFUSED the server answers 503 Not now"), errors);
    }

    @EveryEngine
    void wrongAccept_isAnError(EngineKind engine) {
        List<String> errors = new ArrayList<>();
        client(
                engine,
                (server, client, url) -> {
                    server.onUpgrade((request, connection, unread) -> {
                        connection.end(
                                "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                        connection.resume();
                    });
                    WebSockets.connect(
                            client,
                            "ws" + url,
                            WebSocketOptions.defaults(),
                            (err, socket) -> {
                                errors.add(err.code());
                                server.close(done -> {});
                            });
                });
        assertEquals(List.of("ERR_WEBSOCKET_REFUSED"), errors);
    }

    private interface Use {
        void use(HttpServer server, HttpClient client, String url);
    }

    private static void client(EngineKind engine, Use use) {
        Reactors.run(
                engine,
                reactor -> {
                    HttpServer server = echo(reactor);
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) ->
                                    use.use(
                                            server,
                                            client,
                                            "://127.0.0.1:" + server.address().getPort() + "/"));
                });
    }

    @Test
    void otherSchemes_areRefused() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    for (String url : List.of("http://h/", "/path", "file:///x")) {
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        WebSockets.connect(
                                                client,
                                                url,
                                                WebSocketOptions.defaults(),
                                                (err, socket) -> {}));
                    }
                });
    }
}
