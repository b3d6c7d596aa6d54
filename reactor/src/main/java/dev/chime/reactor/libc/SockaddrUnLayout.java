package dev.chime.reactor.libc;

/** Layout of {@code struct sockaddr_un} (sys/un.h, unix(7)). */
public final class SockaddrUnLayout {
    public static final int SIZE = 110;

    public static final int SUN_FAMILY = 0;
    public static final int SUN_PATH = 2;

    /** Bytes in {@code sun_path}; a path that fills it has no terminating zero. */
    public static final int PATH_MAX = 108;

    private SockaddrUnLayout() {}
}
