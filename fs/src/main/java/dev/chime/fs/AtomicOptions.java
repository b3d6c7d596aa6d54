package dev.chime.fs;

import org.jspecify.annotations.Nullable;

/**
 * How {@link Fs#writeFileAtomic} makes the file.
 *
 * @param mode its permission bits, whatever the umask; null: those of the file that it replaces, or
 *     0666 less the umask
 * @param flush whether content and name are forced to the device (fsync) before the callback;
 *     without, a power cut may leave the old file, the new one, or one that is empty or in part
 */
public record AtomicOptions(@Nullable Integer mode, boolean flush) {
    private static final AtomicOptions DEFAULTS = new AtomicOptions(null, true);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the mode has other bits than 07777
     */
    public AtomicOptions {
        if (mode != null) {
            Arguments.mode(mode);
        }
    }

    /** The mode of the file before, and flushed. */
    public static AtomicOptions defaults() {
        return DEFAULTS;
    }

    /** These options with permission bits. */
    public AtomicOptions mode(int bits) {
        return new AtomicOptions(bits, flush);
    }

    /** These options with or without a flush. */
    public AtomicOptions flush(boolean wanted) {
        return new AtomicOptions(mode, wanted);
    }
}
