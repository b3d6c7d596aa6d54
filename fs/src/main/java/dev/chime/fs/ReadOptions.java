package dev.chime.fs;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * How {@link Fs#readFile} opens a file.
 *
 * @param flags how it is opened; by default as Node's {@code "r"}. One that is created, as with
 *     {@code "a+"}, gets mode 0666 less the umask. With {@link OpenFlag#NONBLOCK} nobody waits for
 *     the writer of a FIFO
 */
public record ReadOptions(Set<OpenFlag> flags) {
    private static final ReadOptions DEFAULTS = new ReadOptions(OpenFlag.parse("r"));

    /**
     * Checks the flags.
     *
     * @throws IllegalArgumentException when they do not open for reading
     */
    public ReadOptions {
        Arguments.notNull(flags, "flags");
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
        OpenFlag.bits(flags);
        if (!flags.contains(OpenFlag.READ)) {
            throw new IllegalArgumentException("flags has no READ: " + flags);
        }
    }

    /** Flags {@code "r"}. */
    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other flags. */
    public ReadOptions flags(Set<OpenFlag> other) {
        return new ReadOptions(other);
    }

    /** These options with one of Node's flag strings, for example {@code "a+"}. */
    public ReadOptions flags(String nodeFlags) {
        return new ReadOptions(OpenFlag.parse(nodeFlags));
    }
}
