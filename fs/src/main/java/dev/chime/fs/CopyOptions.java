package dev.chime.fs;

import org.jspecify.annotations.Nullable;

/**
 * How {@link Fs#copyFile} copies.
 *
 * @param exclusive whether a destination that exists is an error, EEXIST
 * @param reflink whether the copy is to share the blocks of the source
 * @param progress hears how many bytes are copied; may be null
 */
public record CopyOptions(
        boolean exclusive, Reflink reflink, Progress.@Nullable Listener progress) {
    /** Whether a copy shares the blocks of its source until one of them changes. */
    public enum Reflink {
        /** Not asked for; a file system may do it all the same. */
        NO,
        /** If the file system can (Node's {@code COPYFILE_FICLONE}). */
        TRY,
        /** Or else fail (Node's {@code COPYFILE_FICLONE_FORCE}), for example with ENOTSUP. */
        FORCE
    }

    private static final CopyOptions DEFAULTS = new CopyOptions(false, Reflink.NO, null);

    /** Checks that something is said of sharing. */
    public CopyOptions {
        Arguments.notNull(reflink, "reflink");
    }

    /** Over what is there, without asking to share blocks. */
    public static CopyOptions defaults() {
        return DEFAULTS;
    }

    /** These options; with {@code wanted}, a destination that exists is an error. */
    public CopyOptions exclusive(boolean wanted) {
        return new CopyOptions(wanted, reflink, progress);
    }

    /** These options with another wish to share blocks. */
    public CopyOptions reflink(Reflink wanted) {
        return new CopyOptions(exclusive, wanted, progress);
    }

    /** These options with somebody who hears of progress. */
    public CopyOptions progress(Progress.Listener listener) {
        return new CopyOptions(exclusive, reflink, listener);
    }
}
