package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
}
