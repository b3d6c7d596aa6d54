package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import org.jspecify.annotations.Nullable;

/**
 * Memory to receive into: one chunk at a time, filled bit by bit, as the ring's incremental buffers
 * are. When everybody has released the current chunk it is filled from the start again.
 */
final class ReceiveChunks {
    /** A result: nothing was received, because there is no memory until somebody releases some. */
    static final int NO_ROOM = Integer.MIN_VALUE;

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int LEAST_ROOM = 4 << 10;

    private final SlabPool memory;
    private @Nullable Chunk current;
    private int used;

    ReceiveChunks(SlabPool memory) {
        this.memory = memory;
    }

    /** Receives once; on success the slot's chunk holds the bytes, with one user more. */
    int receive(Libc libc, Slot slot) {
        Chunk chunk = room();
        if (chunk == null) {
            return peek(libc, slot);
        }
        int room = chunk.size() - used;
        int result =
                (int)
                        libc.syscall(
                                Sys.RECVFROM,
                                slot.fd,
                                chunk.address() + used,
                                room,
                                slot.flags | Const.MSG_DONTWAIT,
                                0,
                                0);
        if (result > 0) {
            chunk.retain();
            slot.chunk = chunk;
            slot.chunkOffset = used;
            used += result;
        }
        return result;
    }

    /** Without memory the end, an error and that there is nothing are told all the same. */
    private static int peek(Libc libc, Slot slot) {
        int flags = slot.flags | Const.MSG_DONTWAIT | Const.MSG_PEEK;
        long found = libc.syscall(Sys.RECVFROM, slot.fd, slot.scratch, 1, flags, 0, 0);
        return found > 0 ? NO_ROOM : (int) found;
    }

    /** The most that the next receive can take. */
    int lastRoom() {
        return current == null ? 0 : current.size() - used;
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
