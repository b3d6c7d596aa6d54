package dev.chime.reactor.uring;

import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SqeLayout;

/**
 * The queue that we fill and the kernel empties. Head and tail count for ever and wrap at 32 bits;
 * only their difference and their low bits have a meaning.
 */
final class SubmissionQueue {
    private static final int SHIFT = Integer.numberOfTrailingZeros(SqeLayout.SIZE);

    private final long headAt;
    private final long tailAt;
    private final long entriesAt;
    private final int entries;
    private int tail;

    /**
     * Lies over memory shared with the kernel.
     *
     * @param headAt address of the count that the kernel writes
     * @param tailAt address of the count that we write
     * @param entriesAt address of the entries
     * @param entries how many there are, a power of two
     */
    SubmissionQueue(long headAt, long tailAt, long entriesAt, int entries) {
        this.headAt = headAt;
        this.tailAt = tailAt;
        this.entriesAt = entriesAt;
        this.entries = entries;
        tail = Memory.getInt(tailAt);
    }

    /** The address of the next free entry, or 0. */
    long next() {
        if (pending() == entries) {
            return 0;
        }
        return entriesAt + ((long) (tail++ & (entries - 1)) << SHIFT);
    }

    /** Entries taken and not yet consumed by the kernel. */
    int pending() {
        return tail - Memory.getIntAcquire(headAt);
    }

    /** Lets the kernel see what was taken. */
    void publish() {
        Memory.putIntRelease(tailAt, tail);
    }

    int entries() {
        return entries;
    }
}
