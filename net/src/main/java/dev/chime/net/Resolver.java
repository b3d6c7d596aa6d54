package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From host names to addresses: literals at once, names by the user's or the system's resolver. */
final class Resolver {
    /** What getaddrinfo(3) says when no name server answers; the JDK has it in no other form. */
    private static final String AGAIN = "Temporary failure in name resolution";

    private final Core core;
    private final @Nullable HostResolver users;
    private final Map<String, SystemLookup> underWay = new HashMap<>();

    /** Without a resolver of the user's it is the system's, on a thread. */
    Resolver(Core core, @Nullable HostResolver users) {
        this.core = core;
        this.users = users;
    }

    /** The one that uses another resolver of the user's, if there is one. */
    Resolver or(@Nullable HostResolver other) {
        return other == null ? this : new Resolver(core, other);
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
        lookup.start(this);
        return lookup;
    }

    /** Asks for a name; what it gives takes the question back. */
    Runnable ask(String host, Callback<List<InetAddress>> told) throws Exception {
        HostResolver resolver = users;
        if (resolver == null) {
            return underWay.computeIfAbsent(host, SystemLookup::new).add(told);
        }
        Operation asked = resolver.lookup(host, told);
        return asked == null ? () -> {} : asked::cancel;
    }

    /** A name on a thread, and all who wait for it: equal names must not take all threads. */
    private final class SystemLookup {
        private final String host;
        private final Set<Callback<List<InetAddress>>> waiting = new LinkedHashSet<>();
        private final Operation operation;

        SystemLookup(String host) {
            this.host = host;
            operation = core.lookup(() -> all(host), this::ended);
        }

        Runnable add(Callback<List<InetAddress>> told) {
            waiting.add(told);
            return () -> remove(told);
        }

        private void remove(Callback<List<InetAddress>> told) {
            if (waiting.remove(told) && waiting.isEmpty()) {
                underWay.remove(host, this);
                operation.cancel();
            }
        }

        private void ended(@Nullable ReactorException err, List<InetAddress> found)
                throws Exception {
            underWay.remove(host, this);
            for (Callback<List<InetAddress>> told : waiting) {
                told.call(err, found);
            }
        }
    }

    private static List<InetAddress> all(String host) throws ReactorException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw failure(host, e);
        }
    }

    /** What the system says of a name without an address, in Node's form. */
    static ReactorException failure(String host, UnknownHostException unknown) {
        boolean again = String.valueOf(unknown.getMessage()).endsWith(AGAIN);
        return error(again ? "EAI_AGAIN" : "ENOTFOUND", host, unknown);
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
