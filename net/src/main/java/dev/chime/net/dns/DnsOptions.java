package dev.chime.net.dns;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom to ask, and how patiently. What is left open comes from resolv.conf(5), with {@code
 * RES_OPTIONS} and {@code LOCALDOMAIN} of the environment; with servers of one's own it has the
 * defaults of that page, and the file is not read.
 *
 * @param servers name servers, asked in this order; none: those of the file
 * @param resolvConf the file, looked at again when 5 seconds have passed since
 * @param timeout how long one try with one server may take; null: as the file says, or 5 seconds
 * @param attempts how often all servers are tried, 1 to 100; 0: as the file says, or twice
 * @param rotate whether the next question begins with the next server; also if the file says so
 * @param search domains that a short name is looked for in; null: as the file says, or none (the
 *     domain of this host's own name is not among them by itself)
 * @param ndots from how many dots on a name is asked for as it is first, and in the domains of
 *     {@code search} afterwards; -1: as the file says, or 1
 * @param cacheEntries how many answers are remembered, the least used go first; 0: none
 */
public record DnsOptions(
        List<InetSocketAddress> servers,
        Path resolvConf,
        @Nullable Duration timeout,
        int attempts,
        boolean rotate,
        @Nullable List<String> search,
        int ndots,
        int cacheEntries) {
    private static final int MOST_ATTEMPTS = 100;
    private static final int MOST_DOTS = 15;
    private static final DnsOptions DEFAULTS =
            new DnsOptions(List.of(), Path.of("/etc/resolv.conf"), null, 0, false, null, -1, 1000);

    /** Checks every value. */
    public DnsOptions {
        servers = List.copyOf(servers);
        for (InetSocketAddress server : servers) {
            if (server.isUnresolved() || server.getPort() == 0) {
                throw new IllegalArgumentException(
                        "servers has " + server + ": name an address and a port, 53 mostly");
            }
        }
        if (timeout != null && !timeout.isPositive()) {
            throw new IllegalArgumentException("timeout is " + timeout + ": use more than 0");
        }
        check("attempts", attempts, 0, MOST_ATTEMPTS);
        check("ndots", ndots, -1, MOST_DOTS);
        check("cacheEntries", cacheEntries, 0, Integer.MAX_VALUE);
        search = search == null ? null : List.copyOf(search);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + ": use " + least + " to " + most);
        }
    }

    /** All as {@code /etc/resolv.conf} says, 1000 answers remembered. */
    public static DnsOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other name servers; none: those of the file. */
    public DnsOptions servers(InetSocketAddress... addresses) {
        List<InetSocketAddress> others = List.of(addresses);
        return new DnsOptions(
                others, resolvConf, timeout, attempts, rotate, search, ndots, cacheEntries);
    }

    /** These options with another file. */
    public DnsOptions resolvConf(Path file) {
        return new DnsOptions(
                servers, file, timeout, attempts, rotate, search, ndots, cacheEntries);
    }

    /** These options with another length of a try; null: as the file says. */
    public DnsOptions timeout(@Nullable Duration limit) {
        return new DnsOptions(
                servers, resolvConf, limit, attempts, rotate, search, ndots, cacheEntries);
    }

    /** These options with another number of rounds; 0: as the file says. */
    public DnsOptions attempts(int rounds) {
        return new DnsOptions(
                servers, resolvConf, timeout, rounds, rotate, search, ndots, cacheEntries);
    }

    /** These options with or without taking turns. */
    public DnsOptions rotate(boolean on) {
        return new DnsOptions(
                servers, resolvConf, timeout, attempts, on, search, ndots, cacheEntries);
    }

    /** These options with domains for short names; null: as the file says. */
    public DnsOptions search(@Nullable List<String> domains) {
        return new DnsOptions(
                servers, resolvConf, timeout, attempts, rotate, domains, ndots, cacheEntries);
    }

    /** These options with another number of dots; -1: as the file says. */
    public DnsOptions ndots(int dots) {
        return new DnsOptions(
                servers, resolvConf, timeout, attempts, rotate, search, dots, cacheEntries);
    }

    /** These options with another size of the memory for answers; 0: none. */
    public DnsOptions cacheEntries(int entries) {
        return new DnsOptions(
                servers, resolvConf, timeout, attempts, rotate, search, ndots, entries);
    }
}
