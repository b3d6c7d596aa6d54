package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From host names to addresses: literals at once, names by the user's or the system's resolver. */
final class Resolver {
    /** What getaddrinfo(3) says when no name server answers; the JDK has it in no other form. */
    private static final String AGAIN = "Temporary failure in name resolution";

    private final Core core;
    private final HostResolver names;

    /** Without a resolver of the user's it is the system's, on a thread. */
    Resolver(Core core, @Nullable HostResolver users) {
        this.core = core;
        names = users == null ? (host, told) -> core.lookup(() -> all(host), told) : users;
    }

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

    /** The addresses of a name, one at least. */
    Operation lookup(String host, Callback<List<InetAddress>> callback) {
        return lookup(host, LookupOptions.defaults(), callback);
    }

    /** The addresses of a name or a literal that the options admit, one at least. */
    Operation lookup(String host, LookupOptions options, Callback<List<InetAddress>> callback) {
        HostLookup lookup = new HostLookup(core, host, options, callback);
        lookup.start(names);
        return lookup;
    }

    private static List<InetAddress> all(String host) throws ReactorException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            boolean again = String.valueOf(e.getMessage()).endsWith(AGAIN);
            throw error(again ? "EAI_AGAIN" : "ENOTFOUND", host, e);
        }
    }

    /** The error for a name that has addresses, but none that can be used. */
    static ReactorException notFound(String host) {
        return error("ENOTFOUND", host, null);
    }

    /** An error in Node's form. */
    static ReactorException error(String code, String host, @Nullable Throwable cause) {
        return new ReactorException(code, "getaddrinfo " + code + " " + host, cause);
    }
}
