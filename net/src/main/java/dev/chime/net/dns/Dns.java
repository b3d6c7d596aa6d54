package dev.chime.net.dns;

import dev.chime.net.LookupOptions;
import dev.chime.net.Net;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.xbill.DNS.ReverseMap;

/**
 * Node's {@code dns}: {@link #lookup} finds a host as programs do, by {@code /etc/hosts} and the
 * system's resolver; {@link #resolve} and {@link #reverse} ask name servers; {@link #lookupService}
 * asks both. Loop thread only.
 *
 * <p>Questions go out over sockets of the loop; no thread waits for them. Equal questions that are
 * under way at the same time are one. Answers, also that there is nothing (RFC 2308), are
 * remembered by this object for as long as they may be: use one for a program.
 */
public final class Dns {
    private static final int MAX_PORT = 65535;

    private final Net net;
    private final Core core;
    private final Questions questions;
    private final LocalFiles files;

    /**
     * What an address and a port are called.
     *
     * @param host the name of the host
     * @param service the name of the port, as of TCP; one that has none is its number
     */
    public record Service(String host, String service) {}

    private Dns(Net net, DnsOptions options, Path hosts, Path services) {
        this.net = net;
        core = Core.of(net.reactor());
        questions = new Questions(net, options);
        files = new LocalFiles(net.reactor(), hosts, services);
    }

    /** Asks the name servers of {@code /etc/resolv.conf}. */
    public static Dns of(Net net) {
        return of(net, DnsOptions.defaults());
    }

    /** Asks the name servers that the options name. */
    public static Dns of(Net net, DnsOptions options) {
        Checks.required(net, "net", "pass Net.of(reactor)");
        Checks.required(options, "options", "start from DnsOptions.defaults");
        return of(net, options, Path.of("/etc/hosts"), Path.of("/etc/services"));
    }

    /** With files of another machine. */
    static Dns of(Net net, DnsOptions options, Path hosts, Path services) {
        Core.of(net.reactor()).checkThread("Dns.of");
        return new Dns(net, options, hosts, services);
    }

    /** Finds all addresses of a host; see {@link Net#lookup}. */
    public Operation lookup(String host, Callback<List<InetAddress>> callback) {
        return net.lookup(host, LookupOptions.defaults(), callback);
    }

    /** Finds the addresses of a host that are wanted; see {@link Net#lookup}. */
    public Operation lookup(
            String host, LookupOptions options, Callback<List<InetAddress>> callback) {
        return net.lookup(host, options, callback);
    }

    /**
     * Asks for the records of a name: {@code dns.resolve("example.org", RecordType.MX, ...)}. The
     * list has one at least, in the server's order. Aliases are followed, unless it is asked for
     * {@code CNAME}; a short name is also looked for in the domains of {@link DnsOptions#search},
     * one with a dot at its end is not; letters beyond ASCII are encoded (RFC 3490).
     *
     * <p>Errors, with Node's codes and messages: ENOTFOUND when there is no such name, ENODATA when
     * it has no such record, EBADNAME when it is no name; ESERVFAIL, EREFUSED, EFORMERR, ENOTIMP,
     * EBADRESP, ECONNREFUSED, ETIMEOUT and errors of sockets when no server gave an answer: that of
     * the last one; EBADRESP also for aliases in a circle; ECANCELED, ETIMEDOUT when the call is
     * stopped.
     */
    public <R extends DnsRecord> Operation resolve(
            String name, RecordType<R> type, Callback<List<R>> callback) {
        core.checkThread("Dns.resolve");
        Checks.required(name, "name", "name one");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name is empty: name one, or \".\" for the root");
        }
        Checks.required(type, "type", "pass one such as RecordType.A");
        Checks.required(callback, "callback", "pass a function");
        Resolving<R> resolving =
                new Resolving<>(core, questions, type, type.syscall(), name, callback);
        resolving.start(name);
        return resolving;
    }

    /**
     * Asks for the names of an address; {@code /etc/hosts} is not looked at. Errors as of {@link
     * #resolve}.
     */
    public Operation reverse(InetAddress address, Callback<List<DnsRecord.Ptr>> callback) {
        core.checkThread("Dns.reverse");
        Checks.required(address, "address", "pass one");
        Checks.callback(callback, "callback");
        return names(address, "getHostByAddr", callback);
    }

    /**
     * Finds out what an address and a port are called, as getnameinfo(3) does: the address by
     * {@code /etc/hosts}, then by the name servers, the first name of several; the port by {@code
     * /etc/services}. The files are looked at again when 5 seconds have passed since. Errors:
     * ENOTFOUND when the address has no name; ECANCELED, ETIMEDOUT when the call is stopped; else
     * those of {@link #resolve}.
     *
     * @param port 0 to 65535
     */
    public Operation lookupService(InetAddress address, int port, Callback<Service> callback) {
        core.checkThread("Dns.lookupService");
        Checks.required(address, "address", "pass one");
        Checks.callback(callback, "callback");
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port is " + port + ": a port is 0 to " + MAX_PORT);
        }
        ServiceLookup lookup = new ServiceLookup(core, this, address, port, callback);
        lookup.start(files);
        return lookup;
    }

    /** Asks for the names of an address; errors say {@code syscall}. */
    Operation names(InetAddress address, String syscall, Callback<List<DnsRecord.Ptr>> callback) {
        String subject = address.getHostAddress();
        Resolving<DnsRecord.Ptr> resolving =
                new Resolving<>(core, questions, RecordType.PTR, syscall, subject, callback);
        resolving.start(ReverseMap.fromAddress(address).toString());
        return resolving;
    }

    /**
     * Asks other name servers from now on: Node's {@code setServers}. Without any, those of {@code
     * /etc/resolv.conf}. Questions under way stay where they are; what is remembered is forgotten.
     */
    public void setServers(InetSocketAddress... servers) {
        core.checkThread("Dns.setServers");
        questions.servers(servers);
    }

    /** The name servers that the program has named; none: those of the file. */
    public List<InetSocketAddress> servers() {
        core.checkThread("Dns.servers");
        return questions.servers();
    }

    /** Forgets what it has been told so far. */
    public void clearCache() {
        core.checkThread("Dns.clearCache");
        questions.forget();
    }
}
