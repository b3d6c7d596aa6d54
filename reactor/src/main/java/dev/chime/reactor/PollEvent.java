package dev.chime.reactor;

import dev.chime.reactor.libc.Const;
import java.util.EnumSet;
import java.util.Set;

/** What a descriptor can be ready for; see {@link Reactor#poll}. */
public enum PollEvent {
    /** A read would not block: there are bytes, a connection to accept, or the end. */
    READABLE(Const.EPOLLIN, Const.EPOLLIN),
    /** A write would not block. */
    WRITABLE(Const.EPOLLOUT, Const.EPOLLOUT),
    /**
     * The other side is gone. Asked for: it sends no more (a stream socket). Unasked, too: both
     * directions are over, or the other end of a pipe has closed.
     */
    HANGUP(Const.EPOLLRDHUP, Const.EPOLLRDHUP | Const.EPOLLHUP),
    /** An error is pending on it, or nobody reads the pipe: told whether asked for or not. */
    ERROR(0, Const.EPOLLERR),
    /** Something exceptional: urgent data of a socket, a change in a file of {@code sysfs}. */
    PRIORITY(Const.EPOLLPRI, Const.EPOLLPRI);

    private static final PollEvent[] ALL = values();

    private final int asked;
    private final int told;

    PollEvent(int asked, int told) {
        this.asked = asked;
        this.told = told;
    }

    /** The {@code EPOLL*} bits to ask for. */
    static int bits(Set<PollEvent> events) {
        int bits = 0;
        for (PollEvent event : events) {
            bits |= event.asked;
        }
        return bits;
    }

    /** The events that {@code EPOLL*} bits tell of; a new set. */
    static Set<PollEvent> of(int bits) {
        EnumSet<PollEvent> events = EnumSet.noneOf(PollEvent.class);
        for (PollEvent event : ALL) {
            if ((bits & event.told) != 0) {
                events.add(event);
            }
        }
        return events;
    }
}
