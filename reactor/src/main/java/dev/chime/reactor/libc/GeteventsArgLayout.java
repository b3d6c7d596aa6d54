package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_getevents_arg}, the argument of io_uring_enter(2) with {@link
 * RingParamsLayout#ENTER_EXT_ARG} (linux/io_uring.h, 5.11).
 */
public final class GeteventsArgLayout {
    public static final int SIZE = 24;

    public static final int SIGMASK = 0;
    public static final int SIGMASK_SZ = 8;

    /** Padding that must be zero before 6.12 ({@link RingParamsLayout#FEAT_MIN_TIMEOUT}). */
    public static final int MIN_WAIT_USEC = 12;

    /** The address of a {@link TimespecLayout}, or zero. */
    public static final int TS = 16;

    private GeteventsArgLayout() {}
}
