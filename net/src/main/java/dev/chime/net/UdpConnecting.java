package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrInLayout;
import dev.chime.reactor.libc.Sys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connect of a UDP socket under way: look-up and bind, if need be, then connect. */
final class UdpConnecting extends Composed implements Completion {
    private final Udp udp;
    private final Callback<Udp> callback;
    private InetSocketAddress target;
    private @Nullable Operation lookup;
    private @Nullable Slot slot;
    private @Nullable Fd fd;
    private @Nullable ReactorException refusal;
    private boolean finished;

    UdpConnecting(Core core, Udp udp, InetSocketAddress target, Callback<Udp> callback) {
        super(core);
        this.udp = udp;
        this.target = target;
        this.callback = callback;
    }

    void start() {
        String host = target.getHostString();
        InetAddress literal = target.isUnresolved() ? Resolver.literal(host) : null;
        if (literal != null) {
            target = new InetSocketAddress(literal, target.getPort());
        } else if (target.isUnresolved()) {
            lookup = udp.resolver().lookup(host, (err, found) -> resolved(host, err, found));
        }
    }

    private void resolved(
            String host, @Nullable ReactorException err, @Nullable List<InetAddress> found) {
        lookup = null;
        InetAddress fitting = found == null ? null : udp.options().pick(found);
        if (stopped()) {
            finish(error(-stopErrno()));
        } else if (fitting == null) {
            finish(err == null ? Resolver.notFound(host) : err);
        } else {
            target = new InetSocketAddress(fitting, target.getPort());
            connect();
        }
    }

    /** The socket is bound. */
    void bound(Fd socket) {
        fd = socket;
        connect();
    }

    /** The socket could not be bound, or is closed. */
    void failed(ReactorException error) {
        finish(error);
    }

    private void connect() {
        Fd socket = fd;
        if (finished || stopped() || socket == null || lookup != null) {
            return; // something is missing still
        }
        refusal = udp.options().refusal("connect", target.getAddress());
        if (refusal != null) {
            endLater();
            return;
        }
        Slot connecting = core.slot(Op.CONNECT, this);
        connecting.owner = socket;
        connecting.address = connecting.scratch;
        connecting.offset = Sockaddr.write(connecting.scratch, target, udp.options().ipv6());
        slot = connecting;
        core.submit(connecting);
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        slot = null;
        if (done.op() == Op.NOP) {
            finish(refusal == null || stopped() ? error(-stopErrno()) : refusal);
        } else {
            finish(result < 0 ? error(result) : null);
        }
    }

    private ErrnoException error(int result) {
        return caused(() -> ErrnoException.socket(result, "connect", target));
    }

    private void finish(@Nullable ReactorException error) {
        if (finished) {
            return;
        }
        finished = true;
        ended();
        udp.connectEnded(error == null ? target : null);
        if (error == null) {
            core.call(callback, null, udp);
        } else {
            core.fail(callback, error);
        }
    }

    /**
     * Takes the peer of a socket away, and binds it again where the kernel has taken its port as
     * well: it does when it had chosen the port.
     */
    static void undo(Core core, int fd, @Nullable InetSocketAddress bound, boolean ip6)
            throws ErrnoException {
        long memory = core.scratch();
        Memory.fill(memory, SockaddrInLayout.SIZE, (byte) 0);
        Memory.putShort(memory + SockaddrInLayout.SIN_FAMILY, (short) Const.AF_UNSPEC);
        long result = core.syscall(Sys.CONNECT, fd, memory, SockaddrInLayout.SIZE);
        Multicast.check(result, "disconnect");
        InetSocketAddress now = Sockaddr.local(core, fd);
        if (bound != null && now != null && now.getPort() == 0) {
            result = core.syscall(Sys.BIND, fd, memory, Sockaddr.write(memory, bound, ip6));
            if (result < 0) {
                throw ErrnoException.socket((int) result, "bind", bound);
            }
        }
    }

    @Override
    protected void interrupt() {
        if (slot != null) {
            core.cancel(slot, stopErrno());
            return;
        }
        if (lookup != null) {
            lookup.cancel();
        }
        endLater();
    }

    /** So that the callback does not run in this call. */
    private void endLater() {
        Slot end = core.slot(Op.NOP, this);
        slot = end;
        core.submit(end);
    }

    @Override
    public String toString() {
        return "connect to " + target;
    }
}
