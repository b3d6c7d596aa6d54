package dev.chime.reactor.libc;

/** Layout of {@code struct sockaddr_in} (netinet/in.h, ip(7)). */
public final class SockaddrInLayout {
    public static final int SIZE = 16;

    public static final int SIN_FAMILY = 0;

    /** In network byte order, as is {@link #SIN_ADDR}. */
    public static final int SIN_PORT = 2;

    public static final int SIN_ADDR = 4;

    private SockaddrInLayout() {}
}
