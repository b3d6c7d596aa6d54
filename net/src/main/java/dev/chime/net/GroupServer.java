package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One server on all loops of a group. Each connection belongs to one loop, on whose thread all its
 * callbacks come, the connection handler's first; {@link ReactorGroup#index} tells which one it is.
 * The limits of the {@link ServerOptions} count the connections of all loops together.
 *
 * <p>Any loop of the group may call; the callback comes once, on the loop that called, with
 * ECANCELED if that loop ends before. A loop that ends closes its own connections and takes no
 * more. What counts and addresses tell, any thread may ask.
 */
public final class GroupServer {
    private static final ServerReport NONE = new ServerReport(0, 0);
    private static final int CANCELLED = ErrnoCode.ECANCELED;

    private enum State {
        IDLE,
        STARTING,
        LISTENING,
        CLOSING
    }

    /** Ends one loop's part, and tells of it. */
    @FunctionalInterface
    interface End {
        void of(Server member, Consumer<ServerReport> reply);
    }

    private final ReactorGroup group;
    private final Distribution distribution;
    private final ConnectionCounts counts;
    private final List<Server> members = new ArrayList<>();
    private final List<DropHandler> dropHandlers = new CopyOnWriteArrayList<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private volatile int acceptor;
    private volatile @Nullable InetSocketAddress address;
    private volatile @Nullable UnixDomainSocketAddress unixAddress;

    private GroupServer(
            ReactorGroup group,
            Distribution distribution,
            ServerOptions options,
            ConnectionHandler onConnection) {
        this.group = group;
        this.distribution = distribution;
        counts = new ConnectionCounts(options);
        for (int i = 0; i < group.size(); i++) {
            Core core = Core.of(group.get(i));
            DropHandler onDrop =
                    drop -> dropHandlers.forEach(each -> core.call(() -> each.dropped(drop)));
            Resolver resolver = new Resolver(core, null);
            members.add(new Server(core, resolver, options, counts, onDrop, onConnection));
        }
    }

    /**
     * Makes a server that does not listen yet; {@code onConnection} gets its connections, on all
     * loops. Any thread.
     */
    public static GroupServer of(
            ReactorGroup group,
            Distribution distribution,
            ServerOptions options,
            ConnectionHandler onConnection) {
        Checks.required(group, "group", "start one with ReactorGroup.start");
        Checks.required(distribution, "distribution", "use one of Distribution's");
        Checks.required(options, "options", "start from ServerOptions.defaults");
        Checks.callback(onConnection, "onConnection");
        return new GroupServer(group, distribution, options, onConnection);
    }

    /**
     * Listens, on all loops or on the one that calls: see {@link Distribution}. Errors are those of
     * {@link Server#listen(ListenOptions, Callback)}; when one loop fails, none listens. After an
     * error or a close the server may listen again.
     *
     * @throws IllegalArgumentException for a Unix socket with {@link Distribution#KERNEL}
     * @throws IllegalStateException when it listens already, and off the group's loops
     */
    public Operation listen(ListenOptions options, Callback<GroupServer> callback) {
        Core core = caller("listen");
        Checks.required(options, "options", "make some with ListenOptions.port");
        Checks.callback(callback, "callback");
        boolean byKernel = distribution == Distribution.KERNEL;
        if (byKernel && options.path() != null) {
            throw new IllegalArgumentException(
                    "the kernel does not distribute the connections of a Unix socket: use"
                            + " Distribution.ROUND_ROBIN or LEAST_CONNECTIONS");
        }
        if (!state.compareAndSet(State.IDLE, State.STARTING)) {
            throw new IllegalStateException(
                    "ERR_SERVER_ALREADY_LISTEN: this server is " + state + "; close it first");
        }
        int here = group.index();
        boolean least = distribution == Distribution.LEAST_CONNECTIONS;
        members.get(here).handOver(byKernel ? null : new Handover(group, members, least));
        GroupListening listening =
                new GroupListening(core, group, this, byKernel, options, callback);
        listening.start();
        return listening;
    }

    private Core caller(String call) {
        int index = group.index();
        if (index < 0) {
            throw new IllegalStateException(
                    "GroupServer."
                            + call
                            + " was called on "
                            + Thread.currentThread()
                            + ", which is no loop of the group: use group.post(...)");
        }
        Core core = Core.of(group.get(index));
        core.checkThread("GroupServer." + call);
        return core;
    }

