package dev.chime.net.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * As much of DER (X.690) as the envelopes of private keys need: elements one after the other, with
 * definite lengths.
 */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;

    /** The tag of {@code [0]}, constructed. */
    static final int CONTEXT_0 = 0xA0;

    private static final int LONG_FORM = 0x80;
    private static final int LONGEST_LENGTH = 4;

    private final byte[] bytes;
    private final int end;
    private int position;

    Der(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private Der(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** The next element's tag; -1 behind the last. */
    int tag() {
        return position < end ? bytes[position] & 0xFF : -1;
    }

    /** Goes into the next element, which must have this tag, and past it here. */
    Der enter(int tag) {
        if (tag() != tag) {
            throw new IllegalArgumentException(
                    "tag %#x instead of %#x at byte %d".formatted(tag(), tag, position));
        }
        position++;
        int length = length();
        if (length < 0 || length > end - position) {
            throw new IllegalArgumentException("a length leads past the end at byte " + position);
        }
        Der inside = new Der(bytes, position, position + length);
        position += length;
        return inside;
    }

    private int length() {
        int first = next();
        if (first < LONG_FORM) {
            return first;
        }
        int count = first - LONG_FORM;
        if (count == 0 || count > LONGEST_LENGTH) {
            throw new IllegalArgumentException("no definite length at byte " + position);
        }
        int length = 0;
        for (int i = 0; i < count; i++) {
            length = (length << 8) | next();
        }
        return length;
    }

    private int next() {
        if (position == end) {
            throw new IllegalArgumentException("it ends too early");
        }
        return bytes[position++] & 0xFF;
    }

    /** What is left of it. */
    byte[] content() {
        return Arrays.copyOfRange(bytes, position, end);
    }

    /** An element of several parts. */
    static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        out.write(tag);
        if (length < LONG_FORM) {
            out.write(length);
        } else {
            int count = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(LONG_FORM + count);
            for (int i = count - 1; i >= 0; i--) {
                out.write(length >>> (8 * i));
            }
        }
        Arrays.stream(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }
}
