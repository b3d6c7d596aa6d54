package dev.chime.net.http;

import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.internal.Checks;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a client keeps its connections.
 *
 * @param maxConnectionsPerOrigin connections to one origin at a time; more requests wait
 * @param maxIdle connections that are kept for later requests, of all origins together
 * @param keepAlive how long one is kept, unless its server says less; zero: not at all
 * @param maxHeaderBytes bytes of a response's head, or of trailers
 * @param proxy {@code http://host:port} or {@code http://user:password@host:port}; or null. Plain
 *     requests go there instead of to their origin, all others, {@code https} and those for another
 *     protocol such as WebSocket, through a tunnel that it opens (CONNECT), and that is kept as
 *     other connections are. It alone gets the user and the password, encoded in the URL where they
 *     must be, and a {@code Proxy-Authorization} of a request, which is sent instead of them
 * @param connector makes connections, to the proxy if there is one; null: TCP, and TLS upon it for
 *     {@code https}
 * @param tls whom {@code https} believes, and how, when there is no connector, or a tunnel
 */
public record HttpClientOptions(
        int maxConnectionsPerOrigin,
        int maxIdle,
        Duration keepAlive,
        int maxHeaderBytes,
        @Nullable URI proxy,
        @Nullable Connector connector,
        TlsOptions tls) {
    private static final int PORT_MAX = 65535;
    private static final HttpClientOptions DEFAULTS =
            new HttpClientOptions(
                    Integer.MAX_VALUE,
                    256,
                    Duration.ofSeconds(4),
                    16 << 10,
                    null,
                    null,
                    TlsOptions.client());

    /** Checks every value. */
    public HttpClientOptions {
        if (maxConnectionsPerOrigin < 1 || maxIdle < 0 || maxHeaderBytes < 128) {
            throw new IllegalArgumentException(
                    ("maxConnectionsPerOrigin is %d, maxIdle %d, maxHeaderBytes %d:"
                                    + " use at least 1, 0, 128")
                            .formatted(maxConnectionsPerOrigin, maxIdle, maxHeaderBytes));
        }
        Checks.required(tls, "tls", "start from TlsOptions.client");
        if (keepAlive == null || keepAlive.isNegative()) {
            throw new IllegalArgumentException("keepAlive is " + keepAlive + ": use 0 or more");
        }
        if (proxy != null
                && (!"http".equals(proxy.getScheme())
                        || proxy.getHost() == null
                        || proxy.getPort() > PORT_MAX)) {
            String shown = proxy.toString().replaceFirst("//.*@", "//"); // without the password
            throw new IllegalArgumentException("proxy is " + shown + ": use http://host:port");
        }
    }

    /** Host and port of the proxy, for people. */
    String proxyPlace() {
        return proxy == null ? "none" : proxy.getHost() + ":" + ClientExchange.port(proxy);
    }

    /** What the proxy is shown (RFC 7617); null when its URL names no user. */
    @Nullable String proxyCredentials() {
        String user = proxy == null ? null : proxy.getUserInfo();
        if (user == null) {
            return null;
        }
        String pair = user.contains(":") ? user : user + ":";
        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    /** Connections without a limit, 256 of them kept for 4 s; no proxy. */
    public static HttpClientOptions defaults() {
        return DEFAULTS;
    }

    /** These options with another limit for each origin. */
    public HttpClientOptions maxConnectionsPerOrigin(int value) {
        return with(draft -> draft.maxConnectionsPerOrigin = value);
    }

    /** These options with another number of connections that are kept. */
    public HttpClientOptions maxIdle(int value) {
        return with(draft -> draft.maxIdle = value);
    }

    /** These options with another time that connections are kept; zero: none is. */
    public HttpClientOptions keepAlive(Duration value) {
        return with(draft -> draft.keepAlive = value);
    }

    /** These options with another limit of a head. */
    public HttpClientOptions maxHeaderBytes(int value) {
        return with(draft -> draft.maxHeaderBytes = value);
    }

    /** These options with a proxy, or without. */
    public HttpClientOptions proxy(@Nullable URI value) {
        return with(draft -> draft.proxy = value);
    }

    /** These options with another TLS: authorities, keys of our own, versions. */
    public HttpClientOptions tls(TlsOptions value) {
        return with(draft -> draft.tls = value);
    }

    /** These options with another way to connect; null: TCP, and TLS for {@code https}. */
    public HttpClientOptions connector(@Nullable Connector value) {
        return with(draft -> draft.connector = value);
    }

    /** All values, but of the proxy's user and password that there are some. */
    @Override
    public String toString() {
        String shown = proxy == null ? "null" : proxy.toString().replaceFirst("//.*@", "//***@");
        return "HttpClientOptions[maxConnectionsPerOrigin=%d, maxIdle=%d, keepAlive=%s, "
                        .formatted(maxConnectionsPerOrigin, maxIdle, keepAlive)
                + "maxHeaderBytes=%d, proxy=%s, connector=%s, tls=%s]"
                        .formatted(maxHeaderBytes, shown, connector, tls);
    }

    private HttpClientOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private int maxConnectionsPerOrigin;
        private int maxIdle;
        private Duration keepAlive;
        private int maxHeaderBytes;
        private @Nullable URI proxy;
        private @Nullable Connector connector;
        private TlsOptions tls;

        Draft(HttpClientOptions from) {
            maxConnectionsPerOrigin = from.maxConnectionsPerOrigin;
            maxIdle = from.maxIdle;
            keepAlive = from.keepAlive;
            maxHeaderBytes = from.maxHeaderBytes;
            proxy = from.proxy;
            connector = from.connector;
            tls = from.tls;
        }

        HttpClientOptions finish() {
            return new HttpClientOptions(
                    maxConnectionsPerOrigin,
                    maxIdle,
                    keepAlive,
                    maxHeaderBytes,
                    proxy,
                    connector,
                    tls);
        }
    }
}
