package dev.chime.net.ws;

import dev.chime.reactor.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes messages of bytes (RFC 6455, section 5), wherever these are cut. */
final class FrameDecoder {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int FIN = 0x80;
    static final int MASKED = 0x80;
    static final int LENGTH_16 = 126;
    static final int LENGTH_64 = 127;
    static final int MOST_CONTROL = 125;

    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int MASK_BYTES = 4;
    private static final int LONGEST_HEADER = 14;

    /** What a message is made in at first; a length that is only announced gets no more. */
    private static final int FIRST_ROOM = 4096;

    private static final byte[] NONE = new byte[0];

    /** Takes what has been decoded, and says whether to go on. */
    interface Sink {
        /** A whole message. */
        void message(boolean text, byte[] data);

        /** A control frame: ping, pong or close. */
        void control(int opcode, byte[] data) throws ProtocolError;

        /** Whether the next frame is to be decoded now. */
        boolean wantsMore();
    }

    private final boolean fromClient;
    private final int maxMessageBytes;
    private final Sink sink;
    private final byte[] header = new byte[LONGEST_HEADER];
    private final Utf8Check utf8 = new Utf8Check();
    private int headerBytes;
    private int headerLength = 2;

    // The frame
    private boolean inPayload;
    private boolean last;
    private int opcode;
    private long left;
    private int frameBytes;
    private int maskAt;

    // The message, and a control frame in its midst
    private int messageType;
    private byte[] message = NONE;
    private int messageBytes;
    private byte[] control = NONE;
    private int controlBytes;

    /** Decodes what a client sends, which is masked, or a server, which is not. */
    FrameDecoder(boolean fromClient, int maxMessageBytes, Sink sink) {
        this.fromClient = fromClient;
        this.maxMessageBytes = maxMessageBytes;
        this.sink = sink;
    }

    /**
     * Takes bytes until the sink wants no more.
     *
     * @return how many bytes were used
     */
    int decode(Buffer data) throws ProtocolError {
        int length = data.length();
        int at = 0;
        while (at < length && sink.wantsMore()) {
            if (inPayload) {
                at += payload(data, at, (int) Math.min(left, length - at));
            } else {
                header[headerBytes++] = data.get(at++);
                if (headerBytes == headerLength) {
                    header();
                }
            }
            if (inPayload && left == 0) {
                endOfFrame();
            }
        }
        return at;
    }

    // ---- the header

    private void header() throws ProtocolError {
        if (headerBytes == 2) {
            checkStart();
            int length = header[1] & ~MASKED & 0xFF;
            headerLength += fromClient ? MASK_BYTES : 0;
            if (length == LENGTH_16) {
                headerLength += Short.BYTES;
            } else if (length == LENGTH_64) {
                headerLength += Long.BYTES;
            }
            if (headerBytes < headerLength) {
                return;
            }
        }
        startPayload();
    }

    private void checkStart() throws ProtocolError {
        int first = header[0] & 0xFF;
        last = (first & FIN) != 0;
        opcode = first & OPCODE;
        if ((first & RESERVED) != 0) {
            throw error("WS_ERR_UNEXPECTED_RSV", "a reserved bit is set: no extension was agreed");
        }
        boolean known = opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
        if (!known) {
            throw error("WS_ERR_INVALID_OPCODE", "opcode " + opcode + " means nothing");
        }
        if (opcode == CONTINUATION && messageType == 0) {
            throw error("WS_ERR_INVALID_OPCODE", "a continuation of no message");
        }
        if ((opcode == TEXT || opcode == BINARY) && messageType != 0) {
            throw error("WS_ERR_INVALID_OPCODE", "a message within another");
        }
        boolean masked = (header[1] & MASKED) != 0;
        if (masked != fromClient) {
            throw fromClient
                    ? error("WS_ERR_EXPECTED_MASK", "a client's frame is not masked")
                    : error("WS_ERR_UNEXPECTED_MASK", "a server's frame is masked");
        }
        if (opcode >= CLOSE) {
            if (!last) {
                throw error("WS_ERR_EXPECTED_FIN", "a control frame in pieces");
            }
            if ((header[1] & ~MASKED & 0xFF) > MOST_CONTROL) {
                throw error(
                        "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
                        "a control frame of more than 125 bytes");
            }
        }
    }

