package dev.chime.reactor.libc;

/**
 * Layout of {@code struct statx} and the bits of its mask (linux/stat.h, statx(2), 4.11).
 *
 * <p>Fields that came later lie in what was spare space before; an older kernel leaves them zero
 * and their bit of {@link #STX_MASK} unset.
 */
public final class StatxLayout {
    public static final int SIZE = 256;

    public static final int STX_MASK = 0;
    public static final int STX_BLKSIZE = 4;
    public static final int STX_ATTRIBUTES = 8;
    public static final int STX_NLINK = 16;
    public static final int STX_UID = 20;
    public static final int STX_GID = 24;

    /** 16 bits, unlike its neighbours. */
    public static final int STX_MODE = 28;

    public static final int STX_INO = 32;
    public static final int STX_SIZE = 40;

    /** Of 512 bytes each, whatever {@link #STX_BLKSIZE} says. */
    public static final int STX_BLOCKS = 48;

    public static final int STX_ATTRIBUTES_MASK = 56;

    // struct statx_timestamp each
    public static final int STX_ATIME = 64;
    public static final int STX_BTIME = 80;
    public static final int STX_CTIME = 96;
    public static final int STX_MTIME = 112;

    public static final int STX_RDEV_MAJOR = 128;
    public static final int STX_RDEV_MINOR = 132;
    public static final int STX_DEV_MAJOR = 136;
    public static final int STX_DEV_MINOR = 140;
    public static final int STX_MNT_ID = 144; // 5.8
    public static final int STX_DIO_MEM_ALIGN = 152; // 6.1
    public static final int STX_DIO_OFFSET_ALIGN = 156; // 6.1
    public static final int STX_SUBVOL = 160; // 6.10
    public static final int STX_ATOMIC_WRITE_UNIT_MIN = 168; // 6.11
    public static final int STX_ATOMIC_WRITE_UNIT_MAX = 172; // 6.11
    public static final int STX_ATOMIC_WRITE_SEGMENTS_MAX = 176; // 6.11
    public static final int STX_DIO_READ_OFFSET_ALIGN = 180; // 6.14
    public static final int STX_ATOMIC_WRITE_UNIT_MAX_OPT = 184; // 6.16

    // struct statx_timestamp, offsets from its start: 64 bits signed, 32 bits unsigned.
    public static final int TIMESTAMP_SIZE = 16;
    public static final int TV_SEC = 0;
    public static final int TV_NSEC = 8;

    // What to ask for, and what was answered.
    public static final int STATX_TYPE = 0x1;
    public static final int STATX_MODE = 0x2;
    public static final int STATX_NLINK = 0x4;
    public static final int STATX_UID = 0x8;
    public static final int STATX_GID = 0x10;
    public static final int STATX_ATIME = 0x20;
    public static final int STATX_MTIME = 0x40;
    public static final int STATX_CTIME = 0x80;
    public static final int STATX_INO = 0x100;
    public static final int STATX_SIZE = 0x200;
    public static final int STATX_BLOCKS = 0x400;
    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int STATX_BTIME = 0x800;

    /** BASIC_STATS and BTIME: frozen, so it never came to include the bits below. */
    public static final int STATX_ALL = 0xfff;

    public static final int STATX_MNT_ID = 0x1000; // 5.8
    public static final int STATX_DIOALIGN = 0x2000; // 6.1
    public static final int STATX_MNT_ID_UNIQUE = 0x4000; // 6.8
    public static final int STATX_SUBVOL = 0x8000; // 6.10
    public static final int STATX_WRITE_ATOMIC = 0x10000; // 6.11
    public static final int STATX_DIO_READ_ALIGN = 0x20000; // 6.14

    private StatxLayout() {}
}
