package dev.chime.samples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in Chromium without a window, which a test may ask about; where there is no Chromium, the
 * test is skipped.
 */
final class Browser implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 90;
    private static final Pattern SOCKET =
            Pattern.compile("\"type\": *\"page\"[^}]*\"webSocketDebuggerUrl\": *\"([^\"]+)\"");

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    /** Opens a page; the browser keeps its files below {@code folder}. */
    Browser(Path folder, String url) throws Exception {
        assumeTrue(Tool.isThere("chromium"), "no chromium");
        Path data = folder.resolve("browser");
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
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + data,
                        url);
        chromium.environment().put("TMPDIR", folder.toString()); // it is killed, and leaves files
        process =
                chromium.redirectErrorStream(true)
                        .redirectOutput(folder.resolve("browser.txt").toFile())
                        .start();
        try {
            socket =
                    client.newWebSocketBuilder()
                            .buildAsync(URI.create(page(data)), new Listener())
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception | Error e) {
            process.destroyForcibly().onExit().join();
            client.close();
            throw e;
        }
    }

    /** Where the page is asked: the browser writes its port down when it listens. */
    private String page(Path data) throws Exception {
        Path port = data.resolve("DevToolsActivePort");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            if (Files.exists(port) && Files.readString(port).contains("\n")) {
                String place = "http://127.0.0.1:" + Files.readAllLines(port).getFirst();
                HttpRequest list = HttpRequest.newBuilder(URI.create(place + "/json/list")).build();
                String pages = client.send(list, HttpResponse.BodyHandlers.ofString()).body();
                Matcher found = SOCKET.matcher(pages);
                if (found.find()) {
                    return found.group(1);
                }
            }
            Thread.sleep(50);
        }
        throw new IOException("the browser shows no page");
    }

    /** What an expression gives in the page; waits until that matches. */
    String await(String expression, Pattern wanted) throws Exception {
        String question =
                "{\"id\":1,\"method\":\"Runtime.evaluate\",\"params\":{\"expression\":\"%s\"}}"
                        .formatted(expression);
        String answer = "";
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            socket.sendText(question, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            answer = String.valueOf(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            if (wanted.matcher(answer).find()) {
                return answer;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the page never says " + wanted + ", but " + answer);
    }

    /** Puts the pieces of answers together. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                answers.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
        client.close();
    }
}
