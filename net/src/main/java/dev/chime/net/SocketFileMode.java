package dev.chime.net;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.net.UnixDomainSocketAddress;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets more users at the file of a Unix socket than the process's umask does, which is no way to do
 * it: it is of all threads.
 *
 * <p>The file is opened as it stands, without following a link, and its mode is changed through
 * that descriptor: what is put in the place of a socket meanwhile keeps its mode. chmod(2) on an
 * {@code O_PATH} descriptor goes through {@code /proc/self/fd}, see open(2).
 */
final class SocketFileMode implements Completion {
    private static final int STATX_AT = 128;

    private final Core core;
    private final UnixDomainSocketAddress address;
    private final int bits;
    private final IntConsumer then;
    private int result;
    private @Nullable Fd file;

    /** Adds permission {@code bits}; {@code then} gets 0 or a negative errno. */
    SocketFileMode(Core core, UnixDomainSocketAddress address, int bits, IntConsumer then) {
        this.core = core;
        this.address = address;
        this.bits = bits;
        this.then = then;
    }

    void change() {
        Slot opening = core.slot(Op.OPENAT, this);
        opening.fd = Const.AT_FDCWD;
        UnixAddress.writePath(opening.scratch, address);
        opening.address = opening.scratch;
        opening.flags = Const.O_PATH | Const.O_NOFOLLOW | Const.O_CLOEXEC;
        core.submit(opening);
    }

    @Override
    public void complete(Slot done, int outcome, boolean more) {
        if (outcome < 0) {
            finish(outcome);
            return;
        }
        switch (done.op()) {
            case OPENAT -> look(core.adopt(outcome, Fd.Kind.FILE));
            case STATX -> {
                int mode = Memory.getShort(done.scratch + STATX_AT + StatxLayout.STX_MODE);
                if ((mode & Const.S_IFMT) == Const.S_IFSOCK) {
                    change(done.fd, (mode & 07777) | bits);
                } else {
                    finish(-ErrnoCode.ENOTSOCK); // somebody was faster
                }
            }
            default -> finish(0);
        }
    }

    private void look(Fd opened) {
        file = opened;
        Slot looking = core.slot(Op.STATX, this);
        looking.owner = opened;
        Memory.putCString(looking.scratch, "", STATX_AT);
        looking.address = looking.scratch;
        looking.flags = Const.AT_EMPTY_PATH;
        looking.length = StatxLayout.STATX_BASIC_STATS;
        looking.offset = looking.scratch + STATX_AT;
        core.submit(looking);
    }

    private void change(int number, int mode) {
        Slot changing = core.slot(Op.FCHMODAT, this);
        changing.fd = Const.AT_FDCWD;
        Memory.putCString(changing.scratch, "/proc/self/fd/" + number, Slot.SCRATCH_BYTES);
        changing.address = changing.scratch;
        changing.length = mode;
        core.submit(changing);
    }

    private void finish(int outcome) {
        result = outcome;
        Fd opened = file;
        if (opened == null) {
            then.accept(result);
        } else {
            core.close(opened, (slot, closed, more) -> then.accept(result));
        }
    }

    @Override
    public String toString() {
        return "mode of " + address;
    }
}
