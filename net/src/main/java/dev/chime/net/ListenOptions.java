package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens, and how.
 *
 * @param port 0 to 65535; 0 lets the kernel choose
 * @param host a name or an address to bind to; null is every address, IPv6 and IPv4
 * @param path the path or name of a Unix socket, as of {@link #path(String)}, in place of port and
 *     host; or null
 * @param backlog connections that may wait to be accepted; the kernel's somaxconn bounds it
 * @param noDelay whether accepted sockets send small segments at once (TCP_NODELAY)
 * @param ipv6Only whether an IPv6 address refuses IPv4 connections
 * @param reusePort whether other sockets may listen on the same port (SO_REUSEPORT)
 * @param replaceStale whether the file of a Unix socket is removed that is in the way and on which
 *     nobody listens, as a server leaves it that was killed
 */
public record ListenOptions(
        int port,
        @Nullable String host,
        @Nullable String path,
        int backlog,
        boolean noDelay,
        boolean ipv6Only,
        boolean reusePort,
        boolean replaceStale) {

    /** Node's backlog. */
    public static final int DEFAULT_BACKLOG = 511;

    /** Checks every value. */
    public ListenOptions {
        Ports.check("port", port);
        if (host != null) {
            Resolver.checkHost(host);
        }
        path = path == null ? null : UnixAddress.check(path);
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog is " + backlog + ": use 1 or more");
        }
    }

    /** A port on every address. */
    public static ListenOptions port(int port) {
        return new ListenOptions(port, null, null, DEFAULT_BACKLOG, false, false, false, false);
    }

    /**
     * A Unix socket: the path of its file, at most 107 bytes, which is made at the start and
     * removed at the close; or an abstract name, which has no file, written as {@code @name} or as
     * Node has it, with a NUL in front (unix(7)).
     */
    public static ListenOptions path(String path) {
        Checks.required(path, "path", "name one");
        return new ListenOptions(0, null, path, DEFAULT_BACKLOG, false, false, false, false);
    }

    /** These options on one address. */
    public ListenOptions host(String name) {
        Resolver.checkHost(name);
        return new ListenOptions(
                port, name, path, backlog, noDelay, ipv6Only, reusePort, replaceStale);
    }

    /** These options in another place. */
    ListenOptions at(int other, @Nullable String name) {
        return new ListenOptions(
                other, name, path, backlog, noDelay, ipv6Only, reusePort, replaceStale);
    }

    /** These options with another backlog. */
    public ListenOptions backlog(int connections) {
        return new ListenOptions(
                port, host, path, connections, noDelay, ipv6Only, reusePort, replaceStale);
    }

    /** These options with or without TCP_NODELAY on accepted sockets. */
    public ListenOptions noDelay(boolean on) {
        return new ListenOptions(port, host, path, backlog, on, ipv6Only, reusePort, replaceStale);
    }

    /** These options for IPv6 alone, or not. */
    public ListenOptions ipv6Only(boolean on) {
        return new ListenOptions(port, host, path, backlog, noDelay, on, reusePort, replaceStale);
    }

    /** These options with or without SO_REUSEPORT. */
    public ListenOptions reusePort(boolean on) {
        return new ListenOptions(port, host, path, backlog, noDelay, ipv6Only, on, replaceStale);
    }

    /** These options with or without the removal of a file on which nobody listens. */
    public ListenOptions replaceStale(boolean on) {
        return new ListenOptions(port, host, path, backlog, noDelay, ipv6Only, reusePort, on);
    }
}
