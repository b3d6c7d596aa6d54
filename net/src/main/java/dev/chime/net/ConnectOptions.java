package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where to connect to, and how.
 *
 * @param port the TCP port
 * @param host a name or an address; a name's addresses are tried as RFC 8305 says
 * @param path the path or name of a Unix socket, as of {@link #path(String)}, in place of port and
 *     host; or null
 * @param timeout how long all attempts together may take until ETIMEDOUT; null: as long as the
 *     kernel tries
 * @param localAddress an address of this machine to connect from, a literal; null: the kernel
 *     chooses
 * @param localPort the port to connect from; 0: the kernel chooses
 * @param family {@code INET} or {@code INET6} to use addresses of one kind alone; null: both
 * @param socket what the socket is like
 * @param blockList addresses that are not connected to: {@code ERR_IP_BLOCKED}; or null
 * @param resolver who finds the addresses of the name; null: whom {@link NetOptions#resolver} names
 * @param events hears what happens on the way; or null
 */
public record ConnectOptions(
        int port,
        String host,
        @Nullable String path,
        @Nullable Duration timeout,
        @Nullable String localAddress,
        int localPort,
        @Nullable StandardProtocolFamily family,
        SocketOptions socket,
        @Nullable BlockList blockList,
        @Nullable HostResolver resolver,
        @Nullable ConnectEventHandler events) {

    /** Checks every value. */
    public ConnectOptions {
        Ports.check("port", port);
        Ports.check("localPort", localPort);
        Resolver.checkHost(host);
        path = path == null ? null : UnixAddress.check(path);
        if (timeout != null && !timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "timeout is " + timeout + ": use more than 0, or null for none");
        }
        if (localAddress != null && Resolver.literal(localAddress) == null) {
            throw new IllegalArgumentException(
                    "localAddress is " + localAddress + ": pass an address, no name");
        }
        if (family == StandardProtocolFamily.UNIX) {
            throw new IllegalArgumentException("family is UNIX: use ConnectOptions.path");
        }
        Checks.required(socket, "socket", "pass SocketOptions.defaults()");
    }

    /** A port of this host. */
    public static ConnectOptions port(int port) {
        return new Draft(port, null).finish();
    }

    /**
     * A Unix socket: the path of its file, at most 107 bytes; or an abstract name, which has no
     * file, written as {@code @name} or as Node has it, with a NUL in front (unix(7)).
     */
    public static ConnectOptions path(String path) {
        Checks.required(path, "path", "name one");
        return new Draft(0, path).finish();
    }

    /** These options with another host. */
    public ConnectOptions host(String name) {
        return with(draft -> draft.host = name);
    }

    /** These options with a limit for all attempts together; null: none. */
    public ConnectOptions timeout(@Nullable Duration limit) {
        return with(draft -> draft.timeout = limit);
    }

    /** These options from one of this machine's addresses; null: any. */
    public ConnectOptions localAddress(@Nullable String literal) {
        return with(draft -> draft.localAddress = literal);
    }

    /** These options from a port; 0: any. */
    public ConnectOptions localPort(int local) {
        return with(draft -> draft.localPort = local);
    }

    /** These options for addresses of one kind; null: both. */
    public ConnectOptions family(@Nullable StandardProtocolFamily kind) {
        return with(draft -> draft.family = kind);
    }

    /** These options for another kind of socket. */
    public ConnectOptions socket(SocketOptions options) {
        return with(draft -> draft.socket = options);
    }

    /** These options without the addresses of a list; null: with all. */
    public ConnectOptions blockList(@Nullable BlockList list) {
        return with(draft -> draft.blockList = list);
    }

    /** These options with another resolver; null: that of the {@link Net}. */
    public ConnectOptions resolver(@Nullable HostResolver other) {
        return with(draft -> draft.resolver = other);
    }

    /** These options with somebody who hears what happens on the way; null: nobody. */
    public ConnectOptions events(@Nullable ConnectEventHandler handler) {
        return with(draft -> draft.events = handler);
    }

    /** These options with or without TCP_NODELAY. */
    public ConnectOptions noDelay(boolean on) {
        return socket(socket.noDelay(on));
    }

    /** These options with probes of an idle connection, or with null without them. */
    public ConnectOptions keepAlive(@Nullable KeepAlive probes) {
        return socket(socket.keepAlive(probes));
    }

    /** These options with or without half-open connections. */
    public ConnectOptions allowHalfOpen(boolean on) {
        return socket(socket.allowHalfOpen(on));
    }

    /** These options with another mark for routers. */
    public ConnectOptions typeOfService(int mark) {
        return socket(socket.typeOfService(mark));
    }

    /** The address to connect from, or null. */
    @Nullable InetAddress local() {
        return localAddress == null ? null : Resolver.literal(localAddress);
    }

    /** Whether an address is of the kind that is asked for. */
    boolean admits(InetAddress address) {
        boolean v4 = address instanceof Inet4Address;
        InetAddress local = local();
        boolean fromThere = local == null || v4 == local instanceof Inet4Address;
        return fromThere && (family == null || v4 == (family == StandardProtocolFamily.INET));
    }

    private ConnectOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private int port;
        private String host = Net.LOCALHOST;
        private @Nullable String path;
        private @Nullable Duration timeout;
        private @Nullable String localAddress;
        private int localPort;
        private @Nullable StandardProtocolFamily family;
        private SocketOptions socket = SocketOptions.defaults();
        private @Nullable BlockList blockList;
        private @Nullable HostResolver resolver;
        private @Nullable ConnectEventHandler events;

        Draft(int port, @Nullable String path) {
            this.port = port;
            this.path = path;
        }

        Draft(ConnectOptions from) {
            port = from.port;
            host = from.host;
            path = from.path;
            timeout = from.timeout;
            localAddress = from.localAddress;
            localPort = from.localPort;
            family = from.family;
            socket = from.socket;
            blockList = from.blockList;
            resolver = from.resolver;
            events = from.events;
        }

        ConnectOptions finish() {
            return new ConnectOptions(
                    port,
                    host,
                    path,
                    timeout,
                    localAddress,
                    localPort,
                    family,
                    socket,
                    blockList,
                    resolver,
                    events);
        }
    }
}
