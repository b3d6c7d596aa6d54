package dev.chime.net.http;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.Duplex;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client from the call to the end of its response: over redirects, and once more
 * when a kept connection turns out to be dead.
 */
final class ClientExchange extends Composed implements OutgoingBody.Owner {
    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");
    private static final Set<String> USUALLY_WITH_CONTENT = Set.of("POST", "PUT", "PATCH");

    /** For the proxy alone. */
    static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

    /** Fields that another origin must not see. */
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "host");

    private static final Duration CONTINUE_PATIENCE = Duration.ofSeconds(1);
    private static final int COPY_BYTES = 32 << 10;

    private final HttpClient client;
    private final Callback<IncomingMessage> callback;
    private final long startedNanos;
    private RequestOptions request;
    private @Nullable ClientConnection connection;
    private @Nullable Operation connecting;
    private @Nullable OutgoingBody body;
    private @Nullable Timer clock;
    private @Nullable Timer patience;
    private @Nullable RequestOptions next;
    private boolean retried;
    private boolean told;
    private boolean over;
    private boolean sent;
    private int redirects;
    private long connectedNanos;
    private long active;
    private long bytesThen;

    ClientExchange(
            Core core,
            HttpClient client,
            RequestOptions request,
            Callback<IncomingMessage> callback) {
        super(core);
        this.client = client;
        this.request = request;
        this.callback = callback;
        startedNanos = core.reactor().now();
    }

    void start() {
        startClock();
        client.acquire(this, false);
    }

    /** Starts by a connection of its own, whatever the limits say. */
    void startApart() {
        startClock();
        client.connectApart(this);
    }

    RequestOptions request() {
        return request;
    }

    boolean isHead() {
        return request.method().equals("HEAD");
    }

    boolean isConnect() {
        return request.method().equals("CONNECT");
    }

    @Nullable UpgradeHandler upgradeHandler() {
        return request.upgrade();
    }

    /** True when the whole request has been given to the connection. */
    boolean isSent() {
        return sent;
    }

    /** Whether this side lets the connection live on. */
    boolean persists() {
        String said = field("Connection");
        return said == null || !said.toLowerCase(Locale.ROOT).contains("close");
    }

    boolean isOver() {
        return over;
    }

    // ---- the request

    /** A connection is being made for it alone. */
    void connects(@Nullable Operation operation) {
        connecting = operation;
    }

    /** It has a connection. */
    void connected(ClientConnection got) {
        connecting = null;
        connection = got;
        connectedNanos = core.reactor().now();
        active = connectedNanos;
        sent = false;
        got.take(this);
        BodyWriter writer = body();
        boolean fits = request.trailers() == null;
        byte @Nullable [] content = fits && writer instanceof WholeBody whole ? whole.bytes : null;
        boolean waits = writer != null && content == null;
        byte[] head = head(content, waits);
        if (content != null && content.length <= COPY_BYTES) {
            byte[] both = new byte[head.length + content.length];
            System.arraycopy(head, 0, both, 0, head.length);
            System.arraycopy(content, 0, both, head.length, content.length);
            got.stream.write(both);
        } else {
            got.stream.write(head);
            if (content != null) {
                got.stream.write(content);
            }
        }
        if (!waits) {
            sent = true;
        } else if (field("Expect") == null) {
            core.beforeEnter(() -> write(got));
        } else {
            patience = core.reactor().setTimeout(CONTINUE_PATIENCE, this::mayWrite);
        }
    }

    /** What gives the content; trailers have something in front of them. */
    private @Nullable BodyWriter body() {
        BodyWriter given = request.body();
        return given == null && request.trailers() != null ? new WholeBody(new byte[0]) : given;
    }

    private byte[] head(byte @Nullable [] content, boolean streamed) {
        StringBuilder text = new StringBuilder(256);
        text.append(request.method()).append(' ').append(target()).append(" HTTP/1.1\r\n");
        if (field("Host") == null) {
            text.append("Host: ").append(authority(request.url())).append("\r\n");
        }
        boolean forProxy = isConnect() || client.isProxied(request);
        for (Map.Entry<String, String> header : request.headers()) {
            String name = header.getKey();
            if (!(content != null && name.equalsIgnoreCase("Content-Length"))
                    && (forProxy || !name.equalsIgnoreCase(PROXY_AUTHORIZATION))) {
                text.append(name).append(": ").append(header.getValue()).append("\r\n");
            }
        }
        URI proxy = forProxy ? client.proxy(request) : null;
        String credentials = proxy == null ? null : Proxies.credentials(proxy);
        if (credentials != null && field(PROXY_AUTHORIZATION) == null) {
            text.append(PROXY_AUTHORIZATION + ": ").append(credentials).append("\r\n");
        }
        if (!isConnect() && field("Connection") == null) {
            boolean kept = client.options().keepAlive().isPositive();
            text.append(kept ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
        }
        if (content != null) {
            text.append("Content-Length: ").append(content.length).append("\r\n");
        } else if (streamed) {
            text.append(isChunked() ? "Transfer-Encoding: chunked\r\n" : "");
        } else if (USUALLY_WITH_CONTENT.contains(request.method())) {
            text.append(field("Content-Length") == null ? "Content-Length: 0\r\n" : "");
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private String target() {
        URI url = request.url();
        if (isConnect()) {
            return url.getHost() + ":" + port(url);
        }
        String path = url.getRawPath();
        String query = url.getRawQuery();
        String target =
                (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
        return client.isProxied(request)
                ? url.getScheme() + "://" + authority(url) + target
                : target;
    }

    static String authority(URI url) {
        return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
    }

    static boolean isSecure(URI url) {
        String scheme = url.getScheme();
        return "https".equalsIgnoreCase(scheme) || "wss".equalsIgnoreCase(scheme);
    }

    static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return isSecure(url) ? 443 : 80;
    }

    private @Nullable String field(String name) {
        return request.header(name);
    }

    /** The server waits for the content, or is not asked any longer. */
    void mayWrite() {
        core.reactor().clearTimeout(patience);
        patience = null;
        ClientConnection on = connection;
        if (on != null && body == null && !sent) {
            write(on);
        }
    }

    private void write(ClientConnection on) {
        BodyWriter writer = body();
        if (on != connection || over || writer == null) {
            return;
        }
        OutgoingBody stream = new OutgoingBody(this, core.reactor());
        body = stream;
        core.call(() -> {
            try {
                writer.write(stream);
            } catch (Exception e) {
                stream.destroy(
                        new ReactorException(
                                "ERR_HTTP_BODY_FAILED", "the writer of the content threw", e));
            }
        });
    }

    void drained() {
        if (body != null) {
            body.drained();
        }
    }

    // ---- the content's

    @Override
    public Duplex stream() {
        ClientConnection on = connection;
        if (on == null) {
            throw new AssertionError("content needs a connection");
        }
        return on.stream;
    }

    @Override
    public void flushHead() {
        // it went out before
    }

    @Override
    public long declaredLength() {
        String said = field("Content-Length");
        try {
            return said == null ? -1 : Long.parseLong(said);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("Content-Length is " + said, e);
        }
    }

    @Override
    public boolean isBare() {
        return false;
    }

    @Override
    public boolean isChunked() {
        return field("Content-Length") == null;
    }

    @Override
    public @Nullable Headers trailersOrNull() {
        TrailerWriter writer = request.trailers();
        if (writer == null) {
            return null;
        }
        Headers trailers = Headers.trailers();
        try {
            writer.write(trailers);
        } catch (Exception e) {
            throw new IllegalStateException("the writer of the trailers threw: " + e, e);
        }
        return trailers;
    }

    @Override
    public void streamed(long bytes) {
        sent = true;
    }

    @Override
    public void streamBroken(@Nullable ReactorException error) {
        if (!over && connection != null && !connection.stream.isDestroyed()) {
            over(
                    error != null
                            ? error
                            : new ReactorException(
                                    "ERR_STREAM_PREMATURE_CLOSE",
                                    "the content was destroyed before its end"));
        }
    }

    // ---- the response

    /** A head in front of the response's has come. */
    void informed(IncomingMessage head) {
        InformationHandler handler = request.information();
        if (handler != null && !over) {
            core.call(() -> handler.information(head));
        }
    }

    /** The head of the response has come. */
    void responded(IncomingMessage response) {
        ReactorException refused = redirect(response);
        if (refused != null) {
            over(refused);
        } else if (next != null) {
            if (connection != null) {
                connection.discardBody();
            }
        } else if (!told && !over) {
            told = true;
            core.call(callback, null, response);
        }
    }

    /** Finds out what follows from a redirect; null unless it cannot be followed. */
    private @Nullable ReactorException redirect(IncomingMessage response) {
        String location = response.header("Location");
        int status = response.status();
        boolean keepsMethod = status == 307 || status == 308;
        if (request.maxRedirects() == 0
                || location == null
                || (!keepsMethod && status != 301 && status != 302 && status != 303)) {
            return null;
        }
        if (++redirects > request.maxRedirects()) {
            return new ReactorException(
                    "ERR_HTTP_TOO_MANY_REDIRECTS",
                    "more than " + request.maxRedirects() + " redirects, the last to " + location);
        }
        URI to;
        try {
            to = request.url().resolve(location);
        } catch (IllegalArgumentException e) {
            return new ReactorException(
                    "ERR_INVALID_URL", "the server redirects to " + location, e);
        }
        String problem = RequestOptions.problem(to);
        if (problem != null) {
            return new ReactorException(
                    problem.substring(0, problem.indexOf(':')), "redirect: " + problem);
        }
        boolean toGet =
                (status == 303 && !isHead()) || (!keepsMethod && request.method().equals("POST"));
        boolean same = HttpClient.origin(to).equals(HttpClient.origin(request.url()));
        boolean sameProxy = same || client.isSameProxy(to, request.url());
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (Map.Entry<String, String> header : request.headers()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean forProxy = name.equalsIgnoreCase(PROXY_AUTHORIZATION);
            if ((forProxy ? sameProxy : same || !CREDENTIALS.contains(name))
                    && !(toGet && (name.startsWith("content-") || name.equals("expect")))) {
                headers.add(header);
            }
        }
        next =
                request.with(
                        toGet ? "GET" : request.method(),
                        to,
                        headers,
                        toGet ? null : request.body());
        return null;
    }

    /** The connection is gone, and the response is not complete. */
    void lost(ClientConnection which, ReactorException error) {
        if (over || which != connection) {
            return;
        }
        boolean again =
                which.isUsed()
                        && !retried
                        && !told
                        && !which.hasResponse()
                        && !stopped()
                        && IDEMPOTENT.contains(request.method());
        if (next != null) {
            over(null); // what is left of a redirect's content does not matter
        } else if (again) {
            retried = true;
            dropBody(error);
            connection = null;
            client.acquire(this, true);
        } else {
            over(told ? HttpErrors.aborted() : hangUp(error));
        }
    }

    private static ReactorException hangUp(ReactorException error) {
        return error.code().equals("ECONNRESET")
                ? new ReactorException(
                        "ECONNRESET", "socket hang up: no response came before the end", error)
                : error;
    }

    private void dropBody(ReactorException why) {
        OutgoingBody stream = body;
        body = null;
        core.reactor().clearTimeout(patience);
        patience = null;
        if (stream != null && !sent) {
            stream.destroy(why);
        }
    }

    /** One message has come to its end: another follows from it, or all is over. */
    void over(@Nullable ReactorException error) {
        if (over) {
            return;
        }
        RequestOptions follow = next;
        ClientConnection was = connection;
        connection = null;
        if (follow != null && !stopped()) { // whatever became of a redirect's own content
            if (error != null && was != null) {
                was.abort(error);
            }
            dropBody(HttpErrors.aborted());
            next = null;
            request = follow;
            retried = false;
            client.acquire(this, false);
            return;
        }
        over = true;
        ended();
        core.reactor().clearInterval(clock);
        if (connecting != null) {
            connecting.cancel();
            connecting = null;
        }
        ReactorException why = error == null ? HttpErrors.aborted() : error;
        dropBody(why);
        if (error != null && was != null) {
            was.abort(error);
        }
        if (!told) {
            told = true;
            core.reactor().nextTick(() -> core.fail(callback, why));
        }
    }

    // ---- early ends

    @Override
    protected void interrupt() {
        boolean late = stopErrno() == ErrnoCode.ETIMEDOUT;
        stop(late ? "ETIMEDOUT" : "ECANCELED", late ? "the deadline is over" : "cancelled");
    }

    private void stop(String code, String text) {
        client.forget(this);
        next = null;
        over(new ReactorException(code, code + ": " + text + ", " + this, abortReason()));
    }

    private void startClock() {
        long least = Long.MAX_VALUE;
        for (Duration time :
                List.of(request.headTimeout(), request.idleTimeout(), request.totalTimeout())) {
            if (!time.isZero()) {
                least = Math.min(least, time.toMillis());
            }
        }
        if (least < Long.MAX_VALUE) {
            long tick = Math.clamp(least / 8, 5, 1000);
            clock = core.reactor().setInterval(tick, this::look).unref();
        }
    }

    private void look() {
        long now = core.reactor().now();
        ClientConnection on = connection;
        if (passed(request.totalTimeout(), now - startedNanos)) {
            stop("ETIMEDOUT", "the total timeout is over");
        } else if (on != null) {
            long bytes = on.stream.bytesRead() + on.stream.bytesWritten();
            if (bytes != bytesThen) {
                bytesThen = bytes;
                active = now;
            }
            if (!told && passed(request.headTimeout(), now - connectedNanos)) {
                stop("ETIMEDOUT", "no response within the head timeout");
            } else if (passed(request.idleTimeout(), now - active)) {
                stop("ETIMEDOUT", "nothing came or went within the idle timeout");
            }
        }
    }

    private static boolean passed(Duration limit, long nanos) {
        return !limit.isZero() && nanos > limit.toNanos();
    }

    @Override
    public String toString() {
        return request.method() + " " + request.url();
    }
}