    private void startPayload() throws ProtocolError {
        int length = header[1] & ~MASKED & 0xFF;
        if (length == LENGTH_16) {
            left = number(2, Short.BYTES);
        } else if (length == LENGTH_64) {
            left = number(2, Long.BYTES);
        } else {
            left = length;
        }
        maskAt = headerLength - MASK_BYTES;
        if (opcode >= CLOSE) {
            control = new byte[(int) left];
            controlBytes = 0;
        } else {
            if (left < 0 || left > maxMessageBytes - messageBytes) {
                throw new ProtocolError(
                        "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
                        CloseCode.TOO_BIG,
                        "a message of more than " + maxMessageBytes + " bytes");
            }
            if (opcode != CONTINUATION) {
                messageType = opcode;
                utf8.reset();
            }
        }
        inPayload = true;
    }

    private long number(int at, int bytes) {
        long number = 0;
        for (int i = at; i < at + bytes; i++) {
            number = (number << 8) | (header[i] & 0xFF);
        }
        return number;
    }

    // ---- the payload

    private int payload(Buffer data, int at, int count) throws ProtocolError {
        if (opcode >= CLOSE) {
            data.get(at, control, controlBytes, count);
            unmask(control, controlBytes, count, controlBytes);
            controlBytes += count;
        } else {
            makeRoom(count);
            data.get(at, message, messageBytes, count);
            unmask(message, messageBytes, count, frameBytes);
            frameBytes += count;
            messageBytes += count;
            if (messageType == TEXT && !utf8.accept(message, messageBytes - count, messageBytes)) {
                throw noText();
            }
        }
        left -= count;
        return count;
    }

    private void makeRoom(int count) {
        int needed = messageBytes + count;
        if (needed > message.length) {
            long all = messageBytes + left;
            int grown = Math.max(needed, Math.max(FIRST_ROOM, 2 * message.length));
            message = Arrays.copyOf(message, (int) Math.min(Math.max(needed, all), grown));
        }
    }

    private void unmask(byte[] bytes, int from, int count, int offset) {
        if (fromClient) {
            for (int i = 0; i < count; i++) {
                bytes[from + i] ^= header[maskAt + ((offset + i) & 3)];
            }
        }
    }

    private void endOfFrame() throws ProtocolError {
        inPayload = false;
        headerBytes = 0;
        headerLength = 2;
        frameBytes = 0;
        if (opcode >= CLOSE) {
            byte[] data = control;
            control = NONE;
            sink.control(opcode, data);
        } else if (last) {
            boolean text = messageType == TEXT;
            if (text && !utf8.isComplete()) {
                throw noText();
            }
            byte[] data =
                    message.length == messageBytes ? message : Arrays.copyOf(message, messageBytes);
            message = NONE;
            messageBytes = 0;
            messageType = 0;
            sink.message(text, data);
        }
    }

    private static ProtocolError noText() {
        return new ProtocolError(
                "WS_ERR_INVALID_UTF8", CloseCode.INVALID_DATA, "a text that is no UTF-8");
    }

    private static ProtocolError error(String code, String message) {
        return new ProtocolError(code, CloseCode.PROTOCOL_ERROR, message);
    }

    // ---- what control frames hold

    /** The code of a close frame; 1005 when it has none. */
    static int closeCode(byte[] data) throws ProtocolError {
        if (data.length == 0) {
            return CloseCode.NONE;
        }
        if (data.length == 1) {
            throw error("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "a close frame of a single byte");
        }
        int code = ((data[0] & 0xFF) << 8) | (data[1] & 0xFF);
        if (!CloseCode.isValid(code)) {
            throw error("WS_ERR_INVALID_CLOSE_CODE", "close code " + code + " must not be sent");
        }
        return code;
    }

    /** The reason of a close frame. */
    static String closeReason(byte[] data) throws ProtocolError {
        if (data.length <= 2) {
            return "";
        }
        Utf8Check check = new Utf8Check();
        if (!check.accept(data, 2, data.length) || !check.isComplete()) {
            throw noText();
        }
        return new String(data, 2, data.length - 2, StandardCharsets.UTF_8);
    }
}
