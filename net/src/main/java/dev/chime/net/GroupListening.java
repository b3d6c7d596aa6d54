package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A listen of a group under way. The loop that calls listens first, which finds the port; where the
 * kernel distributes, the others follow. If one of them fails, those that listen are closed.
 */
final class GroupListening extends Composed {
    private final ReactorGroup group;
    private final GroupServer server;
    private final boolean byKernel;
    private final ListenOptions options;
    private final Callback<GroupServer> callback;
    private final GroupCall call;
    private final int here;
    private final AtomicReference<@Nullable ReactorException> failure = new AtomicReference<>();
    private final AtomicInteger replies = new AtomicInteger();
    private @Nullable Operation first;

    GroupListening(
            Core core,
            ReactorGroup group,
            GroupServer server,
            boolean byKernel,
            ListenOptions options,
            Callback<GroupServer> callback) {
        super(core);
        this.group = group;
        this.server = server;
        this.byKernel = byKernel;
        this.options = byKernel ? options.reusePort(true) : options;
        this.callback = callback;
        here = group.index();
        call = new GroupCall(group, toString(), this::cancelled);
    }

    void start() {
        Server own = server.member(here);
        if (!byKernel) {
            for (int i = 0; i < group.size(); i++) {
                Server member = server.member(i);
                if (i != here) {
                    group.post(i, member::serve);
                }
            }
        }
        first = own.listen(options, this::firstListens);
    }

    private void firstListens(@Nullable ReactorException err, @Nullable Server own) {
        first = null;
        if (err != null || own == null) {
            failed(err == null || stopped() ? stopError() : err);
            return;
        }
        replies.set(group.size());
        if (byKernel) {
            ListenOptions same = samePlace(own.address());
            for (int i = 0; i < group.size(); i++) {
                Server member = server.member(i);
                Runnable listen = () -> member.listen(same, (error, listening) -> reply(error));
                if (i != here && !group.post(i, listen)) {
                    reply(null); // that loop has ended: the others serve
                }
            }
        } else {
            replies.set(1);
        }
        reply(null);
    }

    /** The port that the kernel has chosen, the address that a name has led to. */
    private ListenOptions samePlace(@Nullable InetSocketAddress found) {
        String host = options.host();
        int port = found == null ? options.port() : found.getPort();
        if (host != null && found != null && Resolver.literal(host) == null) {
            host = found.getAddress().getHostAddress();
        }
        return options.at(port, host);
    }

    private void reply(@Nullable ReactorException err) {
        if (err != null) {
            failure.compareAndSet(null, err);
        }
        if (replies.decrementAndGet() == 0 && !group.post(here, this::allReplied)) {
            server.closeAll(here, server::abort, report -> server.stopped()); // nobody asks now
        }
    }

    private void allReplied() {
        ReactorException err = stopped() ? stopError() : failure.get();
        if (err != null) {
            failed(err);
            return;
        }
        server.listens(here);
        call.finish(() -> {
            ended();
            core.call(callback, null, server);
        });
    }

    private void failed(ReactorException err) {
        server.closeAll(
                here,
                server::abort,
                report -> {
                    server.stopped();
                    call.finish(() -> {
                        ended();
                        core.fail(callback, err);
                    });
                });
    }

    private ErrnoException stopError() {
        return caused(() -> ErrnoException.socket(stopErrno(), "listen", null));
    }

    private void cancelled() {
        ended();
        core.fail(callback, stopError());
    }

    @Override
    protected void interrupt() {
        Operation listening = first;
        if (listening != null) {
            listening.cancel();
        }
    }

    @Override
    public String toString() {
        return "listen of a group on " + options;
    }
}
