package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** What a program can do with a server's connections, and hear of those that are refused. */
class ServerControlTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String ASKING =
            GET.replace("\r\n\r\n", "\r\nConnection: keep-alive\r\n\r\n");

    /** What a server hears of clients; their answers are the handler's. */
    private static List<String> refused(
            EngineKind engine, HttpServerOptions options, String... sent) {
        List<String> heard = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                reactor ->
                        Http.of(reactor)
                                .createServer(
                                        options, (request, response) -> request.body().resume())
                                .onClientError((error, status, connection) -> {
                                    heard.add(status + " " + error.code());
                                    connection.write("refused " + status);
                                }),
                port -> {
                    List<String> answers = new ArrayList<>();
                    for (String text : sent) {
                        try (Socket socket = Peers.connect(port)) {
                            socket.getOutputStream().write(Wire.bytes(text));
                            answers.add(Wire.readToEnd(socket));
                        }
                    }
                    assertEquals(
                            heard.stream().map(h -> "refused " + h.split(" ")[0]).toList(),
                            answers);
                });
        return heard;
    }

    @EngineTest
    void refusedRequests_areHeardOfByCode(EngineKind engine) {
        String post = "POST / HTTP/1.1\r\nHost: a\r\n";
        assertEquals(
                List.of(
                        "400 HPE_INVALID_REQUEST",
                        "431 HPE_HEADER_OVERFLOW",
                        "414 HPE_HEADER_OVERFLOW",
                        "505 HPE_INVALID_VERSION",
                        "501 ERR_HTTP_NOT_IMPLEMENTED",
                        "417 ERR_HTTP_EXPECTATION_FAILED",
                        "413 ERR_HTTP_BODY_TOO_LARGE",
                        "400 HPE_INVALID_CHUNK_SIZE"),
                refused(
                        engine,
                        HttpServerOptions.defaults().maxBodyBytes(2),
                        "GET nonsense HTTP/1.1\r\nHost: a\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(20_000),
                        "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n",
                        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
                        GET.replace("\r\n\r\n", "\r\nExpect: x\r\n\r\n"),
                        post + "Content-Length: 3\r\n\r\n",
                        post + "Transfer-Encoding: chunked\r\n\r\nx\r\n"));
        Duration brief = Duration.ofMillis(100);
        assertEquals(
                List.of("408 ERR_HTTP_REQUEST_TIMEOUT", "408 ERR_HTTP_REQUEST_TIMEOUT"),
                refused(
                        engine,
                        HttpServerOptions.defaults().headTimeout(brief).requestTimeout(brief),
                        "GET",
                        post + "Content-Length: 3\r\n\r\n12"));
    }

    @EngineTest
    void whoHearsAndSaysNothing_endsTheConnectionWithoutAWord(EngineKind engine) {
        Serving.run(
                engine,
                reactor ->
                        Http.of(reactor)
                                .createServer((request, response) -> response.end("fine"))
                                .onClientError((error, status, connection) -> {
                                    if (error.getMessage().contains("target")) {
                                        connection.destroy();
                                    }
                                }),
                port -> {
                    assertEquals("200 fine", Wire.summary(Wire.exchange(port, GET + "no\r\n\r\n")));
                    assertEquals("", Wire.exchange(port, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"));
                });
    }

    /** Three connections, one of each kind, and what a call makes of them. */
    private static void control(EngineKind engine, Consumer<HttpServer> call, String busyGets) {
        HttpServer[] server = new HttpServer[1];
        Reactor[] loop = new Reactor[1];
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch called = new CountDownLatch(1);
        Serving.run(
                engine,
                reactor -> {
                    loop[0] = reactor;
                    server[0] =
                            Http.of(reactor)
                                    .createServer((request, response) -> {
                                        begun.countDown();
                                        if (request.path().equals("/")) {
                                            response.end("whole");
                                        } else {
                                            reactor.setTimeout(50, () -> response.end("late"));
                                        }
                                    });
                    return server[0];
                },
                port -> {
                    try (Socket idle = Peers.connect(port);
                            Socket busy = Peers.connect(port)) {
                        idle.getOutputStream().write(Wire.bytes(GET));
                        Wire.readUntil(idle, "whole");
                        busy.getOutputStream().write(Wire.bytes(GET.replace("/ ", "/busy ")));
                        Peers.await(begun);
                        loop[0].execute(() -> {
                            call.accept(server[0]);
                            called.countDown();
                        });
                        Peers.await(called);
                        assertEquals("", Wire.readToEnd(idle));
                        busy.shutdownOutput();
                        assertEquals(busyGets, Wire.summary(Wire.readToEnd(busy)));
                    }
                    String next = Wire.exchange(port, GET);
                    assertEquals("200 whole", Wire.summary(next), "the server goes on");
                });
    }

    @EngineTest
    void closeIdleConnections_leavesThoseWithARequest(EngineKind engine) {
        control(engine, HttpServer::closeIdleConnections, "200 late");
    }

    @EngineTest
    void closeAllConnections_cutsRequestsOff(EngineKind engine) {
        control(engine, HttpServer::closeAllConnections, "");
    }

    private static String keepAlive(int port, String request) throws Exception {
        Wire.Response response = Wire.responses(Wire.exchange(port, request)).getFirst();
        return response.header("connection") + ", " + response.header("keep-alive");
    }

    @EngineTest
    void whoAsksHowLong_isTold(EngineKind engine) {
        HttpServerOptions options =
                HttpServerOptions.defaults().keepAliveTimeout(Duration.ofMillis(7900));
        String old = ASKING.replace("1.1", "1.0");
        HttpHandler handler =
                (request, response) -> {
                    if (request.path().equals("/close")) {
                        response.header("Connection", "close");
                    }
                    response.end("x");
                };
        Serving.run(
                engine,
                options,
                handler,
                port -> {
                    assertEquals("null, timeout=7", keepAlive(port, ASKING));
                    assertEquals("keep-alive, timeout=7", keepAlive(port, old));
                    assertEquals("null, null", keepAlive(port, GET));
                    assertEquals("close, null", keepAlive(port, ASKING.replace("/ ", "/close ")));
                });
        Serving.run(
                engine,
                options.maxRequestsPerConnection(2),
                handler,
                port -> {
                    String[] said = Wire.exchange(port, ASKING + ASKING).split("(?=HTTP/1.1 )");
                    assertEquals(
                            "timeout=7, max=2",
                            Wire.responses(said[0]).getFirst().header("keep-alive"));
                    assertNull(Wire.responses(said[1]).getFirst().header("keep-alive"));
                });
    }

    @EngineTest
    void requestsThatComeWithinTheBuffer_areAnswered(EngineKind engine) {
        HttpServerOptions options =
                HttpServerOptions.defaults()
                        .keepAliveTimeout(Duration.ofMillis(1))
                        .keepAliveTimeoutBuffer(Duration.ofMillis(250));
        Serving.run(
                engine,
                options,
                (request, response) -> response.end("x"),
                port -> {
                    long start = System.nanoTime();
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(GET));
                        Wire.readUntil(socket, "\r\n\r\nx");
                        assertEquals("", Wire.readToEnd(socket));
                        assertTrue(System.nanoTime() - start > 250_000_000L, "early");
                    }
                });
        assertThrows(
                IllegalArgumentException.class,
                () -> options.keepAliveTimeoutBuffer(Duration.ofMillis(-1)));
    }
}
