package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.http.Http;
import dev.chime.net.http.HttpClient;
import dev.chime.net.http.HttpClientOptions;
import dev.chime.net.http.HttpServer;
import dev.chime.net.http.RequestOptions;
import dev.chime.net.http.WebSockets;
import dev.chime.net.testing.ConnectProxy;
import dev.chime.net.testing.Node;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What a client with a proxy does: tunnels for HTTPS and other protocols, plain requests. */
class ProxyTest {
    private static final String EMPTY = "Content-Length: 0\r\n\r\n";

    /** What a test does when servers listen: the URL of the secure one has no scheme. */
    private interface Use {
        void use(Test test) throws Exception;
    }

    /** A loop with a secure server that tells what it was asked, and a client. */
    private record Test(
            Reactor reactor,
            HttpServer server,
            HttpClient client,
            String place,
            List<String> seen) {
        /** Notes the answer, or the error. */
        Operation ask(RequestOptions request, Runnable then) {
            return client.request(
                    request,
                    (err, response) -> {
                        if (err != null) {
                            seen.add(err.code() + " | " + err.getMessage());
                            reactor.setImmediate(then::run);
                            return;
                        }
                        response.text(
                                1 << 20,
                                StandardCharsets.UTF_8,
                                (e, text) -> {
                                    seen.add(response.status() + " " + (e == null ? text : e));
                                    reactor.setImmediate(then::run);
                                });
                    });
        }

        Operation get(Runnable then) {
            return ask(RequestOptions.get("https" + place), then);
        }

        void done() {
            seen.add(client.idleConnections() + " kept");
            client.close();
            server.close(err -> {});
        }
    }

    @org.junit.jupiter.api.Test
    void optionsAsText_keepTheUserToThemselves() {
        URI proxy = URI.create("http://user:pass%40word@proxy.example:3128");
        String text = HttpClientOptions.defaults().proxy(proxy).toString();
        assertTrue(text.contains("proxies=http://***@proxy.example:3128,"), text);
        assertFalse(text.contains("pass") || text.contains("user"), text);
        assertTrue(HttpClientOptions.defaults().toString().contains("proxies=none,"));
        URI open = URI.create("http://proxy.example");
        text = HttpClientOptions.defaults().proxy(open).toString();
        assertTrue(text.contains("proxies=http://proxy.example,"), text);
    }

