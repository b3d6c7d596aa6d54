package dev.chime.reactor.engine;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What an engine found when it started.
 *
 * @param engine its name as in {@code -Dchime.engine}
 * @param ring operations that go through the ring; the others go to the pool
 * @param dropped wanted features that the kernel refused
 */
public record Capabilities(String engine, Set<Op> ring, List<String> dropped) {
    /** Copies what it is given. */
    public Capabilities {
        ring = ring.isEmpty() ? EnumSet.noneOf(Op.class) : EnumSet.copyOf(ring);
        dropped = List.copyOf(dropped);
    }

    /** True when {@code op} is performed by the ring. */
    public boolean onRing(Op op) {
        return ring.contains(op);
    }
}
