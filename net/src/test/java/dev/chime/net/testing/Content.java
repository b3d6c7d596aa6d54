package dev.chime.net.testing;

import dev.chime.reactor.Buffer;

/**
 * A stream of bytes that depend on their place and on a seed: what is lost, doubled, out of order
 * or another stream's does not fit. One that writes takes, one that reads checks.
 */
public final class Content {
    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final long seed;
    private long position;
    private byte[] scratch = new byte[0];

    /** The stream of a seed, from its first byte. */
    public Content(long seed) {
        this.seed = seed * ODD;
    }

    private byte at(long place) {
        return (byte) ((place * ODD + seed) >>> 56);
    }

    /** How many bytes have been taken or checked. */
    public long position() {
        return position;
    }

    /** The next bytes. */
    public byte[] take(int count) {
        byte[] bytes = new byte[count];
        fill(bytes);
        return bytes;
    }

    /** Fills an array with the next bytes. */
    public void fill(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = at(position + i);
        }
        position += bytes.length;
    }

    /** Throws unless {@code bytes} are the next ones. */
    public void check(byte[] bytes) {
        check(bytes, bytes.length);
    }

    /** Throws unless the first {@code count} of {@code bytes} are the next ones. */
    public void check(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != at(position + i)) {
                throw new AssertionError(
                        "byte "
                                + (position + i)
                                + " is "
                                + bytes[i]
                                + " and not "
                                + at(position + i)
                                + ", at "
                                + i
                                + " of "
                                + count);
            }
        }
        position += count;
    }

    /** Throws unless the buffer's bytes are the next ones. */
    public void check(Buffer buffer) {
        int count = buffer.length();
        if (scratch.length < count) {
            scratch = new byte[Math.max(count, 64 << 10)];
        }
        buffer.get(0, scratch, 0, count);
        check(scratch, count);
    }
}
