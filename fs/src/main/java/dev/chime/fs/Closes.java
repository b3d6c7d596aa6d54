package dev.chime.fs;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes of descriptors that have no {@link dev.chime.reactor.engine.Fd}: of whole-file calls. */
final class Closes {
    /** Made when there is something to say: a logging backend takes longer to start than a loop. */
    private static final class Log {
        static final Logger LOG = LoggerFactory.getLogger(Fs.class);
    }

    private static final Completion FORGOTTEN = Closes::forgotten;

    private Closes() {}

    /** Closes a descriptor that was only read from: nobody waits for it. */
    static void forget(Core core, int fd) {
        submit(core, fd, FORGOTTEN);
    }

    /** Closes a descriptor; the slot in flight. */
    static Slot submit(Core core, int fd, Completion completion) {
        Slot close = core.slot(Op.CLOSE, completion);
        close.fd = fd;
        core.submit(close);
        return close;
    }

    private static void forgotten(Slot slot, int result, boolean more) {
        if (isError(result)) {
            Log.LOG.debug("close of fd {} after reading failed: errno {}", slot.fd, -result);
        }
    }

    /** An interrupted close has closed, on Linux (close(2)). */
    static boolean isError(int result) {
        return result < 0 && result != -ErrnoCode.EINTR;
    }
}
