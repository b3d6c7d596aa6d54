package dev.chime.reactor;

/** Who still listens to a signal, for the tests of other modules. */
public final class SignalCensus {
    private SignalCensus() {}

    /** How many listeners a signal holds. */
    public static int listeners(AbortSignal signal) {
        return signal.listeners();
    }
}
