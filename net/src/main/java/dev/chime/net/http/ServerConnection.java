package dev.chime.net.http;

import dev.chime.net.Connection;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.Duplex;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a server: one exchange after the other. The head of the next request is parsed
 * when the request before has been read and answered; until then it waits, unread, in the one
 * received buffer.
 */
final class ServerConnection extends HttpConnection {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Bytes of a body nobody reads that are passed over for the sake of the next request. */
    private static final long DRAIN_BYTES = 64 << 10;

    /** Bytes that are read behind our end, so that no reset overtakes the answer. */
    private static final long LINGER_BYTES = 4 << 20;

    private static final long LINGER_NANOS = Duration.ofSeconds(5).toNanos();

    final HttpServer server;
    final HttpGenerator generator = new HttpGenerator();
    private final HttpServerOptions options;
    private final long restNanos;
    private final Task dispatch = this::dispatch;
    private @Nullable ServerResponse response;
    private boolean ended;
    private boolean owesContinue;
    private boolean asksHowLong;
    private int requests;
    private long discarded;
    private long since;
    private long active;
    private long bytesThen;
    private int startedRequest = -1;
    private boolean finishSeen;

    ServerConnection(HttpServer server, Core core, Duplex stream) {
        super(
                core,
                stream,
                new HeadParser(
                        server.parsers,
                        server.options().maxHeaders(),
                        server.options().maxTargetBytes()),
                server.options().maxHeaderBytes());
        this.server = server;
        options = server.options();
        restNanos = options.keepAliveTimeout().plus(options.keepAliveTimeoutBuffer()).toNanos();
        since = core.reactor().now();
        active = since;
        if (stream instanceof Connection peer) {
            peer.allowHalfOpen(true); // the end of the requests is not the end of the answers
        }
        stream.onDrain(() -> {
            if (response != null) {
                response.drained();
            }
            if (phase == Phase.HEAD) {
                advance();
            }
        });
    }

    // ---- a request

    @Override
    boolean expectsInput() {
        return true;
    }

    /** Who does not read the answers gets no more of them. */
    @Override
    boolean mayBegin() {
        return stream.queuedBytes() < stream.highWaterMark();
    }

