package dev.chime.net.tls;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks of what users pass. */
final class Arguments {
    private Arguments() {}

    static void required(@Nullable Object argument, String name, String remedy) {
        if (argument == null) {
            throw new IllegalArgumentException(name + " is null: " + remedy);
        }
    }

    static void callback(@Nullable Object callback, String name) {
        required(callback, name, "pass a function");
    }

    static void positive(@Nullable Duration time, String name) {
        required(time, name, "pass a duration");
        if (time != null && !time.isPositive()) {
            throw new IllegalArgumentException(name + " is " + time + ": use more than 0");
        }
    }

    static void notNegative(@Nullable Duration time, String name) {
        required(time, name, "pass a duration");
        if (time != null && time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + time + ": use 0 or more");
        }
    }
}
