package dev.chime.reactor.libc;

/** Layout of {@code struct sock_extended_err} (linux/errqueue.h, IP_RECVERR in ip(7)). */
public final class SockExtendedErrLayout {
    public static final int SIZE = 16;

    public static final int EE_ERRNO = 0;
    public static final int EE_ORIGIN = 4;

    private SockExtendedErrLayout() {}
}
