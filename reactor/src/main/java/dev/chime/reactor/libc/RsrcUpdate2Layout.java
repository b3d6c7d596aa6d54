package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_rsrc_update2}, the argument of {@link
 * RegisterOp#REGISTER_BUFFERS_UPDATE} (linux/io_uring.h, 5.13).
 */
public final class RsrcUpdate2Layout {
    public static final int SIZE = 32;

    public static final int OFFSET = 0;
    public static final int DATA = 8;
    public static final int TAGS = 16;
    public static final int NR = 24;

    private RsrcUpdate2Layout() {}
}
