package dev.chime.fs;

/** What {@link Fs#rename} does when there is something of the new name (renameat2(2)). */
public enum RenameFlag {
    /** Fails with EEXIST. */
    NOREPLACE(1),
    /** Exchanges the two, in one step; fails with ENOENT when there is nothing. */
    EXCHANGE(2);

    final int bits;

    RenameFlag(int bits) {
        this.bits = bits;
    }
}
