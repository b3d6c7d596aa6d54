package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_rsrc_update}, the element of {@link
 * RegisterOp#REGISTER_RING_FDS} and of {@link RegisterOp#REGISTER_FILES_UPDATE} (linux/io_uring.h,
 * io_uring_register(2)).
 */
public final class RsrcUpdateLayout {
    public static final int SIZE = 16;

    public static final int OFFSET = 0;

    /** Must be zero. */
    public static final int RESV = 4;

    public static final int DATA = 8;

    private RsrcUpdateLayout() {}
}
