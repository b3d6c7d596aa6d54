package dev.chime.samples.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** What the caching proxy does between a client and an origin of other hands. */
class ProxyTest {
    private static final long ROOM = 64 << 20;

    @TempDir Path folder;

    private static byte[] content(int seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.endsWith("lock")).sorted().toList();
        }
    }

    @EngineTest
    void freshResponses_comeFromTheDisk(EngineKind engine) throws Exception {
        byte[] content = content(1, 300_000);
        try (TestOrigin origin =
                        new TestOrigin(exchange ->
                                TestOrigin.send(
                                        exchange,
                                        content,
                                        exchange.getRequestURI().getPath().equals("/chunked"),
                                        "Cache-Control",
                                        "max-age=60",
                                        "Content-Type",
                                        "image/x-test",
                                        "Keep-Alive",
                                        "timeout=5"));
                TestProxy proxy = new TestProxy(engine, folder, ROOM, null)) {
            int entries = 0;
            for (String path : List.of("/plain?q=1", "/chunked")) {
                HttpResponse<byte[]> miss = proxy.get(origin.url() + path);
                assertEquals("MISS", TestProxy.verdict(miss));
                assertArrayEquals(content, miss.body());
                proxy.awaitEntries(++entries);
                proxy.now = proxy.now.plusSeconds(20);

                HttpResponse<byte[]> hit = proxy.get(origin.url() + path);
                assertEquals("HIT", TestProxy.verdict(hit));
                assertArrayEquals(content, hit.body());
                assertEquals("image/x-test", hit.headers().firstValue("Content-Type").orElse(""));
                assertEquals("20", hit.headers().firstValue("Age").orElse(""));
                assertTrue(hit.headers().firstValue("Via").orElse("").startsWith("1.1 chime"));
                assertTrue(hit.headers().firstValue("Keep-Alive").isEmpty());
            }
            assertEquals(2, origin.count());
            assertTrue(origin.asked.getFirst().fields().getFirst("Via").startsWith("1.1 chime"));
        }
    }

    @EngineTest
    void headAndRange_areServedFromTheDisk(EngineKind engine) throws Exception {
        byte[] content = content(2, 200_000);
        try (TestOrigin origin =
                        new TestOrigin(exchange ->
                                TestOrigin.send(
                                        exchange,
                                        content,
                                        false,
                                        "Cache-Control",
                                        "max-age=60",
                                        "ETag",
                                        "\"one\""));
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url() + "/base/")) {
            String url = proxy.url() + "/x";
            HttpResponse<byte[]> early = proxy.get(url, "Range", "bytes=100000-100009");
            assertEquals(206, early.statusCode());
            assertArrayEquals(Arrays.copyOfRange(content, 100_000, 100_010), early.body());
            proxy.awaitEntries(1);
            HttpResponse<byte[]> part = proxy.get(url, "Range", "bytes=-1000");
            assertEquals(206, part.statusCode());
            assertArrayEquals(Arrays.copyOfRange(content, 199_000, 200_000), part.body());
            HttpResponse<byte[]> head = proxy.ask("HEAD", url);
            assertEquals("HIT", TestProxy.verdict(head));
            assertEquals("200000", head.headers().firstValue("Content-Length").orElse(""));
            assertEquals(0, head.body().length);
            assertEquals(304, proxy.get(url, "If-None-Match", "\"one\"").statusCode());
            assertEquals(416, proxy.get(url, "Range", "bytes=200000-").statusCode());
            assertEquals(1, origin.count());
            assertEquals("GET /base/x", origin.asked.getFirst().line());
            assertNull(origin.asked.getFirst().fields().getFirst("Range"));
        }
    }

    @EngineTest
    void staleResponses_areValidatedOrReplaced(EngineKind engine) throws Exception {
        String[] tag = {"\"a\""};
        try (TestOrigin origin =
                        new TestOrigin(exchange -> {
                            String condition =
                                    exchange.getRequestHeaders().getFirst("If-None-Match");
                            exchange.getResponseHeaders().set("ETag", tag[0]);
                            exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
                            if (tag[0].equals(condition)) {
                                exchange.sendResponseHeaders(304, -1);
                            } else {
                                TestOrigin.send(
                                        exchange, tag[0].getBytes(StandardCharsets.UTF_8), false);
                            }
                        });
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
            String url = proxy.url() + "/x";
            proxy.get(url);
            proxy.awaitEntries(1);
            proxy.now = proxy.now.plusSeconds(59);
            assertEquals("HIT", TestProxy.verdict(proxy.get(url)));
            proxy.now = proxy.now.plusSeconds(2);
            HttpResponse<byte[]> validated = proxy.get(url);
            assertEquals("\"a\"", new String(validated.body(), StandardCharsets.UTF_8));
            assertEquals("0", validated.headers().firstValue("Age").orElse(""));
            assertEquals(2, origin.count());
            proxy.now = proxy.now.plusSeconds(59);
            assertEquals("HIT", TestProxy.verdict(proxy.get(url)));
            assertEquals(2, origin.count());

            assertEquals("HIT", TestProxy.verdict(proxy.get(url, "Cache-Control", "no-cache")));
            assertEquals(3, origin.count());
            tag[0] = "\"b\"";
            proxy.now = proxy.now.plusSeconds(61);
            HttpResponse<byte[]> replaced = proxy.get(url);
            assertEquals("MISS", TestProxy.verdict(replaced));
            assertEquals("\"b\"", new String(replaced.body(), StandardCharsets.UTF_8));
            proxy.awaitEntries(1);
        }
    }

    @EngineTest
    void whatIsNotForEverybody_isNotKept(EngineKind engine) throws Exception {
        try (TestOrigin origin =
                        new TestOrigin(exchange -> {
                            String[] field = exchange.getRequestURI().getQuery().split("=", 2);
                            exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
                            TestOrigin.send(exchange, content(3, 100), false, field);
                        });
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
            for (String field :
                    List.of(
                            "Cache-Control=no-store",
                            "Cache-Control=private,max-age=9",
                            "Set-Cookie=a",
                            "Vary=User-Agent",
                            "Vary=*",
                            "Cache-Control=max-age%3D0")) {
                String url = proxy.url() + "/x?" + field;
                for (int i = 0; i < 2; i++) {
                    assertEquals("MISS", TestProxy.verdict(proxy.get(url)), field);
                }
            }
            String url = proxy.url() + "/x?Vary=Accept-Encoding";
            for (int i = 0; i < 2; i++) {
                HttpResponse<byte[]> own = proxy.get(url, "Authorization", "Basic eDp5");
                assertEquals("MISS", TestProxy.verdict(own));
            }
            assertEquals(14, origin.count());
            assertEquals(0, proxy.figures()[0]);
            proxy.get(url);
            proxy.awaitEntries(1);
            assertEquals("HIT", TestProxy.verdict(proxy.get(url)));
            proxy.ask("DELETE", url);
            assertEquals("MISS", TestProxy.verdict(proxy.get(url)));
        }
    }

    @EngineTest
    void concurrentMisses_askTheOriginOnce(EngineKind engine) throws Exception {
        byte[] content = content(4, 500_000);
        CountDownLatch all = new CountDownLatch(1);
        try (TestOrigin origin =
                        new TestOrigin(exchange -> {
                            await(all);
                            TestOrigin.send(exchange, content, true, "Cache-Control", "max-age=60");
                        });
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(proxy.url() + "/x")).build();
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(
                        proxy.client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()));
            }
            all.countDown();
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                assertArrayEquals(content, answer.get().body());
            }
            assertEquals(1, origin.count());
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @EngineTest
    void clientThatLeaves_doesNotStopTheOthers(EngineKind engine) throws Exception {
        byte[] content = content(5, 4 << 20);
        CountDownLatch left = new CountDownLatch(1);
        try (TestOrigin origin =
                        new TestOrigin(exchange -> {
                            exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
                            exchange.sendResponseHeaders(200, content.length);
                            exchange.getResponseBody().write(content, 0, 1 << 20);
                            exchange.getResponseBody().flush();
                            await(left);
                            exchange.getResponseBody()
                                    .write(content, 1 << 20, content.length - (1 << 20));
                        });
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(proxy.url() + "/x")).build();
            HttpResponse<InputStream> first =
                    proxy.client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            HttpResponse<InputStream> second =
                    proxy.client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            first.body().readNBytes(1000);
            first.body().close();
            left.countDown();
            try (InputStream rest = second.body()) {
                assertArrayEquals(content, rest.readAllBytes());
            }
            proxy.awaitEntries(1);
            assertEquals(1, origin.count());
        }
    }

    @EngineTest
    void clientThatDoesNotRead_holdsUpNobody(EngineKind engine) throws Exception {
        byte[] content = content(9, 16 << 20);
        try (TestOrigin origin =
                        new TestOrigin(exchange ->
                                TestOrigin.send(
                                        exchange, content, false, "Cache-Control", "max-age=60"));
                TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(proxy.url() + "/x")).build();
            HttpResponse<InputStream> slow =
                    proxy.client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream unread = slow.body()) {
                assertArrayEquals(content, proxy.get(proxy.url() + "/x").body());
                proxy.awaitEntries(1);
                assertEquals("HIT", TestProxy.verdict(proxy.get(proxy.url() + "/x")));
                assertArrayEquals(content, unread.readAllBytes());
            }
            assertEquals(1, origin.count());
        }
    }

    @EngineTest
    void validation_isKnownToTheNextProcess_andTheFolderIsOneProcesssOwn(EngineKind engine)
            throws Exception {
        try (TestOrigin origin =
                new TestOrigin(exchange -> {
                    String date = "Tue, 01 Jan 2019 00:00:00 GMT";
                    exchange.getResponseHeaders().set("Last-Modified", date);
                    exchange.getResponseHeaders().set("Cache-Control", "s-maxage=60, max-age=0");
                    if (date.equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"))) {
                        exchange.sendResponseHeaders(304, -1);
                    } else {
                        TestOrigin.send(exchange, content(10, 1000), false);
                    }
                })) {
            Instant later;
            try (TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
                proxy.get(proxy.url() + "/x");
                proxy.awaitEntries(1);
                later = proxy.now.plusSeconds(100);
                proxy.now = later;
                assertEquals("HIT", TestProxy.verdict(proxy.get(proxy.url() + "/x")));
                assertEquals(2, origin.count());
                ExecutionException refused =
                        assertThrows(
                                ExecutionException.class,
                                () -> new TestProxy(engine, folder, ROOM, null));
                assertTrue(
                        String.valueOf(refused.getCause()).contains("another process"),
                        String.valueOf(refused.getCause()));
            }
            try (TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
                proxy.now = later.plusSeconds(59);
                HttpResponse<byte[]> hit = proxy.get(proxy.url() + "/x");
                assertEquals("59", hit.headers().firstValue("Age").orElse(""));
                assertArrayEquals(content(10, 1000), hit.body());
                assertEquals(2, origin.count());
            }
        }
    }

    @EngineTest
    void originThatDiesInMidBody_leavesNothing(EngineKind engine) throws Exception {
        List<String> framings =
                List.of(
                        "Content-Length: 1000000",
                        "Transfer-Encoding: chunked",
                        "Content-Length: 9");
        try (ServerSocket origin = new ServerSocket(0);
                TestProxy proxy =
                        new TestProxy(
                                engine,
                                folder,
                                ROOM,
                                "http://127.0.0.1:" + origin.getLocalPort())) {
            for (String framing : framings) {
                CompletableFuture<Void> dying =
                        CompletableFuture.runAsync(() -> answerHalf(origin, framing));
                assertTrue(fails(proxy), framing);
                dying.get();
            }
            assertEquals(0, proxy.figures()[0]);
            assertEquals(0, proxy.figures()[1]);
        }
        assertEquals(List.of(), files());
    }

    /** The connection is cut; or, when none of the body has gone out, the status says it. */
    private static boolean fails(TestProxy proxy) throws Exception {
        try {
            return proxy.get(proxy.url() + "/x").statusCode() >= 500;
        } catch (IOException e) {
            return true;
        }
    }

    private static void answerHalf(ServerSocket origin, String framing) {
        try (Socket client = origin.accept()) {
            client.getInputStream().read(new byte[10_000]);
            String head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + framing + "\r\n\r\n";
            String body =
                    framing.endsWith("chunked")
                            ? "5\r\nhello\r\n"
                            : "x".repeat(framing.endsWith("9") ? 8 : 400_000);
            client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @EngineTest
    void originThatIsGoneOrSilent_gives502And504(EngineKind engine) throws Exception {
        try (TestProxy proxy = new TestProxy(engine, folder, ROOM, null, Duration.ofMillis(300))) {
            String url;
            try (ServerSocket silent = new ServerSocket(0)) {
                url = "http://127.0.0.1:" + silent.getLocalPort() + "/x";
                assertEquals(504, proxy.get(url).statusCode());
            }
            assertEquals(502, proxy.get(url).statusCode());
            assertEquals(502, proxy.ask("POST", url).statusCode());
        }
    }

    @EngineTest
    void originThatDiesBeforeTheBody_gives502AndAnotherTry(EngineKind engine) throws Exception {
        try (ServerSocket origin = new ServerSocket(0);
                TestProxy proxy =
                        new TestProxy(
                                engine,
                                folder,
                                ROOM,
                                "http://127.0.0.1:" + origin.getLocalPort(),
                                Duration.ofMillis(400))) {
            for (String field : List.of("Cache-Control: max-age=60", "Cache-Control: no-store")) {
                String url = proxy.url() + "/" + field.length();
                for (String framing : List.of("Content-Length: 5", "Transfer-Encoding: chunked")) {
                    String head = "HTTP/1.1 200 OK\r\n" + field + "\r\n" + framing + "\r\n\r\n";
                    CompletableFuture<Void> dying = answer(origin, head, false);
                    assertEquals(502, proxy.get(url).statusCode(), head);
                    dying.get();
                    CompletableFuture<Void> silent = answer(origin, head, true);
                    assertEquals(504, proxy.get(url).statusCode(), head);
                    silent.get();
                }
                String whole = "HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: 2\r\n\r\nok";
                CompletableFuture<Void> good = answer(origin, whole, false);
                assertEquals("ok", new String(proxy.get(url).body(), StandardCharsets.US_ASCII));
                good.get();
            }
        }
    }

    /** Answers one request, and then hangs up, or waits until the proxy does. */
    private static CompletableFuture<Void> answer(
            ServerSocket origin, String answer, boolean waits) {
        return CompletableFuture.runAsync(() -> {
            try (Socket client = origin.accept()) {
                client.getInputStream().read(new byte[10_000]);
                client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                if (waits) {
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @EngineTest
    void cache_isBoundedAndKeepsWhatIsAskedFor(EngineKind engine) throws Exception {
        long bound = 1 << 20;
        try (TestOrigin origin =
                        new TestOrigin(exchange -> {
                            boolean large = exchange.getRequestURI().getPath().equals("/large");
                            TestOrigin.send(
                                    exchange,
                                    content(7, large ? 6 << 20 : 200_000),
                                    true,
                                    "Cache-Control",
                                    "max-age=60");
                        });
                TestProxy proxy = new TestProxy(engine, folder, bound, origin.url())) {
            for (int i = 0; i < 12; i++) {
                assertEquals(200, proxy.get(proxy.url() + "/" + i).statusCode());
                proxy.awaitEntries(Math.min(i + 1, 5));
                String verdict = TestProxy.verdict(proxy.get(proxy.url() + "/0"));
                assertEquals("HIT", verdict, "entry 0, always the last but one, at " + i);
                assertTrue(proxy.figures()[1] <= bound);
            }
            assertEquals("MISS", TestProxy.verdict(proxy.get(proxy.url() + "/1")));
            assertArrayEquals(content(7, 6 << 20), proxy.get(proxy.url() + "/large").body());
            assertEquals("MISS", TestProxy.verdict(proxy.get(proxy.url() + "/large")));
            assertTrue(proxy.figures()[1] <= bound);
        }
        long onDisk = 0;
        for (Path file : files()) {
            onDisk += Files.size(file);
        }
        assertTrue(onDisk <= bound, onDisk + " bytes on the disk");
    }

    @EngineTest
    void brokenFiles_areDroppedAtTheStart_othersStay(EngineKind engine) throws Exception {
        Files.writeString(folder.resolve("mine.txt"), "not the cache's");
        try (TestOrigin origin =
                new TestOrigin(exchange ->
                        TestOrigin.send(
                                exchange,
                                content(8, 150_000),
                                false,
                                "Cache-Control",
                                "max-age=60"))) {
            try (TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
                for (int i = 0; i < 5; i++) {
                    proxy.get(proxy.url() + "/" + i);
                }
                proxy.awaitEntries(5);
            }
            List<Path> files = files().stream().filter(file -> !file.endsWith("mine.txt")).toList();
            assertEquals(5, files.size());
            flip(files.get(0), 20);
            flip(files.get(1), 100_000);
            Files.write(files.get(2), Arrays.copyOf(Files.readAllBytes(files.get(2)), 90_000));
            Files.write(files.get(3), new byte[0]);
            Files.copy(files.get(4), Path.of(files.get(4) + ".part"));
            int before = origin.count();
            try (TestProxy proxy = new TestProxy(engine, folder, ROOM, origin.url())) {
                assertEquals(1, proxy.figures()[0]);
                for (int i = 0; i < 5; i++) {
                    byte[] body = proxy.get(proxy.url() + "/" + i).body();
                    assertArrayEquals(content(8, 150_000), body);
                }
                assertEquals(before + 4, origin.count());
                proxy.awaitEntries(5);
            }
            assertEquals(6, files().size());
            assertTrue(Files.exists(folder.resolve("mine.txt")));
        }
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    @EngineTest
    void requestsThatMakeNoSense_areRefused(EngineKind engine) throws Exception {
        try (TestProxy forward = new TestProxy(engine, folder, ROOM, null)) {
            assertEquals(508, forward.get(forward.url() + "/").statusCode());
            try (TestProxy reverse =
                    new TestProxy(
                            engine,
                            Files.createDirectory(folder.resolve("two")),
                            ROOM,
                            forward.url())) {
                assertEquals(400, reverse.get(reverse.url() + "/").statusCode());
                HttpResponse<byte[]> only =
                        reverse.get(reverse.url() + "/", "Cache-Control", "only-if-cached");
                assertEquals(504, only.statusCode());
            }
            assertFalse(files().isEmpty());
        }
    }
}
