package dev.chime.reactor.libc;

/**
 * Layout of {@code struct io_uring_recvmsg_out} (linux/io_uring.h), what a multishot receive of
 * messages puts at the start of a buffer. Behind it lie the sender's address and the control data,
 * each in as many bytes as the request's msghdr had room for, then the message.
 */
public final class RecvmsgOutLayout {
    public static final int SIZE = 16;

    public static final int NAMELEN = 0;
    public static final int CONTROLLEN = 4;

    /** The bytes that arrived; more than there are in the buffer when MSG_TRUNC was asked for. */
    public static final int PAYLOADLEN = 8;

    public static final int FLAGS = 12;

    private RecvmsgOutLayout() {}
}
