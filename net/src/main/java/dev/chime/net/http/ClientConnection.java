package dev.chime.net.http;

import dev.chime.net.Connection;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection of a client: one exchange at a time, then it is kept for the next, or closed. */
final class ClientConnection extends HttpConnection {
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;
    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final long DRAIN_BYTES = 64 << 10;

    private final HttpClient client;
    final String origin;
    private @Nullable ClientExchange exchange;
    private @Nullable Timer rest;
    private boolean used;
    private boolean persists;
    private long discarded;

    ClientConnection(HttpClient client, Core core, Duplex stream, String origin) {
        super(
                core,
                stream,
                new HeadParser(client.parsers, Integer.MAX_VALUE, 0),
                client.options().maxHeaderBytes());
        this.client = client;
        this.origin = origin;
        stream.onDrain(() -> {
            if (exchange != null) {
                exchange.drained();
            }
        });
    }

    /** Serves an exchange, which sends its request. */
    void take(ClientExchange taker) {
        exchange = taker;
        core.reactor().clearTimeout(rest);
        rest = null;
        if (stream instanceof Connection kept) {
            kept.ref();
        }
        phase = Phase.HEAD;
        discarded = 0;
        head.reset();
    }

    /** True when an exchange before has used it: its server may have given it up meanwhile. */
    boolean isUsed() {
        return used;
    }

    /** True when anything of a response has come. */
    boolean hasResponse() {
        return head.isStarted();
    }

    /** Rests for the next exchange; forgotten after a while. */
    void rest(Duration time) {
        used = true;
        if (stream instanceof Connection kept) {
            kept.unref();
        }
        rest = core.reactor().setTimeout(time, () -> stream.destroy()).unref();
    }

    // ---- the response

    @Override
    boolean expectsInput() {
        return exchange != null;
    }

    @Override
    boolean mayBegin() {
        return true;
    }

    @Override
    void headParsed() {
        ClientExchange asker = exchange;
        if (asker == null) {
            throw new AssertionError("nobody asked");
        }
        if (head.failure() != 0) {
            fail(
                    asker,
                    new ReactorException(
                            "HPE_INVALID_RESPONSE", "Parse Error: " + head.failureText()));
            return;
        }
        int status = head.status();
        IncomingMessage response = new IncomingMessage(this, head);
        boolean tunnel = asker.isConnect() && status >= OK && status < REDIRECT;
        if (status == SWITCHING || tunnel) {
            handOver(asker, response);
        } else if (status < OK) {
            head.reset();
            response.completed(null);
            if (status == CONTINUE) {
                asker.mayWrite();
            }
            asker.informed(response);
        } else {
            begin(asker, response, status);
        }
    }

    private void begin(ClientExchange asker, IncomingMessage response, int status) {
        message = response;
        long length = head.contentLength();
        persists = head.persists();
        boolean bare = asker.isHead() || status == NO_CONTENT || status == NOT_MODIFIED;
        if (bare || (!head.isChunked() && length == 0)) {
            phase = Phase.WAIT;
            response.completed(null);
            asker.responded(response);
            bodyEnded();
            return;
        }
        if (head.isChunked()) {
            decoder.chunked();
        } else if (length > 0) {
            decoder.fixed(length);
        } else {
            decoder.untilEnd();
            persists = false;
        }
        beginBody();
        asker.responded(response);
    }

    private void handOver(ClientExchange asker, IncomingMessage response) {
        UpgradeHandler handler = asker.upgradeHandler();
        if (handler == null) {
            fail(
                    asker,
                    new ReactorException(
                            "HPE_UNEXPECTED_UPGRADE", "the server changes the protocol, unasked"));
            return;
        }
        response.completed(null);
        phase = Phase.GONE;
        exchange = null;
        stream.pause();
        Buffer unread = takeInput();
        dropInput();
        client.gone(this);
        core.call(() -> {
            try {
                handler.upgrade(response, stream, unread);
            } finally {
                unread.release();
            }
        });
        asker.responded(response);
        asker.over(null);
    }

    private void fail(ClientExchange asker, ReactorException error) {
        exchange = null;
        phase = Phase.WAIT;
        stream.destroy();
        asker.over(error);
    }

    @Override
    void bodyAsked() {}

    @Override
    void bodyEnded() {
        ClientExchange asker = exchange;
        IncomingMessage response = message;
        exchange = null;
        message = null;
        if (asker == null || response == null) {
            return;
        }
        phase = Phase.WAIT;
        boolean keeps = persists && asker.isSent() && asker.persists() && !hasInput();
        if (keeps) {
            phase = Phase.HEAD;
            client.release(this, response.header("Keep-Alive"));
        } else {
            stream.destroy();
        }
        asker.over(null);
    }

    @Override
    void bodyFailed(ReactorException error) {
        IncomingMessage response = message;
        ClientExchange asker = exchange;
        message = null;
        exchange = null;
        phase = Phase.WAIT;
        stream.destroy();
        if (response != null) {
            response.failed(error);
        }
        if (asker != null) {
            asker.over(error);
        }
    }

    @Override
    boolean mayDiscard(long bytes) {
        discarded += bytes;
        if (discarded > DRAIN_BYTES || decoder.left() > DRAIN_BYTES) {
            bodyFailed(HttpErrors.aborted());
            return false;
        }
        return true;
    }

    @Override
    long maxBodyBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    void peerEnded() {
        IncomingMessage response = message;
        if (phase == Phase.BODY && decoder.isUntilEnd() && response != null) {
            phase = Phase.WAIT;
            response.completed(null);
            bodyEnded();
        } else {
            stream.destroy();
        }
    }

    @Override
    void closed(ReactorException error) {
        core.reactor().clearTimeout(rest);
        client.gone(this);
        IncomingMessage response = message;
        ClientExchange asker = exchange;
        message = null;
        exchange = null;
        if (response != null) {
            response.failed(HttpErrors.aborted());
        }
        if (asker != null) {
            asker.lost(this, error);
        }
    }

    /** The exchange ends early: the connection with it. */
    void abort(ReactorException error) {
        IncomingMessage response = message;
        exchange = null;
        message = null;
        phase = phase == Phase.GONE ? Phase.GONE : Phase.WAIT;
        stream.destroy(error);
        if (response != null) {
            response.failed(error);
        }
    }
}
