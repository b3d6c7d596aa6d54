package dev.chime.reactor.libc;

/** Layout of {@code struct iovec} (sys/uio.h, readv(2)). */
public final class IovecLayout {
    public static final int SIZE = 16;

    public static final int IOV_BASE = 0;
    public static final int IOV_LEN = 8;

    private IovecLayout() {}
}
