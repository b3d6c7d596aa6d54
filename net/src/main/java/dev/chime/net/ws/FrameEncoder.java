package dev.chime.net.ws;

import java.security.SecureRandom;

/** Makes frames of messages (RFC 6455, section 5); a client's are masked. */
final class FrameEncoder {
    private static final int MASK_BYTES = 4;
    private static final int LONGEST_16 = 0xFFFF;

    /** Keys are drawn in advance: one at a time costs more than the frame. */
    private static final int KEYS_BYTES = 4096;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final boolean masks;
    private final byte[] keys;
    private int nextKey;

    FrameEncoder(boolean masks) {
        this.masks = masks;
        keys = new byte[masks ? KEYS_BYTES : 0];
        nextKey = keys.length;
    }

    boolean masks() {
        return masks;
    }

    /** The header of an unmasked frame whose payload goes behind it. */
    byte[] header(int opcode, int length) {
        byte[] header = new byte[headerLength(length)];
        writeHeader(header, opcode, length);
        return header;
    }

    /** A whole frame, of a single piece. */
    byte[] frame(int opcode, byte[] payload) {
        int length = payload.length;
        int start = headerLength(length);
        byte[] frame = new byte[start + length];
        writeHeader(frame, opcode, length);
        System.arraycopy(payload, 0, frame, start, length);
        if (masks) {
            int key = start - MASK_BYTES;
            for (int i = 0; i < length; i++) {
                frame[start + i] ^= frame[key + (i & 3)];
            }
        }
        return frame;
    }

    private int headerLength(int length) {
        int bytes = 2 + (masks ? MASK_BYTES : 0);
        if (length > LONGEST_16) {
            return bytes + Long.BYTES;
        }
        return length > FrameDecoder.MOST_CONTROL ? bytes + Short.BYTES : bytes;
    }

    private void writeHeader(byte[] to, int opcode, int length) {
        int mask = masks ? FrameDecoder.MASKED : 0;
        to[0] = (byte) (FrameDecoder.FIN | opcode);
        int at = 2;
        if (length > LONGEST_16) {
            to[1] = (byte) (mask | FrameDecoder.LENGTH_64);
            at += Long.BYTES;
        } else if (length > FrameDecoder.MOST_CONTROL) {
            to[1] = (byte) (mask | FrameDecoder.LENGTH_16);
            at += Short.BYTES;
        } else {
            to[1] = (byte) (mask | length);
        }
        long rest = length;
        for (int i = at - 1; i > 1; i--) {
            to[i] = (byte) rest;
            rest >>>= Byte.SIZE;
        }
        if (masks) {
            if (nextKey == keys.length) {
                RANDOM.nextBytes(keys);
                nextKey = 0;
            }
            System.arraycopy(keys, nextKey, to, at, MASK_BYTES);
            nextKey += MASK_BYTES;
        }
    }
}
