package dev.chime.reactor.libc;

/**
 * Layout of {@code struct group_source_req} (netinet/in.h), a multicast group and a sender in it.
 * Without the last field it is {@code struct group_req}, {@link #GROUP_REQ_SIZE} bytes.
 */
public final class GroupSourceReqLayout {
    public static final int SIZE = 264;
    public static final int GROUP_REQ_SIZE = 136;

    /** The index of the interface; 0 lets the kernel choose. */
    public static final int GSR_INTERFACE = 0;

    public static final int GSR_GROUP = 8;
    public static final int GSR_SOURCE = 136;

    private GroupSourceReqLayout() {}
}
