package dev.chime.reactor;

import java.util.Locale;

/** Which engine performs the operations; {@code -Dchime.engine} says it in lower case. */
public enum EngineKind {
    /** The ring where there is one, else the pool. */
    AUTO,
    /** io_uring, or an error. */
    URING,
    /** epoll and worker threads. */
    POOL,
    /** A simulated machine: {@link Simulation}. */
    SIM;

    /** Reads a name. */
    static EngineKind parse(String name) {
        for (EngineKind kind : values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "-Dchime.engine=" + name + " is not an engine: use auto, uring, pool or sim");
    }
}
