package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_buf}, one entry of a provided-buffer ring, and of the ring's
 * tail (linux/io_uring.h, io_uring_register(2), 5.19).
 */
public final class BufLayout {
    public static final int SIZE = 16;

    public static final int ADDR = 0;
    public static final int LEN = 8;
    public static final int BID = 12;
    public static final int RESV = 14;

    /**
     * The ring's tail, a 16-bit count, from the start of {@code struct io_uring_buf_ring}: it lies
     * over the {@link #RESV} of entry 0, so that field must never be written.
     */
    public static final int RING_TAIL = 14;

    private BufLayout() {}
}
