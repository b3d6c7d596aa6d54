package dev.chime.fs;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * How {@link Fs#writeFile} opens and finishes a file.
 *
 * @param flags how it is opened; by default as Node's {@code "w"}: created or emptied
 * @param mode permission bits of a file that is created, less the process's umask
 * @param flush whether data and metadata are forced to the device (fsync) before the close
 */
public record WriteOptions(Set<OpenFlag> flags, int mode, boolean flush) {
    private static final WriteOptions DEFAULTS =
            new WriteOptions(OpenFlag.parse("w"), Arguments.DEFAULT_MODE, false);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the flags do not open for writing, or the mode has
     *     other bits than 07777
     */
    public WriteOptions {
        Arguments.notNull(flags, "flags");
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
        OpenFlag.bits(flags);
        if (!flags.contains(OpenFlag.WRITE) && !flags.contains(OpenFlag.APPEND)) {
            throw new IllegalArgumentException("flags has neither WRITE nor APPEND: " + flags);
        }
        Arguments.mode(mode);
    }

    /** Flags {@code "w"}, mode 0666, no flush. */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other flags. */
    public WriteOptions flags(Set<OpenFlag> other) {
        return new WriteOptions(other, mode, flush);
    }

    /** These options with one of Node's flag strings, for example {@code "wx"} or {@code "a"}. */
    public WriteOptions flags(String nodeFlags) {
        return new WriteOptions(OpenFlag.parse(nodeFlags), mode, flush);
    }

    /** These options for writing behind what is there. */
    WriteOptions appending() {
        if (flags.contains(OpenFlag.APPEND) && !flags.contains(OpenFlag.TRUNCATE)) {
            return this;
        }
        Set<OpenFlag> other = EnumSet.copyOf(flags);
        other.remove(OpenFlag.TRUNCATE);
        other.add(OpenFlag.APPEND);
        return new WriteOptions(other, mode, flush);
    }

    /** These options with other permission bits. */
    public WriteOptions mode(int bits) {
        return new WriteOptions(flags, bits, flush);
    }

    /** These options with or without a flush before the close. */
    public WriteOptions flush(boolean wanted) {
        return new WriteOptions(flags, mode, wanted);
    }
}
