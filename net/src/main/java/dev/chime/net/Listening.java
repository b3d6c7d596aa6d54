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
import dev.chime.reactor.libc.ErrnoCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A listen under way: look-up, socket, options, bind, listen. */
final class Listening extends Composed implements Completion {
    private static final InetAddress ANY_V4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_V6 = InetAddress.ofLiteral("::");

    private final Server server;
    private final ListenOptions options;
    private final Callback<Server> callback;
    private InetAddress address = ANY_V6;
    private final @Nullable UnixDomainSocketAddress unix;
    private boolean mayReplace;
    private boolean madeFile;
    private @Nullable String hint;
    private @Nullable Operation lookup;
    private @Nullable Slot slot;
    private @Nullable Fd fd;

    Listening(Core core, Server server, ListenOptions options, Callback<Server> callback) {
        super(core);
        this.server = server;
        this.options = options;
        this.callback = callback;
        mayReplace = options.replaceStale();
        unix = options.path() == null ? null : UnixAddress.of(options.path());
    }

    void start() {
        if (unix != null) {
            startUnix(unix);
            return;
        }
        String host = options.host();
        InetAddress literal = host == null ? ANY_V6 : Resolver.literal(host);
        if (literal != null) {
            address = literal;
            openSocket();
        } else if (host != null) {
            lookup = server.resolver().lookup(host, this::resolved);
        }
    }

    private void startUnix(UnixDomainSocketAddress path) {
        hint = UnixAddress.tooLong(path);
        if (hint == null) {
            openSocket();
        } else {
            submit(core.slot(Op.NOP, this));
        }
    }

    private void resolved(@Nullable ReactorException err, @Nullable List<InetAddress> found) {
        lookup = null;
        if (err != null || found == null) {
            server.notStarted();
            ended();
            core.fail(callback, err == null || stopped() ? error(stopErrno()) : err);
        } else {
            address = found.getFirst();
            openSocket();
        }
    }

    private ErrnoException error(int errno) {
        return caused(() -> ErrnoException.socket(errno, "listen", target(), hint));
    }

    private SocketAddress target() {
        return unix != null ? unix : new InetSocketAddress(address, options.port());
    }

    private void openSocket() {
        Slot opening = core.slot(Op.SOCKET, this);
        opening.fd = Sockaddr.family(target());
        opening.offset = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        submit(opening);
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        slot = null;
        Fd socket = fd;
        madeFile |= result >= 0 && done.op() == Op.BIND && unix != null;
        if (result < 0 || stopped()) {
            if (result >= 0 && done.op() == Op.SOCKET) {
                fd = core.adopt(result, Fd.Kind.SOCKET);
            }
            boolean inTheWay = result == -ErrnoCode.EADDRINUSE && done.op() == Op.BIND;
            if (inTheWay && unix != null && !UnixAddress.isAbstract(unix) && !stopped()) {
                new StaleSocket(core, unix, mayReplace, this::looked).look();
            } else {
                failed(stopped() ? -stopErrno() : result);
            }
        } else if (done.op() == Op.NOP) {
            failed(-ErrnoCode.EINVAL); // the path is too long
        } else if (socket == null) {
            bind(core.adopt(result, Fd.Kind.SOCKET));
        } else if (done.op() == Op.BIND) {
            bound(socket);
        } else {
            server.started(socket, unix);
            ended();
            core.call(callback, null, server);
        }
    }

    /** Nobody can connect yet: the file gets its mode before that. */
    private void bound(Fd socket) {
        int bits = options.fileMode();
        if (bits == 0 || unix == null || UnixAddress.isAbstract(unix)) {
            listen(socket);
            return;
        }
        new SocketFileMode(
                        core,
                        unix,
                        bits,
                        result -> {
                            if (stopped() || result == -ErrnoCode.ECANCELED) {
                                failed(-stopErrno());
                            } else if (result < 0) {
                                hint = "the mode of its file cannot be changed";
                                failed(result);
                            } else {
                                listen(socket);
                            }
                        })
                .change();
    }

    private void listen(Fd socket) {
        Slot listening = core.slot(Op.LISTEN, this);
        listening.owner = socket;
        listening.length = options.backlog();
        submit(listening);
    }

    /** What is in the way of a Unix socket. */
    private void looked(StaleSocket.Finding finding) {
        Fd socket = fd;
        if (finding == StaleSocket.Finding.REMOVED && socket != null && !stopped()) {
            mayReplace = false; // once is enough: another server may be faster
            bindTo(socket);
        } else {
            hint = finding.hint.isEmpty() ? null : finding.hint;
            failed(stopped() ? -stopErrno() : -ErrnoCode.EADDRINUSE);
        }
    }

    private void bind(Fd socket) {
        fd = socket;
        if (unix == null) {
            setOptions(socket.number());
        }
        bindTo(socket);
    }

    private void setOptions(int number) {
        server.options().socket().apply(core, number); // accepted sockets inherit it
        set(number, Const.SOL_SOCKET, Const.SO_REUSEADDR, true);
        if (options.reusePort()) {
            set(number, Const.SOL_SOCKET, Const.SO_REUSEPORT, true);
        }
        if (options.noDelay()) {
            set(number, Const.IPPROTO_TCP, Const.TCP_NODELAY, true); // accepted sockets inherit it
        }
        if (Sockaddr.family(address) == Const.AF_INET6) {
            set(number, Const.IPPROTO_IPV6, Const.IPV6_V6ONLY, options.ipv6Only());
        }
    }

    private void bindTo(Fd socket) {
        Slot binding = core.slot(Op.BIND, this);
        binding.owner = socket;
        binding.address = binding.scratch;
        binding.offset = Sockaddr.write(binding.scratch, target());
        submit(binding);
    }

    private void set(int number, int level, int option, boolean on) {
        Sockaddr.set(core, number, level, option, on ? 1 : 0);
    }

    private void failed(int result) {
        Fd failed = fd;
        fd = null;
        if (failed == null) {
            afterFailure(result);
        } else if (madeFile && unix != null && !UnixAddress.isAbstract(unix)) {
            UnixAddress.remove(core, unix, () -> close(failed, result));
        } else {
            close(failed, result);
        }
    }

    private void close(Fd failed, int result) {
        core.close(failed, (done, closed, more) -> afterFailure(result));
    }

    private void afterFailure(int result) {
        boolean noV6 = result == -ErrnoCode.EADDRNOTAVAIL || result == -ErrnoCode.EAFNOSUPPORT;
        if (noV6
                && unix == null
                && options.host() == null
                && address.equals(ANY_V6)
                && !stopped()) {
            address = ANY_V4; // no IPv6 here
            openSocket();
            return;
        }
        server.notStarted();
        ended();
        core.fail(callback, error(result));
    }

    @Override
    protected void interrupt() {
        if (lookup != null) {
            lookup.cancel();
        }
        if (slot != null) {
            core.cancel(slot, stopErrno());
        }
    }

    @Override
    public String toString() {
        return "listen on " + (unix != null ? unix : address + " port " + options.port());
    }
}
