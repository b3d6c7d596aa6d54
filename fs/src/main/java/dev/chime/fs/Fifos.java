package dev.chime.fs;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;

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

    private Fifos() {}

    /** A wait for something to read, still to be given its descriptor and submitted. */
    static Slot arrival(Core core, Completion completion) {
        Slot poll = core.slot(Op.POLL, completion);
        poll.flags = POLLIN;
        return poll;
    }
}
