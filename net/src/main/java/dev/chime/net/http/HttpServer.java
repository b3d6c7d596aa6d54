package dev.chime.net.http;

import dev.chime.net.ConnectionHandler;
import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.ServerReport;
import dev.chime.net.Socket;
import dev.chime.net.tls.Tls;
import dev.chime.net.tls.TlsErrorHandler;
import dev.chime.net.tls.TlsOptions;
import dev.chime.net.tls.TlsServer;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers HTTP/1.1 and 1.0, one request of a connection after the other. Loop thread only.
 *
 * <p>What is not HTTP, or ambiguous, is refused with a status and the end of the connection, and no
 * handler sees it: 400 for a broken head or body, 408, 413, 414, 417, 431, 501, 505.
 */
public final class HttpServer {
    private static final Logger ACCESS = LoggerFactory.getLogger("dev.chime.net.http.access");
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
                    .withZone(ZoneOffset.UTC);
    private static final long MOST_TICK_MILLIS = 1000;
    private static final long LEAST_TICK_MILLIS = 10;
    private static final int SCRATCH_BYTES = 8 << 10;
    private static final int MILLIS_A_SECOND = 1000;

    final HeadParsers parsers;
    private final Core core;
    private final HttpServerOptions options;
    private final HttpHandler handler;
    private final Server server;
    private final FieldCache fieldCache = new FieldCache();
    private final Set<ServerConnection> open = new LinkedHashSet<>();
    private final Set<Duplex> handedOver = new LinkedHashSet<>();
    private final Set<Operation> handshakes = new LinkedHashSet<>();
    private String upgradeTo = "";
    private @Nullable UpgradeHandler onUpgrade;
    private @Nullable UpgradeHandler onConnect;
    private @Nullable ClientErrorHandler onClientError;
    private @Nullable TlsErrorHandler onTlsClientError;
    private @Nullable TlsOptions tls;
    private final @Nullable HttpField keepAliveHint;
    private @Nullable Timer ticking;
    private @Nullable Timer grace;
    private @Nullable Done onClose;
    private boolean listening;
    private boolean closing;
    private int destroyed;
    private long dateSecond;
    private HttpField date = new HttpField(HttpHeader.DATE, "");
    private ByteBuffer scratch = BufferUtil.allocate(SCRATCH_BYTES);

    /** With TLS, or, without its options, in the clear. */
    HttpServer(
            Core core,
            Net net,
            HttpServerOptions options,
            @Nullable TlsOptions tls,
            HttpHandler handler) {
        this.core = core;
        this.options = options;
        this.handler = handler;
        parsers = HeadParsers.ofRequests(options.maxHeaderBytes());
        this.tls = tls;
        keepAliveHint = hint(options);
        ConnectionHandler secured =
                socket -> shakeHands(net, socket, Objects.requireNonNull(this.tls));
        server = net.createServer(options.server(), tls == null ? this::accept : secured);
    }

    private static @Nullable HttpField hint(HttpServerOptions options) {
        long seconds = options.keepAliveTimeout().toSeconds();
        int max = options.maxRequestsPerConnection();
        String text = "timeout=" + seconds + (max == Integer.MAX_VALUE ? "" : ", max=" + max);
        return seconds == 0 ? null : new PreEncodedHttpField(HttpHeader.KEEP_ALIVE, text);
    }

    private void shakeHands(Net net, Socket socket, TlsOptions secure) {
        Operation[] call = new Operation[1];
        call[0] =
                Tls.of(net)
                        .accept(
                                socket,
                                null,
                                secure,
                                (err, connection) -> {
                                    handshakes.remove(call[0]);
                                    TlsErrorHandler handler = onTlsClientError;
                                    if (err == null) {
                                        accept(connection);
                                    } else if (handler != null) {
                                        handler.failed(err, socket);
                                    }
                                });
        handshakes.add(call[0]);
    }

    /** Listens on a port of every address; 0 lets the kernel choose one. */
    public Operation listen(int port, Callback<HttpServer> callback) {
        return listen(ListenOptions.port(port), callback);
    }

    /** Listens on a port of one address, given as a name or a literal. */
    public Operation listen(int port, String host, Callback<HttpServer> callback) {
        return listen(ListenOptions.port(port).host(host), callback);
    }

    /** Listens; errors as of {@link Server#listen(ListenOptions, Callback)}. */
    public Operation listen(ListenOptions where, Callback<HttpServer> callback) {
        Checks.required(callback, "callback", "pass a function");
        ListenOptions prompt =
                where.noDelay(where.noDelay() || options.server().socket().noDelay());
        return server.listen(
                prompt,
                (err, started) -> {
                    if (err == null) {
                        listening = true;
                        closing = false;
                        callback.call(null, this);
                    } else {
                        core.fail(callback, err);
                    }
                });
    }

