package dev.chime.net;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Sys;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections, of TCP or a Unix socket. Loop thread only. While it listens it keeps the
 * loop alive.
 *
 * <p>When the process has no descriptor left, connections are accepted by one that is kept for
 * that, closed at once and told of ({@link Drop.Reason#NO_DESCRIPTOR}); clients do not wait in
 * vain.
 */
public final class Server {
    // Made before there is need: when descriptors have run out a logger can no longer be loaded.
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** How long to wait when there is no descriptor for a new connection. */
    private static final Duration ACCEPT_BACK_OFF = Duration.ofMillis(100);

    /** Connections that are closed in one go for want of a descriptor: the loop has other work. */
    private static final int SHED_AT_ONCE = 64;

    /** How often the log is told of that at the most. */
    private static final long WARN_NANOS = Duration.ofSeconds(10).toNanos();

    // A class may come from a file: these must be there when there is no descriptor for one.
    private static final Drop NAMELESS = new Drop(null, null, Drop.Reason.NO_DESCRIPTOR);
    private static final DropHandler NOBODY = drop -> {};

    private enum State {
        IDLE,
        STARTING,
        LISTENING,
        CLOSING
    }

    private final Core core;
    private final Resolver resolver;
    private final ServerOptions options;
    private final ConnectionHandler onConnection;
    private final Handlers<DropHandler> dropHandlers = new Handlers<>();
    private final Handlers<Task> closeHandlers = new Handlers<>();
    private final Set<Socket> open = new LinkedHashSet<>();
    private final ConnectionCounts counts;
    private final AtomicInteger held = new AtomicInteger();
    private final Reserve reserve;
    private final OpenHandle handle;
    private State state = State.IDLE;
    private @Nullable Fd fd;
    private @Nullable InetSocketAddress address;
    private @Nullable UnixDomainSocketAddress unixAddress;
    private @Nullable Timer backOff;
    private @Nullable Timer grace;
    private @Nullable Done onClose;
    private @Nullable Handover handover;
    private @Nullable Operation starting;
    private @Nullable Runnable forget;
    private long warnedAt;
    private int destroyed;
    private boolean descriptorClosed;
    private boolean adopted;

    Server(
            Core core,
            Resolver resolver,
            ServerOptions options,
            ConnectionCounts counts,
            DropHandler onDrop,
            ConnectionHandler onConnection) {
        this.core = core;
        this.resolver = resolver;
        this.options = options;
        this.counts = counts;
        reserve = new Reserve(core);
        handle = new OpenHandle(core, "Server", this, this::shutdown);
        dropHandlers.add(onDrop);
        this.onConnection = onConnection;
    }

    /** Listens on a port of every address; 0 lets the kernel choose one. */
    public Operation listen(int port, Callback<Server> callback) {
        return listen(ListenOptions.port(port), callback);
    }

    /** Listens on a port of one address, given as a name or a literal. */
    public Operation listen(int port, String host, Callback<Server> callback) {
        Resolver.checkHost(host);
        return listen(ListenOptions.port(port).host(host), callback);
    }

    /**
     * Listens. Errors: EADDRINUSE, EACCES (a port below 1024, a folder), EADDRNOTAVAIL, ENOTFOUND;
     * of a Unix socket ENOENT (no such folder), EINVAL (the path is too long). After an error or a
     * close the server may listen again.
     *
     * @throws IllegalStateException when it listens already
     */
    public Operation listen(ListenOptions options, Callback<Server> callback) {
        core.checkThread("Server.listen");
        Checks.required(options, "options", "make some with ListenOptions.port");
        Checks.callback(callback, "callback");
        requireIdle();
        state = State.STARTING;
        adopted = false;
        Listening listening = new Listening(core, this, options, callback);
        starting = listening;
        listening.start();
        return listening;
    }

    private void requireIdle() {
        if (state != State.IDLE) {
            throw new IllegalStateException(
                    "ERR_SERVER_ALREADY_LISTEN: this server is " + state + "; close it first");
        }
    }

    /** Who finds the addresses of names. */
    Resolver resolver() {
        return resolver;
    }

    ServerOptions options() {
        return options;
    }

    /**
     * Listens on a socket that listens already, such as another process has sent, and takes it
     * over: {@link #close} closes it here, and removes no file. Other processes that have it may
     * accept the same connections.
     *
     * @throws IllegalArgumentException when it is no listening stream socket
     * @throws IllegalStateException when this server listens already
     */
    public Server adopt(Descriptor listening) {
        core.checkThread("Server.adopt");
        requireIdle();
        Fd taken = Handles.take(core, listening, true);
        boolean unix = Handles.property(core, taken, Const.SO_DOMAIN) == Const.AF_UNIX;
        adopted = true;
        started(taken, unix ? UnixAddress.ofSocket(core, taken.number()) : null);
        return this;
    }

    /**
     * A second descriptor of the listening socket, to be sent to another process; either may accept
     * a connection, and clients are refused when both are closed.
     *
     * @throws ErrnoException EMFILE
     * @throws IllegalStateException when it does not listen
     */
    public Descriptor duplicate() throws ErrnoException {
        core.checkThread("Server.duplicate");
        Fd listening = fd;
        if (listening == null) {
            throw new IllegalStateException("ERR_SERVER_NOT_RUNNING: " + this);
        }
        return HeldDescriptor.duplicate(core, listening);
    }

    /** Hears of connections that are not taken. */
    public Server onDrop(DropHandler handler) {
        core.checkThread("Server.onDrop");
        Checks.callback(handler, "handler");
        dropHandlers.add(handler);
        return this;
    }

    /**
     * Runs {@code task} each time the server has closed, however that began: it does not listen any
     * more, and its last connection has closed.
     */
    public Server onClose(Task task) {
        core.checkThread("Server.onClose");
        Checks.callback(task, "task");
        closeHandlers.add(task);
        return this;
    }

    /** A server of one loop. */
    static Server alone(
            Core core, Resolver resolver, ServerOptions options, ConnectionHandler onConnection) {
        ConnectionCounts counts = new ConnectionCounts(options);
        return new Server(core, resolver, options, counts, NOBODY, onConnection);
    }

    /** The start has failed: all is as before. */
    void notStarted() {
        state = State.IDLE;
        starting = null;
        letGoOfSignal();
    }

    /** The descriptor listens: accept from now on. */
    void started(@Nullable Fd listening, @Nullable UnixDomainSocketAddress unix) {
        state = State.LISTENING;
        starting = null;
        fd = listening;
        descriptorClosed = false;
        unixAddress = unix;
        address = null;
        destroyed = 0;
        if (listening != null) {
            address = unix == null ? Sockaddr.local(core, listening.number()) : null;
            reserve.take();
        }
        handle.opened();
        accept();
    }

    private void accept() {
        Fd listening = fd;
        if (state != State.LISTENING || listening == null) {
            return;
        }
        Slot slot = core.slot(Op.ACCEPT, this::accepted);
        slot.owner = listening;
        slot.flags = Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        slot.keepsAlive = false;
        core.submit(slot);
    }

    private void accepted(Slot slot, int result, boolean more) throws Exception {
        if (result >= 0) {
            connected(result);
        } else if (state == State.LISTENING) {
            acceptFailed(result);
        }
    }

    private void connected(int number) throws Exception {
        if (state != State.LISTENING) {
            closeAccepted(number); // came while closing
            return;
        }
        InetSocketAddress remote = unixAddress == null ? Sockaddr.peer(core, number) : null;
        Drop.Reason refused = counts.enter(remote);
        if (refused != null) {
            InetSocketAddress local = unixAddress == null ? Sockaddr.local(core, number) : null;
            closeAccepted(number);
            tellDropped(new Drop(local, remote, refused));
            return;
        }
        SocketAddress name = unixAddress == null ? remote : unixAddress;
        Handover elsewhere = handover;
        if (elsewhere == null) {
            expect();
            take(number, name);
        } else {
            elsewhere.pass(this, number, name);
        }
    }

    private void closeAccepted(int number) {
        core.close(core.adopt(number, Fd.Kind.SOCKET), (slot, result, more) -> {});
    }

    /** A connection is on its way to {@link #take}; any thread. */
    void expect() {
        held.incrementAndGet();
    }

    /** An expected connection does not come; any thread. */
    void expectNot() {
        held.decrementAndGet();
    }

    /** Connections that are open or expected; any thread. */
    int held() {
        return held.get();
    }

    /** Serves an expected connection, which the counts know already. */
    void take(int number, @Nullable SocketAddress name) throws Exception {
        if (state != State.LISTENING) {
            held.decrementAndGet();
            counts.leave(name instanceof InetSocketAddress peer ? peer : null);
            closeAccepted(number);
            return;
        }
        Fd accepted = core.adopt(number, Fd.Kind.SOCKET);
        Socket socket = new Socket(core, accepted, name, options.socket());
        open.add(socket);
        socket.onClose(err -> connectionClosed(socket));
        onConnection.connection(socket);
    }

    /** Serves what another loop accepts, without listening itself. */
    void serve() {
        started(null, null);
    }

    /** From the start on, connections are passed on. */
    void handOver(@Nullable Handover to) {
        handover = to;
    }

    private void tellDropped(Drop drop) {
        counts.drop();
        dropHandlers.each(handler -> core.call(() -> handler.dropped(drop)));
    }

    private void acceptFailed(int result) {
        Fd listening = fd;
        boolean full = result == -ErrnoCode.EMFILE || result == -ErrnoCode.ENFILE;
        if (full && listening != null && shed(listening)) {
            warn("accept found no descriptor: closed at once, {} connections so far", dropped());
            accept();
            return;
        }
        switch (-result) {
            case ErrnoCode.EMFILE, ErrnoCode.ENFILE, ErrnoCode.ENOBUFS, ErrnoCode.ENOMEM -> {
                warn(
                        "{}: trying again every 100 ms; raise `ulimit -n` if this goes on",
                        ErrnoException.socket(result, "accept", address).getMessage());
                backOff = core.reactor().setTimeout(ACCEPT_BACK_OFF, this::acceptAgain);
            }
            // Whatever went wrong with one connection, the next may be fine.
            default -> backOff = core.reactor().setTimeout(Duration.ZERO, this::accept);
        }
    }

    private void acceptAgain() {
        reserve.take();
        accept();
    }

    /** Closes those who wait to be accepted; false when even the descriptor for that is gone. */
    private boolean shed(Fd listening) {
        int flags = Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        for (int i = 0; i < SHED_AT_ONCE && state == State.LISTENING; i++) {
            if (!reserve.release()) {
                return false;
            }
            long number = core.syscall(Sys.ACCEPT4, listening.number(), 0, 0, flags, 0, 0);
            Drop drop = NAMELESS;
            if (number >= 0) {
                if (unixAddress == null) {
                    drop =
                            new Drop(
                                    Sockaddr.local(core, (int) number),
                                    Sockaddr.peer(core, (int) number),
                                    Drop.Reason.NO_DESCRIPTOR);
                }
                core.syscall(Sys.CLOSE, number, 0, 0);
            }
            reserve.take();
            if (number == -ErrnoCode.EMFILE || number == -ErrnoCode.ENFILE) {
                return false; // another thread was faster
            }
            if (number < 0) {
                return true; // nobody waits any more
            }
            tellDropped(drop);
        }
        return true;
    }

    private void warn(String text, @Nullable Object detail) {
        long now = core.reactor().now();
        if (warnedAt == 0 || now - warnedAt > WARN_NANOS) {
            warnedAt = now;
            LOG.warn(text, detail);
        }
    }

    private void connectionClosed(Socket socket) {
        open.remove(socket);
        held.decrementAndGet();
        counts.leave(socket.remoteAddress());
        maybeClosed();
    }

    /**
     * Stops accepting at once; open connections go on. {@code done} hears when the last of them has
     * closed, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void close(Done done) {
        core.checkThread("Server.close");
        Checks.callback(done, "done");
        if (state != State.LISTENING) {
            ReactorException err = notRunning();
            core.reactor().nextTick(() -> done.call(err));
            return;
        }
        onClose = done;
        closeListening();
    }

    /**
     * Stops accepting at once and ends each connection as soon as it is idle: nothing is queued,
     * and something has been sent since data last came. From then on a write to it is refused as
     * after the peer's end. What is still open after {@code grace} is destroyed. The callback hears
     * how many ended and how many were cut off, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void shutdown(Duration grace, Callback<ServerReport> callback) {
        core.checkThread("Server.shutdown");
        checkGrace(grace);
        Checks.callback(callback, "callback");
        if (state != State.LISTENING) {
            ReactorException err = notRunning();
            core.reactor().nextTick(() -> callback.call(err, new ServerReport(0, 0)));
            return;
        }
        int before = open.size();
        onClose = err -> callback.call(err, new ServerReport(before - destroyed, destroyed));
        closeListening();
        List.copyOf(open).forEach(Socket::endWhenIdle);
        if (!open.isEmpty()) {
            this.grace = core.reactor().setTimeout(grace, this::cutOff);
        }
    }

    static void checkGrace(Duration grace) {
        Checks.required(grace, "grace", "pass a duration");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace is " + grace + ": use 0 or more");
        }
    }

    private void cutOff() {
        for (Socket socket : List.copyOf(open)) {
            if (!socket.isDestroyed()) {
                destroyed++;
                socket.destroy();
            }
        }
    }

    static ReactorException notRunning() {
        return new ReactorException("ERR_SERVER_NOT_RUNNING", "the server is not running");
    }

    /**
     * Stops accepting when {@code signal} aborts, or now if it has: a listen under way ends with
     * ECANCELED, open connections go on. The newest signal alone counts; it forgets the server when
     * that has closed, or could not listen.
     *
     * @throws IllegalStateException ERR_SERVER_NOT_RUNNING when it neither listens nor is about to
     */
    public Server closeOn(AbortSignal signal) {
        core.checkThread("Server.closeOn");
        if (state == State.IDLE) {
            throw new IllegalStateException("ERR_SERVER_NOT_RUNNING: " + this);
        }
        letGoOfSignal();
        forget = core.listen(signal, errno -> shutdown());
        return this;
    }

    private void letGoOfSignal() {
        Runnable known = forget;
        forget = null;
        if (known != null) {
            known.run();
        }
    }

    private void closeListening() {
        Fd listening = fd;
        state = State.CLOSING;
        fd = null;
        if (listening == null) { // served what another loop accepted
            descriptorClosed = true;
            maybeClosed();
            return;
        }
        core.reactor().clearTimeout(backOff);
        reserve.release();
        UnixDomainSocketAddress unix = unixAddress;
        if (unix == null || adopted || UnixAddress.isAbstract(unix)) {
            closeDescriptor(listening);
            return;
        }
        // Before the close: afterwards the file could be another server's.
        UnixAddress.remove(core, unix, () -> closeDescriptor(listening));
    }

    private void closeDescriptor(Fd listening) {
        core.close(
                listening,
                (slot, result, more) -> {
                    descriptorClosed = true;
                    maybeClosed();
                });
    }

    private void maybeClosed() {
        if (state != State.CLOSING || !descriptorClosed || !open.isEmpty()) {
            return;
        }
        state = State.IDLE;
        letGoOfSignal();
        core.reactor().clearTimeout(grace);
        handle.closed();
        Done done = onClose;
        onClose = null;
        if (done != null) {
            core.inClosePhase(() -> done.call(null));
        }
        closeHandlers.each(core::inClosePhase);
    }

    private void shutdown() {
        Operation listening = starting;
        if (state == State.LISTENING) {
            closeListening();
        } else if (state == State.STARTING && listening != null) {
            listening.cancel();
        }
    }

    /**
     * The address it listens on, with the port that the kernel chose; null before, and on a Unix
     * socket.
     */
    public @Nullable InetSocketAddress address() {
        return address;
    }

    /** The Unix socket it listens on; null before, and on TCP. */
    public @Nullable UnixDomainSocketAddress unixAddress() {
        return unixAddress;
    }

    /** True while it accepts connections. */
    public boolean isListening() {
        return state == State.LISTENING;
    }

    /** Connections that are open. */
    public int connections() {
        return open.size();
    }

    /** Connections that were not taken. */
    public long dropped() {
        return counts.dropped();
    }

    /** Lets the server keep the loop alive while it listens, as from the start. */
    public Server ref() {
        return reference(true);
    }

    /** Lets the loop end although the server listens. */
    public Server unref() {
        return reference(false);
    }

    private Server reference(boolean on) {
        core.checkThread("Server.ref");
        handle.reference(on);
        return this;
    }

    @Override
    public String toString() {
        return "Server["
                + (unixAddress == null ? address : unixAddress)
                + ", "
                + state
                + ", "
                + open.size()
                + " connections]";
    }
}
