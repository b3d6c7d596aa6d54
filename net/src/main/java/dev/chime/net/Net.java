package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/** TCP and UDP on a reactor: Node's {@code net} object. Loop thread only. */
public final class Net {
    private static final String LOCALHOST = "localhost";

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
        requireCallback(onConnection, "onConnection");
        return new Server(core, onConnection);
    }

    /** Connects to a port of this host. */
    public Operation connect(int port, Callback<Socket> callback) {
        return connect(port, LOCALHOST, callback);
    }

    /**
     * Connects to a host by name or address. A name's addresses are tried in the resolver's order.
     * Errors: ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH; ENOTFOUND for a name without
     * address; ECANCELED after a cancel.
     */
    public Operation connect(int port, String host, Callback<Socket> callback) {
        core.checkThread("connect");
        Ports.check("port", port);
        Resolver.checkHost(host);
        requireCallback(callback, "callback");
        Connecting connecting = new Connecting(core, port, callback);
        connecting.start(host);
        return connecting;
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
