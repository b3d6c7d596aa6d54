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
    /** For {@link #fileIndex}: the kernel picks a free place, and the result says which. */
    public static final int ANY_INDEX = SqeLayout.IORING_FILE_INDEX_ALLOC;

    private long address;

    Sqe() {}

    Sqe at(long entry) {
        address = entry;
        return this;
    }

    /**
     * Any operation, in the raw form: the entry's fields as io_uring_enter(2) names them, the
     * opcode by its {@code IORING_OP_*} number. All others are zero.
     */
    public Sqe prep(int opcode, int fd, long addr, int length, long offset, int opFlags) {
        checkUsable();
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

    private void checkUsable() {
        if (address == 0) {
            throw new IllegalStateException("the ring of this entry is closed");
        }
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

    /** Reads into pieces of registered buffer {@code index}: an array of struct iovec. */
    public Sqe prepReadvFixed(int fd, MemorySegment iovecs, int count, long offset, int index) {
        return prep(Opcode.READV_FIXED, fd, addressOf(iovecs), count, offset, 0).bufferIndex(index);
    }

    /** Writes pieces of registered buffer {@code index}: an array of struct iovec. */
    public Sqe prepWritevFixed(int fd, MemorySegment iovecs, int count, long offset, int index) {
        return prep(Opcode.WRITEV_FIXED, fd, addressOf(iovecs), count, offset, 0)
                .bufferIndex(index);
    }

    /** Reads again and again into buffers of {@code group}: from what can be polled, as a pipe. */
    public Sqe prepMultishotRead(int fd, int group) {
        return prep(Opcode.READ_MULTISHOT, fd, 0, 0, -1, 0).bufferSelect(group);
    }

    /** Starts writing a range out: sync_file_range(2). */
    public Sqe prepSyncFileRange(int fd, long offset, int length, int flags) {
        return prep(Opcode.SYNC_FILE_RANGE, fd, 0, length, offset, flags);
    }

    /** Reserves or frees a range of a file: fallocate(2). */
    public Sqe prepFallocate(int fd, int mode, long offset, long length) {
        return prep(Opcode.FALLOCATE, fd, length, mode, offset, 0);
    }

    /** Sets a file's length. */
    public Sqe prepFtruncate(int fd, long length) {
        return prep(Opcode.FTRUNCATE, fd, 0, 0, length, 0);
    }

    /** Announces how a range of a file will be read: posix_fadvise(2). */
    public Sqe prepFadvise(int fd, long offset, int length, int advice) {
        return prep(Opcode.FADVISE, fd, 0, length, offset, advice);
    }

    /** Advises on memory: madvise(2). */
    public Sqe prepMadvise(MemorySegment memory, int advice) {
        return prep(Opcode.MADVISE, -1, memory, 0, advice);
    }

    /** Moves bytes between a pipe and something else; an offset of -1 is for the pipe. */
    public Sqe prepSplice(int from, long fromOffset, int to, long toOffset, int bytes, int flags) {
        return prep(Opcode.SPLICE, to, fromOffset, bytes, toOffset, flags).fileIn(from);
    }

    /** Copies bytes from pipe to pipe; they stay in the first: tee(2). */
    public Sqe prepTee(int from, int to, int bytes, int flags) {
        return prep(Opcode.TEE, to, 0, bytes, 0, flags).fileIn(from);
    }

    /** Makes a pipe: two ints into {@code fds}, the end to read from first: pipe2(2). */
    public Sqe prepPipe(MemorySegment fds, int flags) {
        return prep(Opcode.PIPE, 0, addressOf(fds), 0, 0, flags);
    }

    /** Opens the NUL-terminated {@code path} below {@code directory}; -100 is AT_FDCWD. */
    public Sqe prepOpenat(int directory, MemorySegment path, int flags, int mode) {
        return prep(Opcode.OPENAT, directory, addressOf(path), mode, 0, flags);
    }

    /** Opens as the struct open_how says, whose size its segment has: openat2(2). */
    public Sqe prepOpenat2(int directory, MemorySegment path, MemorySegment how) {
        int size = (int) how.byteSize();
        return prep(Opcode.OPENAT2, directory, addressOf(path), size, addressOf(how), 0);
    }

    /** Closes a place of the registered files: {@link #fileIndex}. */
    public Sqe prepCloseDirect(int index) {
        return prep(Opcode.CLOSE, 0, 0, 0, 0, 0).fileIndex(index);
    }

    /** Makes an ordinary descriptor of registered file {@code index}: the result. */
    public Sqe prepFixedFdInstall(int index) {
        return prep(Opcode.FIXED_FD_INSTALL, index, 0, 0, 0, 0).fixedFile();
    }

    /** Replaces registered files from {@code index} on by the array of {@code count} ints. */
    public Sqe prepFilesUpdate(MemorySegment fds, int count, int index) {
        return prep(Opcode.FILES_UPDATE, -1, addressOf(fds), count, index, 0);
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

    /** Makes a directory: mkdirat(2). */
    public Sqe prepMkdirat(int directory, MemorySegment path, int mode) {
        return prep(Opcode.MKDIRAT, directory, addressOf(path), mode, 0, 0);
    }

    /** Removes a name; with AT_REMOVEDIR (0x200) an empty directory: unlinkat(2). */
    public Sqe prepUnlinkat(int directory, MemorySegment path, int flags) {
        return prep(Opcode.UNLINKAT, directory, addressOf(path), 0, 0, flags);
    }

    /** Renames: renameat2(2). */
    public Sqe prepRenameat(
            int oldDirectory, MemorySegment old, int newDirectory, MemorySegment name, int flags) {
        return prep(
                Opcode.RENAMEAT,
                oldDirectory,
                addressOf(old),
                newDirectory,
                addressOf(name),
                flags);
    }

    /** Makes a hard link: linkat(2). */
    public Sqe prepLinkat(
            int oldDirectory, MemorySegment old, int newDirectory, MemorySegment name, int flags) {
        return prep(
                Opcode.LINKAT, oldDirectory, addressOf(old), newDirectory, addressOf(name), flags);
    }

    /** Makes a symbolic link {@code path} that says {@code target}: symlinkat(2). */
    public Sqe prepSymlinkat(MemorySegment target, int directory, MemorySegment path) {
        return prep(Opcode.SYMLINKAT, directory, addressOf(target), 0, addressOf(path), 0);
    }

    /** Sets an extended attribute by path: setxattr(2). */
    public Sqe prepSetxattr(
            MemorySegment name, MemorySegment value, MemorySegment path, int flags) {
        int length = (int) value.byteSize();
        return prep(Opcode.SETXATTR, 0, addressOf(name), length, addressOf(value), flags)
                .address3(addressOf(path));
    }

    /** Reads an extended attribute by path; the result is its length: getxattr(2). */
    public Sqe prepGetxattr(MemorySegment name, MemorySegment value, MemorySegment path) {
        int length = (int) value.byteSize();
        return prep(Opcode.GETXATTR, 0, addressOf(name), length, addressOf(value), 0)
                .address3(addressOf(path));
    }

    /** Sets an extended attribute of an open file: fsetxattr(2). */
    public Sqe prepFsetxattr(int fd, MemorySegment name, MemorySegment value, int flags) {
        int length = (int) value.byteSize();
        return prep(Opcode.FSETXATTR, fd, addressOf(name), length, addressOf(value), flags);
    }

    /** Reads an extended attribute of an open file: fgetxattr(2). */
    public Sqe prepFgetxattr(int fd, MemorySegment name, MemorySegment value) {
        int length = (int) value.byteSize();
        return prep(Opcode.FGETXATTR, fd, addressOf(name), length, addressOf(value), 0);
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

    /**
     * Sends without copying: first the result, with {@link Cqe#more}, then {@link
     * Cqe#isNotification} when the memory is free again.
     */
    public Sqe prepSendZc(int fd, MemorySegment memory, int flags) {
        return prep(Opcode.SEND_ZC, fd, memory, 0, flags);
    }

    /** As {@link #prepSendZc}, from a part of registered buffer {@code index}. */
    public Sqe prepSendZcFixed(int fd, MemorySegment memory, int flags, int index) {
        return prepSendZc(fd, memory, flags)
                .ioprio(SqeLayout.IORING_RECVSEND_FIXED_BUF)
                .bufferIndex(index);
    }

    /** As {@link #prepSendZc}, for what a struct msghdr describes. */
    public Sqe prepSendmsgZc(int fd, MemorySegment msghdr, int flags) {
        return prep(Opcode.SENDMSG_ZC, fd, addressOf(msghdr), 1, 0, flags);
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

    /** Waits for poll(2) events again and again: one completion each. */
    public Sqe prepPollMultishot(int fd, int events) {
        return prep(Opcode.POLL_ADD, fd, 0, SqeLayout.IORING_POLL_ADD_MULTI, 0, events);
    }

    /** Ends the poll submitted with {@code targetUserData}. */
    public Sqe prepPollRemove(long targetUserData) {
        return prep(Opcode.POLL_REMOVE, -1, targetUserData, 0, 0, 0);
    }

    /** Lets the poll submitted with {@code targetUserData} wait for other events. */
    public Sqe prepPollUpdate(long targetUserData, int events) {
        int how = SqeLayout.IORING_POLL_UPDATE_EVENTS;
        return prep(Opcode.POLL_REMOVE, -1, targetUserData, how, 0, events);
    }

    /** Adds, changes or removes what an epoll waits for: epoll_ctl(2). */
    public Sqe prepEpollCtl(int epoll, int operation, int fd, MemorySegment event) {
        return prep(Opcode.EPOLL_CTL, epoll, addressOf(event), operation, fd, 0);
    }

    /** Waits for events of an epoll; the result is how many lie in {@code events}. */
    public Sqe prepEpollWait(int epoll, MemorySegment events, int most) {
        return prep(Opcode.EPOLL_WAIT, epoll, addressOf(events), most, 0, 0);
    }

    /** Waits for a child process: waitid(2); {@code siginfo} is filled. */
    public Sqe prepWaitid(int idType, int id, MemorySegment siginfo, int options) {
        return prep(Opcode.WAITID, id, 0, idType, addressOf(siginfo), 0).fileIn(options);
    }

    /** Waits while the 32-bit word holds {@code expected}: futex2; {@code flags} FUTEX2_*. */
    public Sqe prepFutexWait(MemorySegment word, long expected, long mask, int flags) {
        return prep(Opcode.FUTEX_WAIT, flags, addressOf(word), 0, expected, 0).address3(mask);
    }

    /** Wakes at most {@code count} waiters of the word. */
    public Sqe prepFutexWake(MemorySegment word, long count, long mask, int flags) {
        return prep(Opcode.FUTEX_WAKE, flags, addressOf(word), 0, count, 0).address3(mask);
    }

    /** Waits for one of {@code count} words, an array of struct futex_waitv. */
    public Sqe prepFutexWaitv(MemorySegment waiters, int count) {
        return prep(Opcode.FUTEX_WAITV, 0, addressOf(waiters), count, 0, 0);
    }

    /** Completes with -ETIME after the struct __kernel_timespec in {@code timespec}. */
    public Sqe prepTimeout(MemorySegment timespec) {
        return prep(Opcode.TIMEOUT, -1, addressOf(timespec), 1, 0, 0);
    }

    /** As {@link #prepTimeout}, or with 0 when {@code count} others have completed before. */
    public Sqe prepTimeout(MemorySegment timespec, int count, int flags) {
        return prep(Opcode.TIMEOUT, -1, addressOf(timespec), 1, count, flags);
    }

    /** Ends the time-out submitted with {@code targetUserData}. */
    public Sqe prepTimeoutRemove(long targetUserData) {
        return prep(Opcode.TIMEOUT_REMOVE, -1, targetUserData, 0, 0, 0);
    }

    /** Lets the time-out submitted with {@code targetUserData} end at another time. */
    public Sqe prepTimeoutUpdate(MemorySegment timespec, long targetUserData) {
        int how = SqeLayout.IORING_TIMEOUT_UPDATE;
        return prep(Opcode.TIMEOUT_REMOVE, -1, targetUserData, 0, addressOf(timespec), how);
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

    /**
     * Gives {@code count} buffers of equal size in {@code memory} to {@code group}: the old way.
     */
    public Sqe prepProvideBuffers(MemorySegment memory, int count, int group, int firstId) {
        int size = (int) (memory.byteSize() / count);
        return prep(Opcode.PROVIDE_BUFFERS, count, addressOf(memory), size, firstId, 0)
                .bufferIndex(group);
    }

    /** Takes at most {@code count} buffers of {@code group} back. */
    public Sqe prepRemoveBuffers(int count, int group) {
        return prep(Opcode.REMOVE_BUFFERS, count, 0, 0, 0, 0).bufferIndex(group);
    }

    // ---- what applies to any operation

    /** The number that the completion carries. */
    public Sqe userData(long number) {
        checkUsable();
        Memory.putLong(address + SqeLayout.USER_DATA, number);
        return this;
    }

    private Sqe flag(int bit) {
        checkUsable();
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
        return flag(SqeLayout.IOSQE_BUFFER_SELECT).bufferIndex(group);
    }

    /** Any {@code IOSQE_*} bits, besides those that are set. */
    public Sqe flags(int bits) {
        return flag(bits);
    }

    /**
     * Where an operation that makes a descriptor (open, socket, accept) puts it among the
     * registered files, instead of among the process's: an index, or {@link #ANY_INDEX}.
     */
    public Sqe fileIndex(int index) {
        return fileIn(index == ANY_INDEX ? index : index + 1);
    }

    private Sqe fileIn(int value) {
        checkUsable();
        Memory.putInt(address + SqeLayout.FILE_INDEX, value);
        return this;
    }

    private Sqe bufferIndex(int index) {
        checkUsable();
        Memory.putShort(address + SqeLayout.BUF_INDEX, (short) index);
        return this;
    }

    /** The {@code addr3} field, for raw operations. */
    public Sqe address3(long value) {
        checkUsable();
        Memory.putLong(address + SqeLayout.ADDR3, value);
        return this;
    }

    /** The {@code ioprio} field: a priority, or the opcode's own flags. */
    public Sqe ioprio(int value) {
        checkUsable();
        Memory.putShort(address + SqeLayout.IOPRIO, (short) value);
        return this;
    }
}
