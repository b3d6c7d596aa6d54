package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

/** TCP, Unix sockets and UDP on a reactor: Node's {@code net} object. Loop thread only. */
public final class Net {
    static final String LOCALHOST = "localhost";

    private final Core core;
    private final Resolver resolver;

    private Net(Core core, NetOptions options) {
        this.core = core;
        resolver = new Resolver(core, options.resolver());
    }

    /** The network of a reactor. */
    public static Net of(Reactor reactor) {
        return of(reactor, NetOptions.defaults());
    }

    /** The network of a reactor, with a resolver of the user's own, say. */
    public static Net of(Reactor reactor, NetOptions options) {
        Core core = Core.of(reactor);
        core.checkThread("Net.of");
        Checks.required(options, "options", "start from NetOptions.defaults");
        return new Net(core, options);
    }

    /** The reactor that this is the network of. */
    public Reactor reactor() {
        return core.reactor();
    }

    /** Makes a server that does not listen yet; {@code onConnection} gets its connections. */
    public Server createServer(ConnectionHandler onConnection) {
        core.checkThread("createServer");
        return createServer(ServerOptions.defaults(), onConnection);
    }

    /** Makes a server that does not listen yet; {@code onConnection} gets its connections. */
    public Server createServer(ServerOptions options, ConnectionHandler onConnection) {
        core.checkThread("createServer");
        Checks.required(options, "options", "start from ServerOptions.defaults");
        Checks.callback(onConnection, "onConnection");
        return Server.alone(core, resolver, options, onConnection);
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
     * the local address; ENOTFOUND for a name without address, EAI_AGAIN when nobody answers for
     * it, and what else {@link #lookup} gives; {@code ERR_IP_BLOCKED}; ECANCELED after a cancel. Of
     * a Unix socket: ENOENT, ECONNREFUSED (a file that nobody listens on), EACCES, EAGAIN (its
     * queue is full), EINVAL (the path is too long). When several attempts have failed, the error
     * is the last one's, and all of them are its suppressed exceptions.
     */
    public Operation connect(ConnectOptions options, Callback<Socket> callback) {
        core.checkThread("connect");
        Checks.required(options, "options", "make some with ConnectOptions.port");
        Checks.callback(callback, "callback");
        return Connecting.begin(core, resolver, options, callback);
    }

    /**
     * Connects as {@link #connect(ConnectOptions, Callback)} does, and gives the socket before it
     * is connected, as Node does: what is written meanwhile is sent then, an end behind it, and
     * settings made then. {@link Socket#onConnect} tells when; {@link Socket#onClose} when it
     * failed, with the error. {@link Socket#destroy} gives the connection up: what was written
     * hears of {@code ERR_SOCKET_CLOSED_BEFORE_CONNECTION}.
     */
    public Socket createConnection(ConnectOptions options) {
        core.checkThread("createConnection");
        Checks.required(options, "options", "make some with ConnectOptions.port");
        Socket socket = new Socket(core, options.socket());
        socket.connect(resolver, options);
        return socket;
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
        Checks.required(options, "options", "start from SocketOptions.defaults");
        Fd fd = Handles.take(core, connection, false);
        int number = fd.number();
        boolean unix = Handles.property(core, fd, Const.SO_DOMAIN) == Const.AF_UNIX;
        SocketAddress name =
                unix ? UnixAddress.ofSocket(core, number) : Sockaddr.peer(core, number);
        options.apply(core, number);
        return new Socket(core, fd, name, options);
    }

    /**
     * Takes over a descriptor that the process was started with, such as number 3 of a listening
     * socket from systemd, for {@link Server#adopt} or {@link #adopt}. The number itself is closed:
     * the descriptor has another one, and close-on-exec.
     *
     * @throws ErrnoException EBADF when there is none of that number; EMFILE
     * @throws IllegalArgumentException when it has close-on-exec: then it was opened here, by
     *     somebody who will close it
     */
    public Descriptor inherit(int number) throws ErrnoException {
        core.checkThread("Net.inherit");
        return Handles.inherit(core, number);
    }

    /** Makes a UDP socket for IPv4 that is not bound yet. */
    public Udp createUdp() {
        return createUdp(UdpOptions.ip4());
    }

    /** Makes a UDP socket that is not bound yet. */
    public Udp createUdp(UdpOptions options) {
        core.checkThread("createUdp");
        Checks.required(options, "options", "make some with UdpOptions.ip4 or ip6");
        return new Udp(core, resolver.or(options.resolver()), options);
    }

    /**
     * Finds the addresses of a host as {@link #connect} does, one at least, the best one first: by
     * {@code /etc/hosts} and the system's resolver, on threads of their own, or by {@link
     * NetOptions#resolver}. A literal is its own address. Node's {@code dns.lookup} with {@code
     * all}. The JVM remembers what the system said: 30 seconds, 10 that there is nothing ({@code
     * networkaddress.cache.ttl}).
     *
     * <p>Errors: ENOTFOUND for a name without an address that is wanted, EAI_AGAIN when no name
     * server answers, {@code ERR_LANE_FULL}, {@code ERR_RESOLVER} for a resolver that throws. A
     * look-up that is stopped ends with ECANCELED or ETIMEDOUT at once, however long the system
     * takes.
     */
    public Operation lookup(
            String host, LookupOptions options, Callback<List<InetAddress>> callback) {
        core.checkThread("lookup");
        Resolver.checkHost(host);
        Checks.required(options, "options", "start from LookupOptions.defaults");
        Checks.callback(callback, "callback");
        return resolver.lookup(host, options, callback);
    }
}
