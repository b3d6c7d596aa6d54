package dev.chime.reactor.uring;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.SqeLayout;
import java.lang.foreign.MemorySegment;

/**
 * A submission entry to fill: one {@code prep} method, then flags and user data. A ring has one
 * such object and moves it, so fill one entry before asking for the next.
 *
 * <p>Memory is given as native segments. It must stay allocated until the completion: the kernel
 * holds its address alone.
 */
public final class Sqe {
    private long address;

    Sqe() {}

    Sqe at(long entry) {
        address = entry;
        return this;
    }

    /**
     * Any operation, in the raw form: the entry's fields as io_uring_enter(2) names them. All
     * others are zero.
     */
    public Sqe prep(int opcode, int fd, long addr, int length, long offset, int opFlags) {
        Memory.putLong(address, opcode | (long) fd << 32);
        Memory.putLong(address + SqeLayout.OFF, offset);
        Memory.putLong(address + SqeLayout.ADDR, addr);
        Memory.putLong(address + SqeLayout.LEN, (length & 0xffffffffL) | (long) opFlags << 32);
        Memory.putLong(address + SqeLayout.USER_DATA, 0);
        Memory.putLong(address + SqeLayout.BUF_INDEX, 0);
        Memory.putLong(address + SqeLayout.ADDR3, 0);
        Memory.putLong(address + SqeLayout.ADDR3 + 8, 0);
        return this;
    }

    private Sqe prep(int opcode, int fd, MemorySegment memory, long offset, int opFlags) {
        int length = (int) Math.min(memory.byteSize(), Const.MAX_RW_COUNT);
        return prep(opcode, fd, addressOf(memory), length, offset, opFlags);
    }

