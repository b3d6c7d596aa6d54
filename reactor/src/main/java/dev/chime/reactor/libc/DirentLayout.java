package dev.chime.reactor.libc;

/**
 * Layout of {@code struct linux_dirent64}, of which getdents64(2) writes one for each name, and the
 * values of its type (dirent.h).
 */
public final class DirentLayout {
    public static final int D_INO = 0;
    public static final int D_OFF = 8;

    /** 16 bits: where the next one starts, from the start of this one. */
    public static final int D_RECLEN = 16;

    /** 8 bits. */
    public static final int D_TYPE = 18;

    /** With a NUL behind it. */
    public static final int D_NAME = 19;

    public static final int DT_UNKNOWN = 0;
    public static final int DT_DIR = 4;

    private DirentLayout() {}
}
