package dev.chime.reactor;

import dev.chime.reactor.engine.SlabPool;

/**
 * How a reactor's native memory for buffers stands: a snapshot, from {@link Reactor#memory}.
 *
 * @param mappedBytes what is mapped, in use or kept to be used again
 * @param usedBytes what is in use: by buffers, by calls that copy through memory, and by receives;
 *     in whole pieces of 4, 16, 64 or 256 KiB, or pages
 * @param peakBytes the most that was in use at once
 * @param maxBytes the most that may be mapped: {@link ReactorOptions#maxNativeBytes}
 * @param buffers {@link Buffer}s in use; those that a callback gets lie in receive memory, which on
 *     the ring is not counted here
 */
public record MemoryMetrics(
        long mappedBytes, long usedBytes, long peakBytes, long maxBytes, int buffers) {

    static MemoryMetrics of(SlabPool memory, int buffers) {
        return new MemoryMetrics(
                memory.mappedBytes(),
                memory.usedBytes(),
                memory.peakBytes(),
                memory.maxBytes(),
                buffers);
    }
}
