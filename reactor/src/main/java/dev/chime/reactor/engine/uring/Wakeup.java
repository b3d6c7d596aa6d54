package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.LibcSpare;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.uring.Ring;

/**
 * Wakes a loop that sleeps in its ring, from any thread: posts a completion straight into the ring
 * where the kernel lets a thread without a ring do so (6.13), else through an eventfd.
 */
final class Wakeup {
    private static final int EVENTFD_VALUE = SqeLayout.SIZE;
    private static final int ONE = SqeLayout.SIZE + 8;
    private static final int BYTES = SqeLayout.SIZE + 16;

    private final Ring ring;
    private final Libc libc;
    private final LibcSpare wakers = new LibcSpare();
    private final long userData;
    private final long memory;
    private final int eventFd;

    private Wakeup(Ring ring, Libc libc, long userData, long memory, int eventFd) {
        this.ring = ring;
        this.libc = libc;
        this.userData = userData;
        this.memory = memory;
        this.eventFd = eventFd;
    }

    /** Tries the message first; a message sent here arrives as the first wake-up. */
    static Wakeup open(Ring ring, Libc libc, long userData) throws EngineRefused {
        long memory = libc.mmap(BYTES);
        if (memory < 0) {
            throw refused("mmap", memory);
        }
        Sqes.message(memory, ring.fd(), userData);
        Memory.putLong(memory + ONE, 1);
        int eventFd = -1;
        if (sendMessage(libc, memory) != 0) {
            eventFd = (int) libc.syscall(Sys.EVENTFD2, 0, Const.EFD_CLOEXEC);
            if (eventFd < 0) {
                libc.munmap(memory, BYTES);
                throw refused("eventfd2", eventFd);
            }
        }
        return new Wakeup(ring, libc, userData, memory, eventFd);
    }

    private static EngineRefused refused(String call, long result) {
        return new EngineRefused(call, (int) -result);
    }

    private static long sendMessage(Libc caller, long sqe) {
        return caller.syscall(Sys.IO_URING_REGISTER, -1, RegisterOp.REGISTER_SEND_MSG_RING, sqe, 1);
    }

    /** True when an entry must wait for wake-ups: armed at the start and after each. */
    boolean needsArming() {
        return eventFd >= 0;
    }

    /** Fills the entry that waits for the eventfd: exactly 8 bytes, more fails on 6.15.4. */
    void arm(long sqe) {
        Sqes.read(sqe, eventFd, memory + EVENTFD_VALUE, 8, userData);
    }

    /** Wakes the loop; any thread. */
    void wake() {
        Libc caller = wakers.take();
        long result;
        do {
            result =
                    eventFd < 0
                            ? sendMessage(caller, memory)
                            : caller.syscall(Sys.WRITE, eventFd, memory + ONE, 8);
        } while (result == -ErrnoCode.EINTR || (result == -ErrnoCode.EAGAIN && eventFd < 0));
        wakers.give(caller);
        // An eventfd at its limit is readable, which is all that is wanted.
        if (result < 0 && result != -ErrnoCode.EAGAIN) {
            throw new IllegalStateException("cannot wake the loop: errno " + -result);
        }
    }

    /** Frees the eventfd; no thread may be inside {@link #wake}. */
    void close() {
        if (eventFd >= 0) {
            libc.close(eventFd);
        }
        libc.munmap(memory, BYTES);
        wakers.close();
    }

    @Override
    public String toString() {
        return (eventFd < 0 ? "message" : "eventfd") + " to ring " + ring.fd();
    }
}
