package dev.chime.net.http;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.tls.Tls;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks HTTP servers, and keeps connections for the next request to the same origin: Node's agent.
 * Loop thread only. Connections that wait for a request do not keep the loop alive.
 */
public final class HttpClient {
    private static final Pattern TIMEOUT = Pattern.compile("(?i)\\btimeout=(\\d{1,6})\\b");

    /** In place of a place: nothing rests there. */
    private static final String APART = "";

    final HeadParsers parsers;
    private final Core core;
    private final Net net;
    private final HttpClientOptions options;
    private final Connector connector;
    private final Map<String, Origin> origins = new HashMap<>();
    private final Set<ClientConnection> open = new HashSet<>();
    private int idle;
    private int total;
    private boolean closed;

    /** The connections to one place, and who waits for one. */
    private static final class Origin {
        final ArrayDeque<ClientConnection> idle = new ArrayDeque<>();
        final ArrayDeque<ClientExchange> waiting = new ArrayDeque<>();
        int connections;
    }

    HttpClient(Core core, Net net, HttpClientOptions options) {
        this.core = core;
        this.net = net;
        this.options = options;
        parsers = HeadParsers.ofResponses(options.maxHeaderBytes());
        Connector own = options.connector();
        connector = own == null ? this::connectTcp : own;
    }

    Core core() {
        return core;
    }

    HttpClientOptions options() {
        return options;
    }

    /**
     * Sends a request. The callback gets the response when its head has come; its body must then be
     * read, resumed or destroyed, since the connection is busy until it is over. The operation can
     * be stopped until then; after the callback the body hears of that.
     *
     * <p>Errors: those of {@link Net#connect(ConnectOptions, Callback)}; ECONNRESET when the server
     * hangs up, ETIMEDOUT, ECANCELED, {@code HPE_*} when what comes is not HTTP, {@code
     * ERR_INVALID_PROTOCOL}, {@code ERR_HTTP_TOO_MANY_REDIRECTS}, {@code ERR_HTTP_BODY_FAILED},
     * {@code ERR_PROXY_TUNNEL} with the status when the proxy opens no tunnel. A GET, HEAD, PUT,
     * DELETE, OPTIONS or TRACE is sent once more, by a new connection, when the kept one was closed
     * before anything came.
     */
    public Operation request(RequestOptions request, Callback<IncomingMessage> callback) {
        core.checkThread("HttpClient.request");
        Checks.required(request, "request", "make one with RequestOptions.get");
        Checks.required(callback, "callback", "pass a function");
        ClientExchange exchange = new ClientExchange(core, this, request, callback);
        exchange.start();
        return exchange;
    }

    /** Sends a GET; see {@link #request}. */
    public Operation get(String url, Callback<IncomingMessage> callback) {
        return request(RequestOptions.get(url), callback);
    }

    /** Closes the connections that wait, and from now on each that becomes free. */
    public void close() {
        core.checkThread("HttpClient.close");
        closed = true;
        origins.values()
                .forEach(origin -> List.copyOf(origin.idle).forEach(free -> free.stream.destroy()));
    }

    /** Connections that are open. */
    public int connections() {
        return open.size();
    }

    /** Connections that wait for a request. */
    public int idleConnections() {
        return idle;
    }

    /** Origins, proxies and tunnels with connections, or with requests that wait for one. */
    int places() {
        return origins.size();
    }

    // ---- for exchanges and connections

    /** The proxy that a request goes through; null: none. */
    @Nullable URI proxy(RequestOptions request) {
        return options.proxies().of(request.url());
    }

    /** True when two URLs are asked through one proxy. */
    boolean isSameProxy(URI one, URI other) {
        URI proxy = options.proxies().of(one);
        URI second = options.proxies().of(other);
        return proxy != null && second != null && origin(proxy).equals(origin(second));
    }

    /** True for a request that the proxy is to answer, or to pass on. */
    boolean isProxied(RequestOptions request) {
        return proxy(request) != null && !isTunnelled(request);
    }

    /** True for a request that the proxy is not to see: what is secure, or another protocol. */
    boolean isTunnelled(RequestOptions request) {
        return proxy(request) != null
                && !request.method().equals("CONNECT")
                && (ClientExchange.isSecure(request.url()) || request.upgrade() != null);
    }

    static String origin(URI url) {
        return url.getScheme().toLowerCase(Locale.ROOT)
                + "://"
                + url.getHost().toLowerCase(Locale.ROOT)
                + ":"
                + ClientExchange.port(url);
    }

    /** Where the connections for a request lead. */
    private String place(RequestOptions request) {
        URI proxy = proxy(request);
        if (proxy == null) {
            return origin(request.url());
        }
        return isTunnelled(request) ? "tunnel to " + origin(request.url()) : origin(proxy);
    }

    /** Finds a connection for an exchange, or makes one, or lets it wait. */
    void acquire(ClientExchange exchange, boolean fresh) {
        String place = place(exchange.request());
        Origin origin = origins.computeIfAbsent(place, key -> new Origin());
        while (!fresh && !origin.idle.isEmpty()) {
            boolean last = options.scheduling() == Scheduling.LIFO;
            ClientConnection free = last ? origin.idle.removeLast() : origin.idle.removeFirst();
            idle--;
            if (!free.stream.isDestroyed()) {
                exchange.connected(free);
                return;
            }
        }
        boolean may = origin.connections < options.maxConnectionsPerOrigin();
        if (may && total < options.maxConnections()) {
            connect(exchange, place, origin);
        } else {
            origin.waiting.add(exchange);
            if (may && idle > 0) {
                makeRoom(); // who waits goes on when it has closed
            }
        }
    }

