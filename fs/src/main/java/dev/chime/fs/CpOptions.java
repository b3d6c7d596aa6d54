package dev.chime.fs;

import java.nio.file.Path;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Fs#cp} copies, as Node's options of the same names say.
 *
 * @param recursive whether a directory is copied with all that is in it
 * @param force whether a file that exists is replaced
 * @param errorOnExist whether a file that exists is an error when it is not replaced; else it stays
 * @param dereference whether what links lead to is copied, not the links; then links are followed
 *     in both trees, those too that somebody makes meanwhile
 * @param preserveTimestamps whether copies keep the times of access and change
 * @param verbatimSymlinks whether relative links stay as they are; else they become absolute
 * @param reflink whether copies are to share the blocks of their sources
 * @param filter says which sources are copied to which destinations; a directory that it refuses is
 *     left out whole; null copies all
 * @param progress hears of bytes and entries copied; may be null
 */
public record CpOptions(
        boolean recursive,
        boolean force,
        boolean errorOnExist,
        boolean dereference,
        boolean preserveTimestamps,
        boolean verbatimSymlinks,
        CopyOptions.Reflink reflink,
        @Nullable BiPredicate<Path, Path> filter,
        Progress.@Nullable Listener progress) {
    private static final CpOptions DEFAULTS =
            new CpOptions(
                    false, true, false, false, false, false, CopyOptions.Reflink.NO, null, null);

    /** Checks that something is said of sharing. */
    public CpOptions {
        Arguments.notNull(reflink, "reflink");
    }

    /** One file, over what is there; links become absolute. */
    public static CpOptions defaults() {
        return DEFAULTS;
    }

    /** These options, with or without what is in a directory. */
    public CpOptions recursive(boolean wanted) {
        return new CpOptions(
                wanted,
                force,
                errorOnExist,
                dereference,
                preserveTimestamps,
                verbatimSymlinks,
                reflink,
                filter,
                progress);
    }

    /** These options; without {@code replace} existing files stay, and may be an error. */
    public CpOptions force(boolean replace, boolean orElseError) {
        return new CpOptions(
                recursive,
                replace,
                orElseError,
                dereference,
                preserveTimestamps,
                verbatimSymlinks,
                reflink,
                filter,
                progress);
    }

    /** These options, with links followed or copied. */
    public CpOptions dereference(boolean follow) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                follow,
                preserveTimestamps,
                verbatimSymlinks,
                reflink,
                filter,
                progress);
    }

    /** These options, with the times of the sources or without. */
    public CpOptions preserveTimestamps(boolean wanted) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                dereference,
                wanted,
                verbatimSymlinks,
                reflink,
                filter,
                progress);
    }

    /** These options, with relative links as they are or made absolute. */
    public CpOptions verbatimSymlinks(boolean wanted) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                dereference,
                preserveTimestamps,
                wanted,
                reflink,
                filter,
                progress);
    }

    /** These options with another wish to share blocks. */
    public CpOptions reflink(CopyOptions.Reflink wanted) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                dereference,
                preserveTimestamps,
                verbatimSymlinks,
                wanted,
                filter,
                progress);
    }

    /** These options with a choice of what is copied: source and destination are asked about. */
    public CpOptions filter(BiPredicate<Path, Path> chosen) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                dereference,
                preserveTimestamps,
                verbatimSymlinks,
                reflink,
                chosen,
                progress);
    }

    /** These options with somebody who hears of progress. */
    public CpOptions progress(Progress.Listener listener) {
        return new CpOptions(
                recursive,
                force,
                errorOnExist,
                dereference,
                preserveTimestamps,
                verbatimSymlinks,
                reflink,
                filter,
                listener);
    }
}
