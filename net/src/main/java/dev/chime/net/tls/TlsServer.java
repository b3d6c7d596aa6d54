package dev.chime.net.tls;

import dev.chime.net.DropHandler;
import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.ServerOptions;
import dev.chime.net.ServerReport;
import dev.chime.net.Socket;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts connections and makes them secure. Loop thread only. */
public final class TlsServer {
    private final Core core;
    private final Server server;
    private final TlsConnectionHandler onConnection;
    private final Handlers<TlsErrorHandler> errorHandlers = new Handlers<>();
    private final Map<Socket, Operation> handshakes = new LinkedHashMap<>();
    private final Set<TlsSocket> secure = new LinkedHashSet<>();
    private final Tls tls;
    private TlsOptions options;
    private boolean leaving;

    TlsServer(
            Core core,
            Tls tls,
            Net net,
            ServerOptions sockets,
            TlsOptions options,
            TlsConnectionHandler onConnection) {
        this.core = core;
        this.tls = tls;
        this.options = options;
        this.onConnection = onConnection;
        server = net.createServer(sockets, this::accepted);
    }

    private void accepted(Socket socket) {
        Callback<TlsSocket> done = (err, connection) -> shaken(socket, err, connection);
        Operation handshake = tls.accept(socket, null, options, done);
        handshakes.put(socket, handshake);
    }

    private void shaken(
            Socket socket, @Nullable ReactorException err, @Nullable TlsSocket connection)
            throws Exception {
        handshakes.remove(socket);
        if (err != null || connection == null) {
            if (err != null) {
                errorHandlers.each(handler -> core.call(() -> handler.failed(err, socket)));
            }
            return;
        }
        secure.add(connection);
        connection.onClose(closed -> secure.remove(connection));
        if (leaving) {
            connection.endWhenIdle();
        }
        onConnection.connection(connection);
    }

    /** Listens on a port of every address; 0 lets the kernel choose one. */
    public Operation listen(int port, Callback<TlsServer> callback) {
        return listen(ListenOptions.port(port), callback);
    }

    /** Listens on a port of one address, given as a name or a literal. */
    public Operation listen(int port, String host, Callback<TlsServer> callback) {
        return listen(ListenOptions.port(port).host(host), callback);
    }

    /** Listens; see {@link Server#listen(ListenOptions, Callback)}. */
    public Operation listen(ListenOptions where, Callback<TlsServer> callback) {
        core.checkThread("TlsServer.listen");
        Checks.callback(callback, "callback");
        leaving = false;
        return server.listen(
                where,
                (err, listening) -> {
                    if (err != null) {
                        core.fail(callback, err);
                    } else {
                        core.call(callback, null, this);
                    }
                });
    }

    /**
     * Takes connections with other options from now on, such as those of a new certificate; those
     * that are there, and those whose handshake has begun, keep theirs. Sessions of another context
     * are not resumed.
     *
     * @throws IllegalArgumentException when the context has no identity
     */
    public TlsServer reload(TlsOptions changed) {
        core.checkThread("TlsServer.reload");
        Tls.requireIdentity(changed);
        options = changed;
        return this;
    }

    /** Hears of clients whose handshake has failed; without a handler it is nobody's business. */
    public TlsServer onClientError(TlsErrorHandler handler) {
        core.checkThread("TlsServer.onClientError");
        Checks.callback(handler, "handler");
        errorHandlers.add(handler);
        return this;
    }

    /**
     * Stops accepting at once; open connections go on. {@code done} hears when the last of them has
     * closed, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void close(Done done) {
        server.close(done);
    }

    /**
     * Stops accepting at once and ends each connection, with a close_notify, as soon as it is idle:
     * nothing is queued, and something has been sent since data last came. What is still open after
     * {@code grace} is destroyed, and handshakes are at once. The callback hears how many ended and
     * how many were cut off, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void shutdown(Duration grace, Callback<ServerReport> callback) {
        core.checkThread("TlsServer.shutdown");
        Checks.notNegative(grace, "grace");
        Checks.callback(callback, "callback");
        int before = server.connections();
        int[] cut = new int[1];
        Timer patience = core.reactor().setTimeout(grace, () -> cut[0] += cutOff(secure)).unref();
        server.close(err -> {
            core.reactor().clearTimeout(patience);
            if (err != null) {
                core.fail(callback, err);
            } else {
                core.call(callback, null, new ServerReport(before - cut[0], cut[0]));
            }
        });
        leaving = true;
        cut[0] = handshakes.size();
        List.copyOf(handshakes.values()).forEach(Operation::cancel);
        List.copyOf(secure).forEach(TlsSocket::endWhenIdle);
    }

    private static int cutOff(Set<TlsSocket> open) {
        List<TlsSocket> late = open.stream().filter(socket -> !socket.isDestroyed()).toList();
        late.forEach(TlsSocket::destroy);
        return late.size();
    }

    /** The address it listens on; null before, and on a Unix socket. */
    public @Nullable InetSocketAddress address() {
        return server.address();
    }

    /** The Unix socket it listens on; null before, and on TCP. */
    public @Nullable UnixDomainSocketAddress unixAddress() {
        return server.unixAddress();
    }

    /** Hears of connections that are not taken. */
    public TlsServer onDrop(DropHandler handler) {
        server.onDrop(handler);
        return this;
    }

    /** Connections that were not taken. */
    public long dropped() {
        return server.dropped();
    }

    /** Lets the server keep the loop alive while it listens, as from the start. */
    public TlsServer ref() {
        server.ref();
        return this;
    }

    /** Lets the loop end although the server listens. */
    public TlsServer unref() {
        server.unref();
        return this;
    }

    /** Connections whose handshake is over. */
    public int connections() {
        return secure.size();
    }

    @Override
    public String toString() {
        return "TlsServer[" + secure.size() + " secure, " + server + "]";
    }
}
