package dev.chime.fs;

/**
 * How far a call of many steps has come.
 *
 * @param bytes bytes copied so far; 0 where nothing is copied
 * @param totalBytes how many there will be, or {@link #UNKNOWN}
 * @param entries files, links and directories that are done
 */
public record Progress(long bytes, long totalBytes, long entries) {
    /** The total of a call that finds out what there is as it goes. */
    public static final long UNKNOWN = -1;

    /**
     * Hears of progress, on the loop thread: every {@value Reporter#INTERVAL_MILLIS} ms at the
     * most, and once more before a call's callback hears of success.
     */
    @FunctionalInterface
    public interface Listener {
        /** Takes how far the call is; what it throws goes to the uncaught handler. */
        void progress(Progress progress) throws Exception;
    }
}
