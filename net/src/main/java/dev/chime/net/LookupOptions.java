package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of a name are wanted, and in which order.
 *
 * @param family {@code INET} or {@code INET6} for addresses of one kind alone; null: both
 * @param order which kind comes first
 * @param hints what else is wanted
 */
public record LookupOptions(@Nullable StandardProtocolFamily family, Order order, Set<Hint> hints) {
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

    /** What else is wanted of the addresses: the hints of getaddrinfo(3). */
    public enum Hint {
        /**
         * Leaves out the kind of address of which this machine has none, those of its loopback
         * interface not counted. The machine is asked for its interfaces during the call.
         */
        ADDRCONFIG,
        /**
         * With {@code INET6} alone: when there is no IPv6 address, the IPv4 ones mapped into IPv6
         * ({@code ::ffff:10.0.0.1}), for sockets that do not refuse them.
         */
        V4MAPPED,
        /** With {@code V4MAPPED}: the mapped ones also when there are IPv6 addresses. */
        ALL
    }

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final LookupOptions DEFAULTS = new LookupOptions(null, Order.VERBATIM, Set.of());

    /** Checks every value. */
    public LookupOptions {
        if (family == StandardProtocolFamily.UNIX) {
            throw new IllegalArgumentException("family is UNIX: use INET, INET6, or null for both");
        }
        Checks.required(order, "order", "pass VERBATIM, IPV4_FIRST or IPV6_FIRST");
        Checks.required(hints, "hints", "pass a set, which may be empty");
        hints = Set.copyOf(hints);
    }

    /** All addresses, in the resolver's order. */
    public static LookupOptions defaults() {
        return DEFAULTS;
    }

    /** These options for addresses of one kind; null: both. */
    public LookupOptions family(@Nullable StandardProtocolFamily kind) {
        return new LookupOptions(kind, order, hints);
    }

    /** These options with another order. */
    public LookupOptions order(Order other) {
        return new LookupOptions(family, other, hints);
    }

    /** These options with other hints. */
    public LookupOptions hints(Hint... others) {
        return new LookupOptions(family, order, Set.of(others));
    }

    /** The addresses that are wanted, sorted. */
    List<InetAddress> apply(List<InetAddress> found) {
        List<InetAddress> configured = found;
        if (hints.contains(Hint.ADDRCONFIG)) {
            Set<Boolean> kinds = configuredKinds();
            configured = found.stream().filter(a -> kinds.contains(isIp4(a))).toList();
        }
        Comparator<InetAddress> sort =
                switch (order) {
                    case VERBATIM -> (_, _) -> 0;
                    case IPV4_FIRST -> Comparator.comparing(a -> !isIp4(a));
                    case IPV6_FIRST -> Comparator.comparing(LookupOptions::isIp4);
                };
        List<InetAddress> wanted = configured.stream().filter(this::admits).sorted(sort).toList();
        boolean maps = family == StandardProtocolFamily.INET6 && hints.contains(Hint.V4MAPPED);
        if (!maps || (!wanted.isEmpty() && !hints.contains(Hint.ALL))) {
            return wanted;
        }
        Stream<InetAddress> mapped =
                configured.stream().filter(LookupOptions::isIp4).map(LookupOptions::mapped);
        return Stream.concat(wanted.stream(), mapped).toList();
    }

    /** True for IPv4, false for IPv6: of which this machine has addresses. */
    private static Set<Boolean> configuredKinds() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress())
                    .map(LookupOptions::isIp4)
                    .collect(Collectors.toSet());
        } catch (SocketException e) {
            return Set.of(true, false); // nobody knows: all may be there
        }
    }

    private static InetAddress mapped(InetAddress ip4) {
        byte[] bytes = new byte[V6_BYTES];
        bytes[V6_BYTES - V4_BYTES - 2] = (byte) 0xff;
        bytes[V6_BYTES - V4_BYTES - 1] = (byte) 0xff;
        System.arraycopy(ip4.getAddress(), 0, bytes, V6_BYTES - V4_BYTES, V4_BYTES);
        try {
            return Inet6Address.getByAddress(null, bytes, -1); // the other ways make it an IPv4 one
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes make an address", e);
        }
    }

    private boolean admits(InetAddress address) {
        return family == null || isIp4(address) == (family == StandardProtocolFamily.INET);
    }

    private static boolean isIp4(InetAddress address) {
        return address instanceof Inet4Address;
    }
}
