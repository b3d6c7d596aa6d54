package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import org.jspecify.annotations.Nullable;

/** Memory that receives fill bit by bit: one chunk until it is full, again when all let it go. */
final class ReceiveMemory {
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
        int result = socket.receive(chunk.address() + used, Math.min(most, chunk.size() - used));
        if (result > 0) {
            chunk.retain();
            slot.chunk = chunk;
            slot.chunkOffset = used;
            used += result;
        }
        return result;
    }

    private Chunk room() {
        Chunk chunk = current;
        if (chunk != null && chunk.users() == 1) {
            used = 0;
        }
        if (chunk == null || chunk.size() - used < LEAST_ROOM) {
            if (chunk != null) {
                chunk.release();
            }
            chunk = memory.allocate(CHUNK_BYTES);
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
