package dev.chime.fs;

/**
 * How {@link Fs#mkdir} makes directories.
 *
 * @param recursive whether missing directories above are made too, and an existing one is no error
 * @param mode permission bits of all that are made, less the process's umask
 */
public record MkdirOptions(boolean recursive, int mode) {
    private static final MkdirOptions DEFAULTS =
            new MkdirOptions(false, Arguments.DEFAULT_DIRECTORY_MODE);

    /**
     * Checks the mode.
     *
     * @throws IllegalArgumentException when it has other bits than 07777
     */
    public MkdirOptions {
        Arguments.mode(mode);
    }

    /** One directory with mode 0777. */
    public static MkdirOptions defaults() {
        return DEFAULTS;
    }

    /** These options, with or without the directories above. */
    public MkdirOptions recursive(boolean wanted) {
        return new MkdirOptions(wanted, mode);
    }

    /** These options with other permission bits. */
    public MkdirOptions mode(int bits) {
        return new MkdirOptions(recursive, bits);
    }
}
