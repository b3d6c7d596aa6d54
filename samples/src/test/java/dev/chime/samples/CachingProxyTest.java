package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The caching proxy as a process of its own, in front of the file server. */
class CachingProxyTest {
    private static final int FILES = 30;
    private static final int PATIENCE_SECONDS = 60;

    /** The file that wrk asks for: of less than 32 KiB. */
    private static final int LOADED = 17;

    @TempDir Path folder;
    private final List<byte[]> contents = new ArrayList<>();
    private Path root;
    private Path cache;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
        cache = folder.resolve("not/yet/cache");
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

    /** Asks for everything, from four threads and by wrk, and kills the proxy in between. */
    private void loadUntilKilled(String url, Sample proxy, int seed) throws Exception {
        CountDownLatch answers = new CountDownLatch(20 + 7 * seed);
        List<String> wrong = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try (Tool wrk = Tool.isThere("wrk") ? wrk(url, PATIENCE_SECONDS) : null;
                HttpClient client =
                        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < 4; i++) {
                Random random = new Random(4L * seed + i);
                threads.add(
                        Thread.ofPlatform().start(() -> ask(client, url, random, answers, wrong)));
            }
            assertTrue(answers.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "no answers");
            proxy.kill();
            if (wrk != null) {
                assertChecked(wrk.interrupt());
            }
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
        assumeTrue(Tool.isThere("wrk"), "no wrk");
        try (Sample origin = origin(engine);
                Sample proxy = proxy(engine, HttpSamplesTest.url(origin, "files of "));
                Tool wrk = wrk(HttpSamplesTest.url(proxy, "proxy of "), 1)) {
            String report = wrk.await();
            Tool.assertGood(report);
            assertChecked(report);
        }
    }

    /** Load that compares every answer with the file. */
    private Tool wrk(String url, int seconds) throws IOException {
        Path script =
                Files.writeString(
                        folder.resolve("check.lua"),
                        """
                        local threads = {}
                        function setup(thread) table.insert(threads, thread) end
                        function init(args)
                            local file = io.open(args[1], "rb")
                            good, bad, want = 0, 0, file:read("*a")
                            file:close()
                        end
                        function response(status, headers, body)
                            if status == 200 and body == want then good = good + 1 else bad = bad + 1 end
                        end
                        function done(summary, latency, requests)
                            for _, thread in ipairs(threads) do
                                print("good " .. thread:get("good") .. ", bad " .. thread:get("bad"))
                            end
                        end
                        """);
        List<String> command = new ArrayList<>(Tool.wrk(16, url + "/f" + LOADED));
        command.set(3, "-d" + seconds + "s");
        command.addAll(List.of("-s", script.toString(), "--", "" + root.resolve("f" + LOADED)));
        return Tool.start(folder, command);
    }

    private static void assertChecked(String report) {
        assertTrue(Pattern.compile("(?m)^good [1-9]\\d*, bad 0$").matcher(report).find(), report);
    }
}
