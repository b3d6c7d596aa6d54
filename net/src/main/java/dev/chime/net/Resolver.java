package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From host names to addresses: literals at once, names by the system's resolver on a thread. */
final class Resolver {
    private Resolver() {}

    static void checkHost(@Nullable String host) {
        if (host == null || host.isEmpty() || host.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "host is " + (host == null ? "null" : "empty or contains NUL") + ": name one");
        }
    }

    /** The address that a literal stands for, or null when it is a name. */
    static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static Operation lookup(Core core, String host, Callback<List<InetAddress>> callback) {
        return core.lookup(() -> all(host), callback);
    }

    private static List<InetAddress> all(String host) throws ReactorException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new ReactorException("ENOTFOUND", "getaddrinfo ENOTFOUND " + host, e);
        }
    }

    /** The error for a name that has addresses, but none that can be used. */
    static ReactorException notFound(String host) {
        return new ReactorException("ENOTFOUND", "getaddrinfo ENOTFOUND " + host, null);
    }
}