    /**
     * Serves a connection that came another way, such as one whose TLS has been taken off. It is
     * the server's from now on.
     */
    public void accept(Duplex connection) {
        core.checkThread("HttpServer.accept");
        Checks.required(connection, "connection", "pass a stream");
        if (closing) {
            connection.destroy();
            return;
        }
        ServerConnection accepted = new ServerConnection(this, core, connection);
        open.add(accepted);
        if (ticking == null) {
            ticking = core.reactor().setInterval(tickMillis(), this::check).unref();
        }
        accepted.open();
    }

    /**
     * Hears of requests with {@code Upgrade}; without a handler they are requests like others. One
     * with a body is so in any case.
     */
    public HttpServer onUpgrade(UpgradeHandler upgrade) {
        return onUpgrade("", upgrade);
    }

    /**
     * Hears of requests whose {@code Upgrade} names {@code protocol}. Others are requests like any:
     * clients that would rather speak HTTP/2 ask for {@code h2c}, and do without.
     */
    public HttpServer onUpgrade(String protocol, UpgradeHandler upgrade) {
        Checks.required(protocol, "protocol", "name one, such as websocket");
        Checks.required(upgrade, "upgrade", "pass a function");
        upgradeTo = protocol;
        onUpgrade = upgrade;
        return this;
    }

    /** Opens WebSockets; see {@link WebSockets#upgrade}. */
    public HttpServer onWebSocket(WebSocketOptions sockets, WebSocketHandler open) {
        return onUpgrade("websocket", WebSockets.upgrade(sockets, open));
    }

    /** Hears of CONNECT; without a handler it is refused with 501. */
    public HttpServer onConnect(UpgradeHandler connect) {
        Checks.required(connect, "connect", "pass a function");
        onConnect = connect;
        return this;
    }

    /**
     * Hears of requests that no handler sees to their end because they are broken, too long or too
     * slow, and answers them in place of the server; one whose answer has begun is cut without a
     * word. Codes: {@code HPE_INVALID_REQUEST}, {@code HPE_INVALID_VERSION}, {@code
     * HPE_HEADER_OVERFLOW} (of a target too); of bodies {@code HPE_*}, {@code
     * ERR_HTTP_BODY_TOO_LARGE} and ECONNRESET; {@code ERR_HTTP_REQUEST_TIMEOUT}, {@code
     * ERR_HTTP_EXPECTATION_FAILED}, {@code ERR_HTTP_NOT_IMPLEMENTED}.
     */
    public HttpServer onClientError(ClientErrorHandler handler) {
        Checks.callback(handler, "handler");
        onClientError = handler;
        return this;
    }

    /**
     * Hears of clients whose TLS handshake has failed; without a handler it is nobody's business.
     */
    public HttpServer onTlsClientError(TlsErrorHandler handler) {
        Checks.callback(handler, "handler");
        onTlsClientError = handler;
        return this;
    }

    /**
     * Takes connections with other certificates and options from now on; see {@link
     * TlsServer#reload}.
     *
     * @throws IllegalStateException when this server is not of HTTPS
     * @throws IllegalArgumentException when the context has no identity
     */
    public HttpServer reload(TlsOptions changed) {
        core.checkThread("HttpServer.reload");
        if (tls == null) {
            throw new IllegalStateException("this server has no TLS: use createSecureServer");
        }
        Http.requireIdentity(changed);
        tls = changed;
        return this;
    }

    /** Ends the connections that wait for a request; the server goes on. */
    public void closeIdleConnections() {
        core.checkThread("HttpServer.closeIdleConnections");
        List.copyOf(open).forEach(ServerConnection::leave);
    }

    /**
     * Destroys all connections, whatever is under way, TLS handshakes too, but for those that were
     * handed over; the server goes on.
     */
    public void closeAllConnections() {
        core.checkThread("HttpServer.closeAllConnections");
        List.copyOf(open).forEach(connection -> connection.stream.destroy());
        List.copyOf(handshakes).forEach(Operation::cancel);
    }

    /**
     * Stops accepting at once. Connections without a request under way end now, others behind their
     * answer, which says so. {@code done} hears when the last has closed, or at once of
     * ERR_SERVER_NOT_RUNNING. Connections that were handed over are not waited for if they came by
     * {@link #accept}.
     */
    public void close(Done done) {
        core.checkThread("HttpServer.close");
        Checks.required(done, "done", "pass a function");
        if (closing || (!listening && open.isEmpty())) {
            ReactorException err =
                    new ReactorException("ERR_SERVER_NOT_RUNNING", "the server is not running");
            core.reactor().nextTick(() -> done.call(err));
            return;
        }
        closing = true;
        onClose = done;
        if (listening) {
            server.close(err -> {
                listening = false;
                maybeClosed();
            });
        }
        closeIdleConnections();
        List.copyOf(handshakes).forEach(Operation::cancel);
    }

