package dev.chime.reactor.libc;

/** Layout of {@code struct cmsghdr} (sys/socket.h, cmsg(3)); its data lies behind it. */
public final class CmsghdrLayout {
    public static final int SIZE = 16;

    /** Of the header and its data. */
    public static final int CMSG_LEN = 0;

    public static final int CMSG_LEVEL = 8;
    public static final int CMSG_TYPE = 12;

    private CmsghdrLayout() {}
}
