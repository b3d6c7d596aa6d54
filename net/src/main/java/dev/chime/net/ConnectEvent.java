package dev.chime.net;

import dev.chime.reactor.ReactorException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

/** What happens on the way to a connection, for {@link ConnectOptions#events}. */
public sealed interface ConnectEvent {
    /**
     * A name has been looked up: Node's {@code lookup}. A literal is not.
     *
     * @param host the name
     * @param addresses all that was found, in the resolver's order
     */
    record LookedUp(String host, List<InetAddress> addresses) implements ConnectEvent {}

    /**
     * An attempt begins: Node's {@code connectionAttempt}.
     *
     * @param address where to
     */
    record Attempt(SocketAddress address) implements ConnectEvent {}

    /**
     * An attempt has failed: Node's {@code connectionAttemptFailed}. Of one that is given up
     * because another has connected, or because of a cancel or the timeout, nothing is told.
     *
     * @param address where to
     * @param error why
     */
    record AttemptFailed(SocketAddress address, ReactorException error) implements ConnectEvent {}

    /**
     * An attempt has taken 250 ms, and another address is tried beside it: Node's {@code
     * connectionAttemptTimeout}, but the attempt goes on and may still be the one that connects.
     *
     * @param address where to
     */
    record AttemptOverdue(SocketAddress address) implements ConnectEvent {}
}
