package dev.chime.net.tls;

import dev.chime.net.Connection;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The way to a secure connection: the context made ready, the engine, its handshake; for a client
 * that has no stream yet the connect in front of it.
 */
final class Handshake extends Composed {
    private static final String CHECK_NAME = "HTTPS";

    /** Starts a connect whose outcome goes to the callback. */
    interface Connect {
        Operation start(Callback<? super Duplex> connected);
    }

    private final TlsOptions options;
    private final boolean client;
    private final @Nullable String serverName;
    private final int port;
    private final Callback<TlsSocket> callback;
    private @Nullable Operation connecting;
    private @Nullable Duplex transport;
    private @Nullable TlsSocket socket;
    private @Nullable Timer patience;
    private @Nullable Buffer head;
    private boolean finished;

    /** Prepares one; {@code serverName} and {@code port} are the server's as a client knows it. */
    Handshake(
            Core core,
            TlsOptions options,
            boolean client,
            @Nullable String serverName,
            int port,
            Callback<TlsSocket> callback) {
        super(core);
        this.options = options;
        this.client = client;
        this.serverName = serverName;
        this.port = port;
        this.callback = callback;
    }

    /** Connects first. */
    void start(Connect connect) {
        connecting = connect.start(this::connected);
    }

    private void connected(@Nullable ReactorException err, @Nullable Duplex stream) {
        connecting = null;
        if (err != null || stream == null) {
            finish(stopped() || err == null ? stopError() : err, null);
            return;
        }
        begin(stream, null);
        if (stopped()) {
            interrupt();
        }
    }

    /** Begins on a stream; {@code early} is what was read of it too early. */
    void begin(Duplex stream, @Nullable Buffer early) {
        transport = stream;
        head = early == null ? null : early.retain();
        if (options.context().isReady()) {
            shakeHands(stream);
            return;
        }
        stream.pause(); // whoever read from it until now is to get no more
        core.reactor()
                .blocking(
                        () -> {
                            options.context().prepare();
                            return true;
                        },
                        (err, ready) -> {
                            if (err != null || stopped()) {
                                stream.destroy();
                                finish(err != null ? err : stopError(), null);
                            } else {
                                shakeHands(stream);
                            }
                        });
    }

    private void shakeHands(Duplex stream) {
        SSLEngine engine = options.context().engine(serverName, port);
        engine.setUseClientMode(client);
        SSLParameters parameters = engine.getSSLParameters();
        options.apply(parameters);
        if (client) {
            askFor(parameters);
        } else {
            parameters.setWantClientAuth(options.clientAuth() == ClientAuth.REQUEST);
            if (options.clientAuth() == ClientAuth.REQUIRE) {
                parameters.setNeedClientAuth(true);
            }
        }
        engine.setSSLParameters(parameters);
        TlsSocket secure = new TlsSocket(core, stream, engine, options);
        socket = secure;
        patience =
                core.reactor()
                        .setTimeout(
                                options.handshakeTimeout(),
                                () -> secure.destroy(TlsErrors.handshakeTimeout()))
                        .unref();
        Buffer early = head;
        head = null;
        secure.start(this, early);
        if (early != null) {
            early.release();
        }
    }

    private void askFor(SSLParameters parameters) {
        if (serverName != null) {
            if (ServerNames.isHostName(serverName)) {
                parameters.setServerNames(List.of(new SNIHostName(serverName)));
            }
            if (!options.context().isUnsafe()) {
                parameters.setEndpointIdentificationAlgorithm(CHECK_NAME);
            }
        }
    }

    /** What has been agreed on. */
    TlsSession session(SSLEngine engine) {
        return TlsSession.of(engine, serverName, options.context().isResumed(engine));
    }

    void succeeded(TlsSocket secure) {
        finish(null, secure);
    }

    void failed(ReactorException error) {
        finish(error, null);
    }

    private ReactorException stopError() {
        InetSocketAddress peer =
                transport instanceof Connection connection ? connection.remoteAddress() : null;
        String call = client ? "connect" : "accept";
        return caused(() -> ErrnoException.socket(stopErrno(), call, peer));
    }

    private void finish(@Nullable ReactorException error, @Nullable TlsSocket secure) {
        if (finished) {
            return;
        }
        finished = true;
        ended();
        core.reactor().clearTimeout(patience);
        if (head != null) {
            head.release();
            head = null;
        }
        if (error != null) {
            core.fail(callback, error);
        } else {
            core.call(callback, null, Objects.requireNonNull(secure));
        }
    }

    @Override
    protected void interrupt() {
        if (connecting != null) {
            connecting.cancel();
        } else if (socket != null) {
            socket.destroy(stopError());
        } else if (transport != null) {
            transport.destroy();
        }
    }

    @Override
    public String toString() {
        return "TLS handshake with " + (serverName != null ? serverName : transport);
    }
}
