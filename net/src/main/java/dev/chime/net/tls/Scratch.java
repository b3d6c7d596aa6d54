package dev.chime.net.tls;

import java.util.ArrayDeque;

/**
 * Arrays in which a loop's thread works on records, so that a connection needs none of its own
 * while nothing is under way. Arrays, because the JDK's ciphers work on arrays and copy from native
 * memory. Who takes one gives it back before the callback ends.
 */
final class Scratch {
    /** What one buffer of a socket holds, and three full records. */
    static final int BYTES = 64 << 10;

    /** At most three are in use at once, but for streams upon streams. */
    private static final int KEPT = 3;

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private final ArrayDeque<byte[]> free = new ArrayDeque<>(KEPT);

    private Scratch() {}

    static byte[] take() {
        byte[] array = OF_THREAD.get().free.poll();
        return array == null ? new byte[BYTES] : array;
    }

    static void give(byte[] array) {
        ArrayDeque<byte[]> free = OF_THREAD.get().free;
        if (free.size() < KEPT) {
            free.push(array);
        }
    }
}
