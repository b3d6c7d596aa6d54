package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.RecvmsgOutLayout;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.libc.TimespecLayout;

/** The system call of each operation: takes the slot's fields as the ring's opcode does. */
final class Syscalls {
    private static final int POLLNVAL = 0x20;

    private Syscalls() {}

    /** Performs a slot's operation once; sockets never block here. */
    static int perform(Libc libc, Slot slot) {
        long result;
        do {
            result = call(libc, slot);
            // A close is never repeated: the number is free, and may be somebody else's by now.
        } while (result == -ErrnoCode.EINTR && slot.op() != Op.CLOSE);
        return (int) result;
    }

    /** Receives into memory of the engine's, without waiting; {@code flags} beside the slot's. */
    static int receive(Libc libc, Slot s, long address, int length, int flags) {
        int all = s.flags | Const.MSG_DONTWAIT | flags;
        return (int) libc.syscall(Sys.RECVFROM, s.fd, address, length, all, 0, 0);
    }

    /**
     * Receives a message, without waiting, in the form that {@link Op#RECVMSG} says. The system
     * call gets a msghdr of its own, since it writes there what the next one must find unchanged.
     */
    static int receiveMessage(Libc libc, Slot s, long to, int room) {
        long asked = s.address;
        int name = Memory.getInt(asked + MsghdrLayout.MSG_NAMELEN);
        int control = (int) Memory.getLong(asked + MsghdrLayout.MSG_CONTROLLEN);
        int head = RecvmsgOutLayout.SIZE + name + control;
        long own = s.scratch + Slot.SCRATCH_BYTES / 2;
        long iovec = own + MsghdrLayout.SIZE;
        Memory.putLong(iovec + IovecLayout.IOV_BASE, to + head);
        Memory.putLong(iovec + IovecLayout.IOV_LEN, room - head);
        Memory.putLong(own + MsghdrLayout.MSG_NAME, to + RecvmsgOutLayout.SIZE);
        Memory.putInt(own + MsghdrLayout.MSG_NAMELEN, name);
        Memory.putLong(own + MsghdrLayout.MSG_IOV, iovec);
        Memory.putLong(own + MsghdrLayout.MSG_IOVLEN, 1);
        Memory.putLong(own + MsghdrLayout.MSG_CONTROL, to + RecvmsgOutLayout.SIZE + name);
        Memory.putLong(own + MsghdrLayout.MSG_CONTROLLEN, control);
        long result;
        do {
            result = libc.syscall(Sys.RECVMSG, s.fd, own, s.flags | Const.MSG_DONTWAIT);
        } while (result == -ErrnoCode.EINTR);
        if (result < 0) {
            return (int) result;
        }
        Memory.putInt(to + RecvmsgOutLayout.NAMELEN, Memory.getInt(own + MsghdrLayout.MSG_NAMELEN));
        int got = (int) Memory.getLong(own + MsghdrLayout.MSG_CONTROLLEN);
        Memory.putInt(to + RecvmsgOutLayout.CONTROLLEN, got);
        Memory.putInt(to + RecvmsgOutLayout.PAYLOADLEN, (int) result);
        Memory.putInt(to + RecvmsgOutLayout.FLAGS, Memory.getInt(own + MsghdrLayout.MSG_FLAGS));
        return head + (int) result;
    }

