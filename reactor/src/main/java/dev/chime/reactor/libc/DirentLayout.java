package dev.chime.reactor.libc;

/** Layout of {@code struct linux_dirent64} and its types (getdents64(2), dirent.h). */
public final class DirentLayout {
    public static final int D_INO = 0;
    public static final int D_OFF = 8;

    /** 16 bits: from the start of this entry to that of the next. */
    public static final int D_RECLEN = 16;

    /** 8 bits, one of {@code DT_*}. */
    public static final int D_TYPE = 18;

    /** Where the name starts; a NUL ends it. */
    public static final int D_NAME = 19;

    /** Every entry fits: names have up to 255 bytes (NAME_MAX), of FUSE file systems 1024. */
    public static final int ROOM = 2048;

    /** The file system does not say: ask for the file's metadata. */
    public static final int DT_UNKNOWN = 0;

    public static final int DT_FIFO = 1;
    public static final int DT_CHR = 2;
    public static final int DT_DIR = 4;
    public static final int DT_BLK = 6;
    public static final int DT_REG = 8;
    public static final int DT_LNK = 10;
    public static final int DT_SOCK = 12;

    private DirentLayout() {}
}
