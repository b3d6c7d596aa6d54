package dev.chime.samples.cache;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A proxy on a thread of its own, with a clock that the test sets, and a client that asks it. */
final class TestProxy implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");
    final HttpClient client;
    final int port;
    private final CompletableFuture<Reactor> running = new CompletableFuture<>();
    private final CompletableFuture<Integer> listening = new CompletableFuture<>();
    private final CompletableFuture<Cache> opened = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();

    TestProxy(EngineKind engine, Path folder, long maxBytes, @Nullable String upstream)
            throws Exception {
        this(engine, folder, maxBytes, upstream, Duration.ofSeconds(PATIENCE_SECONDS));
    }

    TestProxy(
            EngineKind engine,
            Path folder,
            long maxBytes,
            @Nullable String upstream,
            Duration patience)
            throws Exception {
        this(engine, folder, maxBytes, upstream, patience, Duration.ofSeconds(PATIENCE_SECONDS));
    }

    TestProxy(
            EngineKind engine,
            Path folder,
            long maxBytes,
            @Nullable String upstream,
            Duration patience,
            Duration tunnelIdle)
            throws Exception {
        URI origin = upstream == null ? null : URI.create(upstream);
        Thread.ofPlatform()
                .name("proxy")
                .start(() -> {
                    try {
                        Reactor.run(
                                ReactorOptions.defaults().engine(engine),
                                reactor ->
                                        start(
                                                reactor,
                                                folder,
                                                maxBytes,
                                                origin,
                                                patience,
                                                tunnelIdle));
                        ended.complete(null);
                    } catch (Throwable e) {
                        listening.completeExceptionally(e);
                        ended.complete(e);
                    }
                });
        port = listening.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (upstream == null) {
            builder.proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", port)));
        }
        client = builder.version(HttpClient.Version.HTTP_1_1).build();
    }

    private void start(
            Reactor reactor,
            Path folder,
            long maxBytes,
            @Nullable URI upstream,
            Duration patience,
            Duration tunnelIdle) {
        running.complete(reactor);
        Cache.open(
                reactor,
                folder,
                maxBytes,
                (err, cache) -> {
                    if (err != null) {
                        throw err;
                    }
                    opened.complete(cache);
                    new Proxy(reactor, cache, upstream, patience, tunnelIdle, () -> now)
                            .createServer()
                            .listen(
                                    0,
                                    InetAddress.getLoopbackAddress().getHostAddress(),
                                    (e, server) -> {
                                        if (e != null) {
                                            throw e;
                                        }
                                        listening.complete(server.address().getPort());
                                    });
                });
    }

    HttpResponse<byte[]> get(String url, String... fields) throws Exception {
        return ask("GET", url, fields);
    }

    HttpResponse<byte[]> ask(String method, String url, String... fields) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(PATIENCE_SECONDS));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The URL of this proxy itself. */
    String url() {
        return "http://127.0.0.1:" + port;
    }

    static String verdict(HttpResponse<?> response) {
        return response.headers().firstValue("X-Cache").orElse("none");
    }

    /** What the cache says of itself: entries and bytes. */
    long[] figures() throws Exception {
        FutureTask<long[]> question =
                new FutureTask<>(() -> new long[] {opened.join().size(), opened.join().bytes()});
        running.join().execute(question::run);
        return question.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits until the cache has so many entries: they appear behind the last byte of the body. */
    void awaitEntries(int count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (figures()[0] != count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(figures()[0] + " entries, not " + count);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
        Reactor reactor = running.join();
        if (!ended.isDone()) {
            try {
                reactor.execute(reactor::stop);
            } catch (RejectedExecutionException e) {
                // it is ending by itself
            }
        }
        Throwable failure = ended.join();
        if (failure != null) {
            throw new AssertionError("the proxy failed", failure);
        }
    }
}
