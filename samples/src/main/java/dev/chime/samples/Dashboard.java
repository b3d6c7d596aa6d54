package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.net.http.Http;
import dev.chime.net.http.HttpServer;
import dev.chime.net.ws.WebSocket;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.LoopMetrics;
import dev.chime.reactor.Reactor;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page that plots, over a WebSocket, how the loop that serves it is doing. Whoever loads the page
 * in many windows sees the loop work.
 */
final class Dashboard {
    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);
    private static final int EVERY_MILLIS = 500;
    private static final int NOT_FOUND = 404;
    private static final double PERCENTILE = 99;
    private static final double NANOS_A_MILLI = 1e6;

    /** What a slow window may have waiting; it misses what comes then. */
    private static final int MOST_QUEUED_BYTES = 64 << 10;

    private final Reactor reactor;
    private final byte[] page;
    private final Set<WebSocket> watchers = new LinkedHashSet<>();
    private LoopMetrics before;

    private Dashboard(Reactor reactor, byte[] page) {
        this.reactor = reactor;
        this.page = page;
        before = reactor.metrics();
    }

    static int run(Arguments arguments) throws IOException {
        arguments.allow("port", "host");
        arguments.noWords();
        ListenOptions place = arguments.place();
        byte[] page = page();
        int[] exitCode = {0};
        Reactor.run(reactor ->
                new Dashboard(reactor, page)
                        .server()
                        .listen(
                                place,
                                (err, server) -> {
                                    if (err != null) {
                                        System.err.println(err.getMessage());
                                        exitCode[0] = 1;
                                        reactor.stop();
                                        return;
                                    }
                                    LOG.info(
                                            "dashboard on {}, engine {}",
                                            server.address(),
                                            reactor.engine());
                                }));
        return exitCode[0];
    }

    private static byte[] page() throws IOException {
        try (InputStream file = Dashboard.class.getResourceAsStream("dashboard.html")) {
            return Objects.requireNonNull(file, "dashboard.html").readAllBytes();
        }
    }

    private HttpServer server() {
        reactor.setInterval(EVERY_MILLIS, this::tell);
        return Http.of(reactor)
                .createServer((request, response) -> {
                    if (request.path().equals("/")) {
                        response.header("Content-Type", "text/html; charset=utf-8").end(page);
                    } else {
                        response.status(NOT_FOUND).end();
                    }
                })
                .onWebSocket(
                        WebSocketOptions.defaults(),
                        (socket, request) -> {
                            watchers.add(socket);
                            socket.onText(text -> {}); // nothing is expected
                            socket.onClose((code, reason, err) -> watchers.remove(socket));
                        });
    }

    private void tell() {
        LoopMetrics now = reactor.metrics();
        LoopMetrics since = now.since(before);
        before = now;
        String sample = sample(since);
        for (WebSocket watcher : watchers) {
            if (watcher.queuedBytes() < MOST_QUEUED_BYTES) {
                watcher.send(sample);
            }
        }
    }

    /** One point of each curve, as JSON. */
    private String sample(LoopMetrics since) {
        double seconds = (since.busyNanos() + since.idleNanos()) / 1e9;
        return String.format(
                Locale.ROOT,
                "{\"engine\":\"%s\",\"windows\":%d,\"busyPercent\":%.2f,\"turns\":%.0f,"
                        + "\"results\":%.0f,\"turnMillis\":%.3f,\"delayMillis\":%.3f,"
                        + "\"memoryKiB\":%d}",
                reactor.engine(),
                watchers.size(),
                since.utilization() * 100,
                since.turns() / seconds,
                since.completions() / seconds,
                since.turnDurations().getValueAtPercentile(PERCENTILE) / NANOS_A_MILLI,
                since.loopDelays().getValueAtPercentile(PERCENTILE) / NANOS_A_MILLI,
                reactor.memory().mappedBytes() >> 10);
    }
}
