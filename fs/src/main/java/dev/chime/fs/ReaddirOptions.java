package dev.chime.fs;

/**
 * What {@link Fs#readdir} lists.
 *
 * @param recursive whether everything below the directory is listed too; links are not followed
 */
public record ReaddirOptions(boolean recursive) {
    private static final ReaddirOptions DEFAULTS = new ReaddirOptions(false);

    /** The directory alone. */
    public static ReaddirOptions defaults() {
        return DEFAULTS;
    }

    /** These options, with or without what is below. */
    public ReaddirOptions recursive(boolean wanted) {
        return new ReaddirOptions(wanted);
    }
}
