package dev.chime.reactor.libc;

/**
 * Layout of {@code struct inotify_event} (linux/inotify.h, inotify(7)) and the bits of its mask.
 *
 * <p>Behind the struct come {@link #LEN} bytes of the name, padded with NULs; there are none when
 * the event is about the watched file itself.
 */
public final class InotifyEventLayout {
    public static final int SIZE = 16;

    public static final int WD = 0;
    public static final int MASK = 4;
    public static final int COOKIE = 8;
    public static final int LEN = 12;

    public static final int IN_MODIFY = 0x2;
    public static final int IN_ATTRIB = 0x4;
    public static final int IN_CLOSE_WRITE = 0x8;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    public static final int IN_DELETE_SELF = 0x400;
    public static final int IN_MOVE_SELF = 0x800;
    public static final int IN_UNMOUNT = 0x2000;
    public static final int IN_Q_OVERFLOW = 0x4000;
    public static final int IN_IGNORED = 0x8000;
    public static final int IN_ONLYDIR = 0x1000000;
    public static final int IN_DONT_FOLLOW = 0x2000000;
    public static final int IN_EXCL_UNLINK = 0x4000000;
    public static final int IN_ISDIR = 0x40000000;

    // inotify_init1(2)
    public static final int IN_NONBLOCK = 04000;
    public static final int IN_CLOEXEC = 02000000;

    private InotifyEventLayout() {}
}
