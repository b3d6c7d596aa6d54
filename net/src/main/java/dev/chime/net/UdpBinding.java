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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bind under way: look-up, socket, options, bind. Without a callback the socket asked for it. */
final class UdpBinding extends Composed implements Completion {
    private static final InetAddress ANY_V4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_V6 = InetAddress.ofLiteral("::");

    private final Udp udp;
    private final UdpOptions options;
    private final int port;
    private final @Nullable Callback<Udp> callback;
    private InetAddress address;
    private @Nullable Operation lookup;
    private @Nullable Slot slot;
    private @Nullable Fd fd;
    private boolean finished;

    UdpBinding(Core core, Udp udp, UdpOptions options, int port, @Nullable Callback<Udp> callback) {
        super(core);
        this.udp = udp;
        this.options = options;
        this.port = port;
        this.callback = callback;
        address = options.ipv6() ? ANY_V6 : ANY_V4;
    }

    void start(@Nullable String host) {
        InetAddress literal = host == null ? address : Resolver.literal(host);
        if (literal != null) {
            address = literal;
            openSocket();
        } else if (host != null) {
            lookup = udp.resolver().lookup(host, (err, found) -> resolved(host, err, found));
        }
    }

    private void resolved(
            String host, @Nullable ReactorException err, @Nullable List<InetAddress> found) {
        lookup = null;
        if (finished) {
            return; // stopped while a thread looked the name up
        }
        InetAddress fitting = found == null ? null : options.pick(found);
        if (stopped()) {
            finish(error(-stopErrno(), "bind"));
        } else if (fitting == null) {
            finish(err == null ? Resolver.notFound(host) : err);
        } else {
            address = fitting;
            openSocket();
        }
    }

    private void openSocket() {
        Slot opening = core.slot(Op.SOCKET, this);
        opening.fd = options.ipv6() ? Const.AF_INET6 : Const.AF_INET;
        opening.offset = Const.SOCK_DGRAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        submit(opening);
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        slot = null;
        if (result >= 0 && done.op() == Op.SOCKET) {
            fd = core.adopt(result, Fd.Kind.SOCKET);
        }
        Fd socket = fd;
        if (result < 0 || socket == null || stopped()) {
            failed(stopped() ? error(-stopErrno(), "bind") : error(result, done.op().syscall()));
        } else if (done.op() == Op.SOCKET) {
            bind(socket);
        } else {
            ended();
            udp.started(socket);
            if (callback != null) {
                core.call(callback, null, udp);
            }
        }
    }

    private void bind(Fd socket) {
        int number = socket.number();
        if (options.ipv6()) {
            set(number, Const.IPPROTO_IPV6, Const.IPV6_V6ONLY, options.ipv6Only() ? 1 : 0);
        }
        if (options.reuseAddr()) {
            set(number, Const.SOL_SOCKET, Const.SO_REUSEADDR, 1);
        }
        if (options.reusePort()) {
            set(number, Const.SOL_SOCKET, Const.SO_REUSEPORT, 1);
        }
        if (options.receiveBufferBytes() > 0) {
            set(number, Const.SOL_SOCKET, Const.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.sendBufferBytes() > 0) {
            set(number, Const.SOL_SOCKET, Const.SO_SNDBUF, options.sendBufferBytes());
        }
        if (options.batches()) {
            set(number, Const.IPPROTO_UDP, Const.UDP_GRO, 1); // a kernel without it says no
        }
        if (options.icmpErrors()) {
            UdpErrors.keep(core, number, options.ipv6());
        }
        Slot binding = core.slot(Op.BIND, this);
        binding.owner = socket;
        binding.address = binding.scratch;
        binding.offset =
                Sockaddr.write(
                        binding.scratch, new InetSocketAddress(address, port), options.ipv6());
        submit(binding);
    }

    private void set(int number, int level, int option, int value) {
        Sockaddr.set(core, number, level, option, value);
    }

    private ErrnoException error(int result, String syscall) {
        InetSocketAddress target = new InetSocketAddress(address, port);
        return caused(() -> ErrnoException.socket(result, syscall, target));
    }

    private void failed(ErrnoException error) {
        Fd failed = fd;
        fd = null;
        if (failed == null) {
            finish(error);
        } else {
            core.close(failed, (done, closed, more) -> finish(error));
        }
    }

    private void finish(ReactorException error) {
        if (finished) {
            return;
        }
        finished = true;
        ended();
        udp.notStarted(error);
        if (callback != null) {
            core.fail(callback, error);
        }
    }

    @Override
    protected void interrupt() {
        if (lookup != null) {
            lookup.cancel();
            // The C library cannot be stopped: its answer is not waited for.
            submit(core.slot(Op.NOP, this));
        } else if (slot != null) {
            core.cancel(slot, stopErrno());
        }
    }

    @Override
    public String toString() {
        return "bind to " + address + " port " + port;
    }
}
