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
import org.jspecify.annotations.Nullable;

/**
 * Looks at a file that is in the way of a Unix socket: whether somebody listens there, and if not,
 * whether it is a socket that a server left behind; removes such a one if told to.
 */
final class StaleSocket implements Completion {
    /** What was found. */
    enum Finding {
        IN_USE("a server listens there"),
        NO_SOCKET("the file is no socket: remove it, or choose another path"),
        STALE(
                "nobody listens there, a server has left it behind: remove the file, or let"
                        + " ListenOptions.replaceStale do it"),
        UNKNOWN("it cannot be told whether a server listens there"),
        KEPT("nobody listens there, but the file cannot be removed"),
        /** It is no longer there. */
        REMOVED("");

        final String hint;

        Finding(String hint) {
            this.hint = hint;
        }
    }

    /** Hears of it once. */
    interface Found {
        void found(Finding finding);
    }

    private static final int STATX_AT = 256;

    private final Core core;
    private final UnixDomainSocketAddress address;
    private final boolean remove;
    private final Found then;
    private @Nullable Fd fd;

    StaleSocket(Core core, UnixDomainSocketAddress address, boolean remove, Found then) {
        this.core = core;
        this.address = address;
        this.remove = remove;
        this.then = then;
    }

    void look() {
        Slot opening = core.slot(Op.SOCKET, this);
        opening.fd = Const.AF_UNIX;
        opening.offset = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        core.submit(opening);
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        switch (done.op()) {
            case SOCKET -> opened(result);
            case CONNECT -> connected(result);
            case STATX -> looked(done, result);
            default -> {
                boolean gone = result == 0 || result == -ErrnoCode.ENOENT;
                then.found(gone ? Finding.REMOVED : Finding.KEPT);
            }
        }
    }

    private void opened(int result) {
        if (result < 0) {
            then.found(Finding.UNKNOWN);
            return;
        }
        fd = core.adopt(result, Fd.Kind.SOCKET);
        Slot connecting = core.slot(Op.CONNECT, this);
        connecting.owner = fd;
        connecting.address = connecting.scratch;
        connecting.offset = UnixAddress.write(connecting.scratch, address);
        core.submit(connecting);
    }

    private void connected(int result) {
        Fd opened = fd;
        if (opened != null) {
            core.close(opened, (done, closed, more) -> closed(result));
        }
    }

    private void closed(int result) {
        if (result != -ErrnoCode.ECONNREFUSED) {
            // EAGAIN: somebody listens whose queue is full.
            boolean inUse = result == 0 || result == -ErrnoCode.EAGAIN;
            then.found(inUse ? Finding.IN_USE : Finding.UNKNOWN);
            return;
        }
        // A regular file refuses as well.
        Slot looking = core.slot(Op.STATX, this);
        looking.fd = Const.AT_FDCWD;
        UnixAddress.writePath(looking.scratch, address);
        looking.address = looking.scratch;
        looking.flags = Const.AT_SYMLINK_NOFOLLOW;
        looking.length = StatxLayout.STATX_BASIC_STATS;
        looking.offset = looking.scratch + STATX_AT;
        core.submit(looking);
    }

    private void looked(Slot done, int result) {
        int mode = Memory.getShort(done.scratch + STATX_AT + StatxLayout.STX_MODE);
        if (result < 0) {
            then.found(Finding.UNKNOWN);
        } else if ((mode & Const.S_IFMT) != Const.S_IFSOCK) {
            then.found(Finding.NO_SOCKET);
        } else if (!remove) {
            then.found(Finding.STALE);
        } else {
            Slot removing = core.slot(Op.UNLINKAT, this);
            removing.fd = Const.AT_FDCWD;
            UnixAddress.writePath(removing.scratch, address);
            removing.address = removing.scratch;
            core.submit(removing);
        }
    }

    @Override
    public String toString() {
        return "look at " + address;
    }
}
