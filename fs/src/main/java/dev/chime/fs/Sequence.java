package dev.chime.fs;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The position of an open file, and the transfers that go by it: one at a time, in order.
 *
 * <p>The position is counted here, so that reads ahead of their turn do not disturb it; the kernel
 * keeps it where it alone can: at the end of a file opened for appending, and in files that have
 * none.
 */
final class Sequence {
    private static final int SEEK_CUR = 1;

    /** Whether the file has positions: lseek(2) says so, when it first matters. */
    private enum Seekable {
        UNKNOWN,
        YES,
        NO
    }

    private final Core core;
    private final Fd fd;
    private final boolean append;
    private final boolean nonBlocking;
    private final ArrayDeque<Transfer> waiting = new ArrayDeque<>();
    private @Nullable Transfer current;
    private Seekable seekable = Seekable.UNKNOWN;
    private long position;
    private boolean writerSeen;

    Sequence(Core core, Fd fd, int openBits) {
        this.core = core;
        this.fd = fd;
        append = (openBits & Const.O_APPEND) != 0;
        nonBlocking = (openBits & Const.O_NONBLOCK) != 0;
    }

    /** Starts a transfer now, or when those before it are over. */
    void add(Transfer transfer) {
        if (current == null) {
            current = transfer;
            transfer.start();
        } else {
            waiting.add(transfer);
        }
    }

    /** A transfer is over; if it was one of these, the position moves and the next one starts. */
    @SuppressWarnings("ReferenceEquality") // this transfer, not an equal one
    void ended(Transfer transfer, long bytes) {
        if (transfer == current) {
            position += bytes;
            current = waiting.poll();
            if (current != null) {
                current.start();
            }
        }
    }

    /** Takes a transfer back that has not started. */
    boolean withdraw(Transfer transfer) {
        return waiting.remove(transfer);
    }

    /** Where the transfer that starts now starts: an offset, or -1 for where the kernel stands. */
    long nextOffset() {
        return append || !isSeekable() ? -1 : position;
    }

    /** The position for the user: -1 when there is none. */
    long position() {
        if (!isSeekable()) {
            return -1;
        }
        return append ? seek() : position;
    }

    boolean isSeekable() {
        if (seekable == Seekable.UNKNOWN) {
            seekable = seek() < 0 ? Seekable.NO : Seekable.YES;
        }
        return seekable == Seekable.YES;
    }

    /** For a file that somebody else has opened, and may have read or written. */
    void startWhereTheKernelStands() {
        position = Math.max(0, seek());
    }

    private long seek() {
        return core.syscall(Sys.LSEEK, fd.number(), 0, SEEK_CUR);
    }

    /** Whether a read that said 0 said so only because a FIFO has had no writer yet. */
    boolean mustWaitForWriter(Slot read, int result) {
        if (writerSeen || (read.op() != Op.READ && read.op() != Op.READV)) {
            return false;
        }
        writerSeen = true;
        return result == 0
                && read.length > 0
                && !nonBlocking
                && !isSeekable()
                && Inode.isFifo(core, fd.number());
    }
}
