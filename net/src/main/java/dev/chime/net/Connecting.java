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

/** A connect under way: look-up, then for each address socket and connect, until one answers. */
final class Connecting extends Composed implements Completion {
    private final int port;
    private final Callback<Socket> callback;
    private List<InetAddress> addresses = List.of();
    private int next;
    private @Nullable Operation lookup;
    private boolean finished;
    private @Nullable Slot slot;
    private @Nullable Fd fd;
    private @Nullable ReactorException failure;

    Connecting(Core core, int port, Callback<Socket> callback) {
        super(core);
        this.port = port;
        this.callback = callback;
    }

    void start(String host) {
        InetAddress literal = Resolver.literal(host);
        if (literal != null) {
            addresses = List.of(literal);
            openSocket();
        } else {
            lookup = Resolver.lookup(core, host, this::resolved);
        }
    }

    void resolved(@Nullable ReactorException err, @Nullable List<InetAddress> found) {
        lookup = null;
        if (finished) {
            return; // stopped while a thread looked the name up
        }
        if (err != null || found == null) {
            failure = stopped() ? canceled() : err;
            finish(null);
        } else if (stopped()) {
            failure = canceled();
            finish(null);
        } else {
            addresses = found;
            openSocket();
        }
    }

    private InetSocketAddress target() {
        return new InetSocketAddress(addresses.get(next), port);
    }

    private ReactorException canceled() {
        return ErrnoException.socket(stopErrno(), "connect", addresses.isEmpty() ? null : target());
    }

    private void openSocket() {
        Slot opening = core.slot(Op.SOCKET, this);
        opening.fd = Sockaddr.family(addresses.get(next));
        opening.offset = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        submit(opening);
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
        if (stopped()) {
            core.cancel(next, stopErrno());
        }
    }

    @Override
    public void complete(Slot done, int result, boolean more) {
        slot = null;
        if (done.op() == Op.NOP) {
            stoppedInLookup();
        } else if (done.op() == Op.SOCKET) {
            opened(result);
        } else {
            connected(result);
        }
    }

    private void stoppedInLookup() {
        if (!finished) {
            failure = canceled();
            finish(null);
        }
    }

    private void opened(int result) {
        if (result < 0) {
            failed(result, "socket");
            return;
        }
        Fd opened = core.adopt(result, Fd.Kind.SOCKET);
        fd = opened;
        Slot connecting = core.slot(Op.CONNECT, this);
        connecting.owner = opened;
        connecting.address = connecting.scratch;
        connecting.offset = Sockaddr.write(connecting.scratch, target());
        submit(connecting);
    }

    private void connected(int result) {
        if (result < 0) {
            failed(result, "connect");
        } else {
            finish(fd);
        }
    }

    private void failed(int result, String syscall) {
        failure = ErrnoException.socket(result, syscall, target());
        Fd failed = fd;
        fd = null;
        if (failed == null) {
            tryNext();
        } else {
            core.close(failed, (done, closed, more) -> tryNext());
        }
    }

    private void tryNext() {
        if (next + 1 < addresses.size() && !stopped()) {
            next++;
            openSocket();
        } else {
            finish(null);
        }
    }

    private void finish(@Nullable Fd connected) {
        finished = true;
        ended();
        if (connected == null) {
            core.fail(callback, failure == null ? canceled() : failure);
            return;
        }
        Socket socket = new Socket(core, connected, target());
        core.call(callback, null, socket);
    }

    @Override
    protected void interrupt() {
        if (lookup != null) {
            lookup.cancel();
            // The C library cannot be stopped: its answer is not waited for.
            slot = core.slot(Op.NOP, this);
            core.submit(slot);
        } else if (slot != null) {
            core.cancel(slot, stopErrno());
        }
    }

    @Override
    public String toString() {
        return "connect to " + (addresses.isEmpty() ? "port " + port : target());
    }
}
