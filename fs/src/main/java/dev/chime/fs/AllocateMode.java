package dev.chime.fs;

/** What {@link FileHandle#allocate} does to a range of a file: the modes of fallocate(2). */
public enum AllocateMode {
    /** Takes space on the device, and makes the file as long as the range reaches. */
    EXTEND(0),
    /** Takes space on the device; the file's size stays, even where the range is beyond it. */
    KEEP_SIZE(0x01),
    /** Gives the range's space back; it reads as zeros then, and the size stays. */
    PUNCH_HOLE(0x03),
    /** Makes the range zeros, with space on the device; the file grows to its end. */
    ZERO_RANGE(0x10),
    /** As {@link #ZERO_RANGE}, but the size stays. */
    ZERO_RANGE_KEEP_SIZE(0x11),
    /** Cuts the range out, and moves what is behind it there; whole blocks only. */
    COLLAPSE_RANGE(0x08),
    /** Moves what is from the range's start on behind the range; whole blocks only. */
    INSERT_RANGE(0x20);

    final int bits;

    AllocateMode(int bits) {
        this.bits = bits;
    }
}
