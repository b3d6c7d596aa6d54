package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_sqe}, a submission queue entry (linux/io_uring.h,
 * io_uring_enter(2)), and the flags that are written into one.
 *
 * <p>The entry is 64 bytes unless the ring was set up with {@link RingParamsLayout#SETUP_SQE128}.
 * Unions have the names that Chime uses; two constants with one value are two names of one field.
 */
public final class SqeLayout {
    public static final int SIZE = 64;

    public static final int OPCODE = 0;
    public static final int FLAGS = 1;

    /** Also where send, receive and accept keep their {@code IORING_RECV*}-style flags. */
    public static final int IOPRIO = 2;

    public static final int FD = 4;
    public static final int OFF = 8;
    public static final int ADDR2 = 8;
    public static final int CMD_OP = 8;
    public static final int ADDR = 16;
    public static final int LEN = 24;

    /** The union {@code rw_flags}, {@code msg_flags}, {@code open_flags}, ... of the operation. */
    public static final int OP_FLAGS = 28;

    public static final int USER_DATA = 32;
    public static final int BUF_INDEX = 40;
    public static final int BUF_GROUP = 40;
    public static final int PERSONALITY = 42;
    public static final int SPLICE_FD_IN = 44;
    public static final int FILE_INDEX = 44;
    public static final int ADDR_LEN = 44;
    public static final int ADDR3 = 48;
    public static final int CMD = 48;

    // sqe->flags. CQE_SKIP_SUCCESS since 5.17 (RingParamsLayout.FEAT_CQE_SKIP).
    public static final int IOSQE_FIXED_FILE = 1;
    public static final int IOSQE_IO_DRAIN = 1 << 1;
    public static final int IOSQE_IO_LINK = 1 << 2;
    public static final int IOSQE_IO_HARDLINK = 1 << 3;
    public static final int IOSQE_ASYNC = 1 << 4;
    public static final int IOSQE_BUFFER_SELECT = 1 << 5;
    public static final int IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

    /** In {@link #FILE_INDEX}: let the kernel choose a free slot of the file table (5.19). */
    public static final int IORING_FILE_INDEX_ALLOC = -1;

    // sqe->ioprio of send and recv. Multishot recv since 6.0, bundles since 6.10.
    public static final int IORING_RECVSEND_POLL_FIRST = 1;
    public static final int IORING_RECV_MULTISHOT = 1 << 1;
    public static final int IORING_RECVSEND_FIXED_BUF = 1 << 2;
    public static final int IORING_SEND_ZC_REPORT_USAGE = 1 << 3;
    public static final int IORING_RECVSEND_BUNDLE = 1 << 4;

    // sqe->ioprio of accept. Multishot since 5.19, the other two since 6.10.
    public static final int IORING_ACCEPT_MULTISHOT = 1;
    public static final int IORING_ACCEPT_DONTWAIT = 1 << 1;
    public static final int IORING_ACCEPT_POLL_FIRST = 1 << 2;

    // sqe->cancel_flags. ALL, FD and ANY since 5.19; USERDATA and OP since 6.6.
    public static final int IORING_ASYNC_CANCEL_ALL = 1;
    public static final int IORING_ASYNC_CANCEL_FD = 1 << 1;
    public static final int IORING_ASYNC_CANCEL_ANY = 1 << 2;
    public static final int IORING_ASYNC_CANCEL_FD_FIXED = 1 << 3;
    public static final int IORING_ASYNC_CANCEL_USERDATA = 1 << 4;
    public static final int IORING_ASYNC_CANCEL_OP = 1 << 5;

    // sqe->fsync_flags
    public static final int IORING_FSYNC_DATASYNC = 1;

    // sqe->timeout_flags. MULTISHOT since 6.4.
    public static final int IORING_TIMEOUT_ABS = 1;
    public static final int IORING_TIMEOUT_UPDATE = 1 << 1;
    public static final int IORING_TIMEOUT_BOOTTIME = 1 << 2;
    public static final int IORING_TIMEOUT_REALTIME = 1 << 3;
    public static final int IORING_LINK_TIMEOUT_UPDATE = 1 << 4;
    public static final int IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5;
    public static final int IORING_TIMEOUT_MULTISHOT = 1 << 6;

    // The flags of a poll, which live in sqe->len because poll32_events fills the flags union.
    public static final int IORING_POLL_ADD_MULTI = 1;
    public static final int IORING_POLL_UPDATE_EVENTS = 1 << 1;
    public static final int IORING_POLL_UPDATE_USER_DATA = 1 << 2;
    public static final int IORING_POLL_ADD_LEVEL = 1 << 3;

    // Commands of a ring message, in sqe->addr, and its flags.
    public static final int IORING_MSG_DATA = 0;
    public static final int IORING_MSG_SEND_FD = 1;
    public static final int IORING_MSG_RING_CQE_SKIP = 1;
    public static final int IORING_MSG_RING_FLAGS_PASS = 1 << 1;

    private SqeLayout() {}
}
