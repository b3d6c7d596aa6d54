package dev.chime.reactor.libc;

/** Layout of {@code struct statfs} on 64-bit machines (sys/statfs.h, statfs(2)). */
public final class StatfsLayout {
    public static final int SIZE = 120;

    public static final int F_TYPE = 0;
    public static final int F_BSIZE = 8;
    public static final int F_BLOCKS = 16;
    public static final int F_BFREE = 24;
    public static final int F_BAVAIL = 32;
    public static final int F_FILES = 40;
    public static final int F_FFREE = 48;
    public static final int F_FRSIZE = 72;

    private StatfsLayout() {}
}
