package dev.chime.reactor.libc;

/**
 * Layout of {@code struct msghdr} (sys/socket.h, sendmsg(2), recvmsg(2)).
 *
 * <p>{@link #MSG_IOVLEN} and {@link #MSG_CONTROLLEN} are 64 bits wide: the kernel reads {@code
 * size_t}, whatever the C library declares.
 */
public final class MsghdrLayout {
    public static final int SIZE = 56;

    public static final int MSG_NAME = 0;
    public static final int MSG_NAMELEN = 8;
    public static final int MSG_IOV = 16;
    public static final int MSG_IOVLEN = 24;
    public static final int MSG_CONTROL = 32;
    public static final int MSG_CONTROLLEN = 40;
    public static final int MSG_FLAGS = 48;

    private MsghdrLayout() {}
}
