package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/**
 * Memory for engines that receive one message at a time: one chunk, filled bit by bit, as the
 * ring's incremental buffers are. When everybody has released the current chunk it is filled from
 * the start again.
 */
public final class ReceiveMemory {
    /** A result: nothing was received, because there is no memory until somebody releases some. */
    public static final int NO_ROOM = Integer.MIN_VALUE;

    /** Room for the longest datagram, 65,527 bytes, with its sender and control data. */
    public static final int MESSAGE_ROOM = 68 << 10;

    private final SlabPool memory;
    private final int chunkBytes;
    private final int leastRoom;
    private @Nullable Chunk current;
    private int used;

    private ReceiveMemory(SlabPool memory, int chunkBytes, int leastRoom) {
        this.memory = memory;
        this.chunkBytes = chunkBytes;
        this.leastRoom = leastRoom;
    }

    /** For streams, which can be received in pieces of any length; chunks of {@code memory}. */
    public static ReceiveMemory ofStreams(SlabPool memory) {
        return new ReceiveMemory(memory, 64 << 10, 4 << 10);
    }

    /** For messages, which get room for the longest there can be; chunks of {@code memory}. */
    public static ReceiveMemory ofMessages(SlabPool memory) {
        return new ReceiveMemory(memory, 256 << 10, MESSAGE_ROOM);
    }

    /** True when there is memory to receive into: at {@link #address}, {@link #left} bytes. */
    public boolean hasRoom() {
        Chunk chunk = current;
        if (chunk != null && chunk.users() == 1) {
            used = 0;
        }
        if (left() >= leastRoom) {
            return true;
        }
        Chunk fresh = memory.tryAllocate(chunkBytes);
        if (fresh == null) {
            return false; // the old one is filled again when everybody has released it
        }
        if (chunk != null) {
            chunk.release();
        }
        current = fresh;
        used = 0;
        return true;
    }

    /** Where the next bytes go; only when there is room. */
    public long address() {
        return chunk().address() + used;
    }

    /** How many bytes fit before the chunk is full. */
    public int left() {
        return current == null ? 0 : current.size() - used;
    }

    /** Gives what was received at {@link #address} to the slot, with one use of the chunk. */
    public void received(Slot slot, int bytes) {
        Chunk chunk = chunk();
        chunk.retain();
        slot.chunk = chunk;
        slot.chunkOffset = used;
        used += bytes;
    }

    private Chunk chunk() {
        return Invariant.present(current, "who receives has asked for room");
    }

    /** Ends its own use of the chunk. */
    public void close() {
        if (current != null) {
            current.release();
            current = null;
        }
    }
}
