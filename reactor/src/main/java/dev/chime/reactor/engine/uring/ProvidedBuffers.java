package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Invariant;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.uring.BufferRing;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingException;

/**
 * The buffers that the kernel picks from when it receives: a ring of provided buffers, shared by
 * all stream sockets of a reactor, or by all its datagram sockets.
 *
 * <p>Where the kernel can (6.12), a buffer is consumed bit by bit: many small messages lie behind
 * each other in one 64 KiB buffer, and it returns when the last of them has been released. When few
 * buffers are left, bytes are copied out at once into memory of the right size, so that slow
 * consumers cannot starve the other sockets; where there is no memory for that, sockets wait.
 *
 * <p>Source: io_uring_provided_buffers(7), io_uring_register_buf_ring(3).
 */
final class ProvidedBuffers implements Chunk.Home {
    /** The number of the group that streams are received into, incrementally. */
    static final int STREAMS = 1;

    /**
     * The number of the group for messages, which is not incremental: the kernel would cut a
     * message to what is left of a buffer.
     */
    static final int MESSAGES = 2;

    /** In {@link #used}: the kernel is done with the buffer. */
    private static final int EXHAUSTED = -1;

    private final SlabPool memory;
    private final BufferRing ring;
    private final Chunk[] chunks;
    private final int[] used;
    private int available;
    private boolean unpublished;

    private ProvidedBuffers(BufferRing ring, SlabPool memory, int count, int size) {
        this.ring = ring;
        this.memory = memory;
        chunks = new Chunk[count];
        used = new int[count];
        available = count;
        for (int id = 0; id < count; id++) {
            chunks[id] = new Chunk(this, id, ring.address(id), size);
            chunks[id].retain(); // by the kernel
        }
    }

    /** Registers {@code count} buffers of {@code size} bytes as one of the two groups. */
    static ProvidedBuffers register(Ring ring, SlabPool memory, int group, int count, int size)
            throws RingException {
        BufferRing buffers = BufferRing.register(ring, group, count, size, group == STREAMS);
        return new ProvidedBuffers(buffers, memory, count, size);
    }

    @Override
    public void reclaim(Chunk chunk) {
        int id = chunk.id();
        used[id] = 0;
        chunk.retain();
        ring.provide(id);
        available++;
        unpublished = true;
    }

    /** Lets the kernel see the buffers that came back. */
    void publish() {
        if (unpublished) {
            unpublished = false;
            ring.publish();
        }
    }

    /** Buffers that somebody besides the kernel uses. */
    int lent() {
        int lent = 0;
        for (Chunk chunk : chunks) {
            int byKernel = used[chunk.id()] == EXHAUSTED ? 0 : 1;
            lent += chunk.users() > byKernel ? 1 : 0;
        }
        return lent;
    }

    /** True when the kernel has a buffer to receive into. */
    boolean hasAvailable() {
        return available > 0;
    }

    /** The kernel reports a buffer with {@code result} bytes in it: gives them to the slot. */
    void received(Slot slot, int result, int cqeFlags) {
        int id = cqeFlags >>> CqeLayout.BUFFER_SHIFT;
        Invariant.check(id < chunks.length, "the kernel names a buffer we provided");
        Chunk chunk = chunks[id];
        int offset = used[id];
        boolean kernelKeeps = (cqeFlags & CqeLayout.F_BUF_MORE) != 0;
        if (result > 0) {
            Invariant.check(
                    offset + result <= chunk.size() && chunk.users() > 0,
                    "received bytes lie inside a provided buffer");
            used[id] = offset + result;
            give(slot, chunk, offset, result);
        }
        if (!kernelKeeps) {
            used[id] = EXHAUSTED;
            available--;
            chunk.release();
        }
    }

    private void give(Slot slot, Chunk chunk, int offset, int length) {
        Chunk copy = available > chunks.length / 8 ? null : memory.tryAllocate(length);
        if (copy == null) { // enough buffers, or no memory: then it ends with waiting sockets
            chunk.retain();
            slot.chunk = chunk;
            slot.chunkOffset = offset;
            return;
        }
        Memory.copy(chunk.address() + offset, copy.address(), length);
        slot.chunk = copy;
        slot.chunkOffset = 0;
    }

    /** Takes the buffers from the kernel and unmaps them: before the ring closes. */
    void close() {
        ring.close();
    }
}
