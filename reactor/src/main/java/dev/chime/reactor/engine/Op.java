package dev.chime.reactor.engine;

import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.SqeLayout;

/**
 * The vocabulary: every operation that an engine performs, one row each, as data.
 *
 * <p>The columns drive the ring's encoding, the probe, the capability report, the documentation
 * table and the tests. The fields of a {@link Slot} have the meaning that io_uring_enter(2) gives
 * the submission entry of the row's opcode, on every engine.
 */
public enum Op {
    /** Does nothing and completes. */
    NOP(Opcode.NOP, "5.1", "nop", Route.INLINE, 0),
    /** Opens {@code address} (path) below {@code fd}; flags in {@code flags}, mode in length. */
    OPENAT(Opcode.OPENAT, "5.6", "open", Route.WORKER, Op.CANCEL | Op.LINK | Op.FD | Op.IN),
    /** Opens {@code address} (path) below {@code fd} as the open_how at {@code offset} says. */
    OPENAT2(Opcode.OPENAT2, "5.6", "open", Route.WORKER, Op.CANCEL | Op.LINK | Op.FD | Op.IN),
    /** Reads at {@code offset}, or where the file stands when that is -1. */
    READ(Opcode.READ, "5.6", "read", Route.WORKER, Op.CANCEL | Op.LINK | Op.OUT),
    /** Writes at {@code offset}, or where the file stands when that is -1. */
    WRITE(Opcode.WRITE, "5.6", "write", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Reads into the {@code length} iovecs at {@code address}; offset as of {@link #READ}. */
    READV(Opcode.READV, "5.1", "read", Route.WORKER, Op.CANCEL | Op.OUT),
    /** Writes the {@code length} iovecs at {@code address}; offset as of {@link #WRITE}. */
    WRITEV(Opcode.WRITEV, "5.1", "write", Route.WORKER, Op.CANCEL | Op.IN),
    /** Closes {@code fd}. */
    CLOSE(Opcode.CLOSE, "5.6", "close", Route.WORKER, Op.LINK),
    /** Fills the statx buffer at {@code offset} for path {@code address}. */
    STATX(Opcode.STATX, "5.6", "stat", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN | Op.OUT),
    /** Flushes a file; {@code IORING_FSYNC_DATASYNC} in {@code flags} leaves metadata out. */
    FSYNC(Opcode.FSYNC, "5.1", "fsync", Route.WORKER, Op.CANCEL | Op.LINK),
    /** Makes space: mode in length, start in {@code offset}, bytes in {@code address}. */
    FALLOCATE(Opcode.FALLOCATE, "5.6", "fallocate", Route.WORKER, Op.CANCEL | Op.LINK),
    /** Sets a file's size to {@code offset}. */
    FTRUNCATE(Opcode.FTRUNCATE, "6.9", "ftruncate", Route.WORKER, Op.CANCEL | Op.LINK),
    /** Tells what will be read: advice in flags, start in offset, bytes in address or length. */
    FADVISE(Opcode.FADVISE, "5.6", "fadvise", Route.WORKER, Op.CANCEL | Op.LINK),
    /** Renames {@code address} below {@code fd} to {@code offset} below the fd in length. */
    RENAMEAT(Opcode.RENAMEAT, "5.11", "rename", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Removes the name {@code address} below {@code fd}; {@code AT_REMOVEDIR} in flags. */
    UNLINKAT(Opcode.UNLINKAT, "5.11", "unlink", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Makes the directory {@code address} below {@code fd}; mode in length. */
    MKDIRAT(Opcode.MKDIRAT, "5.15", "mkdir", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Makes the name {@code offset} below {@code fd}, a symbolic link to {@code address}. */
    SYMLINKAT(Opcode.SYMLINKAT, "5.15", "symlink", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Gives {@code address} below {@code fd} the name {@code offset} below the fd in length. */
    LINKAT(Opcode.LINKAT, "5.15", "link", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Sets attribute {@code address} of path {@code address3} to length bytes at offset. */
    SETXATTR(Opcode.SETXATTR, "5.19", "setxattr", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Sets attribute {@code address} of {@code fd} to length bytes at {@code offset}. */
    FSETXATTR(Opcode.FSETXATTR, "5.19", "fsetxattr", Route.WORKER, Op.CANCEL | Op.LINK | Op.IN),
    /** Reads attribute {@code address} of path {@code address3} into length bytes at offset. */
    GETXATTR(Opcode.GETXATTR, "5.19", "getxattr", Route.WORKER, Op.CANCEL | Op.IN | Op.OUT),
    /** Reads attribute {@code address} of {@code fd} into length bytes at {@code offset}. */
    FGETXATTR(Opcode.FGETXATTR, "5.19", "fgetxattr", Route.WORKER, Op.CANCEL | Op.IN | Op.OUT),
    /** Lists the attributes of path {@code address}, or of {@code fd} without one, at offset. */
    LISTXATTR("listxattr", Op.IN | Op.OUT),
    /** Removes attribute {@code address} of path {@code address3}, or of {@code fd} without. */
    REMOVEXATTR("removexattr", Op.IN),
    /** Asks whether path {@code address} below {@code fd} admits the mode in length. */
    FACCESSAT("access", Op.IN),
    /** Sets the mode in length, of path {@code address} below {@code fd}, or of {@code fd}. */
    FCHMODAT("chmod", Op.IN),
    /** Sets owner (length) and group (offset), of {@code address} below fd, or of {@code fd}. */
    FCHOWNAT("chown", Op.IN),
    /** Sets two timespecs (offset), of {@code address} below {@code fd}, or of {@code fd}. */
    UTIMENSAT("utime", Op.IN),
    /** Reads the link {@code address} below {@code fd} into length bytes at {@code offset}. */
    READLINKAT("readlink", Op.IN | Op.OUT),
    /** Reads directory entries to {@code address}, as many as there are and length bytes hold. */
    GETDENTS("scandir", Op.OUT),
    /** Fills the statfs at {@code offset}, for path {@code address}, or for {@code fd}. */
    STATFS("statfs", Op.IN | Op.OUT),
    /** Copies length bytes of {@code fd} at offset to the fd in flags, at {@code address}. */
    COPY_FILE_RANGE("copyfile", 0),
    /** Shares the blocks of the file {@code flags} with {@code fd} (FICLONE). */
    CLONE("copyfile", 0),
    /** Looks for data or a hole from offset on (whence in length); writes where to address. */
    LSEEK("lseek", Op.OUT),
    /** The record lock command in flags (F_OFD_*), its struct flock at {@code address}. */
    LOCK("fcntl", Op.IN | Op.OUT),
    /** Adds the watch of path {@code address} to {@code fd}, an inotify; mask in flags. */
    WATCH("watch", Op.IN),
    /** Waits, once, until one of the {@code POLL*} events in {@code flags} holds; gives those. */
    POLL(Opcode.POLL_ADD, "5.1", "poll", Route.POLLED, Op.CANCEL | Op.LINK),
    /** Makes a socket: domain in {@code fd}, type in {@code offset}, protocol in length. */
    SOCKET(Opcode.SOCKET, "5.19", "socket", Route.INLINE, Op.FD),
    /** Binds to the address at {@code address}, its length in {@code offset}. */
    BIND(Opcode.BIND, "6.11", "bind", Route.INLINE, Op.IN),
    /** Listens with the backlog in {@code length}. */
    LISTEN(Opcode.LISTEN, "6.11", "listen", Route.INLINE, 0),
    /** Accepts connection after connection; {@code SOCK_*} in {@code flags}. */
    ACCEPT(
            Opcode.ACCEPT,
            "5.19",
            "accept",
            Route.READABLE,
            Op.CANCEL | Op.MULTISHOT | Op.FD,
            SqeLayout.IORING_ACCEPT_MULTISHOT,
            0),
    /** Connects to the address at {@code address}, its length in {@code offset}. */
    CONNECT(Opcode.CONNECT, "5.5", "connect", Route.WRITABLE, Op.CANCEL | Op.LINK | Op.IN),
    /** Receives again and again into buffers of the engine; see {@link Slot#chunk}. */
    RECV(
            Opcode.RECV,
            "6.0",
            "read",
            Route.READABLE,
            Op.CANCEL | Op.MULTISHOT | Op.OUT,
            SqeLayout.IORING_RECV_MULTISHOT,
            SqeLayout.IOSQE_BUFFER_SELECT),
    /** Sends {@code length} bytes; may be short. */
    SEND(Opcode.SEND, "5.6", "write", Route.WRITABLE, Op.CANCEL | Op.LINK | Op.IN),
    /** Sends what the msghdr at {@code address} gathers; may be short. */
    SENDMSG(Opcode.SENDMSG, "5.3", "write", Route.WRITABLE, Op.CANCEL | Op.LINK | Op.IN),
    /**
     * Receives message after message into buffers of the engine, in the form of {@link
     * dev.chime.reactor.libc.RecvmsgOutLayout}. The msghdr at {@code address}, without an iovec,
     * says how many bytes the sender's address and the control data have there. The second half of
     * the slot's scratch memory is the engine's.
     */
    RECVMSG(
            Opcode.RECVMSG,
            "6.0",
            "recvmsg",
            Route.READABLE,
            Op.CANCEL | Op.MULTISHOT | Op.OUT,
            SqeLayout.IORING_RECV_MULTISHOT,
            SqeLayout.IOSQE_BUFFER_SELECT),
    /** Shuts one or both directions down; how in {@code length}. */
    SHUTDOWN(Opcode.SHUTDOWN, "5.11", "shutdown", Route.INLINE, Op.LINK),
    /** Cancels the operation whose user_data is in {@code address}; engines use it themselves. */
    ASYNC_CANCEL(Opcode.ASYNC_CANCEL, "5.5", "cancel", Route.INLINE, 0),
    /** Bounds the operation that it follows; engines use it themselves. */
    LINK_TIMEOUT(Opcode.LINK_TIMEOUT, "5.5", "timeout", Route.INLINE, 0);

    /** How the pool engine performs an operation. */
    public enum Route {
        /** At once on the loop thread: never blocks. */
        INLINE,
        /** On a worker thread: may block on storage. */
        WORKER,
        /** Tried at once without blocking, then again when the descriptor is readable. */
        READABLE,
        /** Tried at once without blocking, then again when the descriptor is writable. */
        WRITABLE,
        /** Tried at once, then again when there is news of what {@code flags} asks for. */
        POLLED
    }

    /** {@link #opcode} of an operation that io_uring has none for. */
    private static final int NO_OPCODE = -1;

    private static final int CANCEL = 1;
    private static final int LINK = 2;
    private static final int MULTISHOT = 4;
    private static final int FD = 8;
    private static final int IN = 16;
    private static final int OUT = 32;

    private final int opcode;
    private final String sinceKernel;
    private final String syscall;
    private final Route route;
    private final int traits;
    private final int ioprio;
    private final int sqeFlags;

    /** An operation of the pool alone, on every engine: may block, and cannot be interrupted. */
    Op(String syscall, int traits) {
        this(NO_OPCODE, "none", syscall, Route.WORKER, traits);
    }

    Op(int opcode, String sinceKernel, String syscall, Route route, int traits) {
        this(opcode, sinceKernel, syscall, route, traits, 0, 0);
    }

    Op(
            int opcode,
            String sinceKernel,
            String syscall,
            Route route,
            int traits,
            int ioprio,
            int sqeFlags) {
        this.opcode = opcode;
        this.sinceKernel = sinceKernel;
        this.syscall = syscall;
        this.route = route;
        this.traits = traits;
        this.ioprio = ioprio;
        this.sqeFlags = sqeFlags;
    }

    /** True when io_uring knows the operation; the others go to the pool on every engine. */
    public boolean hasOpcode() {
        return opcode != NO_OPCODE;
    }

    /** io_uring's number of the operation, or -1. */
    public int opcode() {
        return opcode;
    }

    /** The first kernel that has it on the ring in this form: documentation, never a test. */
    public String sinceKernel() {
        return sinceKernel;
    }

    /** The name that errors carry, as Node's do. */
    public String syscall() {
        return syscall;
    }

    /** How the pool engine performs it. */
    public Route route() {
        return route;
    }

    /** True when a cancel can end it early. */
    public boolean cancelable() {
        return (traits & CANCEL) != 0;
    }

    /** True when it may be a member of a chain. */
    public boolean linkable() {
        return (traits & LINK) != 0;
    }

    /** True when one submission gives many results. */
    public boolean multishot() {
        return (traits & MULTISHOT) != 0;
    }

    /** True when a result {@code >= 0} is a new descriptor that somebody must close. */
    public boolean returnsFd() {
        return (traits & FD) != 0;
    }

    /** True when the kernel reads memory of ours until the last completion. */
    public boolean lendsIn() {
        return (traits & IN) != 0;
    }

    /** True when the kernel writes memory of ours until the last completion. */
    public boolean lendsOut() {
        return (traits & OUT) != 0;
    }

    /** The entry's {@code ioprio} field: the multishot bits of receive and accept. */
    public int ioprio() {
        return ioprio;
    }

    /** The entry's {@code IOSQE_*} flags. */
    public int sqeFlags() {
        return sqeFlags;
    }
}
