package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Writable;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.LogCapture;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a handler can answer, and what of it reaches the wire. */
class ServerExchangeTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n%s\r\n";
    private static final String CLOSE = "Connection: close\r\n";

    private static String get(String name, String fields) {
        return GET.formatted(name, fields);
    }

    private static List<Wire.Response> ask(int port, String text) throws Exception {
        return Wire.responses(Wire.exchange(port, text));
    }

    @EngineTest
    void pipelinedRequests_areAnsweredInOrderWheneverTheHandlerAnswers(EngineKind engine) {
        List<String> begun = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                (request, response) -> {
                    begun.add(request.target());
                    int wait = 30 - 10 * begun.size();
                    request.reactor().setTimeout(wait, () -> response.end(request.target()));
                },
                port -> {
                    String all = get("1", "") + get("2", "") + get("3", CLOSE);
                    assertEquals("200 /1; 200 /2; 200 /3", Wire.summary(Wire.exchange(port, all)));
                });
        assertEquals(List.of("/1", "/2", "/3"), begun);
    }

    @EngineTest
    void wholeAnswer_hasLengthDateAndOneConnectionForMany(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    switch (request.path()) {
                        case "/text" ->
                                response.header("Content-Type", "text/x").end("r\u00e9sum\u00e9");
                        case "/big" -> response.end(new byte[100_000]);
                        case "/buffer" -> {
                            Buffer buffer = request.reactor().buffer(5);
                            buffer.put(0, Wire.bytes("hello"), 0, 5);
                            response.end(buffer);
                            buffer.release();
                        }
                        default -> response.status(404).end();
                    }
                },
                port -> {
                    String all =
                            get("text", "") + get("big", "") + get("buffer", "") + get("no", "");
                    List<Wire.Response> came = ask(port, all);
                    assertEquals(4, came.size());
                    assertEquals("text/x", came.get(0).header("content-type"));
                    assertEquals("8", came.get(0).header("content-length"));
                    assertTrue(
                            came.get(0)
                                    .header("date")
                                    .matches(
                                            "[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [\\d:]{8} GMT"));
                    assertEquals(100_000, came.get(1).content().length());
                    assertEquals("hello", came.get(2).content());
                    assertEquals(404, came.get(3).status());
                    assertEquals("0", came.get(3).header("content-length"));
                });
    }

    @EngineTest
    void streamedAnswer_isChunkedWithTrailers(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    response.trailers().set("Sum", "0");
                    Writable body = response.body();
                    body.write("one ");
                    request.reactor()
                            .setTimeout(
                                    10,
                                    () -> {
                                        response.trailers().set("Sum", "7");
                                        body.end("two");
                                    });
                },
                port -> {
                    List<Wire.Response> came = ask(port, get("a", "") + get("b", ""));
                    assertEquals(2, came.size());
                    assertEquals("one two", came.get(1).content());
                    assertEquals("Sum: 7\r\n", came.get(1).trailers());
                    assertNull(came.get(0).header("content-length"));
                });
    }

    @EngineTest
    void streamedAnswer_toOldClientEndsWithTheConnection(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    response.body().write("one ");
                    request.reactor().setImmediate(() -> response.end("two"));
                },
                port -> {
                    String came =
                            Wire.exchange(port, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
                    assertTrue(came.endsWith("\r\n\r\none two"), came);
                    assertFalse(came.toLowerCase().contains("chunked"), came);
                    assertFalse(came.toLowerCase().contains("keep-alive"), came);
                });
    }

    @EngineTest
    void declaredLength_isKeptToOrTheConnectionIsCut(EngineKind engine) {
        List<String> codes = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                (request, response) -> {
                    response.header("Content-Length", "10");
                    response.onClose(err -> codes.add(err == null ? "ok" : err.code()));
                    Writable body = response.body();
                    body.write("01234");
                    request.reactor()
                            .setTimeout(
                                    10,
                                    () ->
                                            body.end(
                                                    switch (request.path()) {
                                                        case "/less" -> "567";
                                                        case "/more" -> "56789x";
                                                        default -> "56789";
                                                    }));
                },
                port -> {
                    assertEquals("0123456789", ask(port, get("just", "")).getFirst().content());
                    for (String name : List.of("less", "more")) {
                        try (Socket socket = Peers.connect(port)) {
                            socket.getOutputStream().write(Wire.bytes(get(name, "")));
                            String came = Wire.readToEnd(socket);
                            assertTrue(came.endsWith("\r\n\r\n01234"), came);
                        }
                    }
                });
        assertEquals(
                List.of(
                        "ok",
                        "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                        "ERR_HTTP_CONTENT_LENGTH_MISMATCH"),
                codes);
    }

    @EngineTest
    void answersWithoutContent_haveNone(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    switch (request.path()) {
                        case "/204" -> response.status(204).end("dropped");
                        case "/304" -> response.status(304).header("ETag", "\"x\"").end();
                        case "/stream" -> response.body().end("content");
                        case "/length" -> response.header("Content-Length", "1000").end();
                        default -> response.end("content");
                    }
                },
                port -> {
                    List<Wire.Response> came = ask(port, get("204", "") + get("304", ""));
                    assertEquals(
                            List.of(204, 304), came.stream().map(Wire.Response::status).toList());
                    for (String name : List.of("whole", "stream", "length")) {
                        String head = get(name, "").replace("GET", "HEAD");
                        String text = Wire.exchange(port, head + head);
                        int second = text.indexOf("HTTP/1.1", 1);
                        assertTrue(text.substring(0, second).endsWith("\r\n\r\n"), text);
                        assertTrue(text.endsWith("\r\n\r\n"), text);
                        String length = name.equals("length") ? "1000" : "7";
                        if (!name.equals("stream")) {
                            assertTrue(text.contains("Content-Length: " + length), text);
                        }
                    }
                });
    }

    @EngineTest
    void expectedContinue_comesWhenTheBodyIsAsked(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    if (request.path().equals("/refused")) {
                        response.status(403).end();
                        return;
                    }
                    request.text(
                            100,
                            StandardCharsets.US_ASCII,
                            (err, text) -> response.end(text + (err == null ? "" : err.code())));
                },
                port -> {
                    String head =
                            "PUT /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                                    + "Expect: 100-continue\r\n\r\n";
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(head.formatted("taken")));
                        String first = Wire.readUntil(socket, "\r\n\r\n");
                        assertEquals("HTTP/1.1 100 Continue\r\n\r\n", first);
                        socket.getOutputStream().write(Wire.bytes("abc"));
                        socket.shutdownOutput();
                        assertEquals("200 abc", Wire.summary(Wire.readToEnd(socket)));
                    }
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(head.formatted("refused")));
                        Wire.Response only = Wire.responses(Wire.readToEnd(socket)).getFirst();
                        assertEquals(403, only.status());
                        assertEquals("close", only.header("connection"));
                    }
                });
    }

    @EngineTest
    void upgrade_handsTheConnectionOverWithUnreadBytes(EngineKind engine) {
        List<String> seen = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                reactor ->
                        Http.of(reactor)
                                .createServer((request, response) -> response.end("plain"))
                                .onUpgrade((request, connection, unread) -> {
                                    seen.add(request.header("upgrade"));
                                    connection.write("HTTP/1.1 101 Switching\r\n\r\n");
                                    connection.write(unread);
                                    connection.pipe(connection);
                                })
                                .onConnect((request, connection, unread) -> {
                                    connection.end("HTTP/1.1 200 OK\r\n\r\n");
                                    connection.resume();
                                }),
                port -> {
                    String fields = "Connection: keep-alive, Upgrade\r\nUpgrade: echo\r\n";
                    try (Socket socket = Peers.connect(port)) {
                        String sent = get("0", "") + get("1", fields) + "early ";
                        socket.getOutputStream().write(Wire.bytes(sent));
                        Wire.readUntil(socket, "plain");
                        assertTrue(Wire.readUntil(socket, "early ").startsWith("HTTP/1.1 101"));
                        socket.getOutputStream().write(Wire.bytes("late"));
                        Wire.readUntil(socket, "late");
                        socket.shutdownOutput();
                        assertEquals("", Wire.readToEnd(socket));
                    }
                    String connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
                    assertEquals("HTTP/1.1 200 OK\r\n\r\n", Wire.exchange(port, connect));
                    String withBody =
                            get("2", fields + "Content-Length: 1\r\n") + "x" + get("3", CLOSE);
                    assertEquals(
                            "200 plain; 200 plain", Wire.summary(Wire.exchange(port, withBody)));
                });
        assertEquals(List.of("echo"), seen);
    }

    @EngineTest
    void handlerThatThrows_is500AndTheConnectionStaysTruthful(EngineKind engine) {
        try (LogCapture log = LogCapture.of(HttpServer.class)) {
            Serving.run(
                    engine,
                    (request, response) -> {
                        response.header("X-Half", "done");
                        if (request.path().equals("/late")) {
                            response.body().write("half");
                            response.flushHead();
                        }
                        if (request.path().startsWith("/late") || request.path().equals("/early")) {
                            throw new IllegalStateException("broken handler");
                        }
                        response.end("fine");
                    },
                    port -> {
                        List<Wire.Response> came = ask(port, get("early", "") + get("ok", ""));
                        assertEquals(500, came.get(0).status());
                        assertNull(came.get(0).header("x-half"));
                        assertEquals("fine", came.get(1).content());
                        String cut = Wire.exchange(port, get("late", "") + get("ok", ""));
                        assertFalse(cut.contains("fine"), cut);
                        assertFalse(cut.contains("0\r\n\r\n"), cut);
                    });
            assertEquals(
                    List.of(
                            "ERROR the handler of GET /early failed",
                            "ERROR the handler of GET /late failed"),
                    log.lines());
        }
    }

    @EngineTest
    void headersThatWouldBreakTheHead_areRefusedAtTheCall(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        Serving.run(
                engine,
                (request, response) -> {
                    refused(codes, () -> response.header("X", "a\r\nSet-Cookie: b"));
                    refused(codes, () -> response.header("X", "a\u0100"));
                    refused(codes, () -> response.header("X: y", "a"));
                    refused(codes, () -> response.header("X", null));
                    refused(codes, () -> response.status(99));
                    refused(codes, () -> response.header("Content-Length", "5").end("abc"));
                    response.headers().remove("Content-Length");
                    response.header("Transfer-Encoding", "chunked").end("kept");
                    refused(codes, () -> response.header("X", "late"));
                    refused(codes, () -> response.status(404));
                    refused(codes, () -> response.end("again"));
                },
                port -> {
                    Wire.Response only = ask(port, get("", "")).getFirst();
                    assertEquals("kept", only.content());
                    assertNull(only.header("x"));
                });
        assertEquals(
                List.of(
                        "ERR_INVALID_CHAR",
                        "ERR_INVALID_CHAR",
                        "ERR_INVALID_HTTP_TOKEN",
                        "ERR_HTTP_INVALID_HEADER_VALUE",
                        "ERR_HTTP_INVALID_STATUS_CODE",
                        "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                        "ERR_HTTP_HEADERS_SENT",
                        "ERR_HTTP_HEADERS_SENT",
                        "ERR_STREAM_WRITE_AFTER_END"),
                codes);
    }

    private static void refused(List<String> codes, Runnable call) {
        RuntimeException thrown = assertThrows(RuntimeException.class, call::run);
        codes.add(thrown.getMessage().split(":")[0]);
    }

    @EngineTest
    void manyHeaders_growTheHead(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> {
                    for (int i = 0; i < 1000; i++) {
                        response.headers().add("X-" + i, "y".repeat(50));
                    }
                    response.end();
                },
                port -> {
                    List<Wire.Response> came = ask(port, get("", "") + get("", ""));
                    assertEquals(2, came.size());
                    assertEquals("y".repeat(50), came.get(1).header("X-999"));
                });
    }

    @EngineTest
    void clientThatLeaves_isToldToBodyAndResponse(EngineKind engine) {
        List<String> events = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                (request, response) -> {
                    request.body().onData(data -> {});
                    request.body().onClose(err -> events.add("body " + code(err)));
                    response.onClose(err -> events.add("response " + code(err)));
                    response.body().onClose(err -> events.add("stream " + code(err)));
                    response.body().write("never sent whole");
                },
                port -> {
                    Socket socket = Peers.connect(port);
                    String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123";
                    socket.getOutputStream().write(Wire.bytes(head));
                    Wire.readUntil(socket, "whole");
                    Peers.reset(socket);
                });
        assertEquals(
                List.of("body ECONNRESET", "response ECONNRESET", "stream ECONNRESET"),
                events.stream().sorted().toList());
    }

    private static String code(ReactorException err) {
        return err == null ? "ok" : err.code();
    }

    @EngineTest
    void accessLog_hasALineForEachResponse(EngineKind engine) {
        Logger logger = (Logger) LoggerFactory.getLogger("dev.chime.net.http.access");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
        try {
            Serving.run(
                    engine,
                    HttpServerOptions.defaults().accessLog(true),
                    (request, response) -> response.status(201).end("1234"),
                    port -> ask(port, get("logged", "")));
        } finally {
            logger.detachAppender(lines);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
        assertEquals(1, lines.list.size());
        String line = lines.list.getFirst().getFormattedMessage();
        assertTrue(line.matches("/127.0.0.1:\\d+ \"GET /logged HTTP/1.1\" 201 4 \\d+us"), line);
    }
}
