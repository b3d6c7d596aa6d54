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

    /** What a slot takes of its block: scratch, and a timespec in a cache line of its own. */
    static final int STRIDE = SCRATCH_BYTES + 64;

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

    /** A third address, as the opcode takes it. */
    public long address3;

    /** Flags of the opcode. */
    public int flags;

    /** Native memory of {@link #SCRATCH_BYTES} that lives as long as the slot. */
    public final long scratch;

    /** Whether the operation alone keeps the loop alive. */
    public boolean keepsAlive;

    /** False for a close that cannot block, as a socket's: the pool does it on the loop thread. */
    public boolean mayBlock;

    /**
     * True for a transfer that is to be performed by a thread of the kernel on the ring, too: it
     * copies so much, or waits for a device, that the loop would stand still for it.
     */
    public boolean byWorker;

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

    /**
     * The operation that starts when this one has ended well and in full; if it does not, that one
     * and all behind it end with -ECANCELED. Set before the first of a chain is submitted.
     */
    public @Nullable Slot linked;

    /** True for a member of a chain whose predecessors have not ended, when the loop links them. */
    public boolean waits;

    /** True when the loop, not the engine, starts {@link #linked}. */
    public boolean leads;

    /** The errno that an early end gives, once somebody has asked for it; else 0. */
    public int stopErrno;

    /** Why a signal has asked for the early end; null when none has. */
    public @Nullable Throwable abortReason;

    private @Nullable Runnable attached;

    /** When it was submitted, by the loop's clock as read in that turn. */
    public long since;

    /** Where it was asked for; only in trace mode. */
    public @Nullable CallSite site;

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

    /** Runs {@code detach} when the last result has come. */
    public void attach(Runnable detach) {
        Runnable before = attached;
        attached =
                before == null
                        ? detach
                        : () -> {
                            before.run();
                            detach.run();
                        };
    }

    /** The last result has come. */
    public void detach() {
        Runnable detach = attached;
        if (detach != null) {
            attached = null;
            detach.run();
        }
    }

    /** True when {@code result} lets the chain go on: no error, and nothing short. */
    public boolean continues(int result) {
        boolean counts = op == Op.READ || op == Op.WRITE;
        return result >= 0 && (!counts || result == length);
    }

    /** Where a deadline's timespec lies. */
    public long timespec() {
        return scratch + SCRATCH_BYTES;
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

    /** Makes another operation of it, for somebody else, before it is submitted. */
    public void become(Op other, Completion by) {
        become(other);
        completion = by;
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
        byWorker = false;
        if (CallSite.ON) {
            site = CallSite.currentOr(op.syscall());
        }
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
        linked = null;
        waits = false;
        leads = false;
        stopErrno = 0;
        abortReason = null;
        engineBits = 0;
        fd = -1;
        address = 0;
        length = 0;
        offset = 0;
        address3 = 0;
        flags = 0;
        if (CallSite.ON) {
            site = null;
        }
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
