package dev.chime.reactor.libc;

/** Layout of {@code struct open_how} and the bits of its resolve field (openat2(2), 5.6). */
public final class OpenHowLayout {
    public static final int SIZE = 24;

    // 64 bits each
    public static final int FLAGS = 0;
    public static final int MODE = 8;
    public static final int RESOLVE = 16;

    public static final int RESOLVE_NO_MAGICLINKS = 0x2;
    public static final int RESOLVE_BENEATH = 0x8;

    private OpenHowLayout() {}
}
