package dev.chime.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server, on all loops that serve it: how many are open, how many of each
 * peer, and how many were not taken. Any thread.
 */
final class ConnectionCounts {
    private final int most;
    private final int mostOfPeer;
    private final @Nullable BlockList blocked;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final ConcurrentHashMap<InetAddress, Integer> ofPeer = new ConcurrentHashMap<>();

    ConnectionCounts(ServerOptions options) {
        most = options.maxConnections();
        mostOfPeer = options.maxConnectionsPerPeer();
        blocked = options.blockList();
    }

    /** Counts a connection as open; or says why it may not be taken, and counts nothing. */
    Drop.@Nullable Reason enter(@Nullable InetSocketAddress peer) {
        InetAddress address = peer == null ? null : peer.getAddress();
        if (address != null && blocked != null && blocked.check(address)) {
            return Drop.Reason.BLOCKED;
        }
        // Those of all come last: who is refused takes no place from another meanwhile.
        if (address != null && !enterPeer(address)) {
            return Drop.Reason.CONNECTIONS_OF_PEER;
        }
        if (!upTo(most)) {
            leavePeer(address);
            return Drop.Reason.CONNECTIONS;
        }
        return null;
    }

    private boolean upTo(int limit) {
        int before = open.getAndUpdate(count -> count < limit ? count + 1 : count);
        return before < limit;
    }

    private boolean countsPeers() {
        return mostOfPeer < Integer.MAX_VALUE;
    }

    private boolean enterPeer(InetAddress address) {
        if (!countsPeers()) {
            return true;
        }
        boolean[] taken = {false};
        ofPeer.compute(
                address,
                (peer, count) -> {
                    int before = count == null ? 0 : count;
                    taken[0] = before < mostOfPeer;
                    return taken[0] ? Integer.valueOf(before + 1) : count;
                });
        return taken[0];
    }

    /** A connection that {@link #enter} counted has closed. */
    void leave(@Nullable InetSocketAddress peer) {
        open.decrementAndGet();
        leavePeer(peer == null ? null : peer.getAddress());
    }

    private void leavePeer(@Nullable InetAddress address) {
        if (address != null && countsPeers()) {
            ofPeer.computeIfPresent(address, (peer, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Counts a connection that was not taken. */
    void drop() {
        dropped.incrementAndGet();
    }

    int open() {
        return open.get();
    }

    long dropped() {
        return dropped.get();
    }
}