    private static long call(Libc libc, Slot s) {
        int dontWait = s.flags | Const.MSG_DONTWAIT;
        return switch (s.op()) {
            case NOP -> 0;
            case OPENAT -> libc.syscall(Sys.OPENAT, s.fd, s.address, s.flags, s.length);
            case OPENAT2 -> libc.syscall(Sys.OPENAT2, s.fd, s.address, s.offset, s.length);
            case READ -> transfer(libc, s, Sys.READ, Sys.PREAD64);
            case WRITE -> transfer(libc, s, Sys.WRITE, Sys.PWRITE64);
            case READV -> transfer(libc, s, Sys.READV, Sys.PREADV);
            case WRITEV -> transfer(libc, s, Sys.WRITEV, Sys.PWRITEV);
            case CLOSE -> libc.syscall(Sys.CLOSE, s.fd);
            case STATX -> libc.syscall(Sys.STATX, s.fd, s.address, s.flags, s.length, s.offset, 0);
            case FSYNC ->
                    libc.syscall(
                            (s.flags & SqeLayout.IORING_FSYNC_DATASYNC) != 0
                                    ? Sys.FDATASYNC
                                    : Sys.FSYNC,
                            s.fd);
            case POLL -> poll(libc, s);
            case SOCKET -> libc.syscall(Sys.SOCKET, s.fd, s.offset, s.length);
            case BIND -> libc.syscall(Sys.BIND, s.fd, s.address, s.offset);
            case LISTEN -> libc.syscall(Sys.LISTEN, s.fd, s.length);
            case ACCEPT -> libc.syscall(Sys.ACCEPT4, s.fd, 0, 0, s.flags);
            case CONNECT -> libc.syscall(Sys.CONNECT, s.fd, s.address, s.offset);
            case SEND ->
                    libc.syscall(Sys.SENDTO, s.fd, s.address, unsigned(s.length), dontWait, 0, 0);
            case SENDMSG -> libc.syscall(Sys.SENDMSG, s.fd, s.address, dontWait);
            case SHUTDOWN -> libc.syscall(Sys.SHUTDOWN, s.fd, s.length);
            case FALLOCATE -> libc.syscall(Sys.FALLOCATE, s.fd, s.length, s.offset, s.address);
            case FTRUNCATE -> libc.syscall(Sys.FTRUNCATE, s.fd, s.offset);
            case FADVISE ->
                    libc.syscall(
                            Sys.FADVISE64,
                            s.fd,
                            s.offset,
                            s.address != 0 ? s.address : unsigned(s.length),
                            s.flags);
            case RENAMEAT ->
                    libc.syscall(Sys.RENAMEAT2, s.fd, s.address, s.length, s.offset, s.flags, 0);
            case UNLINKAT -> libc.syscall(Sys.UNLINKAT, s.fd, s.address, s.flags);
            case MKDIRAT -> libc.syscall(Sys.MKDIRAT, s.fd, s.address, s.length);
            case SYMLINKAT -> libc.syscall(Sys.SYMLINKAT, s.address, s.fd, s.offset);
            case LINKAT ->
                    libc.syscall(Sys.LINKAT, s.fd, s.address, s.length, s.offset, s.flags, 0);
            case RECV, RECVMSG, ASYNC_CANCEL, LINK_TIMEOUT ->
                    -ErrnoCode.EINVAL; // the engine's own business
            default -> FileCalls.perform(libc, s);
        };
    }

    /** On a pipe or a terminal, which has no position, the ring ignores the offset: so do we. */
    private static long transfer(Libc libc, Slot s, int here, int positioned) {
        long result = -ErrnoCode.ESPIPE;
        if (s.offset != -1) {
            result = libc.syscall(positioned, s.fd, s.address, unsigned(s.length), s.offset);
        }
        return result == -ErrnoCode.ESPIPE
                ? libc.syscall(here, s.fd, s.address, unsigned(s.length))
                : result;
    }

    /**
     * Without waiting: poll(2) of one descriptor, its struct pollfd and a time-out of zero in the
     * slot's scratch memory. EAGAIN when none of the events holds.
     */
    private static long poll(Libc libc, Slot s) {
        long timeout = s.scratch + 8;
        Memory.putInt(s.scratch, s.fd);
        Memory.putInt(s.scratch + 4, s.flags & 0xffff);
        Memory.putLong(timeout + TimespecLayout.TV_SEC, 0);
        Memory.putLong(timeout + TimespecLayout.TV_NSEC, 0);
        long result = libc.syscall(Sys.PPOLL, s.scratch, 1, timeout, 0, 8, 0);
        if (result <= 0) {
            return result == 0 ? -ErrnoCode.EAGAIN : result;
        }
        int events = Memory.getShort(s.scratch + 6);
        return (events & POLLNVAL) != 0 ? -ErrnoCode.EBADF : events;
    }

    private static long unsigned(int length) {
        return Integer.toUnsignedLong(length);
    }
}
