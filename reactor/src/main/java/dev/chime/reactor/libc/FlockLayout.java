package dev.chime.reactor.libc;

/**
 * Layout of {@code struct flock} on 64-bit machines, its commands and types (fcntl.h, fcntl(2)).
 * The locks {@code F_OFD_*} belong to an open file, not to a process; Linux 3.15.
 */
public final class FlockLayout {
    public static final int SIZE = 32;

    /** 16 bits, as its neighbour. */
    public static final int L_TYPE = 0;

    public static final int L_WHENCE = 2;
    public static final int L_START = 8;
    public static final int L_LEN = 16;

    /** 32 bits; 0 in the calls on open files. */
    public static final int L_PID = 24;

    public static final int F_OFD_GETLK = 36;
    public static final int F_OFD_SETLK = 37;

    public static final int F_RDLCK = 0;
    public static final int F_WRLCK = 1;
    public static final int F_UNLCK = 2;

    private FlockLayout() {}
}
