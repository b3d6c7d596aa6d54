package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import org.jspecify.annotations.Nullable;

/** Memory that receives fill bit by bit: one chunk until it is full, again when all let it go. */
final class ReceiveMemory {
    /** A result: nothing was received, because there is no memory until somebody releases some. */
    static final int NO_ROOM = Integer.MIN_VALUE;

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int LEAST_ROOM = 4 << 10;

    private final SlabPool memory;
    private @Nullable Chunk current;
    private int used;

    ReceiveMemory(SlabPool memory) {
        this.memory = memory;
    }

    /** Receives at most {@code most} bytes; on success the slot's chunk holds them. */
    int receive(SimSocket socket, Slot slot, int most) {
        Chunk chunk = room();
        if (chunk == null) {
            return NO_ROOM;
        }
        int result = socket.receive(chunk.address() + used, Math.min(most, chunk.size() - used));
        if (result > 0) {
            chunk.retain();
            slot.chunk = chunk;
            slot.chunkOffset = used;
            used += result;
        }
        return result;
    }

    /** True when there is memory to receive into. */
    boolean hasRoom() {
        return room() != null;
    }

    private @Nullable Chunk room() {
        Chunk chunk = current;
        if (chunk != null && chunk.users() == 1) {
            used = 0;
        }
        if (chunk == null || chunk.size() - used < LEAST_ROOM) {
            Chunk fresh = memory.tryAllocate(CHUNK_BYTES);
            if (fresh == null) {
                return null; // the old one is filled again when everybody has released it
            }
            if (chunk != null) {
                chunk.release();
            }
            chunk = fresh;
            current = chunk;
            used = 0;
        }
        return chunk;
    }

    void close() {
        if (current != null) {
            current.release();
            current = null;
        }
    }
}