    private static List<String> run(EngineKind engine, URI proxy, boolean secure, Use use) {
        List<String> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Http http = Http.of(reactor);
                    HttpServer server =
                            secure
                                    ? http.createSecureServer(TlsPeers.server(), ProxyTest::answer)
                                    : http.createServer(ProxyTest::answer);
                    server.onWebSocket(
                            WebSocketOptions.defaults(),
                            (socket, request) -> socket.onText(socket::send));
                    TlsOptions tls = TlsPeers.client().serverName(null);
                    HttpClient client =
                            http.createClient(
                                    HttpClientOptions.defaults()
                                            .maxConnectionsPerOrigin(1)
                                            .keepAlive(Duration.ofMinutes(5))
                                            .proxy(proxy)
                                            .tls(tls));
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                String place = "://localhost:" + server.address().getPort() + "/";
                                use.use(new Test(reactor, server, client, place, seen));
                            });
                });
        return seen;
    }

    private static void answer(
            dev.chime.net.http.IncomingMessage request,
            dev.chime.net.http.ServerResponse response) {
        String names = String.join(",", request.headers().names());
        response.end(request.method() + " " + request.target() + " " + names);
    }

    private static ConnectProxy proxy(UnaryOperator<String> answers) throws IOException {
        return new ConnectProxy(answers);
    }

    private static ConnectProxy open() throws IOException {
        return proxy(head -> ConnectProxy.OPEN);
    }

    @EngineTest
    void tunnel_isKeptForItsOrigin(EngineKind engine) throws Exception {
        try (ConnectProxy proxy = open()) {
            String[] authority = new String[1];
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test -> {
                                authority[0] = test.place().replaceAll("[:/]*(.*)/", "$1");
                                test.get(() -> test.get(test::done));
                            });
            assertEquals(
                    List.of("200 GET / Host,Connection", "200 GET / Host,Connection", "1 kept"),
                    seen);
            assertEquals(
                    List.of("CONNECT %1$s HTTP/1.1\r\nHost: %1$s\r\n\r\n".formatted(authority[0])),
                    proxy.heads());
        }
    }

    @EngineTest
    void tunnelThatDied_isOpenedAnew(EngineKind engine) throws Exception {
        try (ConnectProxy proxy = open()) {
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test ->
                                    test.get(() -> {
                                        proxy.cut();
                                        test.get(test::done);
                                    }));
            assertEquals(
                    List.of("200 GET / Host,Connection", "200 GET / Host,Connection", "1 kept"),
                    seen);
            assertEquals(2, proxy.heads().size());
        }
    }

    @EngineTest
    void requestsAtOnce_waitForTheOneTunnel(EngineKind engine) throws Exception {
        try (ConnectProxy proxy = open()) {
            int[] left = {3};
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test -> {
                                for (int i = 0; i < 3; i++) {
                                    test.get(() -> {
                                        if (--left[0] == 0) {
                                            test.done();
                                        }
                                    });
                                }
                            });
            assertEquals(4, seen.size());
            assertEquals(1, proxy.heads().size());
        }
    }

    @EngineTest
    void credentials_areForTheProxyAlone(EngineKind engine) throws Exception {
        UnaryOperator<String> answers =
                head ->
                        head.startsWith("CONNECT")
                                ? ConnectProxy.OPEN
                                : "HTTP/1.1 200 OK\r\n" + EMPTY;
        try (ConnectProxy proxy = proxy(answers)) {
            RequestOptions plain = RequestOptions.get("http://nowhere.invalid/");
            List<String> seen =
                    run(
                            engine,
                            proxy.url("me:p%40ss%3A@"),
                            true,
                            test -> {
                                RequestOptions own =
                                        RequestOptions.get("https" + test.place())
                                                .header("proxy-authorization", "Bearer 7")
                                                .header("Connection", "close");
                                Runnable last = () -> test.get(test::done);
                                test.ask(own, () -> test.ask(plain, last));
                            });
            assertEquals("200 GET / Host,Connection", seen.getFirst());
            assertEquals("200 GET / Host,Connection", seen.get(2));
            List<String> heads = proxy.heads();
            assertEquals(3, heads.size());
            String basic = "\r\nProxy-Authorization: Basic bWU6cEBzczo=\r\n";
            assertTrue(
                    heads.get(0).contains("\r\nProxy-Authorization: Bearer 7\r\n"), heads.get(0));
            assertFalse(heads.get(0).contains("Basic"), heads.get(0));
            assertTrue(heads.get(1).startsWith("GET http://nowhere.invalid/ "), heads.get(1));
            assertTrue(heads.get(1).contains(basic), heads.get(1));
            assertTrue(heads.get(2).startsWith("CONNECT "), heads.get(2));
            assertTrue(heads.get(2).contains(basic), heads.get(2));
        }
    }

    @EngineTest
    void redirectToASecureOrigin_takesTheProxysFieldAlong(EngineKind engine) throws Exception {
        String[] location = new String[1];
        UnaryOperator<String> answers =
                head ->
                        head.startsWith("CONNECT")
                                ? ConnectProxy.OPEN
                                : "HTTP/1.1 302 Found\r\nLocation: " + location[0] + "\r\n" + EMPTY;
        try (ConnectProxy proxy = proxy(answers)) {
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test -> {
                                location[0] = "https" + test.place() + "there";
                                RequestOptions first =
                                        RequestOptions.get("http://nowhere.invalid/")
                                                .header("Proxy-Authorization", "Bearer 7")
                                                .header("Authorization", "secret")
                                                .maxRedirects(1);
                                test.ask(first, test::done);
                            });
            assertEquals("200 GET /there Host,Connection", seen.getFirst());
            String connect = proxy.heads().getLast();
            assertTrue(connect.startsWith("CONNECT ") && connect.contains("Bearer 7"), connect);
            assertFalse(connect.contains("secret"), connect);
        }
    }

    @EngineTest
    void refusal_isTold(EngineKind engine) throws Exception {
        assertRefused(engine, "407 Who are you", "Proxy-Authenticate: Basic realm=x\r\n" + EMPTY);
        assertRefused(engine, "502 Bad Gateway", "Content-Length: 4\r\n\r\nnone");
        assertRefused(engine, "302 Found", "Location: http://x/\r\n" + EMPTY);
        assertRefused(engine, "503 Busy", "\r\nuntil the end");
    }

    private static void assertRefused(EngineKind engine, String status, String rest)
            throws Exception {
        try (ConnectProxy proxy = proxy(head -> "HTTP/1.1 " + status + "\r\n" + rest)) {
            List<String> seen =
                    run(engine, proxy.url("me:secret@"), true, test -> test.get(test::done));
            String told = seen.getFirst();
            assertTrue(told.startsWith("ERR_PROXY_TUNNEL | "), told);
            assertTrue(told.contains(" answered " + status), told);
            assertTrue(told.contains(proxy.url("").getAuthority()), told);
            assertEquals(status.startsWith("407"), told.contains("Basic realm=x"), told);
            assertFalse(told.contains("secret"), told);
        }
    }

    @EngineTest
    void brokenAnswers_areTold(EngineKind engine) throws Exception {
        String tooLong = "HTTP/1.1 200 OK\r\nX: " + "y".repeat(20_000) + "\r\n\r\n";
        assertFails(engine, "SSH-2.0-x\r\n\r\n", "HPE_INVALID_RESPONSE");
        assertFails(engine, tooLong, "HPE_INVALID_RESPONSE");
        assertFails(engine, "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", "ERR_PROXY_TUNNEL");
        assertFails(engine, ConnectProxy.OPEN + "this is no TLS", "ERR_SSL_.*");
    }

    private static void assertFails(EngineKind engine, String answer, String code)
            throws Exception {
        try (ConnectProxy proxy = proxy(head -> answer)) {
            List<String> seen = run(engine, proxy.url(""), true, test -> test.get(test::done));
            assertTrue(seen.getFirst().matches(code + " \\| .*"), seen::toString);
        }
    }

    @EngineTest
    void whatFollowsTheAnswersHead_isTheTunnels(EngineKind engine) throws Exception {
        // A length has no meaning there (RFC 9110, 9.3.6), and what came before is not the answer.
        String answer =
                "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        try (ConnectProxy proxy = proxy(head -> answer)) {
            List<String> seen = run(engine, proxy.url(""), true, test -> test.get(test::done));
            assertEquals(List.of("200 GET / Host,Connection", "1 kept"), seen);
        }
    }

    @EngineTest
    void silence_endsByTheTimeToConnect(EngineKind engine) throws Exception {
        try (ConnectProxy proxy = proxy(head -> "")) {
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test ->
                                    test.ask(
                                            RequestOptions.get("https" + test.place())
                                                    .connectTimeout(Duration.ofMillis(60)),
                                            test::done));
            assertTrue(seen.getFirst().startsWith("ETIMEDOUT | "), seen::toString);
            assertTrue(seen.getFirst().contains("the proxy 127.0.0.1"), seen::toString);
        }
    }

    @EngineTest
    void cancel_endsTheWay(EngineKind engine) throws Exception {
        try (ConnectProxy proxy = proxy(head -> "")) {
            List<String> seen =
                    run(
                            engine,
                            proxy.url(""),
                            true,
                            test -> {
                                Operation asked = test.get(test::done);
                                test.reactor().setTimeout(30, asked::cancel);
                            });
            assertTrue(seen.getFirst().startsWith("ECANCELED | "), seen::toString);
        }
    }

    @EngineTest
    void absentProxy_isNamed(EngineKind engine) throws Exception {
        URI nobody;
        try (ConnectProxy proxy = open()) {
            nobody = proxy.url("");
        }
        List<String> seen = run(engine, nobody, true, test -> test.get(test::done));
        assertEquals(
                "ECONNREFUSED | connect ECONNREFUSED " + nobody.getAuthority(), seen.getFirst());
    }

    @EngineTest
    void webSockets_goThroughTunnels(EngineKind engine) throws Exception {
        for (boolean secure : List.of(false, true)) {
            try (ConnectProxy proxy = open()) {
                List<String> seen =
                        run(
                                engine,
                                proxy.url(""),
                                secure,
                                test ->
                                        WebSockets.connect(
                                                test.client(),
                                                (secure ? "wss" : "ws") + test.place(),
                                                WebSocketOptions.defaults(),
                                                (err, socket) -> {
                                                    if (err != null) {
                                                        throw err;
                                                    }
                                                    socket.onText(text -> {
                                                        test.seen().add(text);
                                                        socket.close();
                                                    });
                                                    socket.onClose((code, why, e) -> test.done());
                                                    socket.send("through");
                                                }));
                assertEquals(List.of("through", "0 kept"), seen);
                assertEquals(1, proxy.heads().size());
            }
        }
    }

    @EngineTest
    void nodesProxy_opensTunnels(EngineKind engine) throws Exception {
        String program =
                """
                const net = require('net');
                const proxy = require('http').createServer((req, res) => res.writeHead(405).end());
                proxy.on('connect', (req, client, head) => {
                    const [host, port] = req.url.split(':');
                    const origin = net.connect(port, '127.0.0.1', () => {
                        client.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
                        origin.write(head);
                        origin.pipe(client).pipe(origin);
                    });
                    origin.on('error', () => client.destroy());
                    client.on('error', () => origin.destroy());
                });
                proxy.listen(0, '127.0.0.1', () => console.log(proxy.address().port));
                """;
        try (Node node = new Node(program)) {
            URI proxy = URI.create("http://127.0.0.1:" + node.line());
            List<String> seen =
                    run(engine, proxy, true, test -> test.get(() -> test.get(test::done)));
            assertEquals(
                    List.of("200 GET / Host,Connection", "200 GET / Host,Connection", "1 kept"),
                    seen);
        }
    }

    @org.junit.jupiter.api.Test
    void proxyThatIsNone_isRefusedWithoutItsPassword() {
        URI wrong = URI.create("ftp://me:secret@host:1");
        String why =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> HttpClientOptions.defaults().proxy(wrong))
                        .getMessage();
        assertEquals("proxy is ftp://host:1: use http://host:port", why);
    }

    @EngineTest
    void tunnelToNode_restsWithoutKeepingTheLoopAlive(EngineKind engine) throws Exception {
        String program =
                """
                const [cert, key] = process.argv.slice(1);
                const server = require('https').createServer({cert, key}, (req, res) => res.end('node'));
                server.keepAliveTimeout = 600000;
                server.listen(0, '127.0.0.1', () => console.log(server.address().port));
                """;
        List<String> seen = new ArrayList<>();
        String cert = Authority.SERVER.certificatesPem();
        try (Node node = new Node(program, cert, Authority.SERVER.keyPem());
                ConnectProxy proxy = open()) {
            String url = "https://localhost:" + node.line() + "/";
            Reactors.run(
                    engine,
                    reactor ->
                            Http.of(reactor)
                                    .createClient(
                                            HttpClientOptions.defaults()
                                                    .keepAlive(Duration.ofMinutes(5))
                                                    .proxy(proxy.url(""))
                                                    .tls(TlsPeers.client()))
                                    .get(
                                            url,
                                            (err, response) -> {
                                                if (err != null) {
                                                    throw err;
                                                }
                                                response.text(
                                                        100,
                                                        StandardCharsets.UTF_8,
                                                        (e, text) -> seen.add(text));
                                            }));
        }
        assertEquals(List.of("node"), seen);
    }
}
