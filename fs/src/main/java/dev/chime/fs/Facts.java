package dev.chime.fs;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.file.Path;

/**
 * What a copy wants to know of a file.
 *
 * @param mode type and permission bits
 * @param device the device's number, as one value for comparison
 * @param atime seconds and nanoseconds of the last access
 * @param mtime seconds and nanoseconds of the last change
 */
record Facts(int mode, long device, long inode, long size, long blocks, Time atime, Time mtime) {
    private static final int BLOCK_BYTES = 512;

    /** A moment as the kernel has it. */
    record Time(long seconds, int nanos) {
        static Time at(long address) {
            return new Time(
                    Memory.getLong(address + StatxLayout.TV_SEC),
                    Memory.getInt(address + StatxLayout.TV_NSEC));
        }

        /** Writes it as a timespec. */
        void put(long address) {
            Memory.putLong(address, seconds);
            Memory.putLong(address + Long.BYTES, nanos);
        }
    }

    /** Reads what the kernel wrote to {@code statx}. */
    static Facts at(long statx) {
        return new Facts(
                Short.toUnsignedInt(Memory.getShort(statx + StatxLayout.STX_MODE)),
                Memory.getLong(statx + StatxLayout.STX_DEV_MAJOR),
                Memory.getLong(statx + StatxLayout.STX_INO),
                Stats.size(statx),
                Memory.getLong(statx + StatxLayout.STX_BLOCKS),
                Time.at(statx + StatxLayout.STX_ATIME),
                Time.at(statx + StatxLayout.STX_MTIME));
    }

    /** Asks for the facts of a path; they are in the slot's scratch memory afterwards. */
    static void ask(Steps host, Path path, int flags, Steps.Then then) {
        ask(host, NameAt.of(path), flags, then);
    }

    /** Asks for the facts of a file; they are in the slot's scratch memory afterwards. */
    static void ask(Steps host, NameAt name, int flags, Steps.Then then) {
        Slot stat = host.step(Op.STATX, then);
        stat.flags = flags;
        stat.length = StatxLayout.STATX_BASIC_STATS;
        stat.offset = stat.scratch;
        name.put(host.core(), stat, StatxLayout.SIZE);
        host.submit(stat);
    }

    /** Asks for the facts of an open file. */
    static void ask(Steps host, int fd, Steps.Then then) {
        Slot stat = host.step(Op.STATX, then);
        StatCall.fill(host.core(), stat, fd);
        host.submit(stat);
    }

    FileType type() {
        return FileType.ofMode(mode);
    }

    boolean isDirectory() {
        return type() == FileType.DIRECTORY;
    }

    boolean isRegular() {
        return type() == FileType.FILE;
    }

    /** The permission bits alone. */
    int permissions() {
        return mode & ~Const.S_IFMT;
    }

    boolean isSameFile(Facts other) {
        return device == other.device && inode == other.inode;
    }

    /** True when it takes less space than its size: there may be holes. */
    boolean isSparse() {
        return blocks * BLOCK_BYTES < size;
    }
}
