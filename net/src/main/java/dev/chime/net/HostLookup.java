package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Deferred;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look-up under way. Whatever the resolver does, the callback comes once and later; a look-up
 * that is stopped does not wait for the resolver, since the C library cannot be stopped.
 */
final class HostLookup extends Deferred<List<InetAddress>> {
    private final String host;
    private final LookupOptions options;
    private @Nullable Runnable takeBack;

    HostLookup(
            Core core, String host, LookupOptions options, Callback<List<InetAddress>> callback) {
        super(core, callback);
        this.host = host;
        this.options = options;
    }

    void start(Resolver resolver) {
        begin();
        InetAddress literal = Resolver.literal(host);
        if (literal != null) {
            found(List.of(literal));
            return;
        }
        try {
            takeBack = resolver.ask(host, this::answered);
        } catch (Exception e) {
            broken(e);
        }
    }

    private void answered(@Nullable ReactorException err, @Nullable List<InetAddress> found) {
        core.checkThread("the callback of HostResolver.lookup");
        resume();
        if (err != null) {
            fail(err);
            return;
        }
        try {
            found(found == null ? List.of() : List.copyOf(found));
        } catch (NullPointerException e) {
            broken(e); // an address is null
        }
    }

    private void found(List<InetAddress> found) {
        List<InetAddress> wanted = options.apply(found);
        if (wanted.isEmpty()) {
            fail(Resolver.notFound(host));
        } else {
            succeed(wanted);
        }
    }

    private void broken(Exception cause) {
        fail(
                new ReactorException(
                        "ERR_RESOLVER",
                        "getaddrinfo ERR_RESOLVER " + host + ": the resolver threw " + cause,
                        cause));
    }

    @Override
    protected void giveUp() {
        if (takeBack != null) {
            takeBack.run();
        }
    }

    @Override
    protected ReactorException stopError() {
        return Resolver.error(Errno.of(stopErrno()).name(), host, abortReason());
    }

    @Override
    public String kind() {
        return "Lookup";
    }

    @Override
    public String toString() {
        return "lookup of " + host;
    }
}
