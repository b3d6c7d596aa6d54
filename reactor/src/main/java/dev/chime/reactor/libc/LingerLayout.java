package dev.chime.reactor.libc;

/** Layout of {@code struct linger}, the value of {@link Const#SO_LINGER} (socket(7)). */
public final class LingerLayout {
    public static final int SIZE = 8;

    public static final int L_ONOFF = 0;

    /** In seconds. */
    public static final int L_LINGER = 4;

    private LingerLayout() {}
}
