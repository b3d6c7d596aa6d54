package dev.chime.fs;

import dev.chime.reactor.AbortSignal;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Fs#watch} watches.
 *
 * @param recursive whether a folder is watched with all folders below it; symbolic links are not
 *     followed
 * @param persistent whether the watcher keeps the loop alive; {@link Watcher#ref} and {@link
 *     Watcher#unref} change it later
 * @param ignore true for a path, relative to the watched folder, of which nothing is to be told; a
 *     folder that is ignored is not looked into and costs no watch. Runs on the loop thread.
 * @param signal closes the watcher when it aborts; null: none
 */
public record WatchOptions(
        boolean recursive,
        boolean persistent,
        Predicate<Path> ignore,
        @Nullable AbortSignal signal) {
    private static final WatchOptions DEFAULTS = new WatchOptions(false, true, path -> false, null);

    /** Checks every value. */
    public WatchOptions {
        Arguments.notNull(ignore, "ignore");
    }

    /** Not recursive, persistent, nothing ignored, no signal. */
    public static WatchOptions defaults() {
        return DEFAULTS;
    }

    /** These options with or without the folders below. */
    public WatchOptions recursive(boolean wanted) {
        return new WatchOptions(wanted, persistent, ignore, signal);
    }

    /** These options with or without a vote for the loop to go on. */
    public WatchOptions persistent(boolean wanted) {
        return new WatchOptions(recursive, wanted, ignore, signal);
    }

    /** These options with another filter. */
    public WatchOptions ignore(Predicate<Path> filter) {
        return new WatchOptions(recursive, persistent, filter, signal);
    }

    /**
     * These options, which also ignore what matches one of the patterns of {@link GlobOptions},
     * with all that is in it. They are matched against paths relative to the watched folder; one
     * without a slash is a name anywhere. A slash at the end ignores what a folder holds, but not
     * the folder.
     *
     * @throws IllegalArgumentException when a pattern is none, or absolute
     */
    public WatchOptions ignoreGlob(String... patterns) {
        Arguments.notNull(patterns, "patterns");
        return ignore(ignore.or(GlobPattern.filter(List.of(patterns))));
    }

    /** These options with a signal that closes the watcher. */
    public WatchOptions signal(AbortSignal closing) {
        Arguments.notNull(closing, "closing");
        return new WatchOptions(recursive, persistent, ignore, closing);
    }
}
