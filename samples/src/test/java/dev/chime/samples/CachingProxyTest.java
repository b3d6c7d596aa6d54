package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The caching proxy as a process of its own, in front of the file server. */
class CachingProxyTest {
    private static final int FILES = 30;
    private static final int PATIENCE_SECONDS = 60;

    @TempDir Path folder;
    private final List<byte[]> contents = new ArrayList<>();
    private Path root;
    private Path cache;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
        cache = Files.createDirectory(folder.resolve("cache"));
        Random random = new Random(1);
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[1 + random.nextInt(1 << (10 + i % 12))];
            random.nextBytes(content);
            contents.add(content);
            Files.write(root.resolve("f" + i), content);
        }
    }

    private Sample origin(EngineKind engine) throws IOException {
        return Sample.start(folder, engine, "static", "--port", "0", "--dir", root.toString());
    }

    private Sample proxy(EngineKind engine, String upstream) throws IOException {
        return Sample.start(
                folder,
                engine,
                "caching-proxy",
                "--port",
                "0",
                "--dir",
                cache.toString(),
                "--upstream",
                upstream);
    }

    @EngineTest
    void proxyThatIsKilled_neverServesAnythingWrong(EngineKind engine) throws Exception {
        kill(engine, 1);
    }

    @EngineTest
    @Tag("slow")
    void proxyThatIsKilledAgain_neverServesAnythingWrong(EngineKind engine) throws Exception {
        kill(engine, 3);
    }

    private void kill(EngineKind engine, int rounds) throws Exception {
        try (Sample origin = origin(engine)) {
            String upstream = HttpSamplesTest.url(origin, "files of ");
            for (int round = 0; round < rounds; round++) {
                try (Sample proxy = proxy(engine, upstream)) {
                    String url = HttpSamplesTest.url(proxy, "proxy of ");
                    String start = proxy.awaitLog(" entries, ");
                    assertTrue(start.endsWith(" 0 broken"), start);
                    loadUntilKilled(url, proxy, round);
                }
            }
            try (Sample proxy = proxy(engine, upstream);
                    HttpClient client = HttpClient.newHttpClient()) {
                String url = HttpSamplesTest.url(proxy, "proxy of ");
                String start = proxy.awaitLog(" entries, ");
                assertTrue(start.endsWith(" 0 broken"), start);
                int hits = 0;
                for (int i = 0; i < FILES; i++) {
                    HttpResponse<byte[]> got = HttpSamplesTest.get(client, url + "/f" + i);
                    assertArrayEquals(contents.get(i), got.body(), "file " + i);
                    hits += got.headers().firstValue("X-Cache").orElse("").equals("HIT") ? 1 : 0;
                }
                assertTrue(hits > 0, "nothing outlived the proxy");
            }
        }
    }

    /** Asks for everything, from four threads, and kills the proxy in between. */
    private void loadUntilKilled(String url, Sample proxy, int seed) throws Exception {
        CountDownLatch answers = new CountDownLatch(20 + 7 * seed);
        List<String> wrong = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < 4; i++) {
                Random random = new Random(4L * seed + i);
                threads.add(
                        Thread.ofPlatform().start(() -> ask(client, url, random, answers, wrong)));
            }
            assertTrue(answers.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "no answers");
            proxy.close(); // SIGKILL
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertEquals(List.of(), wrong);
    }

    private void ask(
            HttpClient client,
            String url,
            Random random,
            CountDownLatch answers,
            List<String> wrong) {
        try {
            while (true) {
                int i = random.nextInt(FILES);
                byte[] got = HttpSamplesTest.get(client, url + "/f" + i).body();
                if (!Arrays.equals(contents.get(i), got)) {
                    synchronized (wrong) {
                        wrong.add("file " + i + ": " + got.length + " bytes");
                    }
                }
                answers.countDown();
            }
        } catch (Exception e) {
            // the proxy has been killed
        }
    }

    @EngineTest
    void underLoad_everyAnswerIsGood(EngineKind engine) throws Exception {
        assumeTrue(StaticTest.isOnPath("wrk"), "no wrk");
        try (Sample origin = origin(engine);
                Sample proxy = proxy(engine, HttpSamplesTest.url(origin, "files of "))) {
            String url = HttpSamplesTest.url(proxy, "proxy of ") + "/f12";
            Path out = folder.resolve("wrk.txt");
            Process wrk =
                    new ProcessBuilder("wrk", "-t1", "-c16", "-d1s", "--timeout", "30s", url)
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start();
            try {
                assertTrue(wrk.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            } finally {
                wrk.destroyForcibly().onExit().join();
            }
            String report = Files.readString(out);
            assertTrue(report.contains("Requests/sec"), report);
            assertFalse(report.contains("Socket errors"), report);
            assertFalse(report.contains("Non-2xx"), report);
        }
    }
}
