package dev.chime.reactor.uring;

import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.Memory;

/** The queue that the kernel fills and we empty; counted as {@link SubmissionQueue} is. */
final class CompletionQueue {
    private static final int SHIFT = Integer.numberOfTrailingZeros(CqeLayout.SIZE);

    private final long headAt;
    private final long tailAt;
    private final long entriesAt;
    private final int entries;
    private int head;

    /**
     * Lies over memory shared with the kernel.
     *
     * @param headAt address of the count that we write
     * @param tailAt address of the count that the kernel writes
     * @param entriesAt address of the entries
     * @param entries how many there are, a power of two
     */
    CompletionQueue(long headAt, long tailAt, long entriesAt, int entries) {
        this.headAt = headAt;
        this.tailAt = tailAt;
        this.entriesAt = entriesAt;
        this.entries = entries;
        head = Memory.getInt(headAt);
    }

    int ready() {
        return Memory.getIntAcquire(tailAt) - head;
    }

    /** The address of the oldest entry, or 0. */
    long peek() {
        if (head == Memory.getIntAcquire(tailAt)) {
            return 0;
        }
        return at(0);
    }

    /** The address of the entry {@code behind} the oldest, which must be there. */
    long at(int behind) {
        return entriesAt + ((long) (head + behind & (entries - 1)) << SHIFT);
    }

    /** Gives the places of the {@code count} oldest entries, which must be there, back. */
    void seen(int count) {
        head += count;
        Memory.putIntRelease(headAt, head);
    }

    int entries() {
        return entries;
    }
}
