package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.stream.Writable;
import dev.chime.reactor.testing.EngineTest;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Backpressure, times and ends of a server's connections. */
class ServerFlowTest {
    private static final int MUCH = 32 << 20;
    private static final int PIECE = 64 << 10;

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    /** Writes until write says false, goes on when drained. */
    private static void pour(Writable body, Content content, AtomicLong mostQueued) {
        while (content.position() < MUCH) {
            boolean below = body.write(content.take(PIECE));
            mostQueued.accumulateAndGet(body.queuedBytes(), Math::max);
            if (!below) {
                return;
            }
        }
        body.end();
    }

    private static void slowReader(boolean chunked, EngineKind engine) {
        AtomicLong mostQueued = new AtomicLong();
        AtomicLong sentWhenStuck = new AtomicLong();
        CountDownLatch stuck = new CountDownLatch(1);
        Serving.run(
                engine,
                (request, response) -> {
                    if (!chunked) {
                        response.header("Content-Length", "" + MUCH);
                    }
                    Content content = new Content(1);
                    Writable body = response.body();
                    body.onDrain(() -> pour(body, content, mostQueued));
                    pour(body, content, mostQueued);
                    request.reactor()
                            .setTimeout(
                                    200,
                                    () -> {
                                        sentWhenStuck.set(content.position());
                                        stuck.countDown();
                                    });
                },
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(GET));
                        Peers.await(stuck);
                        Wire.readUntil(socket, "\r\n\r\n");
                        Content content = new Content(1);
                        InputStream in = socket.getInputStream();
                        if (!chunked) {
                            Peers.read(socket, content, MUCH);
                            return;
                        }
                        for (int size = size(socket); size > 0; size = size(socket)) {
                            content.check(in.readNBytes(size));
                            assertEquals("\r\n", new String(in.readNBytes(2)));
                        }
                        assertEquals(MUCH, content.position());
                    }
                });
        assertTrue(mostQueued.get() < 3 * PIECE, "queued " + mostQueued);
        assertTrue(sentWhenStuck.get() < MUCH / 2, "sent " + sentWhenStuck);
    }

    private static int size(Socket socket) throws Exception {
        return Integer.parseInt(Wire.readUntil(socket, "\r\n").strip(), 16);
    }

    @EngineTest
    void slowReaderOfALength_stopsTheHandlersWrites(EngineKind engine) {
        slowReader(false, engine);
    }

    @EngineTest
    void slowReaderOfChunks_stopsTheHandlersWrites(EngineKind engine) {
        slowReader(true, engine);
    }

    @EngineTest
    void requestsWhoseAnswersNobodyReads_waitUnparsed(EngineKind engine) {
        AtomicLong handled = new AtomicLong();
        AtomicLong handledWhenStuck = new AtomicLong();
        int requests = 300;
        byte[] answer = new Content(4).take(200_000);
        CountDownLatch stuck = new CountDownLatch(1);
        Serving.run(
                engine,
                (request, response) -> {
                    if (handled.incrementAndGet() == 1) {
                        request.reactor()
                                .setTimeout(
                                        300,
                                        () -> {
                                            handledWhenStuck.set(handled.get());
                                            stuck.countDown();
                                        });
                    }
                    response.end(answer);
                },
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(GET.repeat(requests)));
                        Peers.await(stuck);
                        for (int i = 0; i < requests; i++) {
                            Wire.readUntil(socket, "\r\n\r\n");
                            new Content(4).check(socket.getInputStream().readNBytes(answer.length));
                        }
                    }
                });
        assertEquals(requests, handled.get());
        assertTrue(handledWhenStuck.get() < 100, "handled " + handledWhenStuck);
    }

    @EngineTest
    void unreadBody_stopsTheSocketAndIsWholeLater(EngineKind engine) {
        AtomicLong takenWhenStuck = new AtomicLong(-1);
        AtomicLong written = new AtomicLong();
        Content received = new Content(2);
        Serving.run(
                engine,
                (request, response) ->
                        request.reactor()
                                .setTimeout(
                                        300,
                                        () -> {
                                            takenWhenStuck.set(written.get());
                                            request.body().onData(received::check);
                                            request.body().onEnd(() -> response.end("done"));
                                        }),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        OutputStream out = socket.getOutputStream();
                        String head =
                                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                        + MUCH
                                        + "\r\n\r\n";
                        out.write(Wire.bytes(head));
                        Content content = new Content(2);
                        while (content.position() < MUCH) {
                            out.write(content.take(PIECE));
                            written.set(content.position());
                        }
                        Wire.readUntil(socket, "done");
                    }
                });
        assertEquals(MUCH, received.position());
        assertTrue(takenWhenStuck.get() < MUCH * 3 / 4, "taken " + takenWhenStuck);
    }

    @EngineTest
    void bodyThroughTheServer_comesBackWhole(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> request.body().pipe(response.body()),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        Content content = new Content(3);
                        Content back = new Content(3);
                        Thread writing =
                                Thread.ofPlatform().start(() -> writeChunks(socket, content));
                        Wire.readUntil(socket, "\r\n\r\n");
                        InputStream in = socket.getInputStream();
                        for (int size = size(socket); size > 0; size = size(socket)) {
                            back.check(in.readNBytes(size));
                            in.readNBytes(2);
                        }
                        writing.join();
                        assertEquals(MUCH / 4, back.position());
                    }
                });
    }

    private static void writeChunks(Socket socket, Content content) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(
                    Wire.bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
            int length = 1;
            while (content.position() < MUCH / 4) {
                length = (int) Math.min(length * 7L % 50_021, MUCH / 4 - content.position());
                out.write(Wire.bytes(Integer.toHexString(length) + "\r\n"));
                out.write(content.take(length));
                out.write(Wire.bytes("\r\n"));
            }
            out.write(Wire.bytes("0\r\n\r\n"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @EngineTest
    void answerBeforeAGreatBody_arrivesWholeAndCloses(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> response.status(413).end("too much"),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        String head =
                                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
                        socket.getOutputStream().write(Wire.bytes(head));
                        socket.getOutputStream().write(new byte[500_000]);
                        Wire.Response only = Wire.responses(Wire.readToEnd(socket)).getFirst();
                        assertEquals("too much", only.content());
                        assertEquals("close", only.header("connection"));
                    }
                });
    }

    @EngineTest
    void endlessBodyNobodyReads_isCutAfterTheAnswer(EngineKind engine) {
        Serving.run(
                engine,
                (request, response) -> response.end("enough"),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        OutputStream out = socket.getOutputStream();
                        String head =
                                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
                        out.write(Wire.bytes(head));
                        Wire.readUntil(socket, "enough");
                        byte[] chunk = Wire.bytes("1000\r\n" + "x".repeat(4096) + "\r\n");
                        long sent = 0;
                        try {
                            while (sent < 512 << 20) {
                                out.write(chunk);
                                sent += chunk.length;
                            }
                        } catch (java.io.IOException e) {
                            assertTrue(sent < 64 << 20, "sent " + sent);
                            return;
                        }
                        throw new AssertionError("the server took everything");
                    }
                });
    }

    @EngineTest
    void connectionsCutAnywhere_leaveNothing(EngineKind engine) {
        String upload = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n";
        String chunks = "POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        byte[] stream =
                Wire.bytes(
                        GET
                                + upload
                                + "u".repeat(40_000)
                                + GET
                                + chunks
                                + "9c40\r\n"
                                + "c".repeat(40_000)
                                + "\r\n0\r\nT: u\r\n\r\n"
                                + GET);
        byte[] answer = new byte[30_000];
        Serving.run(
                engine,
                (request, response) -> {
                    if (request.path().equals("/up")) {
                        request.body().pipe(response.body());
                    } else {
                        response.end(answer);
                    }
                },
                port -> {
                    SplittableRandom random = new SplittableRandom(11);
                    for (int i = 0; i < 150; i++) {
                        Socket socket = Peers.connect(port);
                        int cut = random.nextInt(stream.length);
                        socket.getOutputStream().write(stream, 0, cut);
                        if (random.nextBoolean()) {
                            socket.getInputStream().readNBytes(random.nextInt(cut / 3 + 1) / 3);
                        }
                        if (random.nextBoolean()) {
                            Peers.reset(socket);
                        } else {
                            socket.close();
                        }
                    }
                    List<Wire.Response> last =
                            Wire.responses(
                                    Wire.exchange(
                                            port, new String(stream, StandardCharsets.US_ASCII)));
                    assertEquals(5, last.size());
                    assertEquals(40_000, last.get(3).content().length());
                });
    }

    // ---- times

    private static HttpServerOptions quick() {
        return HttpServerOptions.defaults()
                .headTimeout(Duration.ofMillis(300))
                .requestTimeout(Duration.ofMillis(300))
                .keepAliveTimeout(Duration.ofMillis(300))
                .keepAliveTimeoutBuffer(Duration.ZERO);
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }

    @EngineTest
    void headThatTrickles_is408HoweverManyBytesCome(EngineKind engine) {
        Serving.run(
                engine,
                quick().keepAliveTimeout(Duration.ofMinutes(1)),
                (request, response) -> response.end("whole"),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        long start = System.nanoTime();
                        OutputStream out = socket.getOutputStream();
                        out.write(Wire.bytes(GET));
                        Wire.readUntil(socket, "whole");
                        out.write(Wire.bytes("GET / HTTP/1.1\r\nHost: a\r\nX: "));
                        while (socket.getInputStream().available() == 0) {
                            out.write('x');
                            Thread.sleep(5); // trickling is what it is about
                            assertTrue(millisSince(start) < 20_000, "never refused");
                        }
                        assertTrue(millisSince(start) >= 300, "early");
                        assertEquals("408", Wire.summary(Wire.readToEnd(socket)));
                    }
                });
    }

    @EngineTest
    void bodyThatDoesNotCome_is408(EngineKind engine) {
        Serving.run(
                engine,
                quick(),
                (request, response) -> request.body().onData(data -> {}),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12";
                        socket.getOutputStream().write(Wire.bytes(head));
                        assertEquals("408", Wire.summary(Wire.readToEnd(socket)));
                    }
                });
    }

    @EngineTest
    void silentConnections_areClosedAfterTheirTimeAndNotBefore(EngineKind engine) {
        Serving.run(
                engine,
                quick(),
                (request, response) -> response.end("one"),
                port -> {
                    long start = System.nanoTime();
                    try (Socket fresh = Peers.connect(port);
                            Socket used = Peers.connect(port)) {
                        used.getOutputStream().write(Wire.bytes(GET));
                        Wire.readUntil(used, "one");
                        assertEquals("", Wire.readToEnd(used));
                        assertEquals("", Wire.readToEnd(fresh));
                        assertTrue(millisSince(start) >= 300, "early");
                    }
                });
    }

    @EngineTest
    void requestWithoutAnswer_isCutWhenNothingHappensForTheIdleTime(EngineKind engine) {
        List<String> codes = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                HttpServerOptions.defaults().idleTimeout(Duration.ofMillis(200)),
                (request, response) -> response.onClose(err -> codes.add(err.code())),
                port -> {
                    try (Socket socket = Peers.connect(port)) {
                        socket.getOutputStream().write(Wire.bytes(GET));
                        assertEquals("", Wire.readToEnd(socket));
                    }
                });
        assertEquals(List.of("ETIMEDOUT"), codes);
    }

    @EngineTest
    void lastRequestOfAConnection_saysClose(EngineKind engine) {
        Serving.run(
                engine,
                HttpServerOptions.defaults().maxRequestsPerConnection(2),
                (request, response) -> response.end("x"),
                port -> {
                    List<Wire.Response> came = Wire.responses(Wire.exchange(port, GET + GET + GET));
                    assertEquals(2, came.size());
                    assertEquals("close", came.get(1).header("connection"));
                });
    }

    @EngineTest
    void shutdown_endsTheIdleWaitsForTheBusyAndCutsTheRest(EngineKind engine) {
        List<String> reports = new CopyOnWriteArrayList<>();
        HttpServer[] server = new HttpServer[1];
        Reactor[] loop = new Reactor[1];
        CountDownLatch begun = new CountDownLatch(3);
        Serving.run(
                engine,
                reactor -> {
                    loop[0] = reactor;
                    server[0] =
                            Http.of(reactor)
                                    .createServer((request, response) -> {
                                        begun.countDown();
                                        if (request.path().equals("/busy")) {
                                            reactor.setTimeout(100, () -> response.end("late"));
                                        } else if (request.path().equals("/")) {
                                            response.end("idle");
                                        }
                                    });
                    return server[0];
                },
                port -> {
                    try (Socket idle = Peers.connect(port);
                            Socket busy = Peers.connect(port);
                            Socket stuck = Peers.connect(port)) {
                        idle.getOutputStream().write(Wire.bytes(GET));
                        Wire.readUntil(idle, "idle");
                        busy.getOutputStream().write(Wire.bytes(GET.replace("/ ", "/busy ")));
                        stuck.getOutputStream().write(Wire.bytes(GET.replace("/ ", "/stuck ")));
                        Peers.await(begun);
                        loop[0].execute(() ->
                                server[0].shutdown(
                                        Duration.ofMillis(800),
                                        (err, report) -> reports.add(report.toString())));
                        assertEquals("", Wire.readToEnd(idle));
                        Wire.Response last = Wire.responses(Wire.readToEnd(busy)).getFirst();
                        assertEquals("late", last.content());
                        assertEquals("close", last.header("connection"));
                        assertEquals("", Wire.readToEnd(stuck));
                    }
                });
        assertEquals(List.of("ServerReport[ended=2, destroyed=1]"), reports);
    }
}
