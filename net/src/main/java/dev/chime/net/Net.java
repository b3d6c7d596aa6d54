package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** TCP, Unix sockets and UDP on a reactor: Node's {@code net} object. Loop thread only. */
public final class Net {
    static final String LOCALHOST = "localhost";

    private final Core core;

    private Net(Core core) {
        this.core = core;
    }

    /** The network of a reactor. */
    public static Net of(Reactor reactor) {
        Core core = Core.of(reactor);
        core.checkThread("Net.of");
        return new Net(core);
    }

    /** Makes a server that does not listen yet; {@code onConnection} gets its connections. */
    public Server createServer(ConnectionHandler onConnection) {
        core.checkThread("createServer");
        return createServer(ServerOptions.defaults(), onConnection);
    }

    /** Makes a server that does not listen yet; {@code onConnection} gets its connections. */
    public Server createServer(ServerOptions options, ConnectionHandler onConnection) {
        core.checkThread("createServer");
        requireArgument(options, "options", "start from ServerOptions.defaults");
        requireCallback(onConnection, "onConnection");
        return Server.alone(core, options, onConnection);
    }

    /** Connects to a port of this host. */
    public Operation connect(int port, Callback<Socket> callback) {
        core.checkThread("connect");
        return connect(ConnectOptions.port(port), callback);
    }

    /** Connects to a host by name or address; see {@link #connect(ConnectOptions, Callback)}. */
    public Operation connect(int port, String host, Callback<Socket> callback) {
        core.checkThread("connect");
        return connect(ConnectOptions.port(port).host(host), callback);
    }

    /**
     * Connects. The addresses of a name are tried as RFC 8305 says: both families take turns, an
     * attempt begins when the one before has failed or 250 ms later, the first to connect wins and
     * the others are cancelled.
     *
     * <p>Errors: ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH; EADDRINUSE, EADDRNOTAVAIL for
     * the local address; ENOTFOUND for a name without address; {@code ERR_IP_BLOCKED}; ECANCELED
     * after a cancel. Of a Unix socket: ENOENT, ECONNREFUSED (a file that nobody listens on),
     * EACCES, EAGAIN (its queue is full), EINVAL (the path is too long). When several attempts have
     * failed, the error is the last one's, and all of them are its suppressed exceptions.
     */
    public Operation connect(ConnectOptions options, Callback<Socket> callback) {
        core.checkThread("connect");
        requireArgument(options, "options", "make some with ConnectOptions.port");
        requireCallback(callback, "callback");
        Connecting connecting = new Connecting(core, options, callback);
        connecting.start();
        if (options.timeout() != null) {
            connecting.deadline(options.timeout());
        }
        return connecting;
    }

    /**
     * Makes a connection of a descriptor that has come, such as another process has sent, and takes
     * it over. It reads and writes as it is asked to, without blocking: for all who have it.
     *
     * @throws IllegalArgumentException when it is no connected stream socket
     * @throws IllegalStateException when it is closed or somebody else's
     */
    public Socket adopt(Descriptor connection, SocketOptions options) {
        core.checkThread("Net.adopt");
        requireArgument(options, "options", "start from SocketOptions.defaults");
        Fd fd = Handles.take(core, connection, false);
        int number = fd.number();
        boolean unix = Handles.property(core, fd, Const.SO_DOMAIN) == Const.AF_UNIX;
        SocketAddress name =
                unix ? UnixAddress.ofSocket(core, number) : Sockaddr.peer(core, number);
        options.apply(core, number);
        return new Socket(core, fd, name, options);
    }

    /** Makes a UDP socket for IPv4 that is not bound yet. */
    public Udp createUdp() {
        return createUdp(UdpOptions.ip4());
    }

    /** Makes a UDP socket that is not bound yet. */
    public Udp createUdp(UdpOptions options) {
        core.checkThread("createUdp");
        requireArgument(options, "options", "make some with UdpOptions.ip4 or ip6");
        return new Udp(core, options);
    }

    static void requireCallback(@Nullable Object callback, String name) {
        requireArgument(callback, name, "pass a function");
    }

    static void requireArgument(@Nullable Object argument, String name, String remedy) {
        if (argument == null) {
            throw new IllegalArgumentException(name + " is null: " + remedy);
        }
    }
}
