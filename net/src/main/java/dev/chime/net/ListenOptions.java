package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import java.util.function.Consumer;
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
 * @param readableAll whether every user may read the file of a Unix socket, whatever the umask says
 * @param writableAll whether every user may write to the file of a Unix socket: that is what a
 *     client needs to connect, beside the way to the file
 */
public record ListenOptions(
        int port,
        @Nullable String host,
        @Nullable String path,
        int backlog,
        boolean noDelay,
        boolean ipv6Only,
        boolean reusePort,
        boolean replaceStale,
        boolean readableAll,
        boolean writableAll) {

    /** Node's backlog. */
    public static final int DEFAULT_BACKLOG = 511;

    private static final int READABLE = 0444;
    private static final int WRITABLE = 0222;

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
        return new Draft(port, null).finish();
    }

    /**
     * A Unix socket: the path of its file, at most 107 bytes, which is made at the start and
     * removed at the close; or an abstract name, which has no file, written as {@code @name} or as
     * Node has it, with a NUL in front (unix(7)).
     */
    public static ListenOptions path(String path) {
        Checks.required(path, "path", "name one");
        return new Draft(0, path).finish();
    }

    /** These options on one address. */
    public ListenOptions host(String name) {
        Resolver.checkHost(name);
        return with(draft -> draft.host = name);
    }

    /** These options in another place. */
    ListenOptions at(int other, @Nullable String name) {
        return with(draft -> {
            draft.port = other;
            draft.host = name;
        });
    }

    /** These options with another backlog. */
    public ListenOptions backlog(int connections) {
        return with(draft -> draft.backlog = connections);
    }

    /** These options with or without TCP_NODELAY on accepted sockets. */
    public ListenOptions noDelay(boolean on) {
        return with(draft -> draft.noDelay = on);
    }

    /** These options for IPv6 alone, or not. */
    public ListenOptions ipv6Only(boolean on) {
        return with(draft -> draft.ipv6Only = on);
    }

    /** These options with or without SO_REUSEPORT. */
    public ListenOptions reusePort(boolean on) {
        return with(draft -> draft.reusePort = on);
    }

    /** These options with or without the removal of a file on which nobody listens. */
    public ListenOptions replaceStale(boolean on) {
        return with(draft -> draft.replaceStale = on);
    }

    /** These options with a file that every user may read, or as the umask has it. */
    public ListenOptions readableAll(boolean on) {
        return with(draft -> draft.readableAll = on);
    }

    /** These options with a file by which every user may connect, or as the umask has it. */
    public ListenOptions writableAll(boolean on) {
        return with(draft -> draft.writableAll = on);
    }

    /** The permission bits that the file of a Unix socket gets beyond what the umask leaves. */
    int fileMode() {
        return (readableAll ? READABLE : 0) | (writableAll ? WRITABLE : 0);
    }

    private ListenOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private int port;
        private @Nullable String host;
        private @Nullable String path;
        private int backlog = DEFAULT_BACKLOG;
        private boolean noDelay;
        private boolean ipv6Only;
        private boolean reusePort;
        private boolean replaceStale;
        private boolean readableAll;
        private boolean writableAll;

        Draft(int port, @Nullable String path) {
            this.port = port;
            this.path = path;
        }

        Draft(ListenOptions from) {
            port = from.port;
            host = from.host;
            path = from.path;
            backlog = from.backlog;
            noDelay = from.noDelay;
            ipv6Only = from.ipv6Only;
            reusePort = from.reusePort;
            replaceStale = from.replaceStale;
            readableAll = from.readableAll;
            writableAll = from.writableAll;
        }

        ListenOptions finish() {
            return new ListenOptions(
                    port,
                    host,
                    path,
                    backlog,
                    noDelay,
                    ipv6Only,
                    reusePort,
                    replaceStale,
                    readableAll,
                    writableAll);
        }
    }
}
