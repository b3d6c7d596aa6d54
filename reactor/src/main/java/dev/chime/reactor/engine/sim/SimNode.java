package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;

/** What a directory entry refers to: the attributes that files and directories share. */
abstract class SimNode {
    /** Where virtual time starts in the calendar: 2026-01-01T00:00:00Z. */
    private static final long EPOCH_SECONDS = 1_767_225_600L;

    private static final long NANOS = 1_000_000_000L;
    private static final int BLOCK = 4096;

    final long inode;
    final int mode;
    int links = 1;
    private final long born;
    private long accessed;
    private long modified;

    SimNode(long inode, int mode, long now) {
        this.inode = inode;
        this.mode = mode;
        born = now;
        accessed = now;
        modified = now;
    }

    abstract long size();

    /** Bytes in use on the disk. */
    abstract long allocated();

    void touched(long now) {
        modified = now;
    }

    void read(long now) {
        accessed = now;
    }

    /** Fills a struct statx. */
    void stat(long to) {
        Memory.fill(to, StatxLayout.SIZE, (byte) 0);
        int mask = StatxLayout.STATX_BASIC_STATS | StatxLayout.STATX_BTIME;
        Memory.putInt(to + StatxLayout.STX_MASK, mask);
        Memory.putInt(to + StatxLayout.STX_BLKSIZE, BLOCK);
        Memory.putInt(to + StatxLayout.STX_NLINK, links);
        Memory.putShort(to + StatxLayout.STX_MODE, (short) mode);
        Memory.putLong(to + StatxLayout.STX_INO, inode);
        Memory.putLong(to + StatxLayout.STX_SIZE, size());
        Memory.putLong(to + StatxLayout.STX_BLOCKS, allocated() / 512);
        Memory.putInt(to + StatxLayout.STX_DEV_MAJOR, 259);
        time(to + StatxLayout.STX_ATIME, accessed);
        time(to + StatxLayout.STX_BTIME, born);
        time(to + StatxLayout.STX_CTIME, modified);
        time(to + StatxLayout.STX_MTIME, modified);
    }

    private static void time(long to, long nanos) {
        Memory.putLong(to + StatxLayout.TV_SEC, EPOCH_SECONDS + nanos / NANOS);
        Memory.putInt(to + StatxLayout.TV_NSEC, (int) (nanos % NANOS));
    }
}
