package dev.chime.reactor;

import java.util.Objects;

/**
 * How a group of loops is set up.
 *
 * @param loops how many, 1 to 1024
 * @param reactor the options of each
 * @param endTogether whether the end of one loop by a failure ends the others; if not, the default,
 *     they go on
 * @param name how the threads are called, a number behind it
 */
public record GroupOptions(int loops, ReactorOptions reactor, boolean endTogether, String name) {
    /** Checks every value. */
    public GroupOptions {
        if (loops < 1 || loops > 1024) {
            throw new IllegalArgumentException("loops is " + loops + ": use 1 to 1024");
        }
        Objects.requireNonNull(reactor, "reactor");
        Objects.requireNonNull(name, "name");
    }

    /** So many loops with {@link ReactorOptions#defaults}. */
    public static GroupOptions of(int loops) {
        return new GroupOptions(loops, ReactorOptions.defaults(), false, "chime-loop-");
    }

    /** These options with others for each reactor. */
    public GroupOptions reactor(ReactorOptions options) {
        return new GroupOptions(loops, options, endTogether, name);
    }

    /** These options, and whether a failure ends all loops. */
    public GroupOptions endTogether(boolean all) {
        return new GroupOptions(loops, reactor, all, name);
    }

    /** These options with another name for the threads. */
    public GroupOptions name(String prefix) {
        return new GroupOptions(loops, reactor, endTogether, prefix);
    }
}
