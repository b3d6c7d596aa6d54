package dev.chime.net;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** One address of a connect: socket, perhaps bind, connect. */
final class Attempt implements Completion {
    private static final InetAddress ANY_V4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_V6 = InetAddress.ofLiteral("::");

    private final Core core;
    private final Connecting connecting;
    private final SocketAddress target;
    private final @Nullable InetSocketAddress from;
    private final SocketOptions options;
    private @Nullable Slot slot;
    private @Nullable Fd fd;
    private int stopErrno;

    Attempt(Core core, Connecting connecting, SocketAddress target, ConnectOptions options) {
        this.core = core;
        this.connecting = connecting;
        this.target = target;
        from = from(target, options);
        this.options = options.socket();
    }

    /** The address to bind to, or null. */
    private static @Nullable InetSocketAddress from(SocketAddress target, ConnectOptions options) {
        InetAddress local = options.local();
        if (!(target instanceof InetSocketAddress inet)
                || (local == null && options.localPort() == 0)) {
            return null;
        }
        InetAddress any = inet.getAddress() instanceof Inet4Address ? ANY_V4 : ANY_V6;
        return new InetSocketAddress(local == null ? any : local, options.localPort());
    }

    SocketAddress target() {
        return target;
    }

    void start() {
        Slot opening = core.slot(Op.SOCKET, this);
        opening.fd = Sockaddr.family(target);
        opening.offset = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        submit(opening);
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    /** Ends it early, unless it has connected by then. */
    void stop(int errno) {
        if (stopErrno == 0) {
            stopErrno = errno;
            if (slot != null) {
                core.cancel(slot, errno);
            }
        }
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        slot = null;
        if (done.op() == Op.SOCKET) {
            opened(result);
        } else if (result < 0) {
            boolean binding = done.op() == Op.BIND;
            failed(result, binding ? "bind" : "connect", binding ? from : target);
        } else if (done.op() == Op.BIND) {
            connect();
        } else {
            connected();
        }
    }

    private void opened(int result) {
        if (result < 0) {
            failed(result, "socket", target);
            return;
        }
        Fd opened = core.adopt(result, Fd.Kind.SOCKET);
        fd = opened;
        options.apply(core, opened.number()); // the handshake is marked as well
        if (from == null || stopErrno != 0) {
            connect();
            return;
        }
        Sockaddr.set(core, opened.number(), Const.SOL_SOCKET, Const.SO_REUSEADDR, 1);
        Slot binding = core.slot(Op.BIND, this);
        binding.owner = opened;
        binding.address = binding.scratch;
        binding.offset = Sockaddr.write(binding.scratch, from);
        submit(binding);
    }

    private void connect() {
        if (stopErrno != 0) {
            failed(-stopErrno, "connect", target);
            return;
        }
        Slot to = core.slot(Op.CONNECT, this);
        to.owner = fd;
        to.address = to.scratch;
        to.offset = Sockaddr.write(to.scratch, target);
        submit(to);
    }

    private void connected() {
        Fd connected = fd;
        fd = null;
        if (connected != null) {
            connecting.connected(this, connected);
        }
    }

    private void failed(int result, String syscall, @Nullable SocketAddress address) {
        ReactorException error = ErrnoException.socket(result, syscall, address);
        Fd failed = fd;
        fd = null;
        if (failed == null) {
            connecting.failed(this, error);
        } else {
            core.close(failed, (done, closed, more) -> connecting.failed(this, error));
        }
    }

    @Override
    public String toString() {
        return "connect to " + target;
    }
}
