package dev.chime.net.http;

import dev.chime.reactor.ReactorException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the bytes of a body within what comes: a fixed number, chunks (RFC 9112, 7.1, without its
 * leniences), or all until the end. It copies nothing.
 */
final class BodyDecoder {
    /** Bytes that extensions of chunks may take, in one body. */
    private static final int MAX_EXTENSION_BYTES = 16 << 10;

    private static final int MAX_SIZE_DIGITS = 15;

    private enum State {
        DONE,
        FIXED,
        UNTIL_END,
        SIZE,
        SPACE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER,
        TRAILER_LF
    }

    private final int maxTrailerBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(0);
    private State state = State.DONE;
    private Headers trailers = new Headers();
    private long left;
    private int digits;
    private int extensionBytes;
    private int trailerBytes;

    BodyDecoder(int maxTrailerBytes) {
        this.maxTrailerBytes = maxTrailerBytes;
    }

    /** So many bytes follow. */
    void fixed(long bytes) {
        left = bytes;
        state = bytes == 0 ? State.DONE : State.FIXED;
    }

    /** Everything that comes belongs to the body. */
    void untilEnd() {
        state = State.UNTIL_END;
    }

    /** Chunks follow. */
    void chunked() {
        state = State.SIZE;
        left = 0;
        digits = 0;
        extensionBytes = 0;
        trailerBytes = 0;
        trailers = new Headers();
    }

    boolean isDone() {
        return state == State.DONE;
    }

    boolean isUntilEnd() {
        return state == State.UNTIL_END;
    }

    /** What came behind the last chunk. */
    Headers trailers() {
        return trailers;
    }

    /** Bytes known to be missing; of chunks more may follow. */
    long left() {
        return left;
    }

    /**
     * Passes over what is no content.
     *
     * @return how many bytes from the input's position on are content; 0: the input is used up, or
     *     the body is done
     * @throws ReactorException {@code HPE_INVALID_CHUNK_SIZE}, {@code HPE_STRICT}, {@code
     *     HPE_CHUNK_EXTENSIONS_OVERFLOW}, {@code HPE_HEADER_OVERFLOW}, {@code
     *     HPE_INVALID_HEADER_TOKEN}
     */
    int next(ByteBuffer input) throws ReactorException {
        while (input.hasRemaining() && state != State.DONE) {
            switch (state) {
                case FIXED, DATA -> {
                    return (int) Math.min(left, input.remaining());
                }
                case UNTIL_END -> {
                    return input.remaining();
                }
                default -> framing(input.get() & 0xFF);
            }
        }
        return 0;
    }

    /** So many of the content's bytes have been taken. */
    void took(int bytes) {
        if (state == State.UNTIL_END) {
            return;
        }
        left -= bytes;
        if (left == 0) {
            state = state == State.FIXED ? State.DONE : State.DATA_CR;
        }
    }

    private void framing(int c) throws ReactorException {
        switch (state) {
            case SIZE -> size(c);
            case SPACE -> {
                countExtension();
                if (c == ';') {
                    state = State.EXTENSION;
                } else if (c != ' ' && c != '\t') {
                    throw badSize();
                }
            }
            case EXTENSION -> {
                countExtension();
                if (c == '\r') {
                    state = State.SIZE_LF;
                } else if (!Syntax.isValue(c)) {
                    throw bad("HPE_STRICT", "a chunk extension has a control character");
                }
            }
            case SIZE_LF -> {
                expect(c, '\n');
                state = left == 0 ? State.TRAILER : State.DATA;
            }
            case DATA_CR -> {
                expect(c, '\r');
                state = State.DATA_LF;
            }
            case DATA_LF -> {
                expect(c, '\n');
                state = State.SIZE;
                digits = 0;
            }
            case TRAILER -> trailer(c);
            default -> {
                expect(c, '\n');
                trailerLine();
            }
        }
    }

    private void size(int c) throws ReactorException {
        int digit = Character.digit(c, 16);
        if (digit >= 0 && c < 0x80) {
            if (++digits > MAX_SIZE_DIGITS) {
                throw badSize();
            }
            left = left << 4 | digit;
        } else if (digits == 0) {
            throw badSize();
        } else if (c == '\r') {
            state = State.SIZE_LF;
        } else if (c == ';') {
            state = State.EXTENSION;
        } else if (c == ' ' || c == '\t') {
            state = State.SPACE;
        } else {
            throw badSize();
        }
    }

    private void countExtension() throws ReactorException {
        if (++extensionBytes > MAX_EXTENSION_BYTES) {
            throw bad(
                    "HPE_CHUNK_EXTENSIONS_OVERFLOW",
                    "chunk extensions of more than " + MAX_EXTENSION_BYTES + " bytes");
        }
    }

    private void trailer(int c) throws ReactorException {
        if (++trailerBytes > maxTrailerBytes) {
            throw bad("HPE_HEADER_OVERFLOW", "trailers of more than " + maxTrailerBytes + " bytes");
        }
        if (c == '\r') {
            state = State.TRAILER_LF;
        } else if (Syntax.isValue(c)) {
            line.write(c);
        } else {
            throw bad("HPE_INVALID_HEADER_TOKEN", "a trailer has a control character");
        }
    }

    private void trailerLine() throws ReactorException {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        line.reset();
        if (text.isEmpty()) {
            state = State.DONE;
            return;
        }
        state = State.TRAILER;
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon);
        if (!Syntax.isToken(name)) {
            throw bad("HPE_INVALID_HEADER_TOKEN", "a trailer has no name");
        }
        if (Syntax.isTrailer(name)) {
            trailers.add(name, text.substring(colon + 1).strip());
        }
    }

    private static void expect(int c, int wanted) throws ReactorException {
        if (c != wanted) {
            throw bad("HPE_STRICT", "a line of a chunk does not end with CR LF");
        }
    }

    private static ReactorException badSize() {
        return bad("HPE_INVALID_CHUNK_SIZE", "the size of a chunk is no hexadecimal number");
    }

    private static ReactorException bad(String code, String text) {
        return new ReactorException(code, "Parse Error: " + text);
    }
}
