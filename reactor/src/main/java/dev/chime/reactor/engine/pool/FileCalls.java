package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.DirentLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;

/** The system calls for which io_uring has no opcode, and those of extended attributes. */
final class FileCalls {
    private FileCalls() {}

    static long perform(Libc libc, Slot s) {
        boolean open = s.address == 0;
        return switch (s.op()) {
            case SETXATTR ->
                    libc.syscall(
                            Sys.SETXATTR, s.address3, s.address, s.offset, s.length, s.flags, 0);
            case FSETXATTR ->
                    libc.syscall(Sys.FSETXATTR, s.fd, s.address, s.offset, s.length, s.flags, 0);
            case GETXATTR -> libc.syscall(Sys.GETXATTR, s.address3, s.address, s.offset, s.length);
            case FGETXATTR -> libc.syscall(Sys.FGETXATTR, s.fd, s.address, s.offset, s.length);
            case LISTXATTR ->
                    open
                            ? libc.syscall(Sys.FLISTXATTR, s.fd, s.offset, s.length)
                            : libc.syscall(Sys.LISTXATTR, s.address, s.offset, s.length);
            case REMOVEXATTR ->
                    s.address3 == 0
                            ? libc.syscall(Sys.FREMOVEXATTR, s.fd, s.address)
                            : libc.syscall(Sys.REMOVEXATTR, s.address3, s.address);
            case FACCESSAT -> libc.syscall(Sys.FACCESSAT, s.fd, s.address, s.length);
            case FCHMODAT ->
                    open
                            ? libc.syscall(Sys.FCHMOD, s.fd, s.length)
                            : libc.syscall(Sys.FCHMODAT, s.fd, s.address, s.length);
            case FCHOWNAT ->
                    open
                            ? libc.syscall(Sys.FCHOWN, s.fd, s.length, s.offset)
                            : libc.syscall(
                                    Sys.FCHOWNAT, s.fd, s.address, s.length, s.offset, s.flags, 0);
            case UTIMENSAT -> libc.syscall(Sys.UTIMENSAT, s.fd, s.address, s.offset, s.flags);
            case READLINKAT -> libc.syscall(Sys.READLINKAT, s.fd, s.address, s.offset, s.length);
            case GETDENTS -> list(libc, s);
            case STATFS ->
                    open
                            ? libc.syscall(Sys.FSTATFS, s.fd, s.offset)
                            : libc.syscall(Sys.STATFS, s.address, s.offset);
            case COPY_FILE_RANGE -> copy(libc, s);
            case CLONE -> libc.syscall(Sys.IOCTL, s.fd, Const.FICLONE, s.flags);
            case LSEEK -> seek(libc, s);
            case LOCK -> libc.syscall(Sys.FCNTL, s.fd, s.flags, s.address);
            case WATCH -> libc.syscall(Sys.INOTIFY_ADD_WATCH, s.fd, s.address, s.flags);
            default -> throw new AssertionError(s);
        };
    }

    /** Goes on until the end or until an entry may not fit: one way to a worker, not two. */
    private static long list(Libc libc, Slot s) {
        int filled = 0;
        long result;
        do {
            result = libc.syscall(Sys.GETDENTS64, s.fd, s.address + filled, s.length - filled);
            filled += (int) Math.max(result, 0);
        } while (result > 0 && s.length - filled >= DirentLayout.ROOM);
        return result < 0 ? result : filled;
    }

    private static long copy(Libc libc, Slot s) {
        Memory.putLong(s.scratch, s.offset);
        Memory.putLong(s.scratch + Long.BYTES, s.address);
        long to = s.scratch + Long.BYTES;
        return libc.syscall(Sys.COPY_FILE_RANGE, s.fd, s.scratch, s.flags, to, s.length, 0);
    }

    /** A place in a file is longer than a result: it goes to memory. */
    private static long seek(Libc libc, Slot s) {
        long result = libc.syscall(Sys.LSEEK, s.fd, s.offset, s.length);
        if (result < 0) {
            return result;
        }
        Memory.putLong(s.address, result);
        return 0;
    }
}
