package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_cqe}, a completion queue entry (linux/io_uring.h,
 * io_uring_enter(2)), and the bits of its {@code flags}.
 *
 * <p>The entry is 16 bytes unless the ring was set up with {@link RingParamsLayout#SETUP_CQE32} or
 * {@link RingParamsLayout#SETUP_CQE_MIXED}.
 */
public final class CqeLayout {
    public static final int SIZE = 16;

    public static final int USER_DATA = 0;

    /** Zero or more, or a negative errno. */
    public static final int RES = 8;

    public static final int FLAGS = 12;

    public static final int F_BUFFER = 1;
    public static final int F_MORE = 1 << 1;
    public static final int F_SOCK_NONEMPTY = 1 << 2;
    public static final int F_NOTIF = 1 << 3;

    /** The provided buffer is not used up; needs {@link BufRegLayout#FLAG_INC} (6.12). */
    public static final int F_BUF_MORE = 1 << 4;

    /** A filler to be passed over, in a ring of mixed entry sizes alone (6.18). */
    public static final int F_SKIP = 1 << 5;

    /** A 32-byte entry in a ring of mixed entry sizes (6.18). */
    public static final int F_32 = 1 << 15;

    /** {@code flags >>> BUFFER_SHIFT} is the buffer's id when {@link #F_BUFFER} is set. */
    public static final int BUFFER_SHIFT = 16;

    private CqeLayout() {}
}