    /** One loop's part of the server. */
    Server member(int index) {
        return members.get(index);
    }

    /** All loops listen that should; on loop {@code first}'s thread. */
    void listens(int first) {
        acceptor = first;
        address = members.get(first).address();
        unixAddress = members.get(first).unixAddress();
        state.set(State.LISTENING);
    }

    /** No loop listens any more. */
    void stopped() {
        state.set(State.IDLE);
    }

    /** Hears of connections that are not taken, on the loops that do not take them. Any thread. */
    public GroupServer onDrop(DropHandler handler) {
        Checks.callback(handler, "handler");
        dropHandlers.add(handler);
        return this;
    }

    /**
     * Stops accepting on all loops; open connections go on. {@code done} hears when the last of
     * them has closed, or at once of ERR_SERVER_NOT_RUNNING.
     */
    public void close(Done done) {
        Core core = caller("close");
        Checks.callback(done, "done");
        end(
                "close",
                (member, reply) -> member.close(err -> reply.accept(NONE)),
                report -> core.call(done, null),
                err -> core.call(done, err));
    }

    /**
     * Stops accepting on all loops, ends each connection as soon as it is idle, and destroys what
     * is still open after {@code grace}, as {@link Server#shutdown} does. The report is of all
     * loops together.
     */
    public void shutdown(Duration grace, Callback<ServerReport> callback) {
        Core core = caller("shutdown");
        Server.checkGrace(grace);
        Checks.callback(callback, "callback");
        end(
                "shutdown",
                (member, reply) -> member.shutdown(grace, (err, report) -> reply.accept(report)),
                report -> core.call(callback, null, report),
                err -> core.call(callback, err, NONE));
    }

    private void end(
            String name, End how, Consumer<ServerReport> then, Consumer<ReactorException> failed) {
        GroupCall call =
                new GroupCall(
                        group,
                        name + " of " + this,
                        () -> failed.accept(ErrnoException.socket(CANCELLED, name, null)));
        if (!state.compareAndSet(State.LISTENING, State.CLOSING)) {
            call.finish(() -> failed.accept(Server.notRunning()));
            return;
        }
        closeAll(
                acceptor,
                how,
                report -> {
                    stopped();
                    call.finish(() -> then.accept(report));
                });
    }

    /** Ends a part of which nobody has heard yet, with the connections it may have. */
    void abort(Server member, Consumer<ServerReport> reply) {
        member.shutdown(Duration.ZERO, (err, report) -> reply.accept(report));
    }

    /**
     * Ends all parts; {@code then} hears on some loop's thread. The loop that accepts is the first
     * and asks the others: what it has handed to them before is with them before they close.
     */
    void closeAll(int first, End how, Consumer<ServerReport> then) {
        AtomicInteger open = new AtomicInteger(members.size());
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger destroyed = new AtomicInteger();
        Consumer<ServerReport> reply =
                report -> {
                    ended.addAndGet(report.ended());
                    destroyed.addAndGet(report.destroyed());
                    if (open.decrementAndGet() == 0) {
                        then.accept(new ServerReport(ended.get(), destroyed.get()));
                    }
                };
        Runnable others =
                () -> {
                    for (int i = 0; i < members.size(); i++) {
                        Server member = members.get(i);
                        if (i != first && !group.post(i, () -> how.of(member, reply))) {
                            reply.accept(NONE); // its loop has ended, and it with it
                        }
                    }
                };
        Runnable all =
                () -> {
                    how.of(members.get(first), reply);
                    others.run();
                };
        if (!group.post(first, all)) {
            reply.accept(NONE);
            others.run();
        }
    }

    /**
     * The address it listens on, with the port that the kernel chose; null before, and on a Unix
     * socket.
     */
    public @Nullable InetSocketAddress address() {
        return address;
    }

    /** The Unix socket it listens on; null before, and on TCP. */
    public @Nullable UnixDomainSocketAddress unixAddress() {
        return unixAddress;
    }

    /** Connections that are open, on all loops. */
    public int connections() {
        return counts.open();
    }

    /** Connections of one loop, those on their way to it included. */
    public int connections(int index) {
        return members.get(index).held();
    }

    /** Connections that were not taken. */
    public long dropped() {
        return counts.dropped();
    }

    @Override
    public String toString() {
        return "GroupServer["
                + (unixAddress == null ? address : unixAddress)
                + ", "
                + state
                + ", "
                + counts.open()
                + " connections on "
                + members.size()
                + " loops]";
    }
}