    private static long addressOf(MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(
                    "the kernel needs native memory: allocate it with an Arena, not on the heap");
        }
        return memory.address();
    }

    // ---- operations

    /** Does nothing. */
    public Sqe prepNop() {
        return prep(Opcode.NOP, -1, 0, 0, 0, 0);
    }

    /** Reads into {@code memory} at {@code offset}; -1 is where the file stands. */
    public Sqe prepRead(int fd, MemorySegment memory, long offset) {
        return prep(Opcode.READ, fd, memory, offset, 0);
    }

    /** Writes {@code memory} at {@code offset}; -1 is where the file stands. */
    public Sqe prepWrite(int fd, MemorySegment memory, long offset) {
        return prep(Opcode.WRITE, fd, memory, offset, 0);
    }

    /** Reads into the {@code count} pieces that the array of struct iovec describes. */
    public Sqe prepReadv(int fd, MemorySegment iovecs, int count, long offset) {
        return prep(Opcode.READV, fd, addressOf(iovecs), count, offset, 0);
    }

    /** Writes the {@code count} pieces that the array of struct iovec describes. */
    public Sqe prepWritev(int fd, MemorySegment iovecs, int count, long offset) {
        return prep(Opcode.WRITEV, fd, addressOf(iovecs), count, offset, 0);
    }

    /** Reads into a part of registered buffer {@code index}. */
    public Sqe prepReadFixed(int fd, MemorySegment memory, long offset, int index) {
        return prep(Opcode.READ_FIXED, fd, memory, offset, 0).bufferIndex(index);
    }

    /** Writes a part of registered buffer {@code index}. */
    public Sqe prepWriteFixed(int fd, MemorySegment memory, long offset, int index) {
        return prep(Opcode.WRITE_FIXED, fd, memory, offset, 0).bufferIndex(index);
    }

    /** Flushes a file; with {@code dataOnly} as fdatasync(2). */
    public Sqe prepFsync(int fd, boolean dataOnly) {
        int flags = dataOnly ? SqeLayout.IORING_FSYNC_DATASYNC : 0;
        return prep(Opcode.FSYNC, fd, 0, 0, 0, flags);
    }

    /** Opens the NUL-terminated {@code path} below {@code directory}; -100 is AT_FDCWD. */
    public Sqe prepOpenat(int directory, MemorySegment path, int flags, int mode) {
        return prep(Opcode.OPENAT, directory, addressOf(path), mode, 0, flags);
    }

    /** Closes a descriptor. */
    public Sqe prepClose(int fd) {
        return prep(Opcode.CLOSE, fd, 0, 0, 0, 0);
    }

    /** Fills {@code statx}, 256 bytes, for a NUL-terminated path: statx(2). */
    public Sqe prepStatx(
            int directory, MemorySegment path, int flags, int mask, MemorySegment statx) {
        return prep(Opcode.STATX, directory, addressOf(path), mask, addressOf(statx), flags);
    }

    /** Makes a socket: socket(2). */
    public Sqe prepSocket(int domain, int type, int protocol) {
        return prep(Opcode.SOCKET, domain, 0, protocol, type, 0);
    }

    /** Binds a socket to the sockaddr in {@code socketAddress}. */
    public Sqe prepBind(int fd, MemorySegment socketAddress) {
        return prep(Opcode.BIND, fd, addressOf(socketAddress), 0, socketAddress.byteSize(), 0);
    }

    /** Listens. */
    public Sqe prepListen(int fd, int backlog) {
        return prep(Opcode.LISTEN, fd, 0, backlog, 0, 0);
    }

    /** Accepts one connection; {@code flags} are SOCK_NONBLOCK and SOCK_CLOEXEC. */
    public Sqe prepAccept(int fd, int flags) {
        return prep(Opcode.ACCEPT, fd, 0, 0, 0, flags);
    }

    /** Accepts one connection after the other: one completion each. */
    public Sqe prepMultishotAccept(int fd, int flags) {
        return prepAccept(fd, flags).ioprio(SqeLayout.IORING_ACCEPT_MULTISHOT);
    }

    /** Connects to the sockaddr in {@code socketAddress}. */
    public Sqe prepConnect(int fd, MemorySegment socketAddress) {
        return prep(Opcode.CONNECT, fd, addressOf(socketAddress), 0, socketAddress.byteSize(), 0);
    }

    /** Receives into {@code memory}; {@code flags} are MSG_*. */
    public Sqe prepRecv(int fd, MemorySegment memory, int flags) {
        return prep(Opcode.RECV, fd, memory, 0, flags);
    }

    /** Receives again and again into buffers of {@code group}. */
    public Sqe prepMultishotRecv(int fd, int group, int flags) {
        return prep(Opcode.RECV, fd, 0, 0, 0, flags)
                .ioprio(SqeLayout.IORING_RECV_MULTISHOT)
                .bufferSelect(group);
    }

    /** Sends {@code memory}; {@code flags} are MSG_*. May be short. */
    public Sqe prepSend(int fd, MemorySegment memory, int flags) {
        return prep(Opcode.SEND, fd, memory, 0, flags);
    }

    /** Sends what a struct msghdr describes. */
    public Sqe prepSendmsg(int fd, MemorySegment msghdr, int flags) {
        return prep(Opcode.SENDMSG, fd, addressOf(msghdr), 1, 0, flags);
    }

    /** Receives as a struct msghdr describes. */
    public Sqe prepRecvmsg(int fd, MemorySegment msghdr, int flags) {
        return prep(Opcode.RECVMSG, fd, addressOf(msghdr), 1, 0, flags);
    }

    /** Shuts one or both directions down: shutdown(2). */
    public Sqe prepShutdown(int fd, int how) {
        return prep(Opcode.SHUTDOWN, fd, 0, how, 0, 0);
    }

    /** Waits once for poll(2) events. */
    public Sqe prepPollAdd(int fd, int events) {
        return prep(Opcode.POLL_ADD, fd, 0, 0, 0, events);
    }

    /** Completes with -ETIME after the struct __kernel_timespec in {@code timespec}. */
    public Sqe prepTimeout(MemorySegment timespec) {
        return prep(Opcode.TIMEOUT, -1, addressOf(timespec), 1, 0, 0);
    }

    /** Bounds the operation before it, which must be linked, by a struct __kernel_timespec. */
    public Sqe prepLinkTimeout(MemorySegment timespec) {
        return prep(Opcode.LINK_TIMEOUT, -1, addressOf(timespec), 1, 0, 0);
    }

    /** Cancels the operation submitted with {@code targetUserData}. */
    public Sqe prepCancel(long targetUserData) {
        return prep(Opcode.ASYNC_CANCEL, -1, targetUserData, 0, 0, 0);
    }

    /** Cancels everything in flight on a descriptor; the result is how many. */
    public Sqe prepCancelFd(int fd) {
        int how = SqeLayout.IORING_ASYNC_CANCEL_FD | SqeLayout.IORING_ASYNC_CANCEL_ALL;
        return prep(Opcode.ASYNC_CANCEL, fd, 0, 0, 0, how);
    }

    /** Posts a completion with {@code result} and {@code targetUserData} into another ring. */
    public Sqe prepMsgRing(int ringFd, int result, long targetUserData) {
        return prep(Opcode.MSG_RING, ringFd, 0, result, targetUserData, 0);
    }

    // ---- what applies to any operation

    /** The number that the completion carries. */
    public Sqe userData(long number) {
        Memory.putLong(address + SqeLayout.USER_DATA, number);
        return this;
    }

    private Sqe flag(int bit) {
        long at = address + SqeLayout.FLAGS;
        Memory.putByte(at, (byte) (Memory.getByte(at) | bit));
        return this;
    }

    /** The next entry starts when this one has ended well and in full; else it is cancelled. */
    public Sqe link() {
        return flag(SqeLayout.IOSQE_IO_LINK);
    }

    /** The next entry starts when this one has ended, however. */
    public Sqe hardLink() {
        return flag(SqeLayout.IOSQE_IO_HARDLINK);
    }

    /** Starts when all entries before it have completed. */
    public Sqe drain() {
        return flag(SqeLayout.IOSQE_IO_DRAIN);
    }

    /** Goes to a kernel worker without a try on this thread. */
    public Sqe async() {
        return flag(SqeLayout.IOSQE_ASYNC);
    }

    /** Completes only when it fails. */
    public Sqe skipSuccess() {
        return flag(SqeLayout.IOSQE_CQE_SKIP_SUCCESS);
    }

    /** The descriptor is an index of registered files. */
    public Sqe fixedFile() {
        return flag(SqeLayout.IOSQE_FIXED_FILE);
    }

    /** The kernel picks a provided buffer of {@code group}. */
    public Sqe bufferSelect(int group) {
        Memory.putShort(address + SqeLayout.BUF_GROUP, (short) group);
        return flag(SqeLayout.IOSQE_BUFFER_SELECT);
    }

    private Sqe bufferIndex(int index) {
        Memory.putShort(address + SqeLayout.BUF_INDEX, (short) index);
        return this;
    }

    /** The {@code ioprio} field: a priority, or the opcode's own flags. */
    public Sqe ioprio(int value) {
        Memory.putShort(address + SqeLayout.IOPRIO, (short) value);
        return this;
    }
}
