package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_params} with its two nested offset structs, and the flags of
 * io_uring_setup(2), io_uring_enter(2) and the submission ring (linux/io_uring.h).
 *
 * <p>{@code SQ_OFF_*} and {@code CQ_OFF_*} say where in this struct the kernel writes the offset of
 * a ring field; they are counted from the start of {@code io_uring_params}.
 */
public final class RingParamsLayout {
    public static final int SIZE = 120;

    public static final int SQ_ENTRIES = 0;
    public static final int CQ_ENTRIES = 4;
    public static final int FLAGS = 8;
    public static final int SQ_THREAD_CPU = 12;
    public static final int SQ_THREAD_IDLE = 16;
    public static final int FEATURES = 20;
    public static final int WQ_FD = 24;

    // struct io_sqring_offsets sq_off. USER_ADDR belongs to SETUP_NO_MMAP (6.5).
    public static final int SQ_OFF_HEAD = 40;
    public static final int SQ_OFF_TAIL = 44;
    public static final int SQ_OFF_RING_MASK = 48;
    public static final int SQ_OFF_RING_ENTRIES = 52;
    public static final int SQ_OFF_FLAGS = 56;
    public static final int SQ_OFF_DROPPED = 60;
    public static final int SQ_OFF_ARRAY = 64;
    public static final int SQ_OFF_USER_ADDR = 72;

    // struct io_cqring_offsets cq_off
    public static final int CQ_OFF_HEAD = 80;
    public static final int CQ_OFF_TAIL = 84;
    public static final int CQ_OFF_RING_MASK = 88;
    public static final int CQ_OFF_RING_ENTRIES = 92;
    public static final int CQ_OFF_OVERFLOW = 96;
    public static final int CQ_OFF_CQES = 100;
    public static final int CQ_OFF_FLAGS = 104;
    public static final int CQ_OFF_USER_ADDR = 112;

    // Flags of io_uring_setup(2).
    public static final int SETUP_IOPOLL = 1;
    public static final int SETUP_SQPOLL = 1 << 1;
    public static final int SETUP_SQ_AFF = 1 << 2;
    public static final int SETUP_CQSIZE = 1 << 3;
    public static final int SETUP_CLAMP = 1 << 4;
    public static final int SETUP_ATTACH_WQ = 1 << 5;
    public static final int SETUP_R_DISABLED = 1 << 6;
    public static final int SETUP_SUBMIT_ALL = 1 << 7; // 5.18
    public static final int SETUP_COOP_TASKRUN = 1 << 8; // 5.19
    public static final int SETUP_TASKRUN_FLAG = 1 << 9; // 5.19
    public static final int SETUP_SQE128 = 1 << 10; // 5.19
    public static final int SETUP_CQE32 = 1 << 11; // 5.19
    public static final int SETUP_SINGLE_ISSUER = 1 << 12; // 6.0
    public static final int SETUP_DEFER_TASKRUN = 1 << 13; // 6.1
    public static final int SETUP_NO_MMAP = 1 << 14; // 6.5
    public static final int SETUP_REGISTERED_FD_ONLY = 1 << 15; // 6.5
    public static final int SETUP_NO_SQARRAY = 1 << 16; // 6.6
    public static final int SETUP_HYBRID_IOPOLL = 1 << 17; // 6.13
    public static final int SETUP_CQE_MIXED = 1 << 18; // 6.18

    // What the kernel answers in FEATURES.
    public static final int FEAT_SINGLE_MMAP = 1; // 5.4
    public static final int FEAT_NODROP = 1 << 1; // 5.5
    public static final int FEAT_SUBMIT_STABLE = 1 << 2; // 5.5
    public static final int FEAT_RW_CUR_POS = 1 << 3; // 5.6
    public static final int FEAT_CUR_PERSONALITY = 1 << 4; // 5.6
    public static final int FEAT_FAST_POLL = 1 << 5; // 5.7
    public static final int FEAT_POLL_32BITS = 1 << 6; // 5.9
    public static final int FEAT_SQPOLL_NONFIXED = 1 << 7; // 5.11
    public static final int FEAT_EXT_ARG = 1 << 8; // 5.11
    public static final int FEAT_NATIVE_WORKERS = 1 << 9; // 5.12
    public static final int FEAT_RSRC_TAGS = 1 << 10; // 5.13
    public static final int FEAT_CQE_SKIP = 1 << 11; // 5.17
    public static final int FEAT_LINKED_FILE = 1 << 12; // 5.17
    public static final int FEAT_REG_REG_RING = 1 << 13; // 6.3
    public static final int FEAT_RECVSEND_BUNDLE = 1 << 14; // 6.10
    public static final int FEAT_MIN_TIMEOUT = 1 << 15; // 6.12
    public static final int FEAT_RW_ATTR = 1 << 16; // 6.14
    public static final int FEAT_NO_IOWAIT = 1 << 17; // 6.15

    // What the kernel writes into the submission ring's flags word.
    public static final int SQ_NEED_WAKEUP = 1;
    public static final int SQ_CQ_OVERFLOW = 1 << 1;
    public static final int SQ_TASKRUN = 1 << 2;

    // The completion ring's flags word, written by the application.
    public static final int CQ_EVENTFD_DISABLED = 1;

    // Offsets for mmap(2) on the ring's descriptor; with FEAT_SINGLE_MMAP both rings are one map.
    public static final long OFF_SQ_RING = 0L;
    public static final long OFF_CQ_RING = 0x8000000L;
    public static final long OFF_SQES = 0x10000000L;
    public static final long OFF_PBUF_RING = 0x80000000L; // 6.4, | (bgid << OFF_PBUF_SHIFT)
    public static final int OFF_PBUF_SHIFT = 16;

    // Flags of io_uring_enter(2).
    public static final int ENTER_GETEVENTS = 1;
    public static final int ENTER_SQ_WAKEUP = 1 << 1;
    public static final int ENTER_SQ_WAIT = 1 << 2;
    public static final int ENTER_EXT_ARG = 1 << 3; // 5.11
    public static final int ENTER_REGISTERED_RING = 1 << 4; // 5.18
    public static final int ENTER_ABS_TIMER = 1 << 5; // 6.12
    public static final int ENTER_EXT_ARG_REG = 1 << 6; // 6.13
    public static final int ENTER_NO_IOWAIT = 1 << 7; // 6.15

    private RingParamsLayout() {}
}
