package dev.chime.net;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a file on their way to a socket by sendfile(2), which hands the socket the pages of the
 * page cache and copies nothing.
 *
 * <p>The call is made by the loop itself, so it must not wait: neither for the disk (cachestat(2)
 * tells that all pages are there; else nothing is sent, and the file is to be read) nor for the
 * peer: the socket is non-blocking for the time of the call, and when it takes no more, poll(2)
 * says when it does. No operation of a ring is submitted in between, so none sees the flag.
 */
final class FileSending implements Completion {
    /** Sent by one call: well under a millisecond. */
    private static final int CALL_BYTES = 512 << 10;

    /** With less than this, a read and a send take less time than the calls. */
    private static final int LEAST_BYTES = 64 << 10;

    private static final int POLLOUT = 4;
    private static final int PAGE_BYTES = 4096;
    private static final int RANGE_BYTES = 2 * Long.BYTES;

    private final Core core;
    private final Fd socket;
    private final Fd source;
    private final IntConsumer copied;
    private final Transmitter transmitter;
    private @Nullable Slot waiting;
    private final long at;
    private final int bytes;
    private int moved;
    private boolean begun;

    FileSending(
            Core core,
            Fd socket,
            Transmitter transmitter,
            Fd source,
            long at,
            int bytes,
            IntConsumer copied) {
        this.core = core;
        this.socket = socket;
        this.transmitter = transmitter;
        this.source = source;
        this.at = at;
        this.bytes = Math.min(bytes, CALL_BYTES);
        this.copied = copied;
    }

    /** Whether it is worth the calls. */
    static boolean pays(int bytes) {
        return bytes >= LEAST_BYTES;
    }

    /** Sends what the socket takes; false when it takes nothing, and is waited for. */
    boolean goOn() {
        begun = true;
        long result = source.isOpen() && isCached() ? send() : 0;
        if (result == -ErrnoCode.EAGAIN) {
            Slot poll = core.slot(Op.POLL, this);
            poll.owner = socket;
            poll.flags = POLLOUT;
            poll.keepsAlive = false;
            waiting = poll;
            core.submit(poll);
            return false;
        }
        moved = (int) Math.max(0, result);
        return true;
    }

    private boolean isCached() {
        long range = core.scratch();
        long stat = range + RANGE_BYTES;
        long first = at & -PAGE_BYTES;
        long pages = (at + bytes - first + PAGE_BYTES - 1) / PAGE_BYTES;
        Memory.putLong(range, first);
        Memory.putLong(range + Long.BYTES, pages * PAGE_BYTES);
        long result = core.syscall(Sys.CACHESTAT, source.number(), range, stat, 0, 0, 0);
        return result == 0 && Memory.getLong(stat) >= pages;
    }

    private long send() {
        long flags = core.syscall(Sys.FCNTL, socket.number(), Const.F_GETFL, 0);
        boolean blocks = (flags & Const.O_NONBLOCK) == 0;
        if (flags < 0) {
            return flags;
        }
        if (blocks) {
            core.syscall(Sys.FCNTL, socket.number(), Const.F_SETFL, flags | Const.O_NONBLOCK);
        }
        long offset = core.scratch();
        Memory.putLong(offset, at);
        long result =
                core.syscall(Sys.SENDFILE, socket.number(), source.number(), offset, bytes, 0, 0);
        if (blocks) {
            core.syscall(Sys.FCNTL, socket.number(), Const.F_SETFL, flags);
        }
        return result;
    }

    /** Ends the wait for the socket. */
    void cancel() {
        if (waiting != null) {
            core.cancel(waiting);
        }
    }

    /** True once it has come to its turn. */
    boolean hasBegun() {
        return begun;
    }

    /** As many as may go. */
    int bytes() {
        return bytes;
    }

    /** Says how much has gone. */
    void tell() {
        transmitter.passed(moved);
        copied.accept(moved);
    }

    @Override
    public void complete(Slot slot, int result, boolean more) {
        waiting = null;
        transmitter.writable(result >= 0);
    }
}
