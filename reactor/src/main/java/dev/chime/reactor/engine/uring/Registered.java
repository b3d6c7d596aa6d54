package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.RingParamsLayout;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingException;
import dev.chime.reactor.uring.RingResources;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Busy files and sockets, and the blocks of memory that files are read to and written from,
 * registered with the ring: a transfer then neither looks its descriptor up nor goes through the
 * page tables, which is a tenth of what a cached read of 4 KiB or a small send costs.
 *
 * <p>A descriptor is registered at its {@value #HOT}th transfer, because registering costs as much
 * as a few of them, and let go before it is closed: a registered file stays open. Memory is
 * registered with the first transfer of such a file that touches it; the kernel pins it and counts
 * it against {@code ulimit -l}. Whatever cannot be registered is used without: nothing depends on
 * it.
 *
 * <p>Nothing is registered before Linux 6.13, whose flag that came next, in 6.14, tells it: older
 * rings let a file go only after every transfer of registered files that was under way, so the end
 * of a connection would wait for the slowest peer of another (liburing issue 1192).
 */
final class Registered {
    /** Transfers of a descriptor before it is registered. */
    static final int HOT = 64;

    /** The first places of the table, which sockets do not take. */
    private static final int FILES = 256;

    private static final int SOCKETS = 4096;

    /** Of 1 MiB each: half of what {@code ulimit -l} usually allows a process. */
    private static final int BLOCKS = 4;

    /** In place of the count of transfers: the file is not registered, and will not be. */
    private static final int REFUSED = Integer.MAX_VALUE;

    private enum State {
        UNUSED,
        IN_USE,
        OFF
    }

    private final RingResources resources;
    private final SlabPool memory;
    private final BitSet taken = new BitSet();
    private final long[] blocks = new long[BLOCKS];
    private State state;
    private int places = FILES + SOCKETS;
    private int lastUsed;
    private boolean memoryRefused;

    Registered(Ring ring, SlabPool memory) {
        resources = new RingResources(ring);
        this.memory = memory;
        boolean letsGoAtOnce = (ring.features() & RingParamsLayout.FEAT_RW_ATTR) != 0;
        state = letsGoAtOnce ? State.UNUSED : State.OFF;
        memory.onUnmap(this::forgetBlock);
    }

    /** Makes the entry of a transfer one of registered resources, as far as they are. */
    void apply(long sqe, Slot slot) {
        Fd fd = slot.owner;
        if (fd == null || !isTransfer(slot.op()) || Bits.has(slot, Bits.UNREGISTERED)) {
            return;
        }
        int note = fd.engineNote;
        if (note >= 0) {
            if (note == REFUSED || state == State.OFF) {
                return;
            }
            if (note < HOT) {
                fd.engineNote = note + 1;
                return;
            }
            note = register(fd);
            if (note >= 0) {
                return;
            }
        }
        Bits.set(slot, Bits.REGISTERED);
        int opcode = slot.op().opcode();
        int index = isOfFile(slot.op()) ? blockOf(slot.address, slot.length) : -1;
        if (index >= 0) {
            opcode = slot.op() == Op.READ ? Opcode.READ_FIXED : Opcode.WRITE_FIXED;
            Memory.putLong(sqe + SqeLayout.BUF_INDEX, index);
        }
        long head = (Memory.getLong(sqe) & 0xffffff00L) | (long) SqeLayout.IOSQE_FIXED_FILE << 8;
        Memory.putLong(sqe, head | opcode | (long) ~note << 32);
    }

    private static boolean isTransfer(Op op) {
        return isOfFile(op) || op == Op.SEND || op == Op.SENDMSG;
    }

    private static boolean isOfFile(Op op) {
        return op == Op.READ || op == Op.WRITE;
    }

    private int register(Fd fd) {
        int note = REFUSED;
        try {
            begin();
            int index = taken.nextClearBit(fd.kind() == Fd.Kind.SOCKET ? FILES : 0);
            if (index < places) {
                resources.updateFiles(index, fd.number());
                taken.set(index);
                note = ~index;
            }
        } catch (RingException e) {
            Log.LOG.debug("{} is used without being registered: {}", fd, e.getMessage());
        }
        fd.engineNote = note;
        return note;
    }

    private void begin() throws RingException {
        if (state == State.UNUSED) {
            state = State.OFF;
            try {
                resources.registerFilesSparse(places);
            } catch (RingException e) { // no more places than ulimit -n allows descriptors
                places = FILES;
                resources.registerFilesSparse(places);
            }
            resources.registerBuffersSparse(BLOCKS);
            state = State.IN_USE;
        }
    }

    /** The place of the registered block that holds a range, or -1. */
    private int blockOf(long address, int length) {
        if (isIn(lastUsed, address, length)) {
            return lastUsed;
        }
        int free = -1;
        for (int i = 0; i < BLOCKS; i++) {
            if (isIn(i, address, length)) {
                lastUsed = i;
                return i;
            }
            free = blocks[i] == 0 ? i : free;
        }
        return free < 0 || memoryRefused ? -1 : registerBlock(free, address, length);
    }

    private boolean isIn(int index, long address, int length) {
        long offset = address - blocks[index];
        return offset >= 0 && offset <= SlabPool.BLOCK_BYTES - length;
    }

    private int registerBlock(int index, long address, int length) {
        long block = memory.blockOf(address, length);
        if (block == 0) {
            return -1;
        }
        try {
            resources.updateBuffer(index, Memory.segment(block, SlabPool.BLOCK_BYTES));
        } catch (RingException e) {
            Log.LOG.debug("memory is used without being registered: {}", e.getMessage());
            memoryRefused = true;
            return -1;
        }
        blocks[index] = block;
        lastUsed = index;
        return index;
    }

    /** A block is about to be unmapped: the kernel would go on writing to the pages it had. */
    private void forgetBlock(long address) {
        for (int i = 0; i < BLOCKS; i++) {
            if (blocks[i] == address) {
                blocks[i] = 0;
                try {
                    resources.updateBuffer(i, MemorySegment.NULL);
                } catch (RingException e) {
                    throw new IllegalStateException("registered memory cannot be let go", e);
                }
            }
        }
    }

    /**
     * Whether an error may come of the registration, as one of a file that only takes memory of the
     * process: then the transfer, of which nothing has happened, is tried without.
     */
    static boolean mayBeToBlame(Slot slot, int result) {
        return isOfFile(slot.op())
                && (result == -ErrnoCode.EINVAL
                        || result == -ErrnoCode.EFAULT
                        || result == -ErrnoCode.EBADF
                        || result == -ErrnoCode.EACCES
                        || result == -ErrnoCode.EOPNOTSUPP);
    }

    /** The descriptor is about to be closed. */
    void forget(Fd fd) {
        if (fd.engineNote >= 0) {
            return;
        }
        int index = ~fd.engineNote;
        fd.engineNote = REFUSED;
        taken.clear(index);
        try {
            resources.updateFiles(index, -1);
        } catch (RingException e) {
            throw new IllegalStateException("a registered file cannot be let go", e);
        }
    }

    /** Lets all go at once; the end of the ring, which the kernel takes its time for, would. */
    void close() {
        if (state == State.IN_USE) {
            state = State.OFF;
            try {
                resources.unregisterFiles();
                resources.unregisterBuffers();
            } catch (RingException e) {
                Log.LOG.debug("left to the end of the ring: {}", e.getMessage());
            }
            Arrays.fill(blocks, 0);
        }
    }
}
