package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Clients of other hands against our server. */
class ForeignClientsTest {
    @TempDir Path folder;

    /** Sends the body back, streamed; {@code /hello} whole; {@code /deny} without reading. */
    private static void answer(IncomingMessage request, ServerResponse response) {
        switch (request.path()) {
            case "/hello" -> response.header("Content-Type", "text/plain").end("hello");
            case "/deny" -> response.status(403).end("denied");
            default -> {
                response.header("X-Method", request.method());
                request.body().pipe(response.body());
            }
        }
    }

    private static String run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, command[0] + " is not here");
            throw e;
        }
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "hangs");
        return output;
    }

    private static boolean has(String tool) {
        for (String place : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(place, tool))) {
                return true;
            }
        }
        return false;
    }

    @EngineTest
    void curl(EngineKind engine) throws Exception {
        assumeTrue(has("curl"), "no curl");
        Path file = folder.resolve("body");
        byte[] content = new byte[3_000_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 + (i >> 8));
        }
        Files.write(file, content);
        Path back = folder.resolve("back");
        Serving.run(
                engine,
                ForeignClientsTest::answer,
                port -> {
                    String url = "http://127.0.0.1:" + port;
                    assertEquals("hellohello", run("curl", "-sS", url + "/hello", url + "/hello"));
                    String reused = run("curl", "-sv", url + "/hello", url + "/hello");
                    assertTrue(reused.contains("Re-using existing connection"), reused);
                    String head = run("curl", "-sSI", url + "/hello");
                    assertTrue(head.contains("Content-Length: 5\r\n"), head);
                    String data = "@" + file;
                    // curl asks for 100-continue before it sends so much.
                    run("curl", "-sS", "--data-binary", data, "-o", back.toString(), url + "/e");
                    assertEquals(-1, Files.mismatch(file, back));
                    String chunked = "Transfer-Encoding: chunked";
                    run(
                            "curl",
                            "-sS",
                            "-H",
                            chunked,
                            "-T",
                            file.toString(),
                            "-o",
                            back.toString(),
                            url + "/e");
                    assertEquals(-1, Files.mismatch(file, back));
                    String waits =
                            run(
                                    "curl",
                                    "-sv",
                                    "-H",
                                    "Expect: 100-continue",
                                    "-d",
                                    "abc",
                                    url + "/e");
                    assertTrue(waits.contains("HTTP/1.1 100 Continue"), waits);
                    assertTrue(waits.contains("abc"), waits);
                    String denied = run("curl", "-sv", "--data-binary", data, url + "/deny");
                    assertTrue(denied.contains("403 Forbidden"), denied);
                    assertTrue(denied.contains("denied"), denied);
                    String old = run("curl", "-sS", "-0", "-d", "old", url + "/e");
                    assertEquals("old", old);
                });
    }

    @EngineTest
    void javaHttpClient(EngineKind engine) {
        Serving.run(
                engine,
                ForeignClientsTest::answer,
                port -> {
                    URI uri = URI.create("http://127.0.0.1:" + port + "/echo");
                    try (HttpClient client = HttpClient.newHttpClient()) {
                        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
                        for (int i = 0; i < 50; i++) {
                            String body = ("body " + i + " ").repeat(i * 100);
                            HttpRequest request =
                                    HttpRequest.newBuilder(uri)
                                            .expectContinue(i % 3 == 0)
                                            .POST(HttpRequest.BodyPublishers.ofString(body))
                                            .build();
                            all.add(
                                    client.sendAsync(
                                            request, HttpResponse.BodyHandlers.ofString()));
                        }
                        for (int i = 0; i < 50; i++) {
                            HttpResponse<String> response = all.get(i).get(30, TimeUnit.SECONDS);
                            assertEquals(200, response.statusCode());
                            assertEquals(("body " + i + " ").repeat(i * 100), response.body());
                        }
                    }
                });
    }

    @EngineTest
    void node(EngineKind engine) {
        assumeTrue(has("node"), "no node");
        String program =
                """
                const http = require('http');
                const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
                let left = 40;
                for (let i = 0; i < 40; i++) {
                  const options = { port: process.argv[1], method: 'PUT', path: '/' + i, agent };
                  const body = Buffer.alloc(i * 5000, i);
                  const req = http.request(options, (res) => {
                    const parts = [];
                    res.on('data', (part) => parts.push(part));
                    res.on('end', () => {
                      if (!Buffer.concat(parts).equals(body)) console.log('differs', i);
                      if (--left === 0) { console.log('all'); agent.destroy(); }
                    });
                  });
                  req.on('error', (err) => console.log(err));
                  req.write(body);
                  req.end();
                }
                """;
        Serving.run(
                engine,
                ForeignClientsTest::answer,
                port -> assertEquals("all\n", run("node", "-e", program, "" + port)));
    }
}
