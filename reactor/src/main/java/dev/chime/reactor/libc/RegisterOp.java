package dev.chime.reactor.libc;

/**
 * The opcodes of io_uring_register(2), {@code IORING_REGISTER_*} and {@code IORING_UNREGISTER_*} of
 * linux/io_uring.h up to kernel 6.18.
 */
public final class RegisterOp {
    // Linux 5.1
    public static final int REGISTER_BUFFERS = 0;
    public static final int UNREGISTER_BUFFERS = 1;
    public static final int REGISTER_FILES = 2;
    public static final int UNREGISTER_FILES = 3;

    // Linux 5.2
    public static final int REGISTER_EVENTFD = 4;
    public static final int UNREGISTER_EVENTFD = 5;

    // Linux 5.5
    public static final int REGISTER_FILES_UPDATE = 6;

    // Linux 5.6
    public static final int REGISTER_EVENTFD_ASYNC = 7;
    public static final int REGISTER_PROBE = 8;
    public static final int REGISTER_PERSONALITY = 9;
    public static final int UNREGISTER_PERSONALITY = 10;

    // Linux 5.10
    public static final int REGISTER_RESTRICTIONS = 11;
    public static final int REGISTER_ENABLE_RINGS = 12;

    // Linux 5.13
    public static final int REGISTER_FILES2 = 13;
    public static final int REGISTER_FILES_UPDATE2 = 14;
    public static final int REGISTER_BUFFERS2 = 15;
    public static final int REGISTER_BUFFERS_UPDATE = 16;

    // Linux 5.14
    public static final int REGISTER_IOWQ_AFF = 17;
    public static final int UNREGISTER_IOWQ_AFF = 18;

    // Linux 5.15
    public static final int REGISTER_IOWQ_MAX_WORKERS = 19;

    // Linux 5.18
    public static final int REGISTER_RING_FDS = 20;
    public static final int UNREGISTER_RING_FDS = 21;

    // Linux 5.19
    public static final int REGISTER_PBUF_RING = 22;
    public static final int UNREGISTER_PBUF_RING = 23;

    // Linux 6.0
    public static final int REGISTER_SYNC_CANCEL = 24;
    public static final int REGISTER_FILE_ALLOC_RANGE = 25;

    // Linux 6.8
    public static final int REGISTER_PBUF_STATUS = 26;

    // Linux 6.9
    public static final int REGISTER_NAPI = 27;
    public static final int UNREGISTER_NAPI = 28;

    // Linux 6.12
    public static final int REGISTER_CLOCK = 29;
    public static final int REGISTER_CLONE_BUFFERS = 30;

    // Linux 6.13
    public static final int REGISTER_SEND_MSG_RING = 31;

    // Linux 6.15
    public static final int REGISTER_ZCRX_IFQ = 32;

    // Linux 6.13
    public static final int REGISTER_RESIZE_RINGS = 33;
    public static final int REGISTER_MEM_REGION = 34;

    // Linux 6.18
    public static final int REGISTER_QUERY = 35;

    /** Added to an opcode when the ring is named by its registered index (6.3). */
    public static final int REGISTER_USE_REGISTERED_RING = 1 << 31;

    private RegisterOp() {}
}
