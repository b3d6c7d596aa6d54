package dev.chime.reactor;

/** How far {@link Reactor#run(RunMode)} turns the loop. */
public enum RunMode {
    /** Until nothing keeps it alive. */
    UNTIL_DONE,
    /** One turn, which sleeps when nothing is ready, and then the timers that this made due. */
    ONCE,
    /** One turn that never sleeps. */
    NO_WAIT
}
