package dev.chime.fs;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;

/**
 * The patience that open(2) has with FIFOs and the ring has not.
 *
 * <p>A plain open of a FIFO for reading waits until somebody opens it for writing. The ring opens
 * it at once, and then a read says 0 as if it had ended. So the first read of a file that says 0
 * has another look: at a FIFO it waits for the first byte, or for a writer to come and go, which is
 * when poll(2) wakes (fs/pipe.c: no hang-up is reported before there was a writer).
 */
final class Fifos {
    private static final int POLLIN = 1;
    private static final int AT_STATX_DONT_SYNC = 0x4000;

    private Fifos() {}

    /** Whether an open file is a FIFO; asks the kernel at once, which never waits for that. */
    static boolean isFifo(Core core, int fd, Slot scratch) {
        long statx = scratch.scratch;
        long emptyPath = statx + StatxLayout.SIZE;
        Memory.putByte(emptyPath, (byte) 0);
        int how = Const.AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
        long result = core.syscall(Sys.STATX, fd, emptyPath, how, StatxLayout.STATX_TYPE, statx, 0);
        return result == 0 && Stats.type(statx) == Const.S_IFIFO;
    }

    /** A wait for something to read, still to be given its descriptor and submitted. */
    static Slot arrival(Core core, Completion completion) {
        Slot poll = core.slot(Op.POLL, completion);
        poll.flags = POLLIN;
        return poll;
    }
}
