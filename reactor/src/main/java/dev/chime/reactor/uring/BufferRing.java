package dev.chime.reactor.uring;

import dev.chime.reactor.libc.BufLayout;
import dev.chime.reactor.libc.BufRegLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RegisterOp;
import java.lang.foreign.MemorySegment;

/**
 * Buffers from which the kernel picks when it receives: io_uring_provided_buffers(7).
 *
 * <p>Where the kernel can (6.12), and it was asked for, a buffer is consumed bit by bit: its
 * completions carry {@code IORING_CQE_F_BUF_MORE} until it is used up. For the ring's thread.
 */
public final class BufferRing implements AutoCloseable {
    private final Ring ring;
    private final Libc libc = new Libc();
    private final int group;
    private final int count;
    private final int size;
    private final long entries;
    private final long memory;
    private boolean incremental;
    private boolean closed;
    private int tail;

    private BufferRing(Ring ring, int group, int count, int size) throws RingException {
        this.ring = ring;
        this.group = group;
        this.count = count;
        this.size = size;
        long entriesAt = libc.mmap((long) count * BufLayout.SIZE);
        long memoryAt = entriesAt < 0 ? entriesAt : libc.mmap((long) count * size);
        if (memoryAt < 0) {
            if (entriesAt >= 0) {
                libc.munmap(entriesAt, (long) count * BufLayout.SIZE);
            }
            libc.close();
            throw new RingException(
                    "mmap of %d buffers of %d bytes".formatted(count, size), (int) -memoryAt);
        }
        entries = entriesAt;
        memory = memoryAt;
    }

    /**
     * Registers {@code count} buffers of {@code size} bytes and provides them all.
     *
     * @param group the number that submissions name
     * @param count a power of two, at most 32768
     * @param incremental whether buffers should be consumed bit by bit, where the kernel can
     */
    public static BufferRing register(
            Ring ring, int group, int count, int size, boolean incremental) throws RingException {
        if (Integer.bitCount(count) != 1 || count > 1 << 15 || size < BufRegLayout.SIZE) {
            throw new IllegalArgumentException(
                    "count is "
                            + count
                            + ", a power of two up to 32768 is needed; size is "
                            + size
                            + ", "
                            + BufRegLayout.SIZE
                            + " bytes at least");
        }
        BufferRing buffers = new BufferRing(ring, group, count, size);
        int result = -1;
        if (incremental) {
            result = buffers.register(BufRegLayout.FLAG_INC);
            buffers.incremental = result >= 0;
        }
        if (!buffers.incremental) {
            result = buffers.register(0);
        }
        if (result < 0) {
            buffers.free();
            throw new RingException("io_uring_register(PBUF_RING)", -result);
        }
        for (int id = 0; id < count; id++) {
            buffers.provide(id);
        }
        buffers.publish();
        return buffers;
    }

    private int register(int flags) {
        // The buffers are empty still: the first one serves for the argument.
        Memory.putLong(memory + BufRegLayout.RING_ADDR, entries);
        Memory.putInt(memory + BufRegLayout.RING_ENTRIES, count);
        Memory.putShort(memory + BufRegLayout.BGID, (short) group);
        Memory.putShort(memory + BufRegLayout.FLAGS, (short) flags);
        Memory.fill(memory + BufRegLayout.FLAGS + 2, 24, (byte) 0);
        return ring.register(RegisterOp.REGISTER_PBUF_RING, memory, 1);
    }

    /** Gives a whole buffer to the kernel again; seen by it after {@link #publish}. */
    public void provide(int id) {
        long buffer = address(id);
        long entry = entries + (long) (tail++ & (count - 1)) * BufLayout.SIZE;
        Memory.putLong(entry + BufLayout.ADDR, buffer);
        Memory.putInt(entry + BufLayout.LEN, size);
        Memory.putShort(entry + BufLayout.BID, (short) id);
    }

    /** Lets the kernel see what was provided. */
    public void publish() {
        if (closed) {
            throw new IllegalStateException("these buffers are closed");
        }
        Memory.putShortRelease(entries + BufLayout.RING_TAIL, (short) tail);
    }

    /** A buffer's memory, valid until {@link #close}. */
    public MemorySegment buffer(int id) {
        return Memory.segment(address(id), size);
    }

    /** The address of a buffer: the raw form of {@link #buffer}. */
    public long address(int id) {
        if (closed) {
            throw new IllegalStateException("these buffers are closed");
        }
        if (id < 0 || id >= count) {
            throw new IndexOutOfBoundsException("buffer " + id + " of " + count);
        }
        return memory + (long) id * size;
    }

    /** The number that submissions name. */
    public int group() {
        return group;
    }

    /** True when buffers are consumed bit by bit. */
    public boolean isIncremental() {
        return incremental;
    }

    private void free() {
        libc.munmap(memory, (long) count * size);
        libc.munmap(entries, (long) count * BufLayout.SIZE);
        libc.close();
    }

    /** Takes the buffers away from the kernel and frees them; nothing may be received into them. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!ring.isClosed()) { // else the kernel has let go of them already
            Memory.fill(memory, BufRegLayout.SIZE, (byte) 0);
            Memory.putShort(memory + BufRegLayout.BGID, (short) group);
            ring.register(RegisterOp.UNREGISTER_PBUF_RING, memory, 1);
        }
        free();
    }
}
