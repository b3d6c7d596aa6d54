package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections. Loop thread only. While it listens it keeps the loop alive. */
public final class Server {
    // Made before there is need: when descriptors have run out a logger can no longer be loaded.
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** How long to wait when there is no descriptor for a new connection. */
    private static final Duration ACCEPT_BACK_OFF = Duration.ofMillis(100);

    private enum State {
        IDLE,
        STARTING,
        LISTENING,
        CLOSING
    }

    private final Core core;
    private final ConnectionHandler onConnection;
    private final Core.Handle handle =
            new OpenHandle("Server", this, this::shutdown, () -> this.referenced);
    private State state = State.IDLE;
    private @Nullable Fd fd;
    private @Nullable InetSocketAddress address;
    private @Nullable Timer backOff;
    private @Nullable Done onClose;
    private int connections;
    private boolean referenced = true;
    private boolean descriptorClosed;

    Server(Core core, ConnectionHandler onConnection) {
        this.core = core;
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
     * Listens. Errors: EADDRINUSE, EACCES (a port below 1024), EADDRNOTAVAIL, ENOTFOUND. After an
     * error or a close the server may listen again.
     *
     * @throws IllegalStateException when it listens already
     */
    public Operation listen(ListenOptions options, Callback<Server> callback) {
        core.checkThread("Server.listen");
        Net.requireArgument(options, "options", "make some with ListenOptions.port");
        Net.requireCallback(callback, "callback");
        if (state != State.IDLE) {
            throw new IllegalStateException(
                    "ERR_SERVER_ALREADY_LISTEN: this server is " + state + "; close it first");
        }
        state = State.STARTING;
        Listening listening = new Listening(core, this, options, callback);
        listening.start();
        return listening;
    }

    /** The start has failed: all is as before. */
    void notStarted() {
        state = State.IDLE;
    }

    /** The descriptor listens: accept from now on. */
    void started(Fd listening) {
        state = State.LISTENING;
        fd = listening;
        descriptorClosed = false;
        address = Sockaddr.local(core, listening.number());
        core.opened(handle);
        if (referenced) {
            core.ref();
        }
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
        Fd accepted = core.adopt(number, Fd.Kind.SOCKET);
        if (state != State.LISTENING) {
            core.close(accepted, (slot, result, more) -> {}); // came while closing
            return;
        }
        Socket socket = new Socket(core, accepted, Sockaddr.peer(core, number));
        connections++;
        socket.onClose(err -> connectionClosed());
        onConnection.connection(socket);
    }

    private void acceptFailed(int result) {
        switch (-result) {
            case ErrnoCode.EMFILE, ErrnoCode.ENFILE, ErrnoCode.ENOBUFS, ErrnoCode.ENOMEM -> {
                LOG.warn(
                        "{}: trying again in {}; raise `ulimit -n` if this goes on",
                        ErrnoException.socket(result, "accept", address).getMessage(),
                        ACCEPT_BACK_OFF);
                backOff = core.reactor().setTimeout(ACCEPT_BACK_OFF, this::accept);
            }
            // Whatever went wrong with one connection, the next may be fine.
            default -> backOff = core.reactor().setTimeout(Duration.ZERO, this::accept);
        }
    }

    private void connectionClosed() {
        connections--;
        maybeClosed();
    }

    /**
     * Stops accepting at once; open connections go on. {@code done} hears when the last of them has
     * closed, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void close(Done done) {
        core.checkThread("Server.close");
        Net.requireCallback(done, "done");
        Fd listening = fd;
        if (state != State.LISTENING || listening == null) {
            ReactorException err =
                    new ReactorException("ERR_SERVER_NOT_RUNNING", "the server is not running");
            core.reactor().nextTick(() -> done.call(err));
            return;
        }
        onClose = done;
        close(listening);
    }

    private void close(Fd listening) {
        state = State.CLOSING;
        fd = null;
        core.reactor().clearTimeout(backOff);
        core.close(
                listening,
                (slot, result, more) -> {
                    descriptorClosed = true;
                    maybeClosed();
                });
    }

    private void maybeClosed() {
        if (state != State.CLOSING || !descriptorClosed || connections > 0) {
            return;
        }
        state = State.IDLE;
        core.closed(handle);
        if (referenced) {
            core.unref();
        }
        Done done = onClose;
        onClose = null;
        if (done != null) {
            core.inClosePhase(() -> done.call(null));
        }
    }

    private void shutdown() {
        Fd listening = fd;
        if (listening != null) {
            close(listening);
        }
    }

    /** The address it listens on, with the port that the kernel chose; null before. */
    public @Nullable InetSocketAddress address() {
        return address;
    }

    /** Connections that are open. */
    public int connections() {
        return connections;
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
        if (referenced != on) {
            referenced = on;
            if (state == State.LISTENING || state == State.CLOSING) {
                if (on) {
                    core.ref();
                } else {
                    core.unref();
                }
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return "Server[" + address + ", " + state + ", " + connections + " connections]";
    }
}
