package dev.chime.fs;

import dev.chime.reactor.internal.Core;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Counts what a call does, and tells its user now and then. */
final class Reporter {
    /** Ten times a second: what a person can follow, and nothing that a loop would feel. */
    static final int INTERVAL_MILLIS = 100;

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);

    private final Core core;
    private final Progress.@Nullable Listener listener;
    private long bytes;
    private long totalBytes = Progress.UNKNOWN;
    private long entries;
    private long toldAt;

    Reporter(Core core, Progress.@Nullable Listener listener) {
        this.core = core;
        this.listener = listener;
        toldAt = core.reactor().now();
    }

    void total(long ofBytes) {
        totalBytes = ofBytes;
    }

    void copied(long moreBytes) {
        bytes += moreBytes;
        tellIfDue();
    }

    void done() {
        entries++;
        tellIfDue();
    }

    private void tellIfDue() {
        if (listener != null && core.reactor().now() - toldAt >= INTERVAL_NANOS) {
            tell();
        }
    }

    /** Tells how it ended. */
    void tell() {
        Progress.Listener told = listener;
        if (told != null) {
            toldAt = core.reactor().now();
            Progress progress = new Progress(bytes, totalBytes, entries);
            core.call(() -> told.progress(progress));
        }
    }

    @Override
    public String toString() {
        return entries + " entries, " + bytes + " bytes";
    }
}