    @Override
    void headParsed() {
        if (head.failure() != 0) {
            refuse(head.failure(), head.failureText());
            return;
        }
        requests++;
        IncomingMessage request = new IncomingMessage(this, head);
        long length = head.contentLength();
        boolean hasBody = head.isChunked() || length > 0;
        String expect = head.expect();
        if (length > options.maxBodyBytes()) {
            refuse(HttpStatus.PAYLOAD_TOO_LARGE_413, "the body is too long");
        } else if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
            refuse(HttpStatus.EXPECTATION_FAILED_417, "only 100-continue is understood");
        } else if (!hasBody && upgrades(request)) {
            handOver(request);
        } else if (request.method().equals("CONNECT")) {
            refuse(HttpStatus.NOT_IMPLEMENTED_501, "this server is no proxy");
        } else {
            begin(request, hasBody, length);
        }
    }

    private void begin(IncomingMessage request, boolean hasBody, long length) {
        message = request;
        boolean last = requests >= options.maxRequestsPerConnection();
        response = new ServerResponse(this, request, head.persists() && !last);
        asksHowLong = head.asksToPersist();
        owesContinue = hasBody && head.expect() != null && !request.isVersion10();
        since = reactor().now();
        discarded = 0;
        if (!hasBody) {
            phase = Phase.WAIT;
            request.completed(null);
        } else {
            if (head.isChunked()) {
                decoder.chunked();
            } else {
                decoder.fixed(length);
            }
            beginBody();
        }
        core.call(dispatch);
    }

    private void dispatch() {
        IncomingMessage request = message;
        ServerResponse answer = response;
        if (request == null || answer == null) {
            throw new AssertionError("an exchange begins with both");
        }
        try {
            server.handler().handle(request, answer);
        } catch (Exception e) {
            LOG.error("the handler of {} failed", request, e);
            answer.failed();
        }
    }

    @Override
    void bodyAsked() {
        ServerResponse answer = response;
        if (owesContinue && answer != null && !answer.isHeadSent()) {
            owesContinue = false;
            stream.write(CONTINUE);
        }
    }

    @Override
    void bodyEnded() {
        owesContinue = false;
        if (response == null || response.isOver()) {
            exchangeOver();
        }
    }

    @Override
    void bodyFailed(ReactorException error) {
        boolean tooLong = error.code().equals("ERR_HTTP_BODY_TOO_LARGE");
        abort(tooLong ? HttpStatus.PAYLOAD_TOO_LARGE_413 : HttpStatus.BAD_REQUEST_400, error);
    }

    /** The request cannot be taken to its end: says so if no answer has begun. */
    private void abort(int status, ReactorException error) {
        IncomingMessage request = message;
        ServerResponse answer = response;
        phase = Phase.WAIT;
        if (request != null) {
            request.failed(error);
        }
        if (answer == null || !answer.isHeadSent()) {
            refuse(status, error);
        } else if (answer.isOver()) {
            linger();
        } else {
            stream.destroy(error);
        }
        if (answer != null) {
            answer.gone(error);
        }
    }

    /** True for a client that asked for a connection that lives on, and wants to know how long. */
    boolean asksHowLong() {
        return asksHowLong;
    }

    /** True when the answer must be the last, because the rest of the body stands in the way. */
    boolean mustClose() {
        return ended || server.isClosing() || owesContinue || bodyIsInTheWay();
    }

    private boolean bodyIsInTheWay() {
        return phase == Phase.BODY && !isBodyRead() && decoder.left() > DRAIN_BYTES;
    }

    private boolean isBodyRead() {
        MessageBody reader = message == null ? null : message.bodyOrNull();
        return reader != null && !reader.isDestroyed();
    }

    /** The last byte of the answer has been given to the stream. */
    void answered(ServerResponse answer) {
        if (phase == Phase.GONE || answer != response) {
            return;
        }
        if (phase == Phase.WAIT) {
            exchangeOver();
        } else if (phase == Phase.BODY && !isBodyRead()) {
            if (answer.persists()) {
                discardBody();
            } else {
                linger();
            }
        }
    }

    private void exchangeOver() {
        ServerResponse answer = response;
        boolean goesOn = answer != null && answer.persists() && !ended;
        message = null;
        response = null;
        if (!goesOn || server.isClosing()) {
            linger();
            return;
        }
        head.reset();
        phase = Phase.HEAD;
        since = reactor().now();
        if (!isAdvancing()) {
            advance();
        }
    }

    @Override
    boolean mayDiscard(long bytes) {
        discarded += bytes;
        if (phase == Phase.LINGER) {
            return discarded <= LINGER_BYTES;
        }
        if (discarded > DRAIN_BYTES) {
            if (response == null || response.isOver()) {
                linger();
            } else {
                ended = true; // the rest stays unread
                phase = Phase.WAIT;
            }
            return false;
        }
        return true;
    }

    @Override
    long maxBodyBytes() {
        return options.maxBodyBytes();
    }

    // ---- other ends

    private boolean upgrades(IncomingMessage request) {
        return request.method().equals("CONNECT")
                ? server.connectHandler() != null
                : head.asksUpgrade() && server.upgradeHandler(request) != null;
    }

    private void handOver(IncomingMessage request) {
        UpgradeHandler handler =
                request.method().equals("CONNECT")
                        ? server.connectHandler()
                        : server.upgradeHandler(request);
        request.completed(null);
        phase = Phase.GONE;
        stream.pause();
        Buffer unread = takeInput();
        dropInput();
        server.handedOver(this);
        core.call(() -> {
            try {
                if (handler == null) {
                    throw new AssertionError("looked up before");
                }
                handler.upgrade(request, stream, unread);
            } catch (Exception e) {
                LOG.error("the handler of the upgrade {} failed", request, e);
                stream.destroy();
            } finally {
                unread.release();
            }
        });
    }

    /** Answers a request that no handler sees, and closes. */
    private void refuse(int status, String text) {
        refuse(status, HttpErrors.refused(status, text));
    }

    private void refuse(int status, ReactorException error) {
        LOG.debug("{} to {}: {}", status, remoteAddress(), error.getMessage());
        ClientErrorHandler handler = server.clientErrorHandler();
        if (handler == null) {
            String text = String.valueOf(error.getMessage());
            stream.write(ServerResponse.refusal(server, status, text));
        } else {
            core.call(() -> handler.refused(error, status, stream));
        }
        linger();
    }

    /** Ends our side, and drops what comes until the peer has ended his. */
    private void linger() {
        IncomingMessage request = message;
        message = null;
        response = null;
        phase = Phase.LINGER;
        discarded = 0;
        finishSeen = false;
        dropInput();
        if (!stream.isDestroyed()) {
            stream.end();
            stream.resume();
        }
        if (request != null) {
            request.failed(HttpErrors.aborted());
        }
    }

    @Override
    void peerEnded() {
        switch (phase) {
            case HEAD -> linger();
            case BODY -> abort(HttpStatus.BAD_REQUEST_400, HttpErrors.aborted());
            default -> ended = true;
        }
    }

    @Override
    void closed(ReactorException error) {
        IncomingMessage request = message;
        ServerResponse answer = response;
        message = null;
        response = null;
        server.gone(this);
        if (request != null) {
            request.failed(HttpErrors.aborted());
        }
        if (answer != null) {
            answer.gone(error);
        }
    }

    /** The server closes: now if nothing is under way, else behind the answer. */
    void leave() {
        if (phase == Phase.HEAD && !head.isStarted()) {
            linger();
        }
    }

    /** True when everything has been sent, our end too, and only the peer's is missing. */
    boolean hasEnded() {
        return phase == Phase.LINGER && stream.isFinished();
    }

    // ---- time

    /** Looks what has taken too long. */
    void check(long now) {
        long bytes = stream.bytesRead() + stream.bytesWritten();
        if (bytes != bytesThen) {
            bytesThen = bytes;
            active = now;
        }
        switch (phase) {
            case HEAD -> checkHead(now);
            case BODY -> {
                if (now - since > options.requestTimeout().toNanos()) {
                    int status = HttpStatus.REQUEST_TIMEOUT_408;
                    abort(status, HttpErrors.refused(status, "the body takes too long"));
                } else {
                    checkIdle(now);
                }
            }
            case WAIT -> checkIdle(now);
            case LINGER -> {
                if (stream.isFinished() && !finishSeen) {
                    finishSeen = true;
                    since = now;
                } else if (finishSeen && now - since > LINGER_NANOS) {
                    stream.destroy();
                } else {
                    checkIdle(now);
                }
            }
            default -> {}
        }
    }

    private void checkHead(long now) {
        if (head.isStarted()) {
            if (startedRequest != requests) {
                startedRequest = requests;
                since = now;
            } else if (now - since > options.headTimeout().toNanos()) {
                refuse(HttpStatus.REQUEST_TIMEOUT_408, "the head takes too long");
            }
        } else if (stream.queuedBytes() > 0) {
            since = now; // the answer is still on its way
            checkIdle(now);
        } else if (now - since > (requests == 0 ? options.headTimeout().toNanos() : restNanos)) {
            linger();
        }
    }

    private void checkIdle(long now) {
        long idle = options.idleTimeout().toNanos();
        if (idle > 0 && now - active > idle) {
            stream.destroy(timedOut());
        }
    }

    private ReactorException timedOut() {
        return ErrnoException.socket(ErrnoCode.ETIMEDOUT, "read", remoteAddress());
    }
}
