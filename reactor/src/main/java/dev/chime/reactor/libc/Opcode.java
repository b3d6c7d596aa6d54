package dev.chime.reactor.libc;

/**
 * The operations of io_uring, {@code IORING_OP_*} of linux/io_uring.h up to kernel 6.18
 * (io_uring_enter(2)).
 *
 * <p>The versions say when an operation came and are for the reader alone: whether this kernel has
 * one is asked with {@link RegisterOp#REGISTER_PROBE}.
 */
public final class Opcode {
    // Linux 5.1
    public static final int NOP = 0;
    public static final int READV = 1;
    public static final int WRITEV = 2;
    public static final int FSYNC = 3;
    public static final int READ_FIXED = 4;
    public static final int WRITE_FIXED = 5;
    public static final int POLL_ADD = 6;
    public static final int POLL_REMOVE = 7;

    // Linux 5.2
    public static final int SYNC_FILE_RANGE = 8;

    // Linux 5.3
    public static final int SENDMSG = 9;
    public static final int RECVMSG = 10;

    // Linux 5.4
    public static final int TIMEOUT = 11;

    // Linux 5.5
    public static final int TIMEOUT_REMOVE = 12;
    public static final int ACCEPT = 13;
    public static final int ASYNC_CANCEL = 14;
    public static final int LINK_TIMEOUT = 15;
    public static final int CONNECT = 16;

    // Linux 5.6
    public static final int FALLOCATE = 17;
    public static final int OPENAT = 18;
    public static final int CLOSE = 19;
    public static final int FILES_UPDATE = 20;
    public static final int STATX = 21;
    public static final int READ = 22;
    public static final int WRITE = 23;
    public static final int FADVISE = 24;
    public static final int MADVISE = 25;
    public static final int SEND = 26;
    public static final int RECV = 27;
    public static final int OPENAT2 = 28;
    public static final int EPOLL_CTL = 29;

    // Linux 5.7
    public static final int SPLICE = 30;
    public static final int PROVIDE_BUFFERS = 31;
    public static final int REMOVE_BUFFERS = 32;

    // Linux 5.8
    public static final int TEE = 33;

    // Linux 5.11
    public static final int SHUTDOWN = 34;
    public static final int RENAMEAT = 35;
    public static final int UNLINKAT = 36;

    // Linux 5.15
    public static final int MKDIRAT = 37;
    public static final int SYMLINKAT = 38;
    public static final int LINKAT = 39;

    // Linux 5.18
    public static final int MSG_RING = 40;

    // Linux 5.19
    public static final int FSETXATTR = 41;
    public static final int SETXATTR = 42;
    public static final int FGETXATTR = 43;
    public static final int GETXATTR = 44;
    public static final int SOCKET = 45;
    public static final int URING_CMD = 46;

    // Linux 6.0
    public static final int SEND_ZC = 47;

    // Linux 6.1
    public static final int SENDMSG_ZC = 48;

    // Linux 6.7
    public static final int READ_MULTISHOT = 49;
    public static final int WAITID = 50;
    public static final int FUTEX_WAIT = 51;
    public static final int FUTEX_WAKE = 52;
    public static final int FUTEX_WAITV = 53;

    // Linux 6.8
    public static final int FIXED_FD_INSTALL = 54;

    // Linux 6.9
    public static final int FTRUNCATE = 55;

    // Linux 6.11
    public static final int BIND = 56;
    public static final int LISTEN = 57;

    // Linux 6.15
    public static final int RECV_ZC = 58;
    public static final int EPOLL_WAIT = 59;
    public static final int READV_FIXED = 60;
    public static final int WRITEV_FIXED = 61;

    // Linux 6.16
    public static final int PIPE = 62;

    private Opcode() {}
}
