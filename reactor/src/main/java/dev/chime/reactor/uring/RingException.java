package dev.chime.reactor.uring;

import java.io.IOException;

/** The kernel refused a call of the ring layer; stackless, as it may be part of a program's way. */
public final class RingException extends IOException {
    private static final long serialVersionUID = 1;
    private final String call;
    private final int errno;

    RingException(String call, int errno) {
        super(call + " failed with errno " + errno);
        this.call = call;
        this.errno = errno;
    }

    /** What failed, such as {@code io_uring_setup}. */
    public String call() {
        return call;
    }

    /** The positive errno. */
    public int errno() {
        return errno;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
