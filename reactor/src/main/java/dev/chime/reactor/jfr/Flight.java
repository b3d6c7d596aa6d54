package dev.chime.reactor.jfr;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The gate to Flight Recorder: costs a read of a field while there is no recording, and loads no
 * event class before there is one. Any thread.
 */
public final class Flight {
    /** An image may be without Flight Recorder. */
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent() && isReadable();

    private Flight() {}

    private static boolean isReadable() {
        Module own = Flight.class.getModule();
        return own.canRead(FlightRecorder.class.getModule());
    }

    /** True once there was a recording in this JVM. */
    public static boolean isOn() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    /** A callback is about to be called; null when nobody records slow ones. */
    public static @Nullable SlowCallback callbackBegins() {
        return isOn() ? SlowCallback.begun() : null;
    }

    /** A stall of the calling thread is over. */
    public static void stalled(long nanos, boolean reported) {
        if (isOn()) {
            Stall.commit(nanos, reported);
        }
    }

    /** The ring turned out not to have an operation: it goes to the pool. */
    public static void demoted(String operation) {
        if (isOn()) {
            Demotion.commit(operation);
        }
    }

    /** The completion queue was found full. */
    public static void overflowed(int entries, long times) {
        if (isOn()) {
            Overflow.commit(entries, times);
        }
    }
}
