package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The file server, asked by the JDK's client, by raw bytes, by curl, and by a browser. */
class StaticTest {
    private static final int PATIENCE_SECONDS = 90;

    @TempDir Path folder;
    private final byte[] content = new byte[300_000];
    private Path root;

    @BeforeEach
    void makeTree() throws IOException {
        new Random(1).nextBytes(content);
        root = Files.createDirectory(folder.resolve("root"));
        Files.write(root.resolve("a b+c.bin"), content);
        Files.writeString(root.resolve("empty.txt"), "");
        Files.writeString(root.resolve("<b>'\"&.txt"), "escaped");
        Files.writeString(root.resolve("a:b"), "no scheme");
        Files.createDirectory(root.resolve("zoo"));
        Files.writeString(root.resolve("zoo/index.html"), "<p>index</p>");
        Files.createDirectory(root.resolve("bare"));
        Files.writeString(folder.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("out"), folder.resolve("secret"));
        Files.createSymbolicLink(root.resolve("up"), folder);
        Files.createSymbolicLink(root.resolve("in"), Path.of("empty.txt"));
    }

    private Sample start(EngineKind engine) throws IOException {
        return Sample.start(folder, engine, "static", "--port", "0", "--dir", root.toString());
    }

    @EngineTest
    void files_haveTagsRangesAndTypes(EngineKind engine) throws Exception {
        try (Sample sample = start(engine);
                HttpClient client = HttpClient.newHttpClient()) {
            String url = HttpSamplesTest.url(sample, "files of ");
            String file = url + "/a%20b+c.bin";
            HttpResponse<byte[]> whole = HttpSamplesTest.get(client, file);
            assertArrayEquals(content, whole.body());
            String etag = whole.headers().firstValue("etag").orElseThrow();
            String date = whole.headers().firstValue("last-modified").orElseThrow();
            assertEquals(
                    304, HttpSamplesTest.get(client, file, "If-None-Match", etag).statusCode());
            assertEquals(
                    304, HttpSamplesTest.get(client, file, "If-Modified-Since", date).statusCode());
            HttpResponse<byte[]> part =
                    HttpSamplesTest.get(client, file, "Range", "bytes=1000-250999");
            assertEquals(206, part.statusCode());
            assertArrayEquals(Arrays.copyOfRange(content, 1000, 251_000), part.body());
            assertEquals(
                    416, HttpSamplesTest.get(client, file, "Range", "bytes=300000-").statusCode());
            HttpResponse<byte[]> index = HttpSamplesTest.get(client, url + "/zoo/");
            assertEquals("<p>index</p>", new String(index.body(), StandardCharsets.US_ASCII));
            assertEquals(
                    "text/html; charset=utf-8",
                    index.headers().firstValue("content-type").orElse(""));
            assertEquals(0, HttpSamplesTest.get(client, url + "/in").body().length);
            HttpResponse<byte[]> moved = HttpSamplesTest.get(client, url + "/zoo");
            assertEquals(308, moved.statusCode());
            assertEquals("/zoo/", moved.headers().firstValue("location").orElse(""));
            HttpResponse<byte[]> asked = HttpSamplesTest.get(client, url + "/zoo?a=%20b&c");
            assertEquals("/zoo/?a=%20b&c", asked.headers().firstValue("location").orElse(""));
            HttpRequest head = HttpRequest.newBuilder(URI.create(file)).HEAD().build();
            HttpResponse<byte[]> headed =
                    client.send(head, HttpResponse.BodyHandlers.ofByteArray());
            assertEquals("300000", headed.headers().firstValue("content-length").orElse(""));
            HttpRequest delete = HttpRequest.newBuilder(URI.create(file)).DELETE().build();
            HttpResponse<byte[]> refused =
                    client.send(delete, HttpResponse.BodyHandlers.ofByteArray());
            assertEquals(405, refused.statusCode());
            assertEquals("GET, HEAD", refused.headers().firstValue("allow").orElse(""));
        }
    }

