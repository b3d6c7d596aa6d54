package dev.chime.net.tls;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.ServerOptions;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.2 and 1.3 on a reactor: Node's {@code tls} object. Loop thread only.
 *
 * <p>What takes long, keys and signatures and the check of certificates, is computed by {@link
 * Reactor#blocking}; the loop encrypts and decrypts.
 */
public final class Tls {
    private final Core core;
    private final Net net;

    private Tls(Core core, Net net) {
        this.core = core;
        this.net = net;
    }

    /** The TLS of a reactor. */
    public static Tls of(Reactor reactor) {
        return of(Net.of(reactor));
    }

    /** TLS upon the sockets of a network, which may have a resolver of its own. */
    public static Tls of(Net net) {
        Checks.required(net, "net", "make one with Net.of");
        Core core = Core.of(net.reactor());
        core.checkThread("Tls.of");
        return new Tls(core, net);
    }

    /** As {@link #createServer(ServerOptions, TlsOptions, TlsConnectionHandler)}. */
    public TlsServer createServer(TlsOptions options, TlsConnectionHandler onConnection) {
        return createServer(ServerOptions.defaults(), options, onConnection);
    }

    /**
     * Makes a server that does not listen yet; {@code onConnection} gets its connections when their
     * handshakes are over.
     *
     * @throws IllegalArgumentException when the context has no identity
     */
    public TlsServer createServer(
            ServerOptions sockets, TlsOptions options, TlsConnectionHandler onConnection) {
        core.checkThread("Tls.createServer");
        Checks.required(sockets, "sockets", "start from ServerOptions.defaults");
        requireIdentity(options);
        Checks.callback(onConnection, "onConnection");
        return new TlsServer(core, this, net, sockets, options, onConnection);
    }

    /** Connects to a host whom the JDK's authorities vouch for. */
    public Operation connect(int port, String host, Callback<TlsSocket> callback) {
        return connect(ConnectOptions.port(port).host(host), TlsOptions.client(), callback);
    }

    /**
     * Connects, and shakes hands. The callback gets the connection when the server has proved to be
     * whom it has to be: {@link TlsOptions#serverName}, or the host of {@code where}.
     *
     * <p>Errors: those of {@link Net#connect(ConnectOptions, Callback)}; {@code CERT_HAS_EXPIRED},
     * {@code CERT_NOT_YET_VALID}, {@code DEPTH_ZERO_SELF_SIGNED_CERT}, {@code
     * SELF_SIGNED_CERT_IN_CHAIN}, {@code UNABLE_TO_VERIFY_LEAF_SIGNATURE}, {@code
     * UNABLE_TO_GET_ISSUER_CERT_LOCALLY} and the like; {@code ERR_TLS_CERT_ALTNAME_INVALID}, {@code
     * ERR_TLS_CERT_PIN_MISMATCH}; {@code ERR_TLS_HANDSHAKE_TIMEOUT}; ECONNRESET when the server
     * goes away meanwhile; {@code ERR_SSL_*} with OpenSSL's reason for all else. The JDK's
     * exception is the cause.
     */
    public Operation connect(
            ConnectOptions where, TlsOptions options, Callback<TlsSocket> callback) {
        core.checkThread("Tls.connect");
        Checks.required(where, "where", "make some with ConnectOptions.port");
        Checks.required(options, "options", "start from TlsOptions.client");
        Checks.callback(callback, "callback");
        String name = options.serverName();
        if (name == null && where.path() == null) {
            name = where.host();
        }
        requireName(name, options);
        Handshake handshake = new Handshake(core, options, true, name, where.port(), callback);
        handshake.start(connected -> net.connect(where, connected::call));
        return handshake;
    }

    /** As {@link #wrap(Duplex, Buffer, TlsOptions, Callback)}; nothing has been read too early. */
    public Operation wrap(Duplex stream, TlsOptions options, Callback<TlsSocket> callback) {
        return wrap(stream, null, options, callback);
    }

    /**
     * Makes a stream secure that is open already, as the client: after STARTTLS, or behind a proxy.
     * From now on the stream is the connection's, which closes it. Nobody else may read from it or
     * write to it.
     *
     * <p>Errors as of {@link #connect(ConnectOptions, TlsOptions, Callback)}.
     *
     * @param head what was read from the stream and belongs to the handshake, such as what comes
     *     behind a proxy's answer; it is retained. Null: nothing. After STARTTLS pass nothing, as
     *     in {@link #accept}
     * @throws IllegalArgumentException when {@link TlsOptions#serverName} does not say whom the
     *     server has to be
     */
    public Operation wrap(
            Duplex stream,
            @Nullable Buffer head,
            TlsOptions options,
            Callback<TlsSocket> callback) {
        core.checkThread("Tls.wrap");
        Checks.required(stream, "stream", "pass a socket");
        Checks.required(options, "options", "start from TlsOptions.client");
        Checks.callback(callback, "callback");
        requireName(options.serverName(), options);
        InetSocketAddress remote =
                stream instanceof dev.chime.net.Connection connection
                        ? connection.remoteAddress()
                        : null;
        int port = remote == null ? -1 : remote.getPort();
        Handshake handshake =
                new Handshake(core, options, true, options.serverName(), port, callback);
        handshake.begin(stream, head);
        return handshake;
    }

    /**
     * Makes a stream secure that is open already, as the server; see {@link #wrap(Duplex,
     * TlsOptions, Callback)}.
     *
     * @param head what was read from the stream and belongs to the handshake, such as what comes
     *     behind the header of a proxy; it is retained. Null: nothing. After STARTTLS pass nothing:
     *     who sent something in front of the answer is up to no good (RFC 3207, section 6)
     * @throws IllegalArgumentException when the context has no identity
     */
    public Operation accept(
            Duplex stream,
            @Nullable Buffer head,
            TlsOptions options,
            Callback<TlsSocket> callback) {
        core.checkThread("Tls.accept");
        Checks.required(stream, "stream", "pass a socket");
        requireIdentity(options);
        Checks.callback(callback, "callback");
        Handshake handshake = new Handshake(core, options, false, null, -1, callback);
        handshake.begin(stream, head);
        return handshake;
    }

    /** Who trusts anybody of some authority trusts too many. */
    private static void requireName(@Nullable String name, TlsOptions options) {
        if (name == null && !options.context().isUnsafe()) {
            throw new IllegalArgumentException(
                    "serverName is null: name the server, which its certificate must prove");
        }
    }

    static void requireIdentity(@Nullable TlsOptions options) {
        Checks.required(options, "options", "make some with TlsOptions.of");
        if (options != null && !options.context().hasIdentity()) {
            throw new IllegalArgumentException(
                    "the context has no identity: make it with TlsContext.of(TlsIdentity.read(..))");
        }
    }
}
