package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.EpollEventLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.LibcSpare;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.libc.TimespecLayout;

/**
 * An epoll instance with an eventfd that ends its wait.
 *
 * <p>Everything is registered edge-triggered, once: the eventfd is never read, because each write
 * is an edge of its own. What belongs to others is registered for each wait. Sources: epoll(7),
 * epoll_pwait2(2) (5.11; else milliseconds, rounded up).
 */
final class Poller {
    /** The data word of a wake-up event. */
    static final long WAKE = -1;

    private static final int EVENTS = 256;
    private static final int EVENT_AT = EVENTS * 16;
    private static final int TIMESPEC_AT = EVENT_AT + 16;
    private static final int ONE_AT = TIMESPEC_AT + 16;
    private static final int BYTES = ONE_AT + 16;
    private static final int SIGSET_BYTES = 8;

    private final Libc libc;
    private final LibcSpare wakers = new LibcSpare();
    private final long memory;
    private final int epoll;
    private final int eventFd;
    private boolean nanoseconds = true;
    private long waits;

    Poller(Libc libc) {
        this.libc = libc;
        memory = opened("mmap", libc.mmap(BYTES));
        epoll = (int) opened("epoll_create1", libc.syscall(Sys.EPOLL_CREATE1, Const.EPOLL_CLOEXEC));
        int flags = Const.EFD_CLOEXEC | Const.EFD_NONBLOCK;
        eventFd = (int) opened("eventfd2", libc.syscall(Sys.EVENTFD2, 0, flags));
        Memory.putLong(memory + ONE_AT, 1);
        register(eventFd, Const.EPOLLIN, WAKE);
    }

    /** The result, unless it is an error: then what was opened before it goes back. */
    private long opened(String call, long result) {
        if (result < 0) {
            if (epoll > 0) {
                libc.syscall(Sys.CLOSE, epoll);
            }
            if (memory > 0) {
                libc.munmap(memory, BYTES);
            }
            String reason = new EngineRefused(call, (int) -result).getMessage();
            throw new IllegalStateException("cannot start the pool engine: " + reason);
        }
        return result;
    }

    /** Watches a descriptor for edges of {@code events} until it is closed. */
    int register(int fd, int events, long data) {
        int result = control(Const.EPOLL_CTL_ADD, fd, events, data);
        return result == -ErrnoCode.EEXIST
                ? control(Const.EPOLL_CTL_MOD, fd, events, data)
                : result;
    }

    /** Watches one that was registered; it may have been closed since, its number used again. */
    int change(int fd, int events, long data) {
        int result = control(Const.EPOLL_CTL_MOD, fd, events, data);
        return result == -ErrnoCode.ENOENT
                ? control(Const.EPOLL_CTL_ADD, fd, events, data)
                : result;
    }

    /** Watches a descriptor no longer; one that is not registered stays so. */
    void unregister(int fd) {
        control(Const.EPOLL_CTL_DEL, fd, 0, 0);
    }

    private int control(int what, int fd, int events, long data) {
        long event = memory + EVENT_AT;
        Memory.putInt(event + EpollEventLayout.EVENTS, events | Const.EPOLLET);
        Memory.putLong(event + EpollEventLayout.DATA, data);
        return (int) libc.syscall(Sys.EPOLL_CTL, epoll, what, fd, event);
    }

    /**
     * Waits at most {@code timeoutNanos}; {@link Engine#FOREVER} has no end.
     *
     * @return how many events there are
     */
    int await(long timeoutNanos) {
        waits++;
        long timeout = timeoutNanos == Engine.FOREVER ? -1 : timeoutNanos;
        long result = nanoseconds ? pwait2(timeout) : pwait(timeout);
        if (result == -ErrnoCode.ENOSYS && nanoseconds) {
            nanoseconds = false;
            result = pwait(timeout);
        }
        if (result < 0 && result != -ErrnoCode.EINTR) {
            throw new IllegalStateException("epoll_wait failed: errno " + -result);
        }
        return (int) Math.max(0, result);
    }

    private long pwait2(long timeoutNanos) {
        long timespec = 0;
        if (timeoutNanos >= 0) {
            timespec = memory + TIMESPEC_AT;
            Memory.putLong(timespec + TimespecLayout.TV_SEC, timeoutNanos / 1_000_000_000L);
            Memory.putLong(timespec + TimespecLayout.TV_NSEC, timeoutNanos % 1_000_000_000L);
        }
        return libc.syscall(Sys.EPOLL_PWAIT2, epoll, memory, EVENTS, timespec, 0, SIGSET_BYTES);
    }

    private long pwait(long timeoutNanos) {
        long millis = timeoutNanos < 0 ? -1 : (timeoutNanos + 999_999) / 1_000_000;
        return libc.syscall(
                Sys.EPOLL_PWAIT,
                epoll,
                memory,
                EVENTS,
                Math.min(millis, Integer.MAX_VALUE),
                0,
                SIGSET_BYTES);
    }

    /** The data word of event {@code i} of the last wait. */
    long data(int i) {
        return Memory.getLong(memory + (long) i * EpollEventLayout.SIZE + EpollEventLayout.DATA);
    }

    /** The {@code EPOLL*} bits of event {@code i} of the last wait. */
    int events(int i) {
        return Memory.getInt(memory + (long) i * EpollEventLayout.SIZE + EpollEventLayout.EVENTS);
    }

    /** Ends a wait; any thread. */
    void wake() {
        Libc caller = wakers.take();
        // At its limit (EAGAIN) the eventfd has an edge outstanding already.
        caller.syscall(Sys.WRITE, eventFd, memory + ONE_AT, 8);
        wakers.give(caller);
    }

    int fd() {
        return epoll;
    }

    long waits() {
        return waits;
    }

    void close() {
        libc.close(eventFd);
        libc.close(epoll);
        libc.munmap(memory, BYTES);
        wakers.close();
    }
}
