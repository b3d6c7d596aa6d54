package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_buf_reg}, the argument of {@link RegisterOp#REGISTER_PBUF_RING}
 * (linux/io_uring.h, io_uring_register(2), 5.19).
 */
public final class BufRegLayout {
    public static final int SIZE = 40;

    public static final int RING_ADDR = 0;
    public static final int RING_ENTRIES = 8;
    public static final int BGID = 12;

    /** Padding that must be zero before 6.4. */
    public static final int FLAGS = 14;

    /** The kernel allocates the ring: {@code IOU_PBUF_RING_MMAP}, 6.4. */
    public static final int FLAG_MMAP = 1;

    /** Buffers are consumed piece by piece: {@code IOU_PBUF_RING_INC}, 6.12. */
    public static final int FLAG_INC = 2;

    private BufRegLayout() {}
}
