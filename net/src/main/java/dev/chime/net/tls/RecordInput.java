package dev.chime.net.tls;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Cuts what arrives into records (RFC 8446, section 5.1). Between two callbacks it holds what is
 * not a whole record yet, or is not wanted yet, and otherwise nothing.
 */
final class RecordInput {
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final int MAJOR_VERSION = 3;
    private static final int HEADER_BYTES = 5;

    /** A TLS 1.2 record: 2^14 bytes, and up to 2048 for its protection (RFC 5246, section 6.2). */
    private static final int MOST_CONTENT = (1 << 14) + 2048;

    private static final Pattern HTTP =
            Pattern.compile("(GET|PUT|HEAD|POST|PATCH|TRACE|DELETE|CONNECT|OPTIONS|PRI)[ A-Z/*].*");

    private static final byte[] NONE = new byte[0];

    private byte[] bytes = NONE;
    private int start;
    private int end;
    private boolean borrowed;

    /** Adds what has arrived; {@link #settle} must follow in the same callback. */
    void add(Buffer data) {
        int more = data.length();
        int held = end - start;
        if (held == 0 && !borrowed && more <= Scratch.BYTES) {
            bytes = Scratch.take();
            borrowed = true;
            start = 0;
            end = 0;
        } else if (more > bytes.length - end) {
            makeRoom(more);
        }
        data.get(0, bytes, end, more);
        end += more;
    }

    private void makeRoom(int more) {
        int held = end - start;
        if (held + more > bytes.length) {
            byte[] larger = new byte[Math.max(held + more, 2 * bytes.length)];
            System.arraycopy(bytes, start, larger, 0, held);
            giveBack();
            bytes = larger;
        } else {
            System.arraycopy(bytes, start, bytes, 0, held);
        }
        start = 0;
        end = held;
    }

    private void giveBack() {
        if (borrowed) {
            borrowed = false;
            Scratch.give(bytes);
        }
    }

    /** Keeps what is left in memory of its own, just as much as it needs. */
    void settle() {
        int held = end - start;
        if (held == 0) {
            clear();
        } else if (borrowed || bytes.length > 4 * Math.max(held, HEADER_BYTES + MOST_CONTENT)) {
            byte[] left = Arrays.copyOfRange(bytes, start, end);
            giveBack();
            bytes = left;
            start = 0;
            end = held;
        }
    }

    /** Drops all. */
    void clear() {
        giveBack();
        bytes = NONE;
        start = 0;
        end = 0;
    }

    /** Bytes that have arrived and are not used. */
    int held() {
        return end - start;
    }

    /**
     * How many bytes the next record has; 0 when it is not complete.
     *
     * @throws ReactorException {@code ERR_SSL_HTTP_REQUEST}, {@code ERR_SSL_WRONG_VERSION_NUMBER},
     *     {@code ERR_SSL_PACKET_LENGTH_TOO_LONG}: what arrives is no TLS
     */
    int recordLength() throws ReactorException {
        int held = end - start;
        if (held < HEADER_BYTES) {
            return 0;
        }
        int type = type();
        if (type < CHANGE_CIPHER_SPEC
                || type > APPLICATION_DATA
                || bytes[start + 1] != MAJOR_VERSION) {
            throw notTls();
        }
        int content = ((bytes[start + 3] & 0xFF) << 8) | (bytes[start + 4] & 0xFF);
        if (content > MOST_CONTENT) {
            throw new ReactorException(
                    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
                    "a record of " + content + " bytes: it is too long, or what arrives is no TLS");
        }
        return held < HEADER_BYTES + content ? 0 : HEADER_BYTES + content;
    }

    private ReactorException notTls() {
        int shown = Math.min(end - start, 16);
        String text = new String(bytes, start, shown, StandardCharsets.ISO_8859_1);
        if (HTTP.matcher(text.lines().findFirst().orElse("")).matches()) {
            return new ReactorException(
                    "ERR_SSL_HTTP_REQUEST", "an HTTP request without TLS came to a TLS port");
        }
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < HEADER_BYTES; i++) {
            hex.append(" %02x".formatted(bytes[start + i]));
        }
        return new ReactorException(
                "ERR_SSL_WRONG_VERSION_NUMBER",
                "what arrives is no TLS: it begins with" + hex + ", and no record does");
    }

    /** The next record's content type, which is in the clear. */
    int type() {
        return bytes[start] & 0xFF;
    }

    /** The first {@code length} bytes: valid until something else is called. */
    ByteBuffer record(int length) {
        return ByteBuffer.wrap(bytes, start, length);
    }

    void consume(int count) {
        start += count;
    }
}
