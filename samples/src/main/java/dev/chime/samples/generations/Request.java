package dev.chime.samples.generations;

import dev.chime.reactor.libc.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A place for one read in flight, used again and again. */
final class Request {
    /** Which of the requests of a run it is, from 0. */
    final int index;

    /** Where the bytes go. */
    final ByteBuffer bytes;

    final long address;

    /** The block that is read, and when that began: set by {@link Reads#begin}. */
    int block;

    long startedNanos;

    Request(int index, ByteBuffer bytes) {
        this.index = index;
        this.bytes = bytes;
        address = MemorySegment.ofBuffer(bytes).address();
    }

    /**
     * {@code count} requests, with memory aligned as {@code O_DIRECT} wants it, which lives as long
     * as {@code arena}.
     */
    static List<Request> allocate(Arena arena, int count) {
        List<Request> requests = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            MemorySegment memory = arena.allocate(Content.BLOCK_BYTES, Content.BLOCK_BYTES);
            requests.add(new Request(i, Memory.view(memory.address(), Content.BLOCK_BYTES)));
        }
        return requests;
    }

    /** Where in the file the block is. */
    long position() {
        return (long) block * Content.BLOCK_BYTES;
    }
}
