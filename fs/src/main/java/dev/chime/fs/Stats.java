package dev.chime.fs;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.time.Instant;

/** What a file system knows of a file, at the moment it was asked (statx(2)). Any thread. */
public final class Stats {
    private final long dev;
    private final long ino;
    private final int mode;
    private final long nlink;
    private final int uid;
    private final int gid;
    private final long rdev;
    private final long size;
    private final int blksize;
    private final long blocks;
    private final Instant atime;
    private final Instant mtime;
    private final Instant ctime;
    private final Instant birthtime;

    /** Of no file. */
    static final Stats NONE = new Stats();

    private Stats() {
        dev = 0;
        ino = 0;
        mode = 0;
        nlink = 0;
        uid = 0;
        gid = 0;
        rdev = 0;
        size = 0;
        blksize = 0;
        blocks = 0;
        atime = Instant.EPOCH;
        mtime = Instant.EPOCH;
        ctime = Instant.EPOCH;
        birthtime = Instant.EPOCH;
    }

    /** Copies what the kernel wrote to {@code statx}. */
    Stats(long statx) {
        dev = device(statx + StatxLayout.STX_DEV_MAJOR, statx + StatxLayout.STX_DEV_MINOR);
        ino = Memory.getLong(statx + StatxLayout.STX_INO);
        mode = Short.toUnsignedInt(Memory.getShort(statx + StatxLayout.STX_MODE));
        nlink = Integer.toUnsignedLong(Memory.getInt(statx + StatxLayout.STX_NLINK));
        uid = Memory.getInt(statx + StatxLayout.STX_UID);
        gid = Memory.getInt(statx + StatxLayout.STX_GID);
        rdev = device(statx + StatxLayout.STX_RDEV_MAJOR, statx + StatxLayout.STX_RDEV_MINOR);
        size = size(statx);
        blksize = Memory.getInt(statx + StatxLayout.STX_BLKSIZE);
        blocks = Memory.getLong(statx + StatxLayout.STX_BLOCKS);
        atime = time(statx + StatxLayout.STX_ATIME);
        mtime = time(statx + StatxLayout.STX_MTIME);
        ctime = time(statx + StatxLayout.STX_CTIME);
        int known = Memory.getInt(statx + StatxLayout.STX_MASK);
        birthtime =
                (known & StatxLayout.STATX_BTIME) != 0
                        ? time(statx + StatxLayout.STX_BTIME)
                        : Instant.EPOCH;
    }

    /** True when nothing that a program can change differs; the time of the last read may. */
    boolean isSameAs(Stats other) {
        return dev == other.dev
                && ino == other.ino
                && mode == other.mode
                && nlink == other.nlink
                && uid == other.uid
                && gid == other.gid
                && size == other.size
                && mtime.equals(other.mtime)
                && ctime.equals(other.ctime)
                && birthtime.equals(other.birthtime);
    }

    /** The size alone. */
    static long size(long statx) {
        return Memory.getLong(statx + StatxLayout.STX_SIZE);
    }

    /** The type alone, one of {@code S_IF*}. */
    static int type(long statx) {
        return Memory.getShort(statx + StatxLayout.STX_MODE) & Const.S_IFMT;
    }

    /** One number of two, as glibc's makedev(3) packs them. */
    private static long device(long majorAt, long minorAt) {
        long major = Integer.toUnsignedLong(Memory.getInt(majorAt));
        long minor = Integer.toUnsignedLong(Memory.getInt(minorAt));
        return (major & ~0xfffL) << 32
                | (major & 0xfff) << 8
                | (minor & ~0xffL) << 12
                | (minor & 0xff);
    }

    private static Instant time(long at) {
        return Instant.ofEpochSecond(
                Memory.getLong(at + StatxLayout.TV_SEC),
                Integer.toUnsignedLong(Memory.getInt(at + StatxLayout.TV_NSEC)));
    }

    /** False only for what {@link Fs#watchFile} tells in place of a file that is missing. */
    public boolean exists() {
        return mode != 0;
    }

    /** The device that holds the file, as stat(2) numbers it. */
    public long dev() {
        return dev;
    }

    /** The file's number on its device, unsigned. */
    public long ino() {
        return ino;
    }

    /** Type and permission bits, for example {@code 0100644}. */
    public int mode() {
        return mode;
    }

    /** How many names the file has. */
    public long nlink() {
        return nlink;
    }

    /** The owner's number, unsigned. */
    public int uid() {
        return uid;
    }

    /** The group's number, unsigned. */
    public int gid() {
        return gid;
    }

    /** The device that this file is, when it is one. */
    public long rdev() {
        return rdev;
    }

    /** The size in bytes; of a symbolic link, the length of its target. */
    public long size() {
        return size;
    }

    /** The size in bytes in which the file system likes to transfer. */
    public int blksize() {
        return blksize;
    }

    /** Space taken on the device, in units of 512 bytes. */
    public long blocks() {
        return blocks;
    }

    /** When the file was last read, as exactly as the file system notes it. */
    public Instant atime() {
        return atime;
    }

    /** When the content last changed. */
    public Instant mtime() {
        return mtime;
    }

    /** When content, owner, mode or names last changed. */
    public Instant ctime() {
        return ctime;
    }

    /** When the file was created; {@link Instant#EPOCH} where the file system does not know. */
    public Instant birthtime() {
        return birthtime;
    }

    private boolean is(int type) {
        return (mode & Const.S_IFMT) == type;
    }

    /** True for a regular file. */
    public boolean isFile() {
        return is(Const.S_IFREG);
    }

    /** True for a directory. */
    public boolean isDirectory() {
        return is(Const.S_IFDIR);
    }

    /** True for a symbolic link, which only {@link Fs#lstat} shows. */
    public boolean isSymbolicLink() {
        return is(Const.S_IFLNK);
    }

    /** True for a FIFO, also called a named pipe. */
    public boolean isFIFO() {
        return is(Const.S_IFIFO);
    }

    /** True for a Unix socket. */
    public boolean isSocket() {
        return is(Const.S_IFSOCK);
    }

    /** True for a block device. */
    public boolean isBlockDevice() {
        return is(Const.S_IFBLK);
    }

    /** True for a character device. */
    public boolean isCharacterDevice() {
        return is(Const.S_IFCHR);
    }

    @Override
    public String toString() {
        return "Stats[mode=0%o, size=%d, ino=%d, mtime=%s]".formatted(mode, size, ino, mtime);
    }
}
