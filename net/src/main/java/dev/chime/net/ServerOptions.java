package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Which connections a server takes, and what they are like. One that it does not take is accepted
 * and closed at once, and {@link Server#onDrop} hears of it.
 *
 * @param socket what accepted sockets are like
 * @param maxConnections connections that may be open at a time
 * @param maxConnectionsPerPeer connections of one IP address that may be open at a time
 * @param blockList addresses whose connections are not taken; or null
 */
public record ServerOptions(
        SocketOptions socket,
        int maxConnections,
        int maxConnectionsPerPeer,
        @Nullable BlockList blockList) {
    private static final ServerOptions DEFAULTS =
            new ServerOptions(SocketOptions.defaults(), Integer.MAX_VALUE, Integer.MAX_VALUE, null);

    /** Checks every value. */
    public ServerOptions {
        Checks.required(socket, "socket", "pass SocketOptions.defaults()");
        check("maxConnections", maxConnections);
        check("maxConnectionsPerPeer", maxConnectionsPerPeer);
    }

    private static void check(String name, int most) {
        if (most < 1) {
            throw new IllegalArgumentException(name + " is " + most + ": use 1 or more");
        }
    }

    /** Takes all, as many as there are descriptors. */
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /** These options for other sockets. */
    public ServerOptions socket(SocketOptions options) {
        return new ServerOptions(options, maxConnections, maxConnectionsPerPeer, blockList);
    }

    /** These options with another limit. */
    public ServerOptions maxConnections(int most) {
        return new ServerOptions(socket, most, maxConnectionsPerPeer, blockList);
    }

    /** These options with another limit for each IP address. */
    public ServerOptions maxConnectionsPerPeer(int most) {
        return new ServerOptions(socket, maxConnections, most, blockList);
    }

    /** These options with addresses that are not welcome; null: all are. */
    public ServerOptions blockList(@Nullable BlockList list) {
        return new ServerOptions(socket, maxConnections, maxConnectionsPerPeer, list);
    }
}
