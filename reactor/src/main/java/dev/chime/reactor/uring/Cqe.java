package dev.chime.reactor.uring;

import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.Memory;

/**
 * A completion: a view of the entry at the head of the ring's queue, valid until {@link Ring#seen}.
 * A ring has one such object and moves it.
 */
public final class Cqe {
    private long address;

    Cqe() {}

    Cqe at(long entry) {
        address = entry;
        return this;
    }

    private long address() {
        if (address == 0) {
            throw new IllegalStateException("the ring of this completion is closed");
        }
        return address;
    }

    /** The number that the submission carried. */
    public long userData() {
        return Memory.getLong(address() + CqeLayout.USER_DATA);
    }

    /** The result: {@code >= 0}, or a negative errno. */
    public int result() {
        return Memory.getInt(address() + CqeLayout.RES);
    }

    /** The {@code IORING_CQE_F_*} bits. */
    public int flags() {
        return Memory.getInt(address() + CqeLayout.FLAGS);
    }

    /** True when more completions of the same submission will come. */
    public boolean more() {
        return (flags() & CqeLayout.F_MORE) != 0;
    }

    /** True for the second completion of a zero-copy send: its memory is free again. */
    public boolean isNotification() {
        return (flags() & CqeLayout.F_NOTIF) != 0;
    }

    /** True when a receive has left bytes in the socket. */
    public boolean socketNotEmpty() {
        return (flags() & CqeLayout.F_SOCK_NONEMPTY) != 0;
    }

    /**
     * True when the kernel will put more into the same buffer: {@link BufferRing#isIncremental}.
     */
    public boolean bufferMore() {
        return (flags() & CqeLayout.F_BUF_MORE) != 0;
    }

    /** True when the kernel picked a provided buffer: {@link #bufferId}. */
    public boolean hasBuffer() {
        return (flags() & CqeLayout.F_BUFFER) != 0;
    }

    /** Which provided buffer holds the bytes. */
    public int bufferId() {
        return flags() >>> CqeLayout.BUFFER_SHIFT;
    }

    @Override
    public String toString() {
        return address == 0
                ? "Cqe[closed]"
                : "Cqe[userData="
                        + userData()
                        + ", result="
                        + result()
                        + ", flags="
                        + flags()
                        + "]";
    }
}
