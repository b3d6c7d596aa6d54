package dev.chime.reactor.libc;

/**
 * Layout of {@code struct __kernel_timespec}: both fields are 64 bits wide on every architecture
 * (linux/time_types.h). Of one layout with {@code struct timespec} on 64-bit machines.
 */
public final class TimespecLayout {
    public static final int SIZE = 16;

    public static final int TV_SEC = 0;
    public static final int TV_NSEC = 8;

    private TimespecLayout() {}
}
