package dev.chime.reactor.libc;

/**
 * Layout of {@code struct epoll_event} (linux/eventpoll.h, epoll_ctl(2)).
 *
 * <p>The one struct here that depends on the architecture: x86-64 packs it, to have the layout of
 * 32-bit x86, and so {@link #DATA} is not aligned there and must be read unaligned.
 */
public final class EpollEventLayout {
    public static final int SIZE = Arch.CURRENT.epollEventSize();

    public static final int EVENTS = 0;
    public static final int DATA = Arch.CURRENT.epollEventDataOffset();

    private EpollEventLayout() {}
}
