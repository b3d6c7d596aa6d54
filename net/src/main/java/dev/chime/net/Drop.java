package dev.chime.net;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a server did not take.
 *
 * @param local our address; null on a Unix socket
 * @param remote the peer's address; null on a Unix socket, and when the peer has gone
 * @param reason why
 */
public record Drop(
        @Nullable InetSocketAddress local, @Nullable InetSocketAddress remote, Reason reason) {
    /** Why a connection was not taken. */
    public enum Reason {
        /** {@link ServerOptions#maxConnections} were open. */
        CONNECTIONS,
        /** {@link ServerOptions#maxConnectionsPerPeer} of this address were open. */
        CONNECTIONS_OF_PEER,
        /** {@link ServerOptions#blockList} contains the address. */
        BLOCKED,
        /** The process, or the machine, had no descriptor left (EMFILE, ENFILE). */
        NO_DESCRIPTOR
    }
}
