package dev.chime.net.tls;

import dev.chime.net.Connection;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Plan;
import dev.chime.reactor.stream.Duplex;
import dev.chime.reactor.stream.DuplexBase;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A secure connection upon a stream, most often a socket. Loop thread only.
 *
 * <p>It has the stream beneath for itself, and closes it. Its peer's end is a close_notify alert: a
 * stream that ends without one fails with {@code ERR_SSL_UNEXPECTED_EOF_WHILE_READING}, since
 * anybody in between could have cut it. Errors of what the peer sends are {@code ERR_SSL_*}, with
 * OpenSSL's reasons as in Node; those of the stream beneath come as they are.
 *
 * <p>When nothing is under way it holds no native memory, and on the heap what the JDK's engine
 * keeps.
 */
public final class TlsSocket extends DuplexBase implements Connection {
    /** Bytes queued from which {@link #write} says false: Node's threshold for byte streams. */
    public static final int HIGH_WATER_MARK = 64 << 10;

    /** More is asked for when all has been handed out: who asks has nothing left. */
    private static final int READ_AHEAD = 1;

    /** How long a peer may take to hear why it is not wanted. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Core core;
    private final Duplex transport;
    private final RecordLayer layer;
    private final Plan plannedEnd;
    private final Done sent = this::sent;
    private final SSLEngine engine;
    private TlsSession session = TlsSession.NONE;
    private @Nullable Handshake handshake;
    private @Nullable Done closed;
    private @Nullable Timer idle;
    private @Nullable Timer total;
    private boolean allowHalfOpen;
    private boolean flowing = true;
    private boolean wanted;
    private boolean asked;
    private boolean hasContent;
    private boolean owesAnswer;
    private boolean leaving;
    private boolean closing;
    private boolean parting;
    private boolean transportClosed;

    TlsSocket(Core core, Duplex transport, SSLEngine engine, TlsOptions options) {
        super(core.reactor(), READ_AHEAD, HIGH_WATER_MARK, options.maxQueuedBytes());
        this.core = core;
        this.transport = transport;
        this.engine = engine;
        allowHalfOpen = options.allowHalfOpen();
        plannedEnd = new Plan(core, this::endQuietly);
        layer = new RecordLayer(core, engine, transport, new Events());
    }

    /** Takes the transport over and begins; {@code head} is what was read of it too early. */
    void start(Handshake waiting, @Nullable Buffer head) {
        handshake = waiting;
        if (transport instanceof Connection connection) {
            connection.allowHalfOpen(true); // how the two ends hang together is decided here
        }
        onEnd(this::peerEnded);
        onClose(this::tellHandshake);
        transport.onClose(this::transportClosed);
        transport.onEnd(layer::endOfInput);
        transport.onData(this::received);
        layer.start();
        if (head != null) {
            layer.feed(head);
        }
        if (transport.isEnded()) {
            core.reactor().nextTick(layer::endOfInput);
        }
    }

    private void received(Buffer data) {
        active();
        layer.feed(data);
    }

    /** What comes out of the records. */
    private final class Events implements RecordLayer.Owner {
        @Override
        public void established() {
            Handshake waiting = handshake;
            handshake = null;
            if (waiting != null) {
                session = waiting.session(engine);
                waiting.succeeded(TlsSocket.this);
            }
        }

        @Override
        public boolean wantsContent() {
            return wanted || (closing && !asked && !hasContent);
        }

        @Override
        public void content(Buffer data) {
            wanted = false;
            hasContent = true;
            owesAnswer = true;
            deliver(data);
        }

        @Override
        public boolean hasUnsent() {
            return queuedBytes() > 0;
        }

        @Override
        public void ended() {
            pushEnd();
            if (closing && !asked && !hasContent) {
                resume(); // nobody reads, and there is nothing to read but this end
            }
        }

        @Override
        public void pumped() {
            boolean flow = layer.wantsInput();
            if (flow != flowing && !parting) {
                flowing = flow;
                if (flow) {
                    transport.resume();
                } else {
                    transport.pause();
                }
            }
        }

        @Override
        public void failed(ReactorException error) {
            parting = true;
            destroy(error);
        }
    }

    // ---- reading

    @Override
    protected void pull(int bytes) {
        wanted = true;
        asked = true;
        layer.pump();
    }

    /** The peer's end has been told. */
    private void peerEnded() {
        if (!allowHalfOpen) {
            plannedEnd.make(); // behind the other handlers, who may still write
        }
    }

    // ---- writing

    @Override
    protected void take(Buffer piece) {
        if (layer.isClosing()) {
            taken(gone());
            return;
        }
        active();
        try {
            layer.encrypt(piece.asByteBuffer());
        } catch (SSLException e) {
            taken(TlsErrors.of(e));
            return;
        }
        transport.flush(sent);
    }

    private ErrnoException gone() {
        return ErrnoException.socket(Errno.EPIPE.number(), "write", remoteAddress());
    }

    private void sent(@Nullable ReactorException err) {
        if (err != null) {
            destroy(err);
            return;
        }
        active();
        taken(null);
        if (!isDestroyed()) {
            if (queuedBytes() == 0) {
                drained();
            }
            layer.pump(); // what waited for that
        }
    }

    private void drained() {
        owesAnswer = false;
        if (leaving) {
            endQuietly();
        }
    }

    @Override
    protected void finish() {
        closeOurSide();
    }

