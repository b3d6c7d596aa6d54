package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import org.jspecify.annotations.Nullable;

/**
 * An open file of any kind, and the operations that wait for it. Results are the kernel's; EAGAIN
 * says that the caller would have to wait.
 */
abstract class SimOpen {
    final SlotQueue readers = new SlotQueue();
    final SlotQueue writers = new SlotQueue();
    final SlotQueue pollers = new SlotQueue();
    final int flags;

    SimOpen(int flags) {
        this.flags = flags;
    }

    final boolean isNonBlocking() {
        return (flags & Const.O_NONBLOCK) != 0;
    }

    final boolean mayRead() {
        return (flags & 3) != Const.O_WRONLY && (flags & Const.O_PATH) == 0;
    }

    final boolean mayWrite() {
        return (flags & 3) != Const.O_RDONLY && (flags & Const.O_PATH) == 0;
    }

    /** Reads at an offset; -1 is where the file stands. */
    abstract int read(long address, int length, long offset);

    /** Writes at an offset; -1 is where the file stands. */
    abstract int write(long address, int length, long offset);

    /** The {@code POLL*} bits that hold now. */
    abstract int events();

    /** How somebody got to what is on the disk behind it; null when nothing is. */
    @Nullable SimName name() {
        return null;
    }

    /** What is on the disk behind it, or null. */
    final @Nullable SimNode node() {
        SimName name = name();
        return name == null ? null : name.node;
    }

    int sync() {
        return -ErrnoCode.EINVAL;
    }

    /** The pages that a failed sync leaves are lost. */
    void syncFailed() {}

    long seek(long offset, int whence) {
        return -ErrnoCode.ESPIPE;
    }

    abstract void close();
}
