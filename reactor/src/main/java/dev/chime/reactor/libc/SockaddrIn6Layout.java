package dev.chime.reactor.libc;

/** Layout of {@code struct sockaddr_in6} (netinet/in.h, ipv6(7)). */
public final class SockaddrIn6Layout {
    public static final int SIZE = 28;

    public static final int SIN6_FAMILY = 0;

    /** In network byte order, as are {@link #SIN6_FLOWINFO} and {@link #SIN6_ADDR}. */
    public static final int SIN6_PORT = 2;

    public static final int SIN6_FLOWINFO = 4;
    public static final int SIN6_ADDR = 8;

    /** An interface index, in the machine's own byte order. */
    public static final int SIN6_SCOPE_ID = 24;

    private SockaddrIn6Layout() {}
}
