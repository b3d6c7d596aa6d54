package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of a name are wanted, and in which order.
 *
 * @param family {@code INET} or {@code INET6} for addresses of one kind alone; null: both
 * @param order which kind comes first
 */
public record LookupOptions(@Nullable StandardProtocolFamily family, Order order) {
    /** Which kind of address comes first; within a kind the resolver's order stays. */
    public enum Order {
        /**
         * As the resolver gives them. The JVM sorts what the system's resolver gives, IPv4 first,
         * unless {@code -Djava.net.preferIPv6Addresses} is {@code true} or {@code system}.
         */
        VERBATIM,
        /** IPv4 before IPv6. */
        IPV4_FIRST,
        /** IPv6 before IPv4. */
        IPV6_FIRST
    }

    private static final LookupOptions DEFAULTS = new LookupOptions(null, Order.VERBATIM);

    /** Checks every value. */
    public LookupOptions {
        if (family == StandardProtocolFamily.UNIX) {
            throw new IllegalArgumentException("family is UNIX: use INET, INET6, or null for both");
        }
        Checks.required(order, "order", "pass VERBATIM, IPV4_FIRST or IPV6_FIRST");
    }

    /** All addresses, in the resolver's order. */
    public static LookupOptions defaults() {
        return DEFAULTS;
    }

    /** These options for addresses of one kind; null: both. */
    public LookupOptions family(@Nullable StandardProtocolFamily kind) {
        return new LookupOptions(kind, order);
    }

    /** These options with another order. */
    public LookupOptions order(Order other) {
        return new LookupOptions(family, other);
    }

    /** The addresses that are wanted, sorted. */
    List<InetAddress> apply(List<InetAddress> found) {
        Comparator<InetAddress> sort =
                switch (order) {
                    case VERBATIM -> (_, _) -> 0;
                    case IPV4_FIRST -> Comparator.comparing(a -> !isIp4(a));
                    case IPV6_FIRST -> Comparator.comparing(LookupOptions::isIp4);
                };
        return found.stream().filter(this::admits).sorted(sort).toList();
    }

    private boolean admits(InetAddress address) {
        return family == null || isIp4(address) == (family == StandardProtocolFamily.INET);
    }

    private static boolean isIp4(InetAddress address) {
        return address instanceof Inet4Address;
    }
}
