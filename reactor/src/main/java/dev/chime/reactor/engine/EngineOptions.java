package dev.chime.reactor.engine;

import java.util.EnumSet;
import java.util.Set;

/**
 * What an engine is started with.
 *
 * @param sqEntries submission queue entries, a power of two
 * @param cqEntries completion queue entries, a power of two
 * @param workers threads of the pool
 * @param restricted whether a ring is confined to the vocabulary, where the kernel can
 * @param deniedOps operations that must not use the ring, for tests and for kernels known bad
 */
public record EngineOptions(
        int sqEntries, int cqEntries, int workers, boolean restricted, Set<Op> deniedOps) {
    /** Copies the set. */
    public EngineOptions {
        deniedOps = deniedOps.isEmpty() ? EnumSet.noneOf(Op.class) : EnumSet.copyOf(deniedOps);
    }
}
