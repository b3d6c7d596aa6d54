package dev.chime.reactor;

/** A monotonic clock in nanoseconds, by which a loop's timers run; tests bring their own. */
@FunctionalInterface
public interface NanoClock {
    /** The clock of the JVM: {@link System#nanoTime}. */
    NanoClock SYSTEM = System::nanoTime;

    /** Nanoseconds since some moment; never less than before. Called on the loop's thread. */
    long nanoTime();
}
