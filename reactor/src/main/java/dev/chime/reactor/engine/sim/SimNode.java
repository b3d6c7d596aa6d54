package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a directory entry refers to: the attributes that files and directories share. */
abstract class SimNode {
    /** Where virtual time starts in the calendar: 2026-01-01T00:00:00Z. */
    private static final long EPOCH_SECONDS = 1_767_225_600L;

    private static final long NANOS = 1_000_000_000L;
    private static final int BLOCK = 4096;
    private static final long UTIME_NOW = (1L << 30) - 1;
    private static final long UTIME_OMIT = (1L << 30) - 2;

    final long inode;
    final Map<String, byte[]> attributes = new TreeMap<>();
    final SimLocks locks = new SimLocks();
    final List<SimInotify.Watch> watches = new ArrayList<>(0);
    private final List<SimName> names = new ArrayList<>(1);
    int mode;
    int uid;
    int gid;
    int links = 1;

    /** How many open files lead here. */
    int opened;

    private final long born;
    private long accessed;
    private long modified;
    private long changed;

    SimNode(long inode, int mode, long now) {
        this.inode = inode;
        this.mode = mode;
        born = now;
        accessed = now;
        modified = now;
        changed = now;
    }

    /** The name that leads here from a place, as its open files have it. */
    SimName name(SimDirectory directory, String name) {
        return names.stream()
                .filter(known -> known.is(directory, name))
                .findAny()
                .orElseGet(() -> {
                    SimName added = new SimName(this, directory, name);
                    names.add(added);
                    return added;
                });
    }

    abstract long size();

    /** Bytes in use on the disk. */
    abstract long allocated();

    /** The content has changed. */
    void touched(long now) {
        modified = now;
        changed = now;
    }

    /** Something else than the content has changed. */
    void changed(long now) {
        changed = now;
    }

    /** Takes owner, mode, times and attributes over. */
    void likeness(SimNode of) {
        mode = of.mode;
        uid = of.uid;
        gid = of.gid;
        accessed = of.accessed;
        modified = of.modified;
        changed = of.changed;
        attributes.putAll(of.attributes);
    }

    /** Sets the two timespecs of utimensat(2); without them, to now. */
    void setTimes(long timespecs, long now) {
        accessed = timespecs == 0 ? now : chosen(timespecs, accessed, now);
        modified = timespecs == 0 ? now : chosen(timespecs + 16, modified, now);
        changed = now;
    }

    private static long chosen(long timespec, long before, long now) {
        long nanos = Memory.getLong(timespec + 8);
        if (nanos == UTIME_NOW || nanos == UTIME_OMIT) {
            return nanos == UTIME_NOW ? now : before;
        }
        return (Memory.getLong(timespec) - EPOCH_SECONDS) * NANOS + nanos;
    }

    /** Whether a timespec of utimensat(2) says something. */
    static boolean sets(long timespec) {
        return Memory.getLong(timespec + 8) != UTIME_OMIT;
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
        Memory.putInt(to + StatxLayout.STX_UID, uid);
        Memory.putInt(to + StatxLayout.STX_GID, gid);
        Memory.putLong(to + StatxLayout.STX_INO, inode);
        Memory.putLong(to + StatxLayout.STX_SIZE, size());
        Memory.putLong(to + StatxLayout.STX_BLOCKS, allocated() / 512);
        Memory.putInt(to + StatxLayout.STX_DEV_MAJOR, 0); // on no block device
        time(to + StatxLayout.STX_ATIME, accessed);
        time(to + StatxLayout.STX_BTIME, born);
        time(to + StatxLayout.STX_CTIME, changed);
        time(to + StatxLayout.STX_MTIME, modified);
    }

    private static void time(long to, long nanos) {
        Memory.putLong(to + StatxLayout.TV_SEC, EPOCH_SECONDS + Math.floorDiv(nanos, NANOS));
        Memory.putInt(to + StatxLayout.TV_NSEC, (int) Math.floorMod(nanos, NANOS));
    }
}
