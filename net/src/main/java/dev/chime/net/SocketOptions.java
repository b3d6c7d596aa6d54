package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.util.function.Consumer;
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
 * @param highWaterMark bytes queued from which a write says false; 1 or more
 */
public record SocketOptions(
        boolean noDelay,
        @Nullable KeepAlive keepAlive,
        boolean allowHalfOpen,
        long maxQueuedBytes,
        int typeOfService,
        int highWaterMark) {
    /** Node's high-water mark of byte streams. */
    public static final int HIGH_WATER_MARK = 64 << 10;

    private static final SocketOptions DEFAULTS =
            new SocketOptions(false, null, false, Long.MAX_VALUE, 0, HIGH_WATER_MARK);

    /** Checks every value. */
    public SocketOptions {
        if (maxQueuedBytes < 1) {
            throw new IllegalArgumentException(
                    "maxQueuedBytes is " + maxQueuedBytes + ": use 1 or more");
        }
        Sockaddr.checkTypeOfService(typeOfService);
        Checks.positive(highWaterMark, "highWaterMark");
    }

    /** Node's defaults: none of it, and no limit. */
    public static SocketOptions defaults() {
        return DEFAULTS;
    }

    /** These options with or without TCP_NODELAY. */
    public SocketOptions noDelay(boolean on) {
        return with(draft -> draft.noDelay = on);
    }

    /** These options with probes of an idle connection, or with null without them. */
    public SocketOptions keepAlive(@Nullable KeepAlive probes) {
        return with(draft -> draft.keepAlive = probes);
    }

    /** These options with or without half-open connections. */
    public SocketOptions allowHalfOpen(boolean on) {
        return with(draft -> draft.allowHalfOpen = on);
    }

    /** These options with a limit for what is queued, in bytes. */
    public SocketOptions maxQueuedBytes(long bytes) {
        return with(draft -> draft.maxQueuedBytes = bytes);
    }

    /** These options with another mark for routers. */
    public SocketOptions typeOfService(int mark) {
        return with(draft -> draft.typeOfService = mark);
    }

    /** These options with another number of queued bytes from which a write says false. */
    public SocketOptions highWaterMark(int bytes) {
        return with(draft -> draft.highWaterMark = bytes);
    }

    private SocketOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
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

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private boolean noDelay;
        private @Nullable KeepAlive keepAlive;
        private boolean allowHalfOpen;
        private long maxQueuedBytes;
        private int typeOfService;
        private int highWaterMark;

        Draft(SocketOptions from) {
            noDelay = from.noDelay;
            keepAlive = from.keepAlive;
            allowHalfOpen = from.allowHalfOpen;
            maxQueuedBytes = from.maxQueuedBytes;
            typeOfService = from.typeOfService;
            highWaterMark = from.highWaterMark;
        }

        SocketOptions finish() {
            return new SocketOptions(
                    noDelay,
                    keepAlive,
                    allowHalfOpen,
                    maxQueuedBytes,
                    typeOfService,
                    highWaterMark);
        }
    }
}
