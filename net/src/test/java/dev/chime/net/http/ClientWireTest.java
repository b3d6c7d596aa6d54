package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Our client against servers of bytes. */
class ClientWireTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** A server on a thread of its own. */
    private interface Theirs {
        void serve(ServerSocket server) throws Exception;
    }

    /** Our side. */
    private interface Ours {
        void ask(Reactor reactor, String url) throws Exception;
    }

    private static void run(EngineKind engine, Theirs theirs, Ours ours) throws Exception {
        try (ServerSocket server = Peers.listen();
                Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        peers.start(reactor, () -> theirs.serve(server));
                        ours.ask(reactor, "http://127.0.0.1:" + server.getLocalPort());
                    });
        }
    }

    private static HttpClient client(Reactor reactor) {
        return Http.of(reactor).createClient(HttpClientOptions.defaults());
    }

    /** Notes status and text, or codes. */
    private static void note(
            HttpClient client, RequestOptions request, List<String> seen, Runnable then) {
        client.request(
                request,
                (err, response) -> {
                    if (err != null) {
                        seen.add(err.code());
                        then.run();
                        return;
                    }
                    response.text(
                            1 << 20,
                            StandardCharsets.ISO_8859_1,
                            (e, text) -> {
                                seen.add(
                                        response.status()
                                                + " "
                                                + (e == null ? text : e.code())
                                                + String.join("", response.trailers().names()));
                                then.run();
                            });
                });
    }

    private record Case(String answer, String result) {}

    private static final String HEAD = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

    private static final List<Case> CASES =
            List.of(
                    new Case(OK, "200 ok"),
                    new Case("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "200 ok"),
                    new Case("HTTP/1.0 200 OK\r\n\r\nuntil the end", "200 until the end"),
                    new Case(HEAD + "\r\nuntil the end", "200 until the end"),
                    new Case(HEAD + "Content-Length: 3\r\n\r\nok", "200 ECONNRESET"),
                    new Case(CHUNKED + "2\r\nok\r\n0\r\nT: u\r\n\r\n", "200 okT"),
                    new Case(CHUNKED + "2\r\nok\r\n", "200 ECONNRESET"),
                    new Case(CHUNKED + "2\r\nokk\r\n0\r\n\r\n", "200 HPE_STRICT"),
                    new Case(CHUNKED + "x\r\nok\r\n0\r\n\r\n", "200 HPE_INVALID_CHUNK_SIZE"),
                    new Case("HTTP/1.1 100 C\r\n\r\n" + OK, "200 ok"),
                    new Case(
                            "HTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK,
                            "200 ok"),
                    new Case("HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", "204 "),
                    new Case("HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", "304 "),
                    new Case("", "ECONNRESET"),
                    new Case("HTTP/1.1 2", "ECONNRESET"),
                    new Case("SSH-2.0-x\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case("HTTP/1.1 20x OK\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case("HTTP/3.0 200 OK\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case(HEAD + "X : y\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case(HEAD + "Content-Length: x\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case(
                            HEAD + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
                            "HPE_INVALID_RESPONSE"),
                    new Case(
                            HEAD + "X: " + "y".repeat(20_000) + "\r\n\r\n", "HPE_INVALID_RESPONSE"),
                    new Case("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", "HPE_UNEXPECTED_UPGRADE"));

    @EngineTest
    void answersOfAllKinds_whole(EngineKind engine) throws Exception {
        answers(engine, Integer.MAX_VALUE);
    }

    @EngineTest
    void answersOfAllKinds_byteByByte(EngineKind engine) throws Exception {
        answers(engine, 1);
    }

    private static void answers(EngineKind engine, int step) throws Exception {
        List<String> seen = new ArrayList<>();
        run(
                engine,
                server -> {
                    for (Case one : CASES) {
                        try (Socket socket = Peers.accept(server)) {
                            Wire.readUntil(socket, "\r\n\r\n");
                            byte[] bytes = Wire.bytes(one.answer());
                            for (int at = 0;
                                    at < bytes.length;
                                    at += Math.min(step, bytes.length)) {
                                int count = Math.min(step, bytes.length - at);
                                socket.getOutputStream().write(bytes, at, count);
                            }
                        } catch (java.io.IOException e) {
                            // The client had seen enough.
                        }
                    }
                },
                (reactor, url) -> ask(client(reactor), url, 0, seen));
        assertEquals(CASES.stream().map(Case::result).toList(), seen);
    }

    private static void ask(HttpClient client, String url, int number, List<String> seen) {
        if (number == CASES.size()) {
            client.close();
            return;
        }
        RequestOptions request = RequestOptions.get(url).header("Connection", "close");
        note(client, request, seen, () -> ask(client, url, number + 1, seen));
    }

    @EngineTest
    void keptConnectionThatDied_isReplacedOnceForWhatCanBeRepeated(EngineKind engine)
            throws Exception {
        List<String> seen = new ArrayList<>();
        run(
                engine,
                server -> {
                    for (int i = 0; i < 2; i++) {
                        // Answers, waits for the next request, and hangs up on it.
                        try (Socket socket = Peers.accept(server)) {
                            Wire.readUntil(socket, "\r\n\r\n");
                            socket.getOutputStream().write(Wire.bytes(OK));
                            Wire.readUntil(socket, "\r\n\r\n");
                        }
                        if (i == 0) {
                            try (Socket socket = Peers.accept(server)) {
                                Wire.readUntil(socket, "\r\n\r\n");
                                String close = OK.replace("\r\nC", "\r\nConnection: close\r\nC");
                                socket.getOutputStream().write(Wire.bytes(close));
                            }
                        }
                    }
                },
                (reactor, url) -> {
                    HttpClient client = client(reactor);
                    RequestOptions get = RequestOptions.get(url);
                    RequestOptions post = RequestOptions.post(url).body("");
                    note(
                            client,
                            get,
                            seen,
                            () ->
                                    note(
                                            client,
                                            get,
                                            seen,
                                            () ->
                                                    note(
                                                            client,
                                                            get,
                                                            seen,
                                                            () ->
                                                                    note(
                                                                            client,
                                                                            post,
                                                                            seen,
                                                                            client::close))));
                });
        assertEquals(List.of("200 ok", "200 ok", "200 ok", "ECONNRESET"), seen);
    }

    @EngineTest
    void bytesBehindAnAnswer_endTheConnection(EngineKind engine) throws Exception {
        List<String> seen = new ArrayList<>();
        run(
                engine,
                server -> {
                    for (int i = 0; i < 2; i++) {
                        try (Socket socket = Peers.accept(server)) {
                            Wire.readUntil(socket, "\r\n\r\n");
                            socket.getOutputStream().write(Wire.bytes(OK + (i == 0 ? OK : "")));
                            assertEquals(-1, socket.getInputStream().read());
                        } catch (java.net.SocketException e) {
                            assertTrue(e.getMessage().contains("reset"), e::getMessage);
                        }
                    }
                },
                (reactor, url) -> {
                    HttpClient client = client(reactor);
                    RequestOptions get = RequestOptions.get(url);
                    note(
                            client,
                            get,
                            seen,
                            () -> {
                                assertEquals(0, client.idleConnections());
                                note(client, get, seen, client::close);
                            });
                });
        assertEquals(List.of("200 ok", "200 ok"), seen);
    }

    @EngineTest
    void bodyThatOnlyTheEndEnds_isGivenUpWithItsConnection(EngineKind engine) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        run(
                engine,
                server -> {
                    for (String status : List.of("302 Found\r\nLocation: /", "200 OK")) {
                        try (Socket socket = Peers.accept(server)) {
                            Wire.readUntil(socket, "\r\n\r\n");
                            String answer = "HTTP/1.0 " + status + "\r\n\r\nsomething";
                            socket.getOutputStream().write(Wire.bytes(answer));
                            seen.add("end " + socket.getInputStream().read());
                        }
                    }
                },
                (reactor, url) ->
                        client(reactor)
                                .request(
                                        RequestOptions.get(url).maxRedirects(1),
                                        (err, response) -> {
                                            seen.add(err == null ? "got it" : err.code());
                                            response.body().destroy();
                                        }));
        assertEquals(List.of("end -1", "got it", "end -1"), seen);
    }

    @EngineTest
    void proxy_getsTheWholeUrl(EngineKind engine) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        run(
                engine,
                server -> {
                    try (Socket socket = Peers.accept(server)) {
                        seen.add(Wire.readUntil(socket, "\r\n\r\n"));
                        socket.getOutputStream().write(Wire.bytes(OK));
                        assertEquals(-1, socket.getInputStream().read());
                    }
                },
                (reactor, url) -> {
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(
                                            HttpClientOptions.defaults().proxy(URI.create(url)));
                    RequestOptions get = RequestOptions.get("http://nowhere.invalid:81/a?b");
                    note(client, get, seen, client::close);
                });
        assertEquals(
                List.of(
                        "GET http://nowhere.invalid:81/a?b HTTP/1.1\r\n"
                                + "Host: nowhere.invalid:81\r\nConnection: keep-alive\r\n\r\n",
                        "200 ok"),
                seen);
    }

    @EngineTest
    void upgradeAndTunnel_handTheConnectionOver(EngineKind engine) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        run(
                engine,
                server -> {
                    for (String status : List.of("101 Switching", "200 Tunnel")) {
                        try (Socket socket = Peers.accept(server)) {
                            seen.add(Wire.readUntil(socket, "\r\n\r\n").split("\r\n")[0]);
                            String answer = "HTTP/1.1 " + status + "\r\n\r\nearly ";
                            socket.getOutputStream().write(Wire.bytes(answer));
                            Wire.readUntil(socket, "hello");
                            socket.getOutputStream().write(Wire.bytes("late"));
                        }
                    }
                },
                (reactor, url) -> {
                    HttpClient client = client(reactor);
                    UpgradeHandler taker =
                            (response, connection, unread) -> {
                                String early = unread.toString(StandardCharsets.US_ASCII);
                                connection.write("hello");
                                connection.onData(data ->
                                        seen.add(early + data.toString(StandardCharsets.US_ASCII)));
                            };
                    RequestOptions upgrade =
                            RequestOptions.get(url)
                                    .header("Connection", "Upgrade")
                                    .header("Upgrade", "x")
                                    .upgrade(taker);
                    RequestOptions tunnel = RequestOptions.of("CONNECT", url).upgrade(taker);
                    client.request(
                            upgrade,
                            (err, response) -> {
                                seen.add("" + response.status());
                                client.request(tunnel, (e, other) -> seen.add("" + other.status()));
                            });
                });
        assertEquals("GET / HTTP/1.1", seen.getFirst());
        assertEquals(2, seen.stream().filter("early late"::equals).count(), seen::toString);
        assertTrue(seen.contains("101") && seen.contains("200"), seen::toString);
        assertTrue(
                seen.stream().anyMatch(line -> line.matches("CONNECT 127.0.0.1:\\d+ HTTP/1.1")),
                seen::toString);
    }
}
