package dev.chime.reactor;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.testing.Reactors;
import java.util.EnumSet;

/** The ways in which an operation can be performed; each must give the same results. */
enum Setup {
    /** Through the ring. */
    URING,
    /** By the pool engine. */
    POOL,
    /** By the pool engine that is embedded in the ring engine, as if the ring lacked the opcode. */
    URING_WITHOUT_OPS,
    /** On a simulated machine. */
    SIM;

    EngineKind engine() {
        return switch (this) {
            case POOL -> EngineKind.POOL;
            case SIM -> EngineKind.SIM;
            case URING, URING_WITHOUT_OPS -> EngineKind.URING;
        };
    }

    ReactorOptions options() {
        return Reactors.options(engine());
    }

    void run(Reactor.Main main) {
        run(options(), main);
    }

    void run(ReactorOptions options, Reactor.Main main) {
        EnumSet<Op> denied = EnumSet.noneOf(Op.class);
        if (this == URING_WITHOUT_OPS) {
            denied = EnumSet.complementOf(EnumSet.of(Op.NOP, Op.ASYNC_CANCEL));
        }
        runDenying(denied, options, main);
    }

    /** Runs with the ring closed to some operations. */
    static void runDenying(EnumSet<Op> denied, ReactorOptions options, Reactor.Main main) {
        EnumSet<Op> added = EnumSet.copyOf(denied);
        added.removeAll(Settings.DENIED);
        Settings.DENIED.addAll(added);
        try {
            Reactors.run(options, main);
        } finally {
            Settings.DENIED.removeAll(added);
        }
    }
}
