package dev.chime.net;

import org.jspecify.annotations.Nullable;

/**
 * How a server listens.
 *
 * @param port 0 to 65535; 0 lets the kernel choose
 * @param host a name or an address to bind to; null is every address, IPv6 and IPv4
 * @param backlog connections that may wait to be accepted; the kernel's somaxconn bounds it
 * @param noDelay whether accepted sockets send small segments at once (TCP_NODELAY)
 * @param ipv6Only whether an IPv6 address refuses IPv4 connections
 * @param reusePort whether other sockets may listen on the same port (SO_REUSEPORT)
 */
public record ListenOptions(
        int port,
        @Nullable String host,
        int backlog,
        boolean noDelay,
        boolean ipv6Only,
        boolean reusePort) {

    /** Node's backlog. */
    public static final int DEFAULT_BACKLOG = 511;

    /** Checks every value. */
    public ListenOptions {
        Ports.check("port", port);
        if (host != null) {
            Resolver.checkHost(host);
        }
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog is " + backlog + ": use 1 or more");
        }
    }

    /** A port on every address. */
    public static ListenOptions port(int port) {
        return new ListenOptions(port, null, DEFAULT_BACKLOG, false, false, false);
    }

    /** These options on one address. */
    public ListenOptions host(String name) {
        Resolver.checkHost(name);
        return new ListenOptions(port, name, backlog, noDelay, ipv6Only, reusePort);
    }

    /** These options with another backlog. */
    public ListenOptions backlog(int connections) {
        return new ListenOptions(port, host, connections, noDelay, ipv6Only, reusePort);
    }

    /** These options with or without TCP_NODELAY on accepted sockets. */
    public ListenOptions noDelay(boolean on) {
        return new ListenOptions(port, host, backlog, on, ipv6Only, reusePort);
    }

    /** These options for IPv6 alone, or not. */
    public ListenOptions ipv6Only(boolean on) {
        return new ListenOptions(port, host, backlog, noDelay, on, reusePort);
    }

    /** These options with or without SO_REUSEPORT. */
    public ListenOptions reusePort(boolean on) {
        return new ListenOptions(port, host, backlog, noDelay, ipv6Only, on);
    }
}
