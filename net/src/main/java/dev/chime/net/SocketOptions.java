package dev.chime.net;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import org.jspecify.annotations.Nullable;

/**
 * What a socket is like from its start, connected or accepted. What is of TCP alone is ignored on a
 * Unix socket.
 *
 * @param noDelay whether small segments are sent at once (TCP_NODELAY)
 * @param keepAlive how an idle connection is probed; null: not at all
 * @param allowHalfOpen whether our side stays open when the peer has ended its own; otherwise it is
 *     ended then, behind what is still to be written
 * @param maxQueuedBytes bytes that may be queued and not taken by the kernel: a write beyond that
 *     destroys the connection with {@code ERR_BUFFER_FULL}
 * @param typeOfService how what is sent is marked for routers, from the first packet on, as by
 *     {@link Socket#typeOfService(int)}; 0 to 255
 */
public record SocketOptions(
        boolean noDelay,
        @Nullable KeepAlive keepAlive,
        boolean allowHalfOpen,
        long maxQueuedBytes,
        int typeOfService) {
    private static final SocketOptions DEFAULTS =
            new SocketOptions(false, null, false, Long.MAX_VALUE, 0);

    /** Checks every value. */
    public SocketOptions {
        if (maxQueuedBytes < 1) {
            throw new IllegalArgumentException(
                    "maxQueuedBytes is " + maxQueuedBytes + ": use 1 or more");
        }
        Sockaddr.checkTypeOfService(typeOfService);
    }

    /** Node's defaults: none of it, and no limit. */
    public static SocketOptions defaults() {
        return DEFAULTS;
    }

    /** These options with or without TCP_NODELAY. */
    public SocketOptions noDelay(boolean on) {
        return new SocketOptions(on, keepAlive, allowHalfOpen, maxQueuedBytes, typeOfService);
    }

    /** These options with probes of an idle connection, or with null without them. */
    public SocketOptions keepAlive(@Nullable KeepAlive probes) {
        return new SocketOptions(noDelay, probes, allowHalfOpen, maxQueuedBytes, typeOfService);
    }

    /** These options with or without half-open connections. */
    public SocketOptions allowHalfOpen(boolean on) {
        return new SocketOptions(noDelay, keepAlive, on, maxQueuedBytes, typeOfService);
    }

    /** These options with a limit for what is queued, in bytes. */
    public SocketOptions maxQueuedBytes(long bytes) {
        return new SocketOptions(noDelay, keepAlive, allowHalfOpen, bytes, typeOfService);
    }

    /** These options with another mark for routers. */
    public SocketOptions typeOfService(int mark) {
        return new SocketOptions(noDelay, keepAlive, allowHalfOpen, maxQueuedBytes, mark);
    }

    /** Sets what the kernel must know; a socket that listens hands it on to those it accepts. */
    void apply(Core core, int fd) {
        if (noDelay) {
            Sockaddr.set(core, fd, Const.IPPROTO_TCP, Const.TCP_NODELAY, 1);
        }
        if (keepAlive != null) {
            keepAlive.apply(core, fd);
        }
        if (typeOfService != 0) {
            Sockaddr.typeOfService(core, fd, typeOfService);
        }
    }
}
