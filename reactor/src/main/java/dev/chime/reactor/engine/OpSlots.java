package dev.chime.reactor.engine;

import dev.chime.reactor.libc.Libc;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a reactor: an array, a free list, and the packing of {@code user_data}.
 *
 * <p>{@code user_data} is tag (8 bits) | generation (24) | index (32). A completion that names no
 * slot in flight fails fast, before anything is touched.
 */
public final class OpSlots {
    /** The tag of user_data that names a slot; an engine's own entries carry other tags. */
    public static final int TAG = 0;

    static final int GENERATION_MASK = 0xffffff;
    private static final int BLOCK = 256;
    private static final int MAX = 1 << 22;
    private static final long SCRATCH_BLOCK = (long) BLOCK * Slot.STRIDE;

    /** A power of two: of so many releases one sets the free list aside, see {@link #refill}. */
    private static final int ASIDE_EVERY = 256;

    private final Libc libc;
    private Slot[] slots = new Slot[0];
    private long[] blocks = new long[0];
    private @Nullable Slot free;
    private @Nullable Slot aside;
    private int inUse;
    private int releases;

    /** Makes the first slots when they are asked for. */
    public OpSlots(Libc libc) {
        this.libc = libc;
    }

    /** Takes a slot for one operation. */
    public Slot acquire(Op op, Completion completion) {
        Slot slot = free;
        if (slot == null) {
            slot = refill();
        }
        free = slot.next;
        slot.next = null;
        slot.take(op, completion);
        inUse++;
        return slot;
    }

    /** Gives a slot back whose last result has been delivered. */
    public void release(Slot slot) {
        slot.free();
        slot.next = free;
        free = slot;
        inUse--;
        if ((++releases & (ASIDE_EVERY - 1)) == 0 && aside == null) {
            aside = free;
            free = null;
        }
    }

    /**
     * Called now and then, not only when there are too few: what the compiler has never seen it
     * takes for impossible, and the first crowd would send all compiled code that takes slots back
     * to the interpreter.
     */
    private Slot refill() {
        Slot first = aside;
        aside = null;
        return first == null ? grow() : first;
    }

    private Slot grow() {
        int from = slots.length;
        if (from >= MAX) {
            throw new IllegalStateException(
                    "more than " + MAX + " operations in flight: wait for some to complete");
        }
        long scratch = libc.mmap(SCRATCH_BLOCK);
        if (scratch < 0) {
            throw new OutOfMemoryError(
                    "mmap of operation slots: errno "
                            + -scratch
                            + "; raise the memory limit (`ulimit -v`, the container's) or the"
                            + " sysctl vm.max_map_count");
        }
        slots = Arrays.copyOf(slots, from + BLOCK);
        blocks = Arrays.copyOf(blocks, blocks.length + 1);
        blocks[blocks.length - 1] = scratch;
        for (int i = from + BLOCK - 1; i >= from; i--) {
            Slot slot = new Slot(i, scratch + (long) (i - from) * Slot.STRIDE);
            slots[i] = slot;
            slot.next = free;
            free = slot;
        }
        return slots[from];
    }

    /** The number that finds the slot again. */
    public static long userData(Slot slot) {
        return (long) slot.generation() << 32 | slot.index;
    }

    /** The tag of a user_data. */
    public static int tag(long userData) {
        return (int) (userData >>> 56);
    }

    /** The slot in flight that {@code userData} names. */
    public Slot find(long userData) {
        int index = (int) userData;
        int generation = (int) (userData >>> 32) & GENERATION_MASK;
        if (index < 0 || index >= slots.length || slots[index].generation() != generation) {
            throw unknown(userData);
        }
        Slot slot = slots[index];
        if (slot.state() != Slot.State.IN_FLIGHT) {
            throw unknown(userData);
        }
        return slot;
    }

    private AssertionError unknown(long userData) {
        return new AssertionError(
                "completion of an operation that is not in flight: user_data 0x"
                        + Long.toHexString(userData)
                        + "; in flight: "
                        + dump());
    }

    /** Slots taken and not given back. */
    public int inUse() {
        return inUse;
    }

    /** Calls {@code visitor} for every slot that is queued or in flight. */
    public void forEachPending(java.util.function.Consumer<Slot> visitor) {
        for (Slot slot : slots) {
            // Null only to another thread, in the middle of grow.
            if (slot == null) {
                continue;
            }
            if (slot.state() == Slot.State.QUEUED || slot.state() == Slot.State.IN_FLIGHT) {
                visitor.accept(slot);
            }
        }
    }

    /** One line for every operation in flight. */
    public String dump() {
        StringBuilder out = new StringBuilder();
        forEachPending(slot -> out.append(out.isEmpty() ? "" : ", ").append(slot));
        return out.toString();
    }

    /** Frees the slots' native memory: only when nothing is in flight. */
    public void close() {
        Invariant.check(inUse == 0, "slots are freed at zero in flight");
        for (long block : blocks) {
            libc.munmap(block, SCRATCH_BLOCK);
        }
        slots = new Slot[0];
        free = null;
        aside = null;
    }
}
