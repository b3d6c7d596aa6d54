package dev.chime.net.dns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a name server says of a name. Names are without the final dot, so that the root is empty, as
 * in a {@code MX} that refuses all mail (RFC 7505); bytes of theirs that are no printable ASCII are
 * written {@code \DDD} (RFC 1035, section 5.1).
 */
public sealed interface DnsRecord {
    /** How long it may be used from now on. */
    Duration ttl();

    /**
     * A or AAAA: an address (RFC 1035, RFC 3596).
     *
     * @param address an {@code Inet4Address} of A, an {@code Inet6Address} of AAAA
     * @param ttl how long it may be used from now on
     */
    record Address(InetAddress address, Duration ttl) implements DnsRecord {}

    /**
     * MX: who takes mail (RFC 1035).
     *
     * @param priority the least is tried first
     * @param exchange the host's name
     * @param ttl how long it may be used from now on
     */
    record Mx(int priority, String exchange, Duration ttl) implements DnsRecord {}

    /**
     * TXT: text (RFC 1035).
     *
     * @param strings its pieces of at most 255 bytes, read as UTF-8
     * @param text all pieces in one, read as UTF-8
     * @param ttl how long it may be used from now on
     */
    record Txt(List<String> strings, String text, Duration ttl) implements DnsRecord {
        /** Takes a copy of the pieces. */
        public Txt {
            strings = List.copyOf(strings);
        }
    }

    /**
     * SRV: where a service is (RFC 2782).
     *
     * @param priority the least is tried first
     * @param weight the share among those of one priority
     * @param port the port
     * @param target the host's name
     * @param ttl how long it may be used from now on
     */
    record Srv(int priority, int weight, int port, String target, Duration ttl)
            implements DnsRecord {}

    /**
     * CNAME: that the name is an alias (RFC 1035).
     *
     * @param target what it stands for
     * @param ttl how long it may be used from now on
     */
    record Cname(String target, Duration ttl) implements DnsRecord {}

    /**
     * NS: a name server of the zone (RFC 1035).
     *
     * @param server the host's name
     * @param ttl how long it may be used from now on
     */
    record Ns(String server, Duration ttl) implements DnsRecord {}

    /**
     * PTR: a name, most often that of an address (RFC 1035).
     *
     * @param target the name
     * @param ttl how long it may be used from now on
     */
    record Ptr(String target, Duration ttl) implements DnsRecord {}

    /**
     * SOA: how a zone is kept (RFC 1035).
     *
     * @param primary the name server that the others copy
     * @param admin the mailbox of who keeps it, with a dot for the at sign
     * @param serial the zone's version
     * @param refresh how often the others look for a new version
     * @param retry how soon they look again after a failure
     * @param expire how long they answer without having looked
     * @param minimum how long it may be remembered that something is not there (RFC 2308)
     * @param ttl how long it may be used from now on
     */
    record Soa(
            String primary,
            String admin,
            long serial,
            Duration refresh,
            Duration retry,
            Duration expire,
            Duration minimum,
            Duration ttl)
            implements DnsRecord {}

    /**
     * CAA: who may issue certificates (RFC 8659).
     *
     * @param critical whether who does not know the tag must not issue
     * @param tag what is said: {@code issue}, {@code issuewild}, {@code iodef}
     * @param value to whom it is said
     * @param ttl how long it may be used from now on
     */
    record Caa(boolean critical, String tag, String value, Duration ttl) implements DnsRecord {}

    /**
     * NAPTR: how to rewrite a name (RFC 3403).
     *
     * @param order the least is tried first
     * @param preference the least is tried first among those of one order
     * @param flags what the replacement is
     * @param service what can be had there
     * @param regexp how to rewrite
     * @param replacement the next name to ask for, empty if there is none
     * @param ttl how long it may be used from now on
     */
    record Naptr(
            int order,
            int preference,
            String flags,
            String service,
            String regexp,
            String replacement,
            Duration ttl)
            implements DnsRecord {}
}