    @EngineTest
    void listing_isSortedAndEscaped(EngineKind engine) throws Exception {
        try (Sample sample = start(engine);
                HttpClient client = HttpClient.newHttpClient()) {
            String url = HttpSamplesTest.url(sample, "files of ");
            String page =
                    new String(
                            HttpSamplesTest.get(client, url + "/").body(), StandardCharsets.UTF_8);
            List<String> links =
                    Pattern.compile("href=\"([^\"]*)\"")
                            .matcher(page)
                            .results()
                            .map(found -> found.group(1))
                            .toList();
            assertEquals(
                    List.of(
                            "./bare/",
                            "./zoo/",
                            "./%3Cb%3E%27%22%26.txt",
                            "./a%20b%2Bc.bin",
                            "./a%3Ab",
                            "./empty.txt",
                            "./in",
                            "./out",
                            "./up"),
                    links);
            assertTrue(page.contains("&lt;b&gt;&#39;&quot;&amp;.txt"), page);
            assertFalse(page.contains("<b>"), page);
            assertTrue(page.contains("color-scheme: light dark"), page);
            for (String link : links.subList(0, 6)) {
                assertEquals(
                        200,
                        HttpSamplesTest.get(client, url + link.substring(1)).statusCode(),
                        link);
            }
        }
    }

    @EngineTest
    void noAddress_leadsOutOfTheFolder(EngineKind engine) throws Exception {
        try (Sample sample = start(engine)) {
            int port = URI.create(HttpSamplesTest.url(sample, "files of ")).getPort();
            for (String target :
                    List.of(
                            "/../secret",
                            "/%2e%2e/secret",
                            "/..%2fsecret",
                            "/%2e%2e%2fsecret",
                            "/zoo/../../secret",
                            "/zoo/%2E%2E/%2e./secret",
                            "/out",
                            "/up/secret",
                            "/up/",
                            "//etc/passwd",
                            "/%2fetc/passwd",
                            "/..%c0%afsecret",
                            "/.%00./secret",
                            "/secret%00",
                            "/%",
                            "/%zz",
                            "/..\\secret",
                            "/%5c..%5csecret",
                            "/" + "a".repeat(300),
                            "/" + "a/".repeat(2500),
                            "/" + "a".repeat(20_000),
                            "/empty.txt/",
                            "/empty.txt/x",
                            "secret",
                            "*",
                            "http://x")) {
                String answer = raw(port, target);
                int status = Integer.parseInt(answer.substring(9, 12));
                boolean refused = status >= 400 && status < 500;
                assertTrue(refused || target.equals("http://x"), target + " gives " + answer);
                assertFalse(answer.endsWith("secret"), target);
            }
            assertTrue(raw(port, "/empty.txt").startsWith("HTTP/1.1 200"));
        }
    }

    private static String raw(int port, String target) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            String request = "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @EngineTest
    void curl_getsTheSameBytes(EngineKind engine) throws Exception {
        assumeTrue(Tool.isThere("curl"), "no curl");
        try (Sample sample = start(engine)) {
            String url = HttpSamplesTest.url(sample, "files of ");
            Path got = folder.resolve("got");
            Tool.run(folder, "curl", "-sSf", "-L", "-o", got.toString(), url + "/a%20b+c.bin");
            assertArrayEquals(content, Files.readAllBytes(got));
            Tool.run(folder, "curl", "-sSf", "-C", "100000", "-o", got + "2", url + "/a%20b+c.bin");
            Tool.run(folder, "curl", "-sSf", "-L", "-o", got.toString(), url + "/zoo");
            assertEquals("<p>index</p>", Files.readString(got));
        }
    }

    @EngineTest
    void browser_showsTheListing(EngineKind engine) throws Exception {
        assumeTrue(Tool.isThere("chromium"), "no chromium");
        try (Sample sample = start(engine)) {
            String url = HttpSamplesTest.url(sample, "files of ");
            String dom =
                    Tool.run(
                            folder,
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
                            url + "/");
            assertTrue(dom.contains("a b+c.bin</a>"), dom);
        }
    }
}
