package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Memory;
import java.util.ArrayDeque;

/** Bytes in order, between native memory and native memory. */
final class ByteQueue {
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int headOffset;
    private int size;

    int size() {
        return size;
    }

    void add(byte[] piece) {
        if (piece.length > 0) {
            pieces.add(piece);
            size += piece.length;
        }
    }

    /** Takes at most {@code length} bytes out; how many. */
    int take(long address, int length) {
        int done = 0;
        while (done < length && size > 0) {
            byte[] piece = pieces.element();
            int bytes = Math.min(length - done, piece.length - headOffset);
            Memory.copy(piece, headOffset, address + done, bytes);
            done += bytes;
            headOffset += bytes;
            size -= bytes;
            if (headOffset == piece.length) {
                pieces.remove();
                headOffset = 0;
            }
        }
        return done;
    }

    void clear() {
        pieces.clear();
        headOffset = 0;
        size = 0;
    }
}