    /** Ends our side behind what is queued; a write after that is no mistake of the user's. */
    private void endQuietly() {
        if (!isEnding() && !isDestroyed()) {
            if (queuedBytes() == 0) {
                closeOurSide();
            } else {
                leaving = true;
            }
        }
    }

    /**
     * Ends our side as soon as the connection is idle: nothing is queued, and something has been
     * sent since data last came.
     */
    void endWhenIdle() {
        leaving = true;
        if (!owesAnswer && queuedBytes() == 0) {
            endQuietly();
        }
    }

    private void closeOurSide() {
        if (closing) {
            return;
        }
        closing = true;
        layer.close();
        transport.onFinish(() -> completed(null));
        transport.end();
        // Without a reader the peer's end would not be heard: look for it.
        core.reactor().nextTick(layer::pump);
    }

    // ---- the end

    private void transportClosed(@Nullable ReactorException err) {
        transportClosed = true;
        Done waiting = closed;
        if (waiting != null) {
            core.call(waiting, null);
        } else if (handshake != null) {
            destroy(early(err));
        } else if (closing && layer.isPeerEnded()) {
            completed(null); // all has been said, whatever became of the stream since
        } else if (err != null) {
            destroy(err);
        } else if (!transport.isEnded()) {
            destroy(layer.isPeerEnded() ? null : TlsErrors.truncated());
        }
    }

    /** A reset while the handshake is under way has Node's words, and its own as the cause. */
    private ReactorException early(@Nullable ReactorException err) {
        return err == null || err.code().equals("ECONNRESET") || err.code().equals("EPIPE")
                ? TlsErrors.disconnected(engine.getUseClientMode(), err)
                : err;
    }

    @Override
    protected void close(Done done) throws Exception {
        layer.stop();
        core.reactor().clearTimeout(idle);
        core.reactor().clearTimeout(total);
        idle = null;
        if (transportClosed) {
            done.call(null);
            return;
        }
        closed = done;
        if (parting && !transport.isDestroyed()) {
            partWith();
        } else {
            transport.destroy(error());
        }
    }

    /** The peer is to hear our alert: data that is not read would make a reset of the close. */
    private void partWith() {
        Timer patience =
                core.reactor().setTimeout(LINGER, () -> transport.destroy(error())).unref();
        transport.onClose(err -> patience.clear());
        transport.onData(data -> {});
        if (!transport.isEnding()) {
            transport.end();
        }
    }

    /** Closed before the handshake was over. */
    private void tellHandshake(@Nullable ReactorException err) {
        Handshake waiting = handshake;
        if (waiting != null) {
            handshake = null;
            waiting.failed(
                    err != null ? err : TlsErrors.disconnected(engine.getUseClientMode(), null));
        }
    }

    // ---- time

    @Override
    public TlsSocket setTimeout(Duration limit, Task task) {
        core.checkThread("TlsSocket.setTimeout");
        Checks.callback(task, "task");
        Checks.notNegative(limit, "idle");
        core.reactor().clearTimeout(idle);
        idle = timer(limit, task);
        return this;
    }

    @Override
    public TlsSocket deadline(Duration limit) {
        core.checkThread("TlsSocket.deadline");
        Checks.notNegative(limit, "limit");
        core.reactor().clearTimeout(total);
        total = timer(limit, () -> destroy(timedOut()));
        return this;
    }

    private ErrnoException timedOut() {
        return ErrnoException.socket(Errno.ETIMEDOUT.number(), "read", remoteAddress());
    }

    private @Nullable Timer timer(Duration time, Task task) {
        return isDestroyed() || time.isZero()
                ? null
                : core.reactor().setTimeout(time, task).unref();
    }

    private void active() {
        if (idle != null) {
            idle.refresh();
        }
    }

    // ---- properties

    /** The version of TLS. */
    public TlsProtocol protocol() {
        return session.protocol();
    }

    /** The cipher suite by its IANA name, such as {@code TLS_AES_256_GCM_SHA384}. */
    public String cipherSuite() {
        return session.cipherSuite();
    }

    /** The protocol upon TLS that was agreed on (ALPN); null: none was. */
    public @Nullable String alpn() {
        return session.alpn();
    }

    /** The name that the client asked for (SNI); null: none. */
    public @Nullable String serverName() {
        return session.serverName();
    }

    /** The peer's certificates, its own first; empty when it showed none. */
    public List<X509Certificate> peerCertificates() {
        return session.peerCertificates();
    }

    /** True when the session is one of an earlier connection, so that no key was exchanged anew. */
    public boolean isResumed() {
        return session.resumed();
    }

    @Override
    public TlsSocket allowHalfOpen(boolean on) {
        core.checkThread("TlsSocket.allowHalfOpen");
        allowHalfOpen = on;
        return this;
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return transport instanceof Connection connection ? connection.remoteAddress() : null;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return transport instanceof Connection connection ? connection.localAddress() : null;
    }

    @Override
    public long bytesDelivered() {
        return transport instanceof Connection connection
                ? connection.bytesDelivered()
                : bytesWritten();
    }

    @Override
    public @Nullable UnixDomainSocketAddress unixAddress() {
        return transport instanceof Connection connection ? connection.unixAddress() : null;
    }

    @Override
    public TlsSocket ref() {
        if (transport instanceof Connection connection) {
            connection.ref();
        }
        return this;
    }

    @Override
    public TlsSocket unref() {
        if (transport instanceof Connection connection) {
            connection.unref();
        }
        return this;
    }

    @Override
    public String toString() {
        return "TlsSocket[" + session.label() + " on " + transport + "]";
    }
}