    /**
     * As {@link #close}; what is still open after {@code grace}, also of what was handed over, is
     * destroyed. The callback hears how many connections ended and how many were cut off.
     */
    public void shutdown(Duration grace, Callback<ServerReport> callback) {
        Checks.required(grace, "grace", "pass a duration");
        Checks.required(callback, "callback", "pass a function");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace is " + grace + ": use 0 or more");
        }
        int before = open.size() + handedOver.size();
        destroyed = 0;
        close(err -> callback.call(err, new ServerReport(before - destroyed, destroyed)));
        if (closing && this.grace == null) {
            this.grace = core.reactor().setTimeout(grace, this::cutOff);
        }
    }

    private void cutOff() {
        for (ServerConnection connection : List.copyOf(open)) {
            destroyed += connection.hasEnded() ? 0 : 1;
            connection.stream.destroy();
        }
        for (Duplex stream : List.copyOf(handedOver)) {
            destroyed++;
            stream.destroy();
        }
    }

    private void maybeClosed() {
        Done done = onClose;
        if (closing && !listening && open.isEmpty() && done != null) {
            onClose = null;
            closing = false;
            core.reactor().clearTimeout(grace);
            grace = null;
            core.inClosePhase(() -> done.call(null));
        }
    }

    /** The address it listens on; null before, and on a Unix socket. */
    public @Nullable InetSocketAddress address() {
        return server.address();
    }

    /** Connections that are open and were not handed over. */
    public int connections() {
        return open.size();
    }

    /** The server of the sockets beneath: for its Unix address, dropped connections, unref. */
    public Server server() {
        return server;
    }

    // ---- for the connections

    HttpServerOptions options() {
        return options;
    }

    HttpHandler handler() {
        return handler;
    }

    @Nullable UpgradeHandler upgradeHandler(IncomingMessage request) {
        boolean wanted = upgradeTo.isEmpty() || Syntax.names(request.header("Upgrade"), upgradeTo);
        return wanted ? onUpgrade : null;
    }

    @Nullable ClientErrorHandler clientErrorHandler() {
        return onClientError;
    }

    /** How long connections rest, for clients that ask; null when it is less than a second. */
    @Nullable HttpField keepAliveHint() {
        return keepAliveHint;
    }

    @Nullable UpgradeHandler connectHandler() {
        return onConnect;
    }

    boolean isClosing() {
        return closing;
    }

    void gone(ServerConnection connection) {
        open.remove(connection);
        if (open.isEmpty()) {
            core.reactor().clearInterval(ticking);
            ticking = null;
        }
        maybeClosed();
    }

    void handedOver(ServerConnection connection) {
        Duplex stream = connection.stream;
        handedOver.add(stream);
        stream.onClose(err -> handedOver.remove(stream));
        gone(connection);
    }

    private void check() {
        long now = core.reactor().now();
        List.copyOf(open).forEach(connection -> connection.check(now));
    }

    /** An eighth of the shortest time. */
    private long tickMillis() {
        long least = MOST_TICK_MILLIS * 8;
        for (Duration time :
                List.of(
                        options.headTimeout(),
                        options.requestTimeout(),
                        options.keepAliveTimeout(),
                        options.idleTimeout())) {
            if (!time.isZero()) {
                least = Math.min(least, time.toMillis());
            }
        }
        return Math.max(LEAST_TICK_MILLIS, least / 8);
    }

    FieldCache fieldCache() {
        return fieldCache;
    }

    /** The Date field of this second. */
    HttpField date() {
        long second = System.currentTimeMillis() / MILLIS_A_SECOND;
        if (second != dateSecond) {
            dateSecond = second;
            String text = DATE.format(Instant.ofEpochSecond(second));
            date = new PreEncodedHttpField(HttpHeader.DATE, text);
        }
        return date;
    }

    /** Where heads are made, one at a time. */
    ByteBuffer scratch() {
        return scratch;
    }

    void growScratch() {
        scratch = BufferUtil.allocate(2 * scratch.capacity());
    }

    boolean logsAccess() {
        return options.accessLog();
    }

    void logAccess(ServerResponse response, IncomingMessage request, long startedNanos) {
        if (options.accessLog()) {
            ACCESS.info(
                    "{} \"{} {} HTTP/{}\" {} {} {}us",
                    request.remoteAddress(),
                    request.method(),
                    request.target(),
                    request.version(),
                    response.status(),
                    response.contentBytes(),
                    (System.nanoTime() - startedNanos) / MILLIS_A_SECOND);
        }
    }

    @Override
    public String toString() {
        return "HttpServer[" + server + "]";
    }
}
