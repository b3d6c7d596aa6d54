package dev.chime.samples.cache;

import dev.chime.fs.ReadStreamOptions;
import dev.chime.net.http.BodyWriter;
import dev.chime.net.http.Http;
import dev.chime.net.http.HttpClient;
import dev.chime.net.http.HttpClientOptions;
import dev.chime.net.http.HttpHandler;
import dev.chime.net.http.HttpServer;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.Representation;
import dev.chime.net.http.RequestOptions;
import dev.chime.net.http.ServerResponse;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Readable;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests from a cache, or from the origin that they are for. Loop thread only.
 *
 * <p>As a forward proxy it asks the origin that a request names ({@code GET http://host/path}), as
 * a reverse proxy always the same one. What may be kept is decided by {@code Freshness}; {@code
 * X-Cache} says HIT or MISS. What is secure goes through a forward proxy in tunnels, unseen.
 */
public final class Proxy implements HttpHandler {
    /** What a request to an origin does not get from the client. */
    private static final Set<String> NOT_FORWARDED = Set.of("Host", "Expect");

    /** What a request that fills the cache does not get: it is for the whole, and for everybody. */
    private static final Set<String> NOT_FILLED =
            Set.of(
                    "Host",
                    "Expect",
                    "Range",
                    "If-Range",
                    "If-None-Match",
                    "If-Modified-Since",
                    "Accept-Encoding");

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern UNSAFE_IN_URL =
            Pattern.compile("[^!$%&'()*+,./0-9:;=?@A-Z_a-z~-]");

    private final Reactor reactor;
    private final Cache cache;
    private final @Nullable URI upstream;
    private final Duration patience;
    private final Duration tunnelIdle;
    private final InstantSource clock;
    private final HttpClient client;
    private final Map<String, Fill> fills = new HashMap<>();
    private final String name = "chime-" + UUID.randomUUID().toString().substring(0, 8);

    /**
     * Makes one.
     *
     * @param upstream the one origin, {@code http://host[:port][/path]}; null: the one that the
     *     request names
     * @param patience how long an origin may say nothing: 504
     * @param tunnelIdle how long nothing may move in a tunnel until it is closed
     * @param clock the time of day, by which responses age
     */
    public Proxy(
            Reactor reactor,
            Cache cache,
            @Nullable URI upstream,
            Duration patience,
            Duration tunnelIdle,
            InstantSource clock) {
        this.reactor = reactor;
        this.cache = cache;
        this.upstream = upstream;
        this.patience = patience;
        this.tunnelIdle = tunnelIdle;
        this.clock = clock;
        client = Http.of(reactor).createClient(HttpClientOptions.defaults());
    }

    /** Makes the server, which does not listen yet: a forward proxy opens tunnels as well. */
    public HttpServer createServer() {
        HttpServer server = Http.of(reactor).createServer(this);
        return upstream == null ? server.onConnect(new Tunnels(reactor, tunnelIdle)) : server;
    }

    @Override
    public void handle(IncomingMessage request, ServerResponse response) {
        String via = request.header("Via");
        if (via != null && via.contains(name)) {
            refuse(response, 508, "the request has come back to this proxy");
            return;
        }
        String url;
        try {
            url = url(request);
        } catch (IllegalArgumentException e) {
            refuse(response, 400, String.valueOf(e.getMessage()));
            return;
        }
        if (!Freshness.isCacheable(request)) {
            forward(url, request, response);
            return;
        }
        Entry entry = cache.get(url);
        boolean fresh = entry != null && entry.isFresh(now()) && !Freshness.asksOrigin(request);
        if (entry != null && fresh) {
            hit(entry, request, response);
        } else if (Fields.members(request.header("Cache-Control")).contains("only-if-cached")) {
            refuse(response, 504, "not in the cache");
        } else if (request.method().equals("GET")) {
            fill(url, entry, request, response);
        } else {
            forward(url, request, response);
        }
    }

    /** The absolute URL that a request is for. */
    private String url(IncomingMessage request) {
        String target = request.target();
        boolean absolute = target.regionMatches(true, 0, "http://", 0, 7);
        if (upstream == null && !absolute) {
            throw new IllegalArgumentException(
                    "this is a proxy for http: ask it for http://host/path, not for " + target);
        }
        String query = request.query();
        String path = request.path() + (query == null ? "" : "?" + query);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the target is no path: " + target);
        }
        URI origin = upstream == null ? URI.create(clean(target)) : upstream;
        if (origin.getHost() == null || origin.getRawUserInfo() != null) {
            throw new IllegalArgumentException("the target names no host: " + target);
        }
        String port = origin.getPort() < 0 || origin.getPort() == 80 ? "" : ":" + origin.getPort();
        String below = upstream == null ? "" : upstream.getRawPath();
        String base = below == null ? "" : below.replaceAll("/$", "");
        String host = origin.getHost().toLowerCase(Locale.ROOT);
        return URI.create("http://" + host + port + base + clean(path)).toString();
    }

    /** A URL in which characters that none may have are encoded. */
    private static String clean(String url) {
        Matcher unsafe = UNSAFE_IN_URL.matcher(url);
        return unsafe.replaceAll(found -> "%%%02X".formatted((int) found.group().charAt(0)));
    }

    // ---- from the cache

    /** Answers with an entry, if its file is still there. */
    void hit(Entry entry, IncomingMessage request, ServerResponse response) {
        if (response.isEnded()) {
            return; // the client has gone while the origin was asked
        }
        cache.fs()
                .open(
                        entry.file(),
                        (err, file) -> {
                            if (err != null) {
                                cache.remove(entry);
                                fill(entry.url(), null, request, response);
                                return;
                            }
                            response.onClose(sent -> file.close(closed -> {}));
                            answer(
                                    entry,
                                    entry.length(),
                                    "HIT",
                                    response,
                                    (at, bytes) -> {
                                        long from = entry.bodyAt() + at;
                                        return file.createReadStream(
                                                ReadStreamOptions.defaults()
                                                        .range(from, from + bytes - 1)
                                                        .autoClose(false));
                                    });
                        });
    }

    /** Answers with a body that is, or will be, in a file; its length is -1 if it is not known. */
    void answer(
            Entry entry,
            long length,
            String verdict,
            ServerResponse response,
            Representation.Opener opener) {
        copy(entry.fields(), response);
        response.header("X-Cache", verdict).header("Age", Long.toString(entry.ageSeconds(now())));
        if (length >= 0) {
            String tag = entry.field("ETag");
            boolean sound = tag != null && tag.matches("(W/)?\"[!#-~\u0080-\u00ff]*\"");
            response.send(
                    new Representation(
                            length,
                            Freshness.date(entry.field("Last-Modified")),
                            sound ? tag : null,
                            entry.field("Content-Type"),
                            opener));
            return;
        }
        try {
            opener.open(0, Long.MAX_VALUE).pipe(response.body());
        } catch (Exception e) {
            throw new AssertionError("a reader of a fill does not fail at once", e);
        }
    }

    private void copy(List<Map.Entry<String, String>> fields, ServerResponse response) {
        String via = Fields.get(fields, "Via");
        fields.forEach(field -> response.headers().add(field.getKey(), field.getValue()));
        response.header("Via", (via == null ? "" : via + ", ") + "1.1 " + name);
    }

    // ---- from the origin, into the cache

    private void fill(
            String url, @Nullable Entry stale, IncomingMessage request, ServerResponse response) {
        Fill running = fills.get(url);
        if (running != null) {
            running.join(request, response);
            return;
        }
        Fill fill = new Fill(this, url, stale);
        fills.put(url, fill);
        fill.join(request, response);
        List<Map.Entry<String, String>> fields = requestFields(request, NOT_FILLED);
        fields.add(Map.entry("Accept-Encoding", "identity"));
        if (stale != null) {
            condition(fields, "If-None-Match", stale.field("ETag"));
            condition(fields, "If-Modified-Since", stale.field("Last-Modified"));
        }
        ask("GET", url, fields, null, fill::responded);
    }

    private static void condition(
            List<Map.Entry<String, String>> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.add(Map.entry(name, value));
        }
    }

    /** A fill takes no more requests. */
    void ended(String url, Fill fill) {
        fills.remove(url, fill);
    }

    // ---- from the origin, past the cache

    /** Sends a request on as it is, and its answer back. */
    void forward(String url, IncomingMessage request, ServerResponse response) {
        if (response.isEnded()) {
            return;
        }
        ask(
                request.method(),
                url,
                requestFields(request, NOT_FORWARDED),
                content(request),
                (err, come) -> {
                    if (err != null) {
                        fail(response, err);
                        return;
                    }
                    if (!SAFE.contains(request.method()) && come.status() < 400) {
                        spoil(url);
                    }
                    handOn(come, response);
                });
    }

    /** A request has changed what is there. */
    private void spoil(String url) {
        Entry entry = cache.get(url);
        if (entry != null) {
            cache.remove(entry);
        }
        Fill running = fills.remove(url);
        if (running != null) {
            running.spoil();
        }
    }

    /**
     * Sends an origin's response on as it comes; from its first byte on, because the origin may die
     * before.
     */
    void handOn(IncomingMessage come, ServerResponse response) {
        Readable body = come.body();
        if (response.isEnded()) {
            body.destroy();
            return;
        }
        boolean[] begun = {false};
        response.onClose(err -> {
            if (err != null) {
                body.destroy();
            }
        });
        body.onData(first -> {
            begun[0] = true;
            head(come, response);
            response.body().write(first);
            body.pipe(response.body());
        });
        body.finished(err -> {
            if (!begun[0] && err != null) {
                fail(response, err);
            } else if (!begun[0]) {
                head(come, response);
                response.end();
            }
        });
    }

    private void head(IncomingMessage come, ServerResponse response) {
        if (!response.isEnded()) {
            copy(
                    Fields.endToEnd(come.headers(), Set.of("X-Cache")),
                    response.status(come.status()));
            response.header("X-Cache", "MISS");
        }
    }

    private List<Map.Entry<String, String>> requestFields(
            IncomingMessage request, Set<String> less) {
        List<Map.Entry<String, String>> fields =
                new ArrayList<>(Fields.endToEnd(request.headers(), less));
        fields.add(Map.entry("Via", request.version() + " " + name));
        return fields;
    }

    private void ask(
            String method,
            String url,
            List<Map.Entry<String, String>> fields,
            @Nullable BodyWriter content,
            Callback<IncomingMessage> callback) {
        client.request(
                new RequestOptions(
                        method,
                        URI.create(url),
                        fields,
                        content,
                        CONNECT_TIMEOUT,
                        patience,
                        patience,
                        Duration.ZERO,
                        0,
                        null,
                        null,
                        null),
                callback);
    }

    /** Hands on what the client sends; it can be had only once. */
    private static @Nullable BodyWriter content(IncomingMessage request) {
        if (!Freshness.hasContent(request)) {
            return null;
        }
        boolean[] taken = {false};
        return body -> {
            if (taken[0]) {
                throw new ReactorException("ECONNRESET", "the content has been sent before");
            }
            taken[0] = true;
            request.body().pipe(body);
        };
    }

    // ---- refusals

    /** Answers that the origin has failed: 504 when it was too slow, else 502. */
    void fail(ServerResponse response, ReactorException err) {
        refuse(
                response,
                err.code().equals("ETIMEDOUT") ? 504 : 502,
                "the origin cannot be asked: " + err.getMessage());
    }

    private static void refuse(ServerResponse response, int status, String why) {
        if (!response.isEnded()) {
            response.status(status)
                    .header("Content-Type", "text/plain; charset=utf-8")
                    .end(why + "\n");
        }
    }

    // ---- for fills

    Reactor reactor() {
        return reactor;
    }

    Cache cache() {
        return cache;
    }

    Instant now() {
        return clock.instant();
    }
}
