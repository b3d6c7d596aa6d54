package dev.chime.reactor.engine;

import org.jspecify.annotations.Nullable;

/** Checks that stay on in production, because a broken one would mean corrupted memory. */
public final class Invariant {
    private Invariant() {}

    /** Fails fast when a rule is broken. */
    public static void check(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError("broken invariant: " + rule);
        }
    }

    /** The value, which must be there. */
    public static <T> T present(@Nullable T value, String rule) {
        if (value == null) {
            throw new AssertionError("broken invariant: " + rule);
        }
        return value;
    }
}
