package dev.chime.net.tls;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.stream.Duplex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * An engine between the two sides of a connection: records in, records out, and what must be
 * computed between them on another thread.
 *
 * <p>While a task of the engine runs elsewhere the engine is not touched: it would make the loop
 * wait.
 */
final class RecordLayer {
    /** Of one record (RFC 8446, section 5.1), and what an old engine may add. */
    private static final int MOST_CONTENT = (1 << 14) + 256;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** {@code protocol_version} as a record in the clear: whoever gets it speaks no TLS of ours. */
    private static final byte[] PLAIN_ALERT = {RecordInput.ALERT, 3, 3, 0, 2, 2, 70};

    /** The other side: what comes of the records. */
    interface Owner {
        /** The handshake is over, and the peer is whom it has to be. */
        void established();

        /** Whether the next bytes of content are to be decrypted. */
        boolean wantsContent();

        /** Takes content and the use of its buffer. */
        void content(Buffer data);

        /** Whether there is something to send that the peer's end would forbid (TLS 1.2). */
        boolean hasUnsent();

        /** No more content comes: the peer said so. */
        void ended();

        /** All has been done that could be: the transport flows or not. */
        void pumped();

        /** It goes no further; what the peer must know has been written. */
        void failed(ReactorException error);
    }

    private final Core core;
    private final SSLEngine engine;
    private final Duplex transport;
    private final Owner owner;
    private final RecordInput input = new RecordInput();
    private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;
    private boolean established;
    private boolean isTls12;
    private boolean began;
    private boolean computing;
    private boolean pumping;
    private boolean stopped;
    private boolean inputEnded;
    private boolean peerEnded;
    private boolean closing;

    RecordLayer(Core core, SSLEngine engine, Duplex transport, Owner owner) {
        this.core = core;
        this.engine = engine;
        this.transport = transport;
        this.owner = owner;
    }

    /** Begins the handshake: a client speaks first. */
    void start() {
        try {
            engine.beginHandshake();
            status = engine.getHandshakeStatus();
        } catch (SSLException e) {
            fail(e);
        }
        pump();
    }

    /** Takes bytes of the transport. */
    void feed(Buffer data) {
        if (!stopped && !peerEnded) {
            input.add(data);
            pump();
            input.settle();
        }
    }

    /** The transport has ended: no more bytes come. */
    void endOfInput() {
        inputEnded = true;
        pump();
    }

    /** Whether the transport's bytes can be used now. */
    boolean wantsInput() {
        return peerEnded
                || (input.held() < Scratch.BYTES && (!established || owner.wantsContent()));
    }

    boolean isPeerEnded() {
        return peerEnded;
    }

    /** True when nothing more can be sent. */
    boolean isClosing() {
        return closing || stopped || (peerEnded && isTls12);
    }

    /** Does all that can be done with what is there. */
    void pump() {
        if (pumping) {
            return; // a consumer's call: the loop below goes on
        }
        pumping = true;
        try {
            while (step()) {
                // once more
            }
        } catch (SSLException e) {
            fail(e);
        } catch (ReactorException e) {
            failUnasked(e);
        } finally {
            pumping = false;
        }
        owner.pumped();
    }

    private boolean step() throws SSLException, ReactorException {
        if (stopped || computing) {
            return false;
        }
        return switch (status) {
            case NEED_TASK -> compute();
            // Behind the peer's end it only says that our side is still open, but for TLS 1.2.
            case NEED_WRAP -> (!peerEnded || isTls12) && wrap();
            default -> unwrap();
        };
    }

