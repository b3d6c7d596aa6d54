package dev.chime.fs;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;

/**
 * What the kernel tells of an open file from memory, at once: no file system waits for a disk or a
 * server.
 */
final class Inode {
    private static final int SEEK_CUR = 1;

    private static final int AT_STATX_DONT_SYNC = 0x4000;

    private Inode() {}

    /**
     * The lower 32 bits of a regular file's size, when nobody has moved its position.
     *
     * <p>{@code FIONREAD} is twice as fast as a stat; of a regular file the kernel answers it
     * before the file system (fs/ioctl.c). Of other files it may say anything.
     */
    private static int sizeBits(Core core, int fd) {
        long number = core.scratch();
        long result = core.syscall(Sys.IOCTL, fd, Const.FIONREAD, number);
        return result == 0 ? Memory.getInt(number) : -1;
    }

    /**
     * Whether a file ends behind {@code length} bytes. Of what has no positions (lseek(2)), as a
     * FIFO or a terminal, nobody knows: FIONREAD says how much waits in it.
     */
    static boolean endsAt(Core core, int fd, int length) {
        return sizeBits(core, fd) == length && core.syscall(Sys.LSEEK, fd, 0, SEEK_CUR) >= 0;
    }

    /** The size of a regular file; 0 of any other. */
    static long size(Core core, int fd) {
        long statx = stat(core, fd);
        return Stats.type(statx) == Const.S_IFREG ? Stats.size(statx) : 0;
    }

    static boolean isFifo(Core core, int fd) {
        return Stats.type(stat(core, fd)) == Const.S_IFIFO;
    }

    /**
     * Writes what is known to {@code statx}: true when no more can be, because the file is on a
     * block device. Others may have a server that knows better; they have no major number.
     */
    static boolean isAnswered(Core core, int fd, int what, long statx) {
        return stat(core, fd, what, statx) == 0
                && Memory.getInt(statx + StatxLayout.STX_DEV_MAJOR) != 0;
    }

    private static long stat(Core core, int fd) {
        long statx = core.scratch();
        stat(core, fd, StatxLayout.STATX_TYPE | StatxLayout.STATX_SIZE, statx);
        return statx;
    }

    private static long stat(Core core, int fd, int what, long statx) {
        long emptyPath = statx + StatxLayout.SIZE;
        Memory.fill(statx, StatxLayout.SIZE + 1, (byte) 0); // of type 0 when the call fails
        int how = Const.AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
        return core.syscall(Sys.STATX, fd, emptyPath, how, what, statx, 0);
    }
}
