package dev.chime.reactor.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks of what users pass; each throws {@link IllegalArgumentException} with a remedy. */
public final class Checks {
    private Checks() {}

    /** Refuses null. */
    public static void required(@Nullable Object argument, String name, String remedy) {
        if (argument == null) {
            throw new IllegalArgumentException(name + " is null: " + remedy);
        }
    }

    /** Refuses null for a function. */
    public static void callback(@Nullable Object callback, String name) {
        required(callback, name, "pass a function");
    }

    /** Refuses null, zero and less. */
    public static void positive(@Nullable Duration time, String name) {
        required(time, name, "pass a duration");
        if (time != null && !time.isPositive()) {
            throw new IllegalArgumentException(name + " is " + time + ": use more than 0");
        }
    }

    /** Refuses zero and less. */
    public static int positive(int number, String name) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " is " + number + ": use 1 or more");
        }
        return number;
    }

    /** Refuses null and less than zero. */
    public static void notNegative(@Nullable Duration time, String name) {
        required(time, name, "pass a duration");
        if (time != null && time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + time + ": use 0 or more");
        }
    }
}
