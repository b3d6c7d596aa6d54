package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.chime.net.testing.Content;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Our client against servers of other hands that send back what they get. */
class ForeignServersTest {
    private static final int REQUESTS = 40;

    /**
     * Sends bodies of many sizes, whole and streamed, six at a time, and checks what comes back.
     */
    private static void askAll(EngineKind engine, int port) {
        int[] whole = {0};
        Reactors.run(
                engine,
                reactor -> {
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(
                                            HttpClientOptions.defaults()
                                                    .maxConnectionsPerOrigin(6));
                    String url = "http://127.0.0.1:" + port + "/echo";
                    for (int i = 0; i < REQUESTS; i++) {
                        int length = i * i * 200;
                        byte[] body = new Content(i).take(length);
                        RequestOptions post = RequestOptions.post(url);
                        RequestOptions request =
                                i % 2 == 0 ? post.body(body) : post.body(out -> out.end(body));
                        Content back = new Content(i);
                        client.request(
                                request,
                                (err, response) -> {
                                    assertNull(err);
                                    assertEquals(200, response.status());
                                    response.body().onData(back::check);
                                    response.body()
                                            .onEnd(() -> {
                                                assertEquals(length, back.position());
                                                if (++whole[0] == REQUESTS) {
                                                    client.close();
                                                }
                                            });
                                });
                    }
                });
        assertEquals(REQUESTS, whole[0]);
    }

    @EngineTest
    void javaHttpServer(EngineKind engine) throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = HttpServer.create(address, 50);
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            server.setExecutor(threads);
            server.createContext(
                    "/",
                    exchange -> {
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
            server.start();
            askAll(engine, server.getAddress().getPort());
        } finally {
            server.stop(0);
        }
    }

    @EngineTest
    void nodeServer(EngineKind engine) throws Exception {
        String program =
                """
                const server = require('http').createServer((req, res) => req.pipe(res));
                server.listen(0, '127.0.0.1', () => console.log(server.address().port));
                process.stdin.on('end', () => process.exit()).resume();
                """;
        Process node;
        try {
            node =
                    new ProcessBuilder("node", "-e", program)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "no node");
            throw e;
        }
        try (BufferedReader out = node.inputReader(StandardCharsets.US_ASCII)) {
            askAll(engine, Integer.parseInt(out.readLine()));
        } finally {
            node.destroyForcibly().onExit().join();
        }
    }
}
