package dev.chime.net.ws;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.Plan;
import dev.chime.reactor.stream.Duplex;
import dev.chime.reactor.stream.TextHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages in both directions upon a stream (RFC 6455). Loop thread only.
 *
 * <p>It reads when {@link #onText}, {@link #onBinary} or {@link #resume} asks for it, and not
 * before. Pings are answered by themselves; behind a peer that does not read, the newest alone.
 * What the peer must not do ends the connection with its close code, and {@link #onClose} hears of
 * {@code WS_ERR_*}, the codes of Node's {@code ws}: {@code WS_ERR_INVALID_UTF8}, {@code
 * WS_ERR_UNSUPPORTED_MESSAGE_LENGTH}, {@code WS_ERR_INVALID_OPCODE} and so on.
 */
public final class WebSocket {
    /** Up to here a copy costs less than a second piece. */
    private static final int COPIED_BYTES = 1024;

    private static final int LONGEST_REASON = FrameDecoder.MOST_CONTROL - 2;
    private static final byte[] NOTHING = new byte[0];

    private final Core core;
    private final Duplex stream;
    private final boolean client;
    private final WebSocketOptions options;
    private final FrameDecoder decoder;
    private final FrameEncoder encoder;
    private final Plan plan;
    private final ArrayDeque<Buffer> held = new ArrayDeque<>();
    private final Handlers<CloseHandler> closeHandlers = new Handlers<>();
    private @Nullable TextHandler onText;
    private @Nullable BinaryHandler onBinary;
    private @Nullable BinaryHandler onPing;
    private @Nullable BinaryHandler onPong;
    private byte @Nullable [] lateWord;
    private @Nullable Timer patience;
    private @Nullable ReactorException failure;
    private int closeCode = CloseCode.ABNORMAL;
    private String closeReason = "";
    private boolean paused = true;
    private boolean decoding;
    private boolean closeSent;
    private boolean closeHeard;

    private WebSocket(Duplex stream, boolean client, WebSocketOptions options) {
        core = Core.of(stream.reactor());
        this.stream = stream;
        this.client = client;
        this.options = options;
        decoder = new FrameDecoder(!client, options.maxMessageBytes(), new Events());
        encoder = new FrameEncoder(client);
        plan = new Plan(core, this::decodeHeld);
    }

    /**
     * The client's side of a stream whose upgrade is over. The stream is the socket's from now on.
     *
     * @param head what was read of it behind the answer; it is retained. Null: nothing
     */
    public static WebSocket client(Duplex stream, @Nullable Buffer head, WebSocketOptions options) {
        return open(stream, head, options, true);
    }

    /**
     * The server's side of a stream whose upgrade is over. The stream is the socket's from now on.
     *
     * @param head what was read of it behind the request; it is retained. Null: nothing
     */
    public static WebSocket server(Duplex stream, @Nullable Buffer head, WebSocketOptions options) {
        return open(stream, head, options, false);
    }

    private static WebSocket open(
            @Nullable Duplex stream,
            @Nullable Buffer head,
            @Nullable WebSocketOptions options,
            boolean client) {
        if (stream == null || options == null) {
            throw new IllegalArgumentException(
                    "stream or options is null: pass a socket and WebSocketOptions.defaults()");
        }
        WebSocket socket = new WebSocket(stream, client, options);
        socket.core.checkThread("WebSocket.open");
        if (head != null && head.length() > 0) {
            socket.held.add(head.retain());
        }
        stream.pause();
        stream.onClose(socket::streamClosed);
        stream.onEnd(socket::streamEnded);
        stream.onDrain(socket::drained);
        return socket;
    }

    // ---- events

    /** Hands text messages to {@code handler}, the newest alone, and starts reading. */
    public WebSocket onText(TextHandler handler) {
        onText = required(handler, "WebSocket.onText");
        return resume();
    }

    /** Hands binary messages to {@code handler}, the newest alone, and starts reading. */
    public WebSocket onBinary(BinaryHandler handler) {
        onBinary = required(handler, "WebSocket.onBinary");
        return resume();
    }

    /** Hears of pings, which have been answered. */
    public WebSocket onPing(BinaryHandler handler) {
        onPing = required(handler, "WebSocket.onPing");
        return this;
    }

    /** Hears of the answers to pings. */
    public WebSocket onPong(BinaryHandler handler) {
        onPong = required(handler, "WebSocket.onPong");
        return this;
    }

    /** Hears of the end. */
    public WebSocket onClose(CloseHandler handler) {
        closeHandlers.add(required(handler, "WebSocket.onClose"));
        return this;
    }

    /** Runs {@code task} once the queue is empty, after a send had said false. */
    public WebSocket onDrain(Task task) {
        stream.onDrain(required(task, "WebSocket.onDrain"));
        return this;
    }

    private <T> T required(@Nullable T handler, String call) {
        core.checkThread(call);
        if (handler == null) {
            throw new IllegalArgumentException("handler is null: pass a function");
        }
        return handler;
    }

    /** Hands out no message until {@link #resume}; what arrives is kept, in order. */
    public WebSocket pause() {
        core.checkThread("WebSocket.pause");
        paused = true;
        return this;
    }

    /** Reads on; messages without a handler are dropped. */
    public WebSocket resume() {
        core.checkThread("WebSocket.resume");
        paused = false;
        plan.make();
        return this;
    }

    // ---- in

    private void decodeHeld() {
        while (!paused && !held.isEmpty() && !stream.isDestroyed()) {
            Buffer data = held.remove();
            decode(data);
            data.release();
        }
        if (!paused && held.isEmpty() && !stream.isDestroyed()) {
            stream.onData(this::received);
        }
    }

    private void received(Buffer data) {
        if (isDeaf()) {
            return;
        }
        if (paused || decoding || !held.isEmpty()) {
            held.add(data.retain());
        } else {
            decode(data);
        }
        if (paused) {
            stream.pause();
        }
    }

    /** Nothing that still comes counts. */
    private boolean isDeaf() {
        return closeHeard || failure != null;
    }

    private void decode(Buffer data) {
        if (isDeaf()) {
            return;
        }
        decoding = true;
        try {
            int used = decoder.decode(data);
            if (used < data.length() && !isDeaf()) {
                held.addFirst(data.slice(used, data.length() - used));
            }
        } catch (ProtocolError e) {
            failure = e;
            sendClose(e.closeCode(), "");
            leave();
        } finally {
            decoding = false;
        }
    }

    private final class Events implements FrameDecoder.Sink {
        @Override
        public boolean wantsMore() {
            return !paused && !isDeaf() && !stream.isDestroyed();
        }

        @Override
        public void message(boolean text, byte[] data) {
            TextHandler texts = onText;
            BinaryHandler binaries = onBinary;
            if (text && texts != null) {
                String message = new String(data, StandardCharsets.UTF_8);
                core.call(() -> texts.text(message));
            } else if (!text && binaries != null) {
                core.call(() -> binaries.binary(data));
            }
        }

        @Override
        public void control(int opcode, byte[] data) throws ProtocolError {
            switch (opcode) {
                case FrameDecoder.PING -> {
                    answer(data);
                    tell(onPing, data);
                }
                case FrameDecoder.PONG -> tell(onPong, data);
                default -> closeHeard(data);
            }
        }

        private void tell(@Nullable BinaryHandler handler, byte[] data) {
            if (handler != null) {
                core.call(() -> handler.binary(data));
            }
        }
    }

    private void answer(byte[] ping) {
        if (stream.queuedBytes() >= stream.highWaterMark()) {
            lateWord = ping; // one who does not read could ask for ever
        } else {
            control(FrameDecoder.PONG, ping);
        }
    }

    private void drained() {
        byte[] ping = lateWord;
        lateWord = null;
        if (ping != null) {
            control(FrameDecoder.PONG, ping);
        }
    }

    private void closeHeard(byte[] data) throws ProtocolError {
        int code = FrameDecoder.closeCode(data);
        closeReason = FrameDecoder.closeReason(data);
        closeCode = code;
        closeHeard = true;
        sendClose(code, "");
        if (client) {
            lookForTheEnd(); // the server ends the stream first (section 7.1.1)
        } else {
            leave();
        }
    }

    // ---- out

    /**
     * Sends a text message.
     *
     * @return false when much is queued: better wait for {@link #onDrain}; also when the connection
     *     is closing, and the message is lost
     */
    public boolean send(String text) {
        return send(FrameDecoder.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a binary message, which must not change until {@link #flush} says so. */
    public boolean send(byte[] message) {
        return send(FrameDecoder.BINARY, message);
    }

    /** Sends a binary message, which is retained until it has been sent. */
    public boolean send(Buffer message) {
        core.checkThread("WebSocket.send");
        if (encoder.masks() || message.length() <= COPIED_BYTES) {
            return send(FrameDecoder.BINARY, message.toArray());
        }
        if (isLeaving()) {
            return false;
        }
        stream.write(encoder.header(FrameDecoder.BINARY, message.length()));
        return stream.write(message);
    }

    private boolean send(int opcode, byte[] payload) {
        core.checkThread("WebSocket.send");
        if (isLeaving()) {
            return false;
        }
        if (encoder.masks() || payload.length <= COPIED_BYTES) {
            return stream.write(encoder.frame(opcode, payload));
        }
        stream.write(encoder.header(opcode, payload.length));
        return stream.write(payload);
    }

    private boolean isLeaving() {
        return closeSent || stream.isEnding() || stream.isDestroyed();
    }

    /**
     * Asks for a sign of life, which {@link #onPong} hears.
     *
     * @param data at most 125 bytes, which come back
     */
    public void ping(byte[] data) {
        core.checkThread("WebSocket.ping");
        if (data.length > FrameDecoder.MOST_CONTROL) {
            throw new IllegalArgumentException("data has more than 125 bytes: " + data.length);
        }
        control(FrameDecoder.PING, data);
    }

    private void control(int opcode, byte[] data) {
        if (!isLeaving()) {
            stream.write(encoder.frame(opcode, data));
        }
    }

    /** Calls back when everything sent so far has been taken; see {@link Duplex#flush}. */
    public void flush(Done done) {
        stream.flush(done);
    }

    /** Bytes queued and not taken. */
    public long queuedBytes() {
        return stream.queuedBytes();
    }

    // ---- the end

    /** Ends the connection behind what has been sent, with code 1000. */
    public void close() {
        close(CloseCode.NORMAL, "");
    }

    /**
     * Ends the connection behind what has been sent. Messages of the peer still come until it has
     * answered; it has {@link WebSocketOptions#closeTimeout} for that.
     *
     * @param code 1000 to 1003, 1007 to 1014, or one of your own from 3000 to 4999
     * @param reason at most 123 bytes of UTF-8
     */
    public void close(int code, String reason) {
        core.checkThread("WebSocket.close");
        if (!CloseCode.isValid(code)) {
            throw new IllegalArgumentException(
                    "code is " + code + ": use 1000 to 1003, 1007 to 1014 or 3000 to 4999");
        }
        if (reason.getBytes(StandardCharsets.UTF_8).length > LONGEST_REASON) {
            throw new IllegalArgumentException("reason has more than 123 bytes of UTF-8");
        }
        if (!isLeaving()) {
            sendClose(code, reason);
            lookForTheEnd();
        }
    }

    private void sendClose(int code, String reason) {
        if (isLeaving()) {
            return;
        }
        byte[] payload = NOTHING;
        if (code != CloseCode.NONE) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            payload = new byte[2 + text.length];
            payload[0] = (byte) (code >> Byte.SIZE);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
        }
        stream.write(encoder.frame(FrameDecoder.CLOSE, payload));
        closeSent = true;
    }

    /** Everything has been said. */
    private void leave() {
        lookForTheEnd();
        if (!stream.isEnding() && !stream.isDestroyed()) {
            stream.end();
        }
    }

    private void lookForTheEnd() {
        if (patience == null && !stream.isDestroyed()) {
            patience =
                    core.reactor()
                            .setTimeout(options.closeTimeout(), () -> stream.destroy())
                            .unref();
            resume();
        }
    }

    private void streamEnded() {
        leave();
    }

    private void streamClosed(@Nullable ReactorException err) {
        core.reactor().clearTimeout(patience);
        while (!held.isEmpty()) {
            held.remove().release();
        }
        ReactorException error = failure != null ? failure : err;
        closeHandlers.each(
                handler -> core.call(() -> handler.closed(closeCode, closeReason, error)));
    }

    /** Ends it at once; what is queued is lost, and the peer hears of no reason. */
    public void destroy() {
        stream.destroy();
    }

    /** The stream beneath: for its addresses and times. */
    public Duplex stream() {
        return stream;
    }

    /** True until a close was sent or heard, or the stream is gone. */
    public boolean isOpen() {
        return !closeHeard && !isLeaving();
    }

    @Override
    public String toString() {
        return "WebSocket[" + (client ? "client" : "server") + " on " + stream + "]";
    }
}
