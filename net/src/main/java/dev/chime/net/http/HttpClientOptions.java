package dev.chime.net.http;

import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.internal.Checks;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a client keeps its connections.
 *
 * @param maxConnectionsPerOrigin connections to one origin at a time; more requests wait
 * @param maxConnections connections at a time, to all origins together; more requests wait, and
 *     resting connections to other origins are closed for them
 * @param maxIdle connections that are kept for later requests, of all origins together
 * @param scheduling which of several resting connections is used next
 * @param keepAlive how long one is kept, unless its server says less: then a second less than that;
 *     zero: not at all
 * @param maxHeaderBytes bytes of a response's head, or of trailers
 * @param proxies through which proxies requests go. Plain ones go there instead of to their origin,
 *     all others, {@code https} and those for another protocol such as WebSocket, through a tunnel
 *     that the proxy opens (CONNECT), and that is kept as other connections are. It alone gets the
 *     user and the password, encoded in the URL where they must be, and a {@code
 *     Proxy-Authorization} of a request, which is sent instead of them; a redirect that leads
 *     through another proxy, or through none, goes without it
 * @param connector makes connections, to the proxy if there is one; null: TCP, and TLS upon it for
 *     {@code https}
 * @param tls whom {@code https} believes, and how, when there is no connector, or a tunnel
 */
public record HttpClientOptions(
        int maxConnectionsPerOrigin,
        int maxConnections,
        int maxIdle,
        Scheduling scheduling,
        Duration keepAlive,
        int maxHeaderBytes,
        Proxies proxies,
        @Nullable Connector connector,
        TlsOptions tls) {
    private static final HttpClientOptions DEFAULTS =
            new HttpClientOptions(
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE,
                    256,
                    Scheduling.LIFO,
                    Duration.ofSeconds(4),
                    16 << 10,
                    Proxies.none(),
                    null,
                    TlsOptions.client());

    /** Checks every value. */
    public HttpClientOptions {
        Checks.positive(maxConnections, "maxConnections");
        if (maxConnectionsPerOrigin < 1 || maxIdle < 0 || maxHeaderBytes < 128) {
            throw new IllegalArgumentException(
                    ("maxConnectionsPerOrigin is %d, maxIdle %d, maxHeaderBytes %d:"
                                    + " use at least 1, 0, 128")
                            .formatted(maxConnectionsPerOrigin, maxIdle, maxHeaderBytes));
        }
        Checks.required(tls, "tls", "start from TlsOptions.client");
        Checks.required(scheduling, "scheduling", "use Scheduling.LIFO");
        Checks.required(proxies, "proxies", "use Proxies.none");
        Checks.notNegative(keepAlive, "keepAlive");
    }

    /** Connections without a limit, 256 of them kept for 4 s; no proxy. */
    public static HttpClientOptions defaults() {
        return DEFAULTS;
    }

    /** These options with another limit for each origin. */
    public HttpClientOptions maxConnectionsPerOrigin(int value) {
        return with(draft -> draft.maxConnectionsPerOrigin = value);
    }

    /** These options with another limit for all origins together. */
    public HttpClientOptions maxConnections(int value) {
        return with(draft -> draft.maxConnections = value);
    }

    /** These options with another number of connections that are kept. */
    public HttpClientOptions maxIdle(int value) {
        return with(draft -> draft.maxIdle = value);
    }

    /** These options with another choice among resting connections. */
    public HttpClientOptions scheduling(Scheduling value) {
        return with(draft -> draft.scheduling = value);
    }

    /** These options with another time that connections are kept; zero: none is. */
    public HttpClientOptions keepAlive(Duration value) {
        return with(draft -> draft.keepAlive = value);
    }

    /** These options with another limit of a head. */
    public HttpClientOptions maxHeaderBytes(int value) {
        return with(draft -> draft.maxHeaderBytes = value);
    }

    /** These options with one proxy for everything, or, null, without. */
    public HttpClientOptions proxy(@Nullable URI value) {
        return proxies(value == null ? Proxies.none() : Proxies.all(value));
    }

    /** These options with other proxies, such as {@link Proxies#environment}'s. */
    public HttpClientOptions proxies(Proxies value) {
        return with(draft -> draft.proxies = value);
    }

    /** These options with another TLS: authorities, keys of our own, versions. */
    public HttpClientOptions tls(TlsOptions value) {
        return with(draft -> draft.tls = value);
    }

    /** These options with another way to connect; null: TCP, and TLS for {@code https}. */
    public HttpClientOptions connector(@Nullable Connector value) {
        return with(draft -> draft.connector = value);
    }

    private HttpClientOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private int maxConnectionsPerOrigin;
        private int maxConnections;
        private int maxIdle;
        private Scheduling scheduling;
        private Duration keepAlive;
        private int maxHeaderBytes;
        private Proxies proxies;
        private @Nullable Connector connector;
        private TlsOptions tls;

        Draft(HttpClientOptions from) {
            maxConnectionsPerOrigin = from.maxConnectionsPerOrigin;
            maxConnections = from.maxConnections;
            maxIdle = from.maxIdle;
            scheduling = from.scheduling;
            keepAlive = from.keepAlive;
            maxHeaderBytes = from.maxHeaderBytes;
            proxies = from.proxies;
            connector = from.connector;
            tls = from.tls;
        }

        HttpClientOptions finish() {
            return new HttpClientOptions(
                    maxConnectionsPerOrigin,
                    maxConnections,
                    maxIdle,
                    scheduling,
                    keepAlive,
                    maxHeaderBytes,
                    proxies,
                    connector,
                    tls);
        }
    }
}
