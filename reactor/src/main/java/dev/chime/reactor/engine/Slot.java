package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/**
 * An operation in flight: a pooled, mutable record that is both what the engine encodes and how a
 * completion finds its callback.
 *
 * <p>{@link #fd}, {@link #address}, {@link #length}, {@link #offset} and {@link #flags} are shaped
 * as the submission entry of the operation is. Fill them after {@link OpSlots#acquire}, submit, and
 * forget the slot when the last completion has returned: it is then used again. Memory at {@link
 * #address} must stay valid until then. Loop thread only; a worker of the pool engine has the slot
 * for itself while it performs it.
 */
public final class Slot {
    /** Native memory that belongs to the slot for life: {@link #scratch}. */
    public static final int SCRATCH_BYTES = 512;

    /** Where an operation stands. */
    public enum State {
        /** In the free list. */
        IDLE,
        /** Taken and being filled, or waiting for a place in the engine. */
        QUEUED,
        /** With the kernel or a worker. */
        IN_FLIGHT,
        /** The last result is being delivered. */
        DONE
    }

    /** The descriptor's owner, for operations on an open descriptor. */
    public @Nullable Fd owner;

    /** The descriptor's number. */
    public int fd;

    /** An address, as the opcode takes it. */
    public long address;

    /** A length, as the opcode takes it. */
    public int length;

    /** An offset or a second address, as the opcode takes it. */
    public long offset;

    /** Flags of the opcode. */
    public int flags;

    /** Native memory of {@link #SCRATCH_BYTES} that lives as long as the slot. */
    public final long scratch;

    /** Whether the operation alone keeps the loop alive. */
    public boolean keepsAlive;

    /** False for a close that cannot block, as a socket's: the pool does it on the loop thread. */
    public boolean mayBlock;

    /** What the completion needs, first part. */
    public @Nullable Object context;

    /** What the completion needs, second part. */
    public @Nullable Object callback;

    /** What the completion needs, third part: what was lent to the kernel and must be returned. */
    public @Nullable Object lent;

    /** The memory that holds received bytes: set by the engine, one reference is the receiver's. */
    public @Nullable Chunk chunk;

    /** Where in {@link #chunk} the received bytes start. */
    public int chunkOffset;

    /** When the pool's threads were given it, by {@link System#nanoTime}. */
    public long queuedAt;

    /** The next slot of whatever list the engine holds this one in. */
    public @Nullable Slot next;

    /** Engine's note: bits that only the engine in charge reads. */
    public int engineBits;

    /** A result that an engine holds until it delivers it. */
    public int result;

    final int index;
    @Nullable Slot nextOfFd;
    @Nullable Slot previousOfFd;
    private int generation;
    private State state = State.IDLE;
    private Op op = Op.NOP;
    private @Nullable Completion completion;

    Slot(int index, long scratch) {
        this.index = index;
        this.scratch = scratch;
    }

    /** What is to be done. */
    public Op op() {
        return op;
    }

    /** Makes another operation of it, before it is submitted. */
    public void become(Op other) {
        Invariant.check(state == State.QUEUED, "an operation is chosen before it is submitted");
        op = other;
    }

    /** Who takes the result. */
    public Completion completion() {
        return Invariant.present(completion, "a slot in use has a completion");
    }

    /** Where the operation stands. */
    public State state() {
        return state;
    }

    /** Counts the uses of this slot, 24 bits: a stale reference shows by an older count. */
    public int generation() {
        return generation;
    }

    /** The slot's place, part of its user_data. */
    public int index() {
        return index;
    }

    void take(Op taken, Completion by) {
        move(State.IDLE, State.QUEUED);
        op = taken;
        completion = by;
        keepsAlive = true;
        mayBlock = true;
    }

    void free() {
        move(State.DONE, State.IDLE);
        generation = generation + 1 & OpSlots.GENERATION_MASK;
        completion = null;
        owner = null;
        context = null;
        callback = null;
        lent = null;
        chunk = null;
        next = null;
        engineBits = 0;
        fd = -1;
        address = 0;
        length = 0;
        offset = 0;
        flags = 0;
    }

    /** Every change of state goes through here. */
    public void move(State from, State to) {
        if (state != from) {
            throw new AssertionError(this + ": " + from + " -> " + to);
        }
        state = to;
    }

    @Override
    public String toString() {
        return op + "#" + index + "." + generation + " " + state + " fd " + fd;
    }
}
