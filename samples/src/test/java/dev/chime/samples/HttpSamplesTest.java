package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP samples, asked by the JDK's client. */
class HttpSamplesTest {
    private static final Pattern PORT = Pattern.compile(":(\\d+), engine");

    @TempDir Path folder;

    static String url(Sample sample, String words) throws Exception {
        Matcher port = PORT.matcher(sample.awaitLog(words));
        assertTrue(port.find());
        return "http://127.0.0.1:" + port.group(1);
    }

    static HttpResponse<byte[]> get(HttpClient client, String url, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @EngineTest
    void httpHello_greets(EngineKind engine) throws Exception {
        try (Sample sample = Sample.start(folder, engine, "http-hello", "--port", "0");
                HttpClient client = HttpClient.newHttpClient()) {
            String url = url(sample, "http on ");
            HttpResponse<byte[]> greeting = get(client, url + "/plaintext");
            assertEquals("Hello, World!", new String(greeting.body(), StandardCharsets.US_ASCII));
            assertEquals("text/plain", greeting.headers().firstValue("content-type").orElse(""));
            assertEquals(404, get(client, url + "/other").statusCode());
        }
    }

    @EngineTest
    void dashboard_tellsHowItsLoopIsDoing(EngineKind engine) throws Exception {
        try (Sample sample = Sample.start(folder, engine, "dashboard", "--port", "0");
                HttpClient client = HttpClient.newHttpClient()) {
            String url = url(sample, "dashboard on ");
            HttpResponse<byte[]> page = get(client, url + "/");
            assertEquals(
                    "text/html; charset=utf-8",
                    page.headers().firstValue("content-type").orElse(""));
            assertTrue(new String(page.body(), StandardCharsets.UTF_8).contains("new WebSocket"));
            assertEquals(404, get(client, url + "/other").statusCode());

            BlockingQueue<String> samples = new LinkedBlockingQueue<>();
            WebSocket socket =
                    client.newWebSocketBuilder()
                            .buildAsync(
                                    URI.create(url.replace("http", "ws") + "/"),
                                    new WebSocket.Listener() {
                                        @Override
                                        public CompletionStage<?> onText(
                                                WebSocket from, CharSequence data, boolean last) {
                                            samples.add(data.toString());
                                            from.request(1);
                                            return null;
                                        }
                                    })
                            .get(30, TimeUnit.SECONDS);
            for (int i = 0; i < 2; i++) {
                String json = samples.poll(30, TimeUnit.SECONDS);
                assertNotNull(json, "a sample came");
                String expected =
                        "\\{\"engine\":\"%s\",\"windows\":1,\"busyPercent\":[0-9.]+,\"turns\":\\d+,.*}"
                                .formatted(engine.name().toLowerCase(Locale.ROOT));
                assertTrue(json.matches(expected), json);
            }
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(30, TimeUnit.SECONDS);
        }
    }

    @EngineTest
    void dashboardInABrowser_drawsLiveFigures(EngineKind engine) throws Exception {
        try (Sample sample = Sample.start(folder, engine, "dashboard", "--port", "0");
                Browser page = new Browser(folder, url(sample, "dashboard on ") + "/")) {
            page.await(
                    "document.querySelector('#state').textContent",
                    Pattern.compile(
                            "engine " + engine.name().toLowerCase(Locale.ROOT) + ", 1 window"));
            page.await(
                    "document.querySelector('polyline').getAttribute('points')",
                    Pattern.compile("\"(\\d+,[0-9.]+ ){3,}"));
            page.await(
                    "[...document.querySelectorAll('output')].map(o => o.textContent).join('|')",
                    Pattern.compile("\"[0-9.]+%(\\|[0-9.,]+(/s| ms| KiB)){5}\""));
        }
    }
}
