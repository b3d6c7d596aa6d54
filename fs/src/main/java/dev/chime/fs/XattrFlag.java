package dev.chime.fs;

/** When {@link Xattrs#set} may set an extended attribute. */
public enum XattrFlag {
    /** Only when there is none of that name: else EEXIST. */
    CREATE(1),
    /** Only when there is one of that name: else ENODATA. */
    REPLACE(2);

    final int bits;

    XattrFlag(int bits) {
        this.bits = bits;
    }
}
