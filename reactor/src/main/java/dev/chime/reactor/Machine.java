package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;

/** A machine that a reactor runs on instead of the one it is on: a clock, and the engine there. */
abstract class Machine implements NanoClock {
    /** Opens the engine, on the loop's thread. */
    abstract Engine open(EngineChoice.Parts parts);

    /** The clock for an engine: a simulated one has that of its machine, no other has it. */
    static NanoClock clockFor(EngineKind engine, NanoClock clock) {
        if (engine != EngineKind.SIM) {
            return clock instanceof Machine ? NanoClock.SYSTEM : clock;
        }
        if (clock instanceof Machine) {
            return clock;
        }
        if (!clock.equals(NanoClock.SYSTEM)) {
            throw new IllegalArgumentException(
                    "the engine sim has a clock of its own: use ReactorOptions.simulated(seed)");
        }
        return Simulation.seeded(Settings.SEED);
    }
}
