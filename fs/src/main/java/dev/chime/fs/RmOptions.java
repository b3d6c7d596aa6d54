package dev.chime.fs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Fs#rm} removes.
 *
 * @param recursive whether a directory is removed with all that is in it
 * @param force whether a path that does not exist is no error
 * @param maxRetries how often a step that fails with EBUSY, EMFILE, ENFILE, ENOTEMPTY or EPERM is
 *     tried again; as in Node, only where {@code recursive} is set
 * @param retryDelay the pause before the first repetition, twice that before the second, and so on
 * @param progress hears how many entries are gone; may be null
 */
public record RmOptions(
        boolean recursive,
        boolean force,
        int maxRetries,
        Duration retryDelay,
        Progress.@Nullable Listener progress) {
    private static final Duration DELAY = Duration.ofMillis(100);
    private static final RmOptions DEFAULTS = new RmOptions(false, false, 0, DELAY, null);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the number of retries or the delay is negative
     */
    public RmOptions {
        Arguments.notNull(retryDelay, "retryDelay");
        if (maxRetries < 0 || retryDelay.isNegative()) {
            throw new IllegalArgumentException(
                    "maxRetries is "
                            + maxRetries
                            + ", retryDelay "
                            + retryDelay
                            + ": use 0 or more");
        }
    }

    /** One file, which must exist; no retries, 100 ms between them if there are any. */
    public static RmOptions defaults() {
        return DEFAULTS;
    }

    /** These options, with or without what is in a directory. */
    public RmOptions recursive(boolean wanted) {
        return new RmOptions(wanted, force, maxRetries, retryDelay, progress);
    }

    /** These options; with {@code wanted}, what does not exist is no error. */
    public RmOptions force(boolean wanted) {
        return new RmOptions(recursive, wanted, maxRetries, retryDelay, progress);
    }

    /** These options with so many retries, and a pause that grows by {@code delay} each time. */
    public RmOptions retries(int most, Duration delay) {
        return new RmOptions(recursive, force, most, delay, progress);
    }

    /** These options with somebody who hears of progress. */
    public RmOptions progress(Progress.Listener listener) {
        return new RmOptions(recursive, force, maxRetries, retryDelay, listener);
    }
}
