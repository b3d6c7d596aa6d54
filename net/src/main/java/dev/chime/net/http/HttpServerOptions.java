package dev.chime.net.http;

import dev.chime.net.ServerOptions;
import dev.chime.net.SocketOptions;
import dev.chime.reactor.internal.Checks;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a server accepts, and for how long it waits. Times are looked at once in a while: at most a
 * second late, never early.
 *
 * @param server which connections are taken, and what their sockets are like
 * @param maxHeaderBytes bytes of a head, request line and fields, or of trailers; more: 431
 * @param maxHeaders fields of a head; more: 431
 * @param maxTargetBytes bytes of a target; more: 414
 * @param maxBodyBytes bytes of a body; more: 413
 * @param maxRequestsPerConnection requests after which a connection is closed
 * @param headTimeout from the first byte of a head to its last, whatever comes meanwhile: 408; also
 *     how long a new connection may say nothing
 * @param requestTimeout from the end of a head to the end of its body: 408, and the body fails with
 *     {@code ERR_HTTP_REQUEST_TIMEOUT}
 * @param keepAliveTimeout how long a connection may rest between two requests; clients that send
 *     {@code Connection: keep-alive} are told
 * @param keepAliveTimeoutBuffer how much longer a connection rests in truth, for requests that come
 *     at the last moment
 * @param idleTimeout how long nothing may be received nor sent while a request is under way; zero:
 *     for ever
 * @param accessLog whether each response is a line of the log {@code dev.chime.net.http.access}
 */
public record HttpServerOptions(
        ServerOptions server,
        int maxHeaderBytes,
        int maxHeaders,
        int maxTargetBytes,
        long maxBodyBytes,
        int maxRequestsPerConnection,
        Duration headTimeout,
        Duration requestTimeout,
        Duration keepAliveTimeout,
        Duration keepAliveTimeoutBuffer,
        Duration idleTimeout,
        boolean accessLog) {

    private static final HttpServerOptions DEFAULTS =
            new HttpServerOptions(
                    ServerOptions.defaults().socket(SocketOptions.defaults().noDelay(true)),
                    16 << 10,
                    2000,
                    8 << 10,
                    Long.MAX_VALUE,
                    Integer.MAX_VALUE,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(300),
                    Duration.ofSeconds(65),
                    Duration.ofSeconds(1),
                    Duration.ZERO,
                    false);

    /** Checks every value. */
    public HttpServerOptions {
        if (server == null) {
            throw new IllegalArgumentException("server is null: use ServerOptions.defaults()");
        }
        least("maxHeaderBytes", maxHeaderBytes, 128);
        least("maxHeaders", maxHeaders, 1);
        least("maxTargetBytes", maxTargetBytes, 1);
        least("maxBodyBytes", maxBodyBytes, 0);
        least("maxRequestsPerConnection", maxRequestsPerConnection, 1);
        Checks.positive(headTimeout, "headTimeout");
        Checks.positive(requestTimeout, "requestTimeout");
        Checks.positive(keepAliveTimeout, "keepAliveTimeout");
        Checks.notNegative(keepAliveTimeoutBuffer, "keepAliveTimeoutBuffer");
        Checks.notNegative(idleTimeout, "idleTimeout");
    }

    private static void least(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " is " + value + ": use " + least + " or more");
        }
    }

    /** Node's limits and times; targets of 8 KiB; sockets with TCP_NODELAY. */
    public static HttpServerOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other connections. */
    public HttpServerOptions server(ServerOptions value) {
        return with(draft -> draft.server = value);
    }

    /** These options with another limit of a head. */
    public HttpServerOptions maxHeaderBytes(int value) {
        return with(draft -> draft.maxHeaderBytes = value);
    }

    /** These options with another limit of fields. */
    public HttpServerOptions maxHeaders(int value) {
        return with(draft -> draft.maxHeaders = value);
    }

    /** These options with another limit of a target. */
    public HttpServerOptions maxTargetBytes(int value) {
        return with(draft -> draft.maxTargetBytes = value);
    }

    /** These options with another limit of a body. */
    public HttpServerOptions maxBodyBytes(long value) {
        return with(draft -> draft.maxBodyBytes = value);
    }

    /** These options with another limit of requests. */
    public HttpServerOptions maxRequestsPerConnection(int value) {
        return with(draft -> draft.maxRequestsPerConnection = value);
    }

    /** These options with another time for a head. */
    public HttpServerOptions headTimeout(Duration value) {
        return with(draft -> draft.headTimeout = value);
    }

    /** These options with another time for a body. */
    public HttpServerOptions requestTimeout(Duration value) {
        return with(draft -> draft.requestTimeout = value);
    }

    /** These options with another time between requests. */
    public HttpServerOptions keepAliveTimeout(Duration value) {
        return with(draft -> draft.keepAliveTimeout = value);
    }

    /** These options with another time in which late requests are still answered. */
    public HttpServerOptions keepAliveTimeoutBuffer(Duration value) {
        return with(draft -> draft.keepAliveTimeoutBuffer = value);
    }

    /** These options with another time without any byte; zero: none. */
    public HttpServerOptions idleTimeout(Duration value) {
        return with(draft -> draft.idleTimeout = value);
    }

    /** These options with or without a log of responses. */
    public HttpServerOptions accessLog(boolean value) {
        return with(draft -> draft.accessLog = value);
    }

    private HttpServerOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private ServerOptions server;
        private int maxHeaderBytes;
        private int maxHeaders;
        private int maxTargetBytes;
        private long maxBodyBytes;
        private int maxRequestsPerConnection;
        private Duration headTimeout;
        private Duration requestTimeout;
        private Duration keepAliveTimeout;
        private Duration keepAliveTimeoutBuffer;
        private Duration idleTimeout;
        private boolean accessLog;

        Draft(HttpServerOptions from) {
            server = from.server;
            maxHeaderBytes = from.maxHeaderBytes;
            maxHeaders = from.maxHeaders;
            maxTargetBytes = from.maxTargetBytes;
            maxBodyBytes = from.maxBodyBytes;
            maxRequestsPerConnection = from.maxRequestsPerConnection;
            headTimeout = from.headTimeout;
            requestTimeout = from.requestTimeout;
            keepAliveTimeout = from.keepAliveTimeout;
            keepAliveTimeoutBuffer = from.keepAliveTimeoutBuffer;
            idleTimeout = from.idleTimeout;
            accessLog = from.accessLog;
        }

        HttpServerOptions finish() {
            return new HttpServerOptions(
                    server,
                    maxHeaderBytes,
                    maxHeaders,
                    maxTargetBytes,
                    maxBodyBytes,
                    maxRequestsPerConnection,
                    headTimeout,
                    requestTimeout,
                    keepAliveTimeout,
                    keepAliveTimeoutBuffer,
                    idleTimeout,
                    accessLog);
        }
    }
}