    /** Closes as many resting connections as those who wait can use, less those that close. */
    private void makeRoom() {
        long leaving = open.stream().filter(one -> one.stream.isDestroyed()).count();
        long wanted = origins.values().stream().mapToLong(this::wanted).sum();
        origins.values().stream()
                .flatMap(origin -> origin.idle.stream())
                .filter(free -> !free.stream.isDestroyed())
                .limit(Math.max(0, wanted - leaving))
                .toList()
                .forEach(free -> free.stream.destroy());
    }

    private int wanted(Origin origin) {
        int room = options.maxConnectionsPerOrigin() - origin.connections;
        return Math.min(origin.waiting.size(), room);
    }

    /** Some origin that only the limit of all connections keeps waiting. */
    private @Nullable Origin kept() {
        if (options.maxConnections() < Integer.MAX_VALUE) {
            for (Origin origin : origins.values()) {
                if (wanted(origin) > 0) {
                    return origin;
                }
            }
        }
        return null;
    }

    /** Makes a connection that no other exchange gets, and that something else counts. */
    void connectApart(ClientExchange exchange) {
        connect(exchange, APART, null);
    }

    private void connect(ClientExchange exchange, String place, @Nullable Origin origin) {
        if (origin != null) {
            origin.connections++;
            total++;
        }
        exchange.connects(
                open(
                        exchange.request(),
                        (err, stream) -> {
                            exchange.connects(null);
                            if (err == null) {
                                connected(exchange, place, stream);
                                return;
                            }
                            if (origin != null) {
                                lessConnections(place, origin);
                            }
                            exchange.over(err);
                        }));
    }

    private Operation open(RequestOptions request, Callback<Duplex> callback) {
        if (isTunnelled(request)) {
            return new ProxyTunnel(core, net, this, request, callback).start();
        }
        URI proxy = proxy(request);
        URI to = proxy == null ? request.url() : proxy;
        return connector.connect(
                host(to),
                ClientExchange.port(to),
                ClientExchange.isSecure(to),
                request.connectTimeout(),
                callback);
    }

    private void connected(ClientExchange exchange, String place, Duplex stream) {
        ClientConnection made = new ClientConnection(this, core, stream, place);
        if (!place.equals(APART)) {
            open.add(made);
        }
        made.open();
        if (exchange.isOver()) {
            stream.destroy();
        } else {
            exchange.connected(made);
        }
    }

    static String host(URI url) {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private Operation connectTcp(
            String host, int port, boolean secure, Duration timeout, Callback<Duplex> callback) {
        ConnectOptions where = ConnectOptions.port(port).host(host).timeout(timeout).noDelay(true);
        return secure
                ? Tls.of(net).connect(where, options.tls(), given(callback))
                : net.connect(where, given(callback));
    }

    private <T extends Duplex> Callback<T> given(Callback<Duplex> callback) {
        return (err, stream) -> {
            if (err == null) {
                callback.call(null, stream);
            } else {
                core.fail(callback, err);
            }
        };
    }

    /** An exchange does not wait any more. */
    void forget(ClientExchange exchange) {
        String place = place(exchange.request());
        Origin origin = origins.get(place);
        if (origin != null && origin.waiting.remove(exchange)) {
            removeIfUnused(place, origin);
        }
    }

    /** A connection is free: the next in the queue has it, or it rests. */
    void release(ClientConnection connection, @Nullable String keepAlive) {
        Origin origin = origins.get(connection.origin);
        Duration time = restTime(keepAlive);
        if (origin == null || closed || time.isZero()) {
            connection.stream.destroy();
            return;
        }
        ClientExchange next = origin.waiting.poll();
        if (next != null) {
            connection.rest(time);
            next.connected(connection);
        } else if (idle < options.maxIdle() && kept() == null) {
            origin.idle.addLast(connection);
            idle++;
            connection.rest(time);
        } else {
            connection.stream.destroy();
        }
    }

    /** A second less than the server says, so that it is not just closing the connection. */
    private Duration restTime(@Nullable String keepAlive) {
        Matcher said = TIMEOUT.matcher(keepAlive == null ? "" : keepAlive);
        if (!said.find()) {
            return options.keepAlive();
        }
        Duration theirs = Duration.ofSeconds(Math.max(0, Integer.parseInt(said.group(1)) - 1));
        return theirs.compareTo(options.keepAlive()) < 0 ? theirs : options.keepAlive();
    }

    /** A connection is closed, or somebody else's. */
    void gone(ClientConnection connection) {
        Origin origin = origins.get(connection.origin);
        if (open.remove(connection) && origin != null) {
            if (origin.idle.remove(connection)) {
                idle--;
            }
            lessConnections(connection.origin, origin);
        }
    }

    private void lessConnections(String name, Origin origin) {
        origin.connections--;
        total--;
        Origin kept = origin.waiting.isEmpty() ? kept() : origin;
        if (kept != null && total < options.maxConnections()) {
            acquire(kept.waiting.remove(), false);
        }
        removeIfUnused(name, origin);
    }

    private void removeIfUnused(String name, Origin origin) {
        if (origin.connections == 0 && origin.waiting.isEmpty()) {
            origins.remove(name, origin);
        }
    }

    @Override
    public String toString() {
        return "HttpClient[" + open.size() + " connections, " + idle + " of them idle]";
    }
}
