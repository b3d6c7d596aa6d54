package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;

/**
 * Reads of what the page cache holds, by the loop itself, as a ring does them: the way to a worker
 * and back takes several times as long.
 *
 * <p>preadv2(2) with {@code RWF_NOWAIT} waits for no device. What it cannot say for sure is asked
 * of a worker: an error, nothing in the cache, and less than was asked for, unless that is the end.
 */
final class CachedRead {
    /** The answer is a worker's to give. */
    static final int UNKNOWN = Integer.MIN_VALUE;

    private CachedRead() {}

    /** The bytes read, 0 at the end; or {@link #UNKNOWN}. */
    static int attempt(Libc libc, Slot slot) {
        if (slot.op() != Op.READ || slot.byWorker || slot.offset < 0) {
            return UNKNOWN;
        }
        long result = read(libc, slot, 0);
        if (result > 0 && result < slot.length && read(libc, slot, (int) result) != 0) {
            return UNKNOWN;
        }
        return result < 0 ? UNKNOWN : (int) result;
    }

    private static long read(Libc libc, Slot slot, int done) {
        long vector = slot.scratch;
        Memory.putLong(vector + IovecLayout.IOV_BASE, slot.address + done);
        Memory.putLong(vector + IovecLayout.IOV_LEN, slot.length - done);
        return libc.syscall(
                Sys.PREADV2, slot.fd, vector, 1, slot.offset + done, 0, Const.RWF_NOWAIT);
    }
}
