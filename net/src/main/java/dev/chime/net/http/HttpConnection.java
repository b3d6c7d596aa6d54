package dev.chime.net.http;

import dev.chime.net.Connection;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What both ends of a connection do with their input: one received buffer at a time, of which heads
 * and bodies take their parts; while the next part has nobody to go to, the stream beneath rests.
 */
abstract sealed class HttpConnection implements MessageBody.Source
        permits ServerConnection, ClientConnection {
    /** What the input is read as. */
    enum Phase {
        /** A head comes, or nothing yet. */
        HEAD,
        /** A body. */
        BODY,
        /** Nothing, until the other direction is done. */
        WAIT,
        /** Whatever comes is dropped until the peer ends, or for a while. */
        LINGER,
        /** The stream belongs to somebody else, or is closed. */
        GONE
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    final Core core;
    final Duplex stream;
    final HeadParser head;
    final BodyDecoder decoder;
    Phase phase = Phase.HEAD;
    @Nullable IncomingMessage message;
    private @Nullable Buffer input;
    private ByteBuffer view = NOTHING;
    private boolean advancing;
    private boolean discarding;
    private int wanted;
    private long bodyBytes;

    HttpConnection(Core core, Duplex stream, HeadParser head, int maxTrailerBytes) {
        this.core = core;
        this.stream = stream;
        this.head = head;
        decoder = new BodyDecoder(maxTrailerBytes);
    }

    /** Listens to the stream from now on. */
    final void open() {
        stream.onEnd(() -> {
            if (phase != Phase.GONE) {
                peerEnded();
            }
        });
        stream.onClose(err -> {
            if (phase != Phase.GONE) {
                phase = Phase.GONE;
                head.abandon();
                dropInput();
                closed(err == null ? HttpErrors.aborted() : err);
            }
        });
        stream.onData(this::received);
    }

    // ---- for the two ends

    /** False when whatever comes is unasked. */
    abstract boolean expectsInput();

    /** False while the next message must wait, until somebody advances again. */
    abstract boolean mayBegin();

    /** A head has come, or is refused; moves the phase. */
    abstract void headParsed();

    /** The body has come to its end, and the message knows. */
    abstract void bodyEnded();

    /** The body cannot be read on: broken framing, or too long. */
    abstract void bodyFailed(ReactorException error);

    /** Bytes of the body that are nobody's: true when so many may be passed over. */
    abstract boolean mayDiscard(long bytes);

    /** The greatest body that is taken. */
    abstract long maxBodyBytes();

    /** Somebody wants the body for the first time. */
    abstract void bodyAsked();

    /** The peer has ended its side, and all it sent has been taken. */
    abstract void peerEnded();

    /** The stream has closed, and nobody took it over. */
    abstract void closed(ReactorException error);

    // ---- input

    private void received(Buffer data) {
        switch (phase) {
            case GONE -> {}
            case LINGER -> {
                if (!mayDiscard(data.length())) {
                    stream.destroy();
                }
            }
            default -> {
                if (!expectsInput()) {
                    stream.destroy();
                    return;
                }
                if (input != null) {
                    throw new AssertionError("data came during a pause");
                }
                input = data.retain();
                view = data.asByteBuffer();
                advance();
            }
        }
    }

    /** Goes on as far as input and takers allow. */
    final void advance() {
        if (advancing) {
            return; // the loop on the stack goes on
        }
        advancing = true;
        try {
            boolean more = true;
            while (more) {
                more =
                        switch (phase) {
                            case HEAD -> head();
                            case BODY -> body();
                            default -> false;
                        };
            }
        } finally {
            advancing = false;
        }
        dropUsedInput();
        flow();
    }

    final boolean isAdvancing() {
        return advancing;
    }

    /** True when bytes wait that nobody has taken. */
    final boolean hasInput() {
        return input != null && view.hasRemaining();
    }

    private boolean head() {
        if (!hasInput() || !mayBegin()) {
            return false;
        }
        head.parse(view);
        if (head.isComplete() || head.failure() != 0) {
            headParsed();
            return true;
        }
        return false;
    }

    /** A body follows; {@link #message} is whose. */
    final void beginBody() {
        phase = Phase.BODY;
        discarding = false;
        wanted = 0;
        bodyBytes = 0;
    }

    /** Nobody wants the body: passes over it, or tells that it is too much. */
    final void discardBody() {
        discarding = true;
        advance();
    }

    final boolean isDiscarding() {
        return discarding;
    }

    private boolean body() {
        IncomingMessage receiver = message;
        if (receiver == null) {
            throw new AssertionError("a body belongs to a message");
        }
        try {
            if (discarding && decoder.isUntilEnd()) {
                throw HttpErrors.aborted(); // no later message is behind it: it may never end
            }
            int ready = decoder.next(view);
            if (ready == 0) {
                return decoder.isDone() && bodyDone(receiver);
            }
            return take(receiver, ready);
        } catch (ReactorException e) {
            bodyFailed(e);
            return true;
        }
    }

    private boolean bodyDone(IncomingMessage receiver) {
        phase = Phase.WAIT;
        receiver.completed(decoder.trailers());
        bodyEnded();
        return true;
    }

    private boolean take(IncomingMessage receiver, int ready) throws ReactorException {
        Buffer from = input;
        if (from == null || (!discarding && wanted <= 0)) {
            return false;
        }
        bodyBytes += ready;
        if (bodyBytes > maxBodyBytes()) {
            throw HttpErrors.bodyTooLarge(maxBodyBytes());
        }
        MessageBody taker = receiver.bodyOrNull();
        if (discarding || taker == null) {
            if (!mayDiscard(ready)) {
                return true;
            }
        } else {
            wanted -= ready;
            taker.add(from.slice(view.position(), ready));
        }
        view.position(view.position() + ready);
        decoder.took(ready);
        return true;
    }

    @Override
    public final void wanted(MessageBody body, int bytes) {
        if (isReading(body)) {
            bodyAsked();
            wanted = bytes;
            advance();
        }
    }

    @Override
    public final void abandoned(MessageBody body) {
        if (isReading(body) && !discarding) {
            discarding = true;
            core.beforeEnter(this::advance); // a destroy may be on the stack
        }
    }

    private boolean isReading(MessageBody body) {
        IncomingMessage receiver = message;
        return phase == Phase.BODY && receiver != null && receiver.bodyOrNull() == body;
    }

    /** True while the body of {@code which} has not come to its end. */
    final boolean isCurrent(IncomingMessage which) {
        return message == which && phase == Phase.BODY;
    }

    private void dropUsedInput() {
        if (input != null && !view.hasRemaining()) {
            dropInput();
        }
    }

    final void dropInput() {
        Buffer held = input;
        if (held != null) {
            input = null;
            view = NOTHING;
            held.release();
        }
    }

    /** What has come and nobody took, for who takes the stream over; he releases it. */
    final Buffer takeInput() {
        Buffer held = input;
        if (held == null || !view.hasRemaining()) {
            return core.reactor().buffer(0);
        }
        return held.slice(view.position(), view.remaining());
    }

    private void flow() {
        if (phase == Phase.GONE || stream.isDestroyed()) {
            return;
        }
        boolean rest = input != null;
        if (rest != stream.isPaused()) {
            if (rest) {
                stream.pause();
            } else {
                stream.resume();
            }
        }
    }

    final Reactor reactor() {
        return core.reactor();
    }

    final @Nullable InetSocketAddress remoteAddress() {
        return stream instanceof Connection peer ? peer.remoteAddress() : null;
    }
}
