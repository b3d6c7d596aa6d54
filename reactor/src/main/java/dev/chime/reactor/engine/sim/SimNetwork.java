package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The loopback interface: who is bound to which port, and who listens there. */
final class SimNetwork {
    private static final int FIRST_EPHEMERAL = 32768;
    private static final int EPHEMERALS = 28232;
    private static final long RETRY_NANOS = 1_000_000_000L;
    private static final int RETRIES = 7;

    private final SimWorld world;
    private final Map<Integer, List<SimEndpoint>> streams = new TreeMap<>();
    private final Map<Integer, List<SimEndpoint>> datagrams = new TreeMap<>();
    private final Map<String, SimSocket> unixNames = new TreeMap<>();
    private int nextEphemeral = -1;

    SimNetwork(SimWorld world) {
        this.world = world;
    }

    /** By port: those of each kind of socket are its own. */
    private Map<Integer, List<SimEndpoint>> portsOf(SimEndpoint socket) {
        return socket instanceof SimSocket ? streams : datagrams;
    }

    /** Binds a socket; 0, or a negative errno. */
    int bind(SimEndpoint socket, SimAddress wanted) {
        boolean many = wanted.isMulticast() && socket instanceof SimDatagramSocket;
        if (!wanted.isLocal() && !many) {
            return -ErrnoCode.EADDRNOTAVAIL;
        }
        SimAddress address = wanted;
        if (address.port() == 0) {
            int port = ephemeral(portsOf(socket));
            if (port < 0) {
                return port;
            }
            address = address.withPort(port);
        }
        List<SimEndpoint> others =
                portsOf(socket).computeIfAbsent(address.port(), none -> new ArrayList<>());
        for (SimEndpoint other : others) {
            if (collide(socket, address, other)) {
                return -ErrnoCode.EADDRINUSE;
            }
        }
        others.add(socket);
        socket.boundTo(address);
        return 0;
    }

    /** Gives a Unix socket a name that is no file; 0, or a negative errno. */
    int bindAbstract(SimSocket socket, String name) {
        return unixNames.putIfAbsent(name, socket) == null ? 0 : -ErrnoCode.EADDRINUSE;
    }

    /** The Unix socket that has a name that is no file. */
    @Nullable SimSocket named(String name) {
        return unixNames.get(name);
    }

    private int ephemeral(Map<Integer, List<SimEndpoint>> bound) {
        if (nextEphemeral < 0) {
            nextEphemeral = world.random().nextInt(EPHEMERALS);
        }
        for (int i = 0; i < EPHEMERALS; i++) {
            int port = FIRST_EPHEMERAL + nextEphemeral;
            nextEphemeral = (nextEphemeral + 1) % EPHEMERALS;
            List<SimEndpoint> users = bound.get(port);
            if (users == null || users.isEmpty()) {
                return port;
            }
        }
        return -ErrnoCode.EADDRINUSE;
    }

    private static boolean collide(SimEndpoint one, SimAddress address, SimEndpoint other) {
        SimAddress taken = other.local();
        boolean sameHost =
                address.sameHost(taken)
                        || covers(one, address, taken)
                        || covers(other, taken, address);
        if (!sameHost || (one.reusesPort() && other.reusesPort())) {
            return false;
        }
        return !one.reusesAddress() || !other.reusesAddress() || other.isListening();
    }

    /** Whether a wildcard takes connections to {@code host} as well. */
    static boolean covers(SimEndpoint socket, SimAddress any, SimAddress host) {
        if (!any.isAny()) {
            return false;
        }
        return any.isV4() == host.isV4() || (!any.isV4() && !socket.isV6Only());
    }

    void unbind(SimEndpoint socket) {
        unixNames.values().remove(socket);
        SimAddress local = socket.local();
        Map<Integer, List<SimEndpoint>> bound = portsOf(socket);
        List<SimEndpoint> users = bound.get(local.port());
        if (users != null) {
            users.remove(socket);
            if (users.isEmpty()) {
                bound.remove(local.port());
            }
        }
    }

