package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_rsrc_register}, the argument of {@link
 * RegisterOp#REGISTER_FILES2} and {@link RegisterOp#REGISTER_BUFFERS2} (linux/io_uring.h, 5.13;
 * sparse tables 5.19).
 */
public final class RsrcRegisterLayout {
    public static final int SIZE = 32;

    public static final int NR = 0;
    public static final int FLAGS = 4;
    public static final int DATA = 16;
    public static final int TAGS = 24;

    /** Every place of the table is empty; {@link #DATA} is null. */
    public static final int FLAG_SPARSE = 1;

    private RsrcRegisterLayout() {}
}
