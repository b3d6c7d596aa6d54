package dev.chime.fs;

/**
 * How {@link Fs#opendir} reads a directory.
 *
 * @param bufferSize how many entries are fetched at once, about, and {@link Dir#readBatch} gives at
 *     the most; the more, the fewer ways to the kernel, and the more memory while one is under way:
 *     32 bytes each, at least 4 KiB and at most 256 KiB
 */
public record OpendirOptions(int bufferSize) {
    private static final OpendirOptions DEFAULTS = new OpendirOptions(2048);

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException when it is not positive
     */
    public OpendirOptions {
        if (bufferSize <= 0) {
            throw new IllegalArgumentException("bufferSize is not positive: " + bufferSize);
        }
    }

    /** About 2000 entries at once, in 64 KiB. */
    public static OpendirOptions defaults() {
        return DEFAULTS;
    }

    /** These options with another size. */
    public OpendirOptions bufferSize(int entries) {
        return new OpendirOptions(entries);
    }
}