    /** Lets another thread do what takes long: keys, signatures, the check of certificates. */
    private boolean compute() {
        List<Runnable> tasks = new ArrayList<>(1);
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            tasks.add(task);
        }
        computing = true;
        core.reactor()
                .blocking(
                        () -> {
                            tasks.forEach(Runnable::run);
                            return engine.getHandshakeStatus();
                        },
                        this::computed);
        return false;
    }

    private void computed(@Nullable ReactorException err, HandshakeStatus next) {
        computing = false;
        if (stopped) {
            return;
        }
        if (err != null) {
            stop();
            owner.failed(err);
            return;
        }
        status = next;
        pump();
        input.settle();
    }

    // ---- in

    private boolean unwrap() throws SSLException, ReactorException {
        if (peerEnded || (established && !owner.wantsContent())) {
            return false;
        }
        boolean several = established;
        boolean more = false;
        byte[] content = Scratch.take();
        ByteBuffer room = ByteBuffer.wrap(content);
        try {
            do {
                more = unwrapRecord(room);
            } while (more
                    && several
                    && isReading()
                    && room.remaining() >= MOST_CONTENT
                    && !(room.position() > 0 && alertWaits()));
        } finally {
            deliver(content, room.position()); // also what came in front of an error
            Scratch.give(content);
        }
        if (peerEnded && !stopped) {
            owner.ended();
        }
        return more;
    }

    /** The content in front of it may have an answer, which it would forbid. */
    private boolean alertWaits() {
        return isTls12 && input.held() > 0 && input.type() == RecordInput.ALERT;
    }

    private boolean isReading() {
        return !stopped
                && !peerEnded
                && (status == HandshakeStatus.NOT_HANDSHAKING
                        || status == HandshakeStatus.NEED_UNWRAP);
    }

    /** Decrypts one record, if it is there. */
    private boolean unwrapRecord(ByteBuffer room) throws SSLException, ReactorException {
        int length = input.recordLength();
        if (length == 0) {
            if (inputEnded) {
                throw established
                        ? TlsErrors.truncated()
                        : TlsErrors.disconnected(engine.getUseClientMode(), null);
            }
            return false;
        }
        if (established && isTls12) {
            if (input.type() == RecordInput.HANDSHAKE) {
                throw TlsErrors.renegotiation();
            }
            if (input.type() == RecordInput.ALERT && owner.hasUnsent()) {
                return false; // maybe the peer's end, after which nothing may be sent
            }
        }
        SSLEngineResult result = engine.unwrap(input.record(length), room);
        input.consume(result.bytesConsumed());
        began = true;
        HandshakeStatus before = status;
        if (result.getStatus() == Status.CLOSED) {
            if (!established) {
                throw TlsErrors.disconnected(engine.getUseClientMode(), null);
            }
            peerEnded = true;
        }
        note(result);
        if (result.bytesConsumed() == 0 && status == before && !peerEnded) {
            throw new ReactorException(
                    "ERR_SSL_PROTOCOL_ERROR", "the engine takes nothing: " + result);
        }
        return true;
    }

    private void deliver(byte[] content, int length) {
        for (int given = 0; given < length && !stopped; ) {
            Chunk chunk = core.tryAllocate(length - given);
            if (chunk == null) {
                chunk = core.allocateArguments(); // at the memory limit: little by little
            }
            int bytes = Math.min(chunk.size(), length - given);
            Memory.copy(content, given, chunk.address(), bytes);
            given += bytes;
            owner.content(core.wrap(chunk, 0, bytes));
        }
    }

    /** What the engine says of itself after each record. */
    private void note(SSLEngineResult result) {
        status = result.getHandshakeStatus();
        if (status == HandshakeStatus.FINISHED) {
            status = engine.getHandshakeStatus();
            if (!established && !peerEnded) {
                established = true;
                isTls12 = engine.getSession().getProtocol().equals(TlsProtocol.TLS_1_2.label());
                owner.established();
            }
        }
    }

    // ---- out

    /** Sends what the engine has to say itself. */
    private boolean wrap() throws SSLException {
        byte[] bytes = Scratch.take();
        try {
            ByteBuffer room = ByteBuffer.wrap(bytes);
            SSLEngineResult result = engine.wrap(NOTHING, room);
            send(bytes, room.position());
            note(result);
            if (result.bytesProduced() == 0 && status == HandshakeStatus.NEED_WRAP) {
                status = HandshakeStatus.NOT_HANDSHAKING; // it has nothing to say after all
            }
        } finally {
            Scratch.give(bytes);
        }
        return true;
    }

    /** Sends content; calls nobody. */
    void encrypt(ByteBuffer content) throws SSLException {
        int mostBytes = engine.getSession().getPacketBufferSize();
        byte[] bytes = Scratch.take();
        try {
            while (content.hasRemaining()) {
                ByteBuffer room = ByteBuffer.wrap(bytes);
                while (content.hasRemaining() && room.remaining() >= mostBytes) {
                    SSLEngineResult result = engine.wrap(content, room);
                    status = result.getHandshakeStatus();
                    if (result.getStatus() != Status.OK) {
                        throw new SSLException("the engine does not send: " + result);
                    }
                }
                send(bytes, room.position());
            }
        } finally {
            Scratch.give(bytes);
        }
    }

    private void send(byte[] bytes, int length) {
        if (length == 0 || transport.isDestroyed() || transport.isEnding()) {
            return;
        }
        Chunk chunk = core.tryAllocate(length);
        if (chunk == null) {
            transport.write(Arrays.copyOf(bytes, length)); // at the memory limit
            return;
        }
        Memory.copy(bytes, 0, chunk.address(), length);
        Buffer record = core.wrap(chunk, 0, length);
        transport.write(record);
        record.release();
    }

    // ---- the end

    /** Says that our side sends no more. */
    void close() {
        if (!closing && !stopped) {
            closing = true;
            engine.closeOutbound();
            farewell();
        }
    }

    /** Sends alerts that wait. */
    private void farewell() {
        try {
            do {
                status = HandshakeStatus.NOT_HANDSHAKING;
                wrap();
            } while (status == HandshakeStatus.NEED_WRAP);
        } catch (SSLException e) {
            // Whatever it is, the connection ends.
        }
    }

    /** Nothing comes out of it any more. */
    void stop() {
        stopped = true;
        input.clear();
    }

    private void fail(SSLException thrown) {
        if (!stopped) {
            farewell();
            stop();
            owner.failed(TlsErrors.of(thrown));
        }
    }

    /** Not the engine has found it. */
    private void failUnasked(ReactorException error) {
        if (stopped) {
            return;
        }
        if (!began && !inputEnded && !engine.getUseClientMode()) {
            send(PLAIN_ALERT, PLAIN_ALERT.length);
        } else if (established && !inputEnded) {
            close();
        }
        stop();
        owner.failed(error);
    }
}
