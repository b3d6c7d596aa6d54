package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Node;
import dev.chime.net.ws.WebSocket;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Our WebSockets against clients of other hands: Node's, and a page in a browser. */
class WebSocketPeersTest {
    private static final int PATIENCE_SECONDS = 90;
    private static final int MOST_BYTES = 4 << 20;

    /** Runs in Node and in pages: talks to our server, and tells what came of it. */
    private static final String TALK =
            """
            async function open(url) {
                const socket = new WebSocket(url);
                socket.binaryType = 'arraybuffer';
                const come = [], waiting = [];
                socket.onmessage = event =>
                    waiting.length ? waiting.shift()(event.data) : come.push(event.data);
                socket.next = () => come.length
                    ? Promise.resolve(come.shift()) : new Promise(taker => waiting.push(taker));
                socket.closed = new Promise(done => socket.onclose = event =>
                    done(event.code + ' ' + event.reason + ' ' + event.wasClean));
                await new Promise((yes, no) => {
                    socket.onopen = yes;
                    socket.onerror = () => no(new Error('no connection'));
                });
                return socket;
            }
            async function talk(url) {
                const told = [];
                let socket = await open(url + '/echo');
                for (const text of ['grüße \\u{1F600}', '', 'x'.repeat(3000000)]) {
                    socket.send(text);
                    told.push('text ' + text.length + ' ' + (await socket.next() === text));
                }
                for (const length of [0, 125, 126, 65535, 65536, 3000000]) {
                    const sent = new Uint8Array(length).map((_, i) => i * 31 + (i >> 8));
                    socket.send(sent);
                    const back = new Uint8Array(await socket.next());
                    const same = back.length === length && back.every((b, i) => b === sent[i]);
                    told.push('binary ' + length + ' ' + same);
                }
                for (let i = 0; i < 200; i++) socket.send('' + i);
                let inOrder = true;
                for (let i = 0; i < 200; i++) inOrder &&= await socket.next() === '' + i;
                told.push('in order ' + inOrder);
                socket.send('fragments');
                told.push(await socket.next());
                told.push(await socket.next());
                socket.close(3001, 'farewell');
                told.push('closed ' + await socket.closed);
                socket = await open(url + '/leave');
                socket.send('leave');
                told.push('left ' + await socket.closed);
                socket = await open(url + '/echo');
                socket.send(new Uint8Array(5000000));
                told.push('too long ' + (await socket.closed).split(' ')[0]);
                return told.join('; ');
            }
            """;

    private static final String TOLD =
            "text 8 true; text 0 true; text 3000000 true; binary 0 true; binary 125 true;"
                    + " binary 126 true; binary 65535 true; binary 65536 true; binary 3000000 true;"
                    + " in order true; in fragments; pong asked; closed 3001  true;"
                    + " left 4002 enough true; too long 1009";

    @TempDir Path folder;

    /** Echoes; leaves, or answers in fragments with a ping between them, when asked to. */
    private static void talk(WebSocket socket, List<String> closes) {
        socket.onPong(data -> socket.send("pong " + new String(data, StandardCharsets.US_ASCII)));
        socket.onBinary(socket::send);
        socket.onText(text -> {
            switch (text) {
                case "fragments" -> {
                    socket.stream().write(Wire.bytes("\u0001\u0003in \u0089\u0005asked"));
                    socket.stream().write(Wire.bytes("\u0000\u0004frag\u0080\u0005ments"));
                }
                case "leave" -> socket.close(4002, "enough");
                default -> socket.send(text);
            }
        });
        socket.onClose((code, reason, err) -> closes.add((code + " " + reason).strip()));
    }

    private static HttpServer server(Reactor reactor, HttpHandler pages, List<String> closes) {
        return Http.of(reactor)
                .createServer(pages)
                .onWebSocket(
                        WebSocketOptions.defaults().maxMessageBytes(MOST_BYTES),
                        (socket, request) -> talk(socket, closes));
    }

    private static void assertCloses(List<String> closes) {
        assertEquals(3, closes.size(), closes::toString);
        assertEquals("3001 farewell", closes.getFirst());
        // Some peers send our reason back, and some the code alone.
        assertTrue(closes.get(1).startsWith("4002"), closes::toString);
    }

    @EngineTest
    void nodesClient(EngineKind engine) {
        List<String> closes = new CopyOnWriteArrayList<>();
        String program =
                TALK
                        + """
                        talk(process.argv[1]).then(told => console.log(told), error => {
                            console.log(error);
                            process.exit(1);
                        });
                        """;
        Serving.run(
                engine,
                reactor ->
                        server(reactor, (request, response) -> response.status(404).end(), closes),
                port -> {
                    List<String> options = List.of("--no-warnings", "--experimental-websocket");
                    String url = "ws://127.0.0.1:" + port;
                    try (Node node = new Node(options, program, url)) {
                        assertEquals(TOLD, node.rest().strip());
                    }
                });
        assertCloses(closes);
    }

    /** Serves the page, and keeps it loading until its talk is over. */
    private static HttpHandler page() {
        String page =
                "<!DOCTYPE html><title>talk</title><body><p id=told></p><img src=/hold><script>"
                        + TALK
                        + """
                        talk(location.origin.replace('http', 'ws'))
                            .catch(error => 'failed: ' + error)
                            .then(told => {
                                document.querySelector('#told').textContent = told;
                                return fetch('/told', {method: 'POST'});
                            });
                        </script>
                        """;
        ServerResponse[] held = new ServerResponse[1];
        return (request, response) -> {
            switch (request.path()) {
                case "/" -> response.header("Content-Type", "text/html; charset=utf-8").end(page);
                case "/hold" -> held[0] = response;
                case "/told" -> {
                    held[0].status(404).end();
                    response.end();
                }
                default -> response.status(404).end();
            }
        };
    }

    @EngineTest
    void pageInABrowser(EngineKind engine) {
        List<String> closes = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                reactor -> server(reactor, page(), closes),
                port -> {
                    String dom = dom("http://127.0.0.1:" + port + "/");
                    assertTrue(dom.contains("<p id=\"told\">" + TOLD + "</p>"), dom);
                });
        assertCloses(closes);
    }

    private String dom(String url) throws Exception {
        Path out = folder.resolve("dom.html");
        Path err = folder.resolve("err.txt");
        ProcessBuilder chromium =
                new ProcessBuilder(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + folder.resolve("browser"),
                        "--dump-dom",
                        url);
        Process process;
        try {
            process = chromium.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        } catch (IOException e) {
            assumeTrue(false, "no chromium");
            throw e;
        }
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "chromium hangs");
            return Files.readString(out);
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }
}