    /** Whether another socket listens where this one wants to. */
    boolean listensElsewhere(SimSocket socket) {
        for (SimEndpoint other : streams.getOrDefault(socket.local().port(), List.of())) {
            if (other != socket && other.isListening() && collide(socket, socket.local(), other)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable SimSocket listener(SimAddress to) {
        SimSocket found = null;
        for (SimEndpoint bound : streams.getOrDefault(to.port(), List.of())) {
            if (bound instanceof SimSocket socket && socket.isListening()) {
                if (socket.local().sameHost(to)) {
                    return socket;
                }
                if (found == null && covers(socket, socket.local(), to)) {
                    found = socket;
                }
            }
        }
        return found;
    }

    /**
     * Who gets a datagram: of those that it fits the one it fits best, the last that was bound; of
     * those that share a port one by the sender.
     */
    @Nullable SimDatagramSocket receiver(SimAddress from, SimAddress to) {
        List<SimDatagramSocket> fitting = new ArrayList<>();
        int best = 0;
        for (SimEndpoint bound : datagrams.getOrDefault(to.port(), List.of())) {
            if (bound instanceof SimDatagramSocket socket) {
                int score = socket.score(from, to);
                if (score > best) {
                    fitting.clear();
                    best = score;
                }
                if (score == best) {
                    fitting.add(socket);
                }
            }
        }
        if (fitting.isEmpty()) {
            return null;
        }
        boolean shared = fitting.getLast().reusesPort();
        return shared ? fitting.get(from.port() % fitting.size()) : fitting.getLast();
    }

    /**
     * Who gets what is for many: all that it fits, when it is a broadcast or a socket of this
     * machine is a member of the group.
     *
     * @param by the interface by which it comes, of a group
     */
    List<SimDatagramSocket> receivers(SimAddress from, SimAddress to, int by) {
        List<SimDatagramSocket> fitting = new ArrayList<>();
        boolean brought = !to.isMulticast();
        for (List<SimEndpoint> users : datagrams.values()) {
            for (SimEndpoint bound : users) {
                if (bound instanceof SimDatagramSocket socket) {
                    brought |= socket.groups().brings(to, by, from);
                    if (socket.local().port() == to.port() && socket.hears(from, to, by)) {
                        fitting.add(socket);
                    }
                }
            }
        }
        return brought ? fitting : List.of();
    }

    /** Sends the first packet of a connection; the socket hears how it went. */
    void connect(SimSocket socket, SimAddress to) {
        world.events().at(world.in(world.latency()), () -> arrive(socket, to, 0));
    }

    /** A full queue is waited for; a kernel would say EAGAIN. */
    void connectTo(SimSocket socket, SimSocket listener) {
        if (!socket.isConnecting()) {
            return; // closed meanwhile
        }
        if (!listener.isListening()) {
            socket.connectFailed(ErrnoCode.ECONNREFUSED);
        } else if (listener.hasRoom()) {
            listener.connected(socket, listener.local());
        } else {
            world.events().at(world.in(world.latency()), () -> connectTo(socket, listener));
        }
    }

    private void arrive(SimSocket socket, SimAddress to, int tries) {
        if (!socket.isConnecting()) {
            return; // closed meanwhile
        }
        SimSocket listener = listener(to);
        if (listener == null) {
            socket.connectFailed(ErrnoCode.ECONNREFUSED);
        } else if (listener.hasRoom()) {
            listener.connected(socket, to);
        } else if (tries == RETRIES) {
            socket.connectFailed(ErrnoCode.ETIMEDOUT);
        } else {
            // A full backlog drops the packet: it is sent again after 1, 2, 4 ... seconds.
            world.events().at(world.in(RETRY_NANOS << tries), () -> arrive(socket, to, tries + 1));
        }
    }

    /** Two connected sockets without addresses, as socketpair(2) makes them. */
    SimSocket[] pair(int flags) {
        SimSocket one = new SimSocket(world, Const.AF_UNIX, flags);
        SimSocket two = new SimSocket(world, Const.AF_UNIX, flags);
        one.join(two);
        two.join(one);
        return new SimSocket[] {one, two};
    }

    void clear() {
        streams.clear();
        datagrams.clear();
        unixNames.clear();
    }
}
