package dev.chime.net.dns;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Deferred;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of an address and a port: by the files of this machine, then by name servers. */
final class ServiceLookup extends Deferred<Dns.Service> {
    /** The call that Node's errors name. */
    static final String SYSCALL = "getnameinfo";

    private final Dns dns;
    private final InetAddress address;
    private final int port;
    private @Nullable Operation asking;

    ServiceLookup(
            Core core, Dns dns, InetAddress address, int port, Callback<Dns.Service> callback) {
        super(core, callback);
        this.dns = dns;
        this.address = address;
        this.port = port;
    }

    void start(LocalFiles files) {
        begin();
        try {
            files.read(this::local);
        } catch (Exception e) {
            throw new AssertionError("nothing of the user's runs here", e);
        }
    }

    private void local(@Nullable ReactorException err, @Nullable LocalNames names) {
        if (isSettled()) {
            return;
        }
        resume();
        if (names == null) {
            fail(err == null ? error("ECANCELED") : err);
            return;
        }
        String host = names.hosts().get(address);
        if (host != null) {
            succeed(new Dns.Service(host, names.service(port)));
        } else {
            asking =
                    dns.names(
                            address,
                            SYSCALL,
                            (failure, found) -> answered(failure, found, names.service(port)));
        }
    }

    private void answered(
            @Nullable ReactorException err, @Nullable List<DnsRecord.Ptr> found, String service) {
        asking = null;
        if (isSettled()) {
            return;
        }
        resume();
        if (found != null && err == null) {
            succeed(new Dns.Service(found.getFirst().target(), service));
        } else if (err == null || err.code().equals("ENODATA")) {
            // An address without a name and one that there is not are the same to getnameinfo(3).
            fail(error("ENOTFOUND"));
        } else {
            fail(err);
        }
    }

    private ReactorException error(String code) {
        String message = SYSCALL + " " + code + " " + address.getHostAddress();
        return new ReactorException(code, message, abortReason());
    }

    @Override
    protected void giveUp() {
        if (asking != null) {
            asking.cancel();
        }
    }

    @Override
    protected ReactorException stopError() {
        return error(Errno.of(stopErrno()).name());
    }

    @Override
    public String kind() {
        return "Dns";
    }

    @Override
    public String toString() {
        return SYSCALL + " " + address.getHostAddress() + " " + port;
    }
}
