package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Slot;

/** What the ring engine notes in {@link Slot#engineBits}; the pool engine's bits are others. */
final class Bits {
    /** Somebody wants its early end. */
    static final int ASKED_TO_CANCEL = 1;

    /** Waits for the next enter, or for a place in the submission queue. */
    static final int UNSENT = 1 << 1;

    /** A receive that waits for a buffer. */
    static final int STARVED = 1 << 2;

    /** With the embedded pool engine. */
    static final int IN_POOL = 1 << 3;

    /** A multishot operation between its end in the kernel and its next submission. */
    static final int ENDED_BY_KERNEL = 1 << 4;

    /** The ring answered as if it lacked the operation. */
    static final int TRIED_ON_POOL = 1 << 5;

    /** A kernel worker must perform it, without a try on the loop's thread. */
    static final int WITH_KERNEL_WORKER = 1 << 6;

    /** Has a linked time-out. */
    static final int BOUNDED = 1 << 7;

    /** Was encoded for a registered file, and memory. */
    static final int REGISTERED = 1 << 8;

    /** Is not to be encoded so. */
    static final int UNREGISTERED = 1 << 9;

    /** Not with the kernel. */
    static final int HERE = UNSENT | STARVED | ENDED_BY_KERNEL;

    private Bits() {}

    static boolean has(Slot slot, int bits) {
        return (slot.engineBits & bits) != 0;
    }

    static void set(Slot slot, int bits) {
        slot.engineBits |= bits;
    }

    static void clear(Slot slot, int bits) {
        slot.engineBits &= ~bits;
    }
}
