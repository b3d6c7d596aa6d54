package dev.chime.net;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connect under way: the look-up, then an attempt for each address, until one answers.
 *
 * <p>Attempts begin one after the other and go on side by side (RFC 8305, section 5): the next one
 * begins when the one before has failed, or after {@link #STAGGER}. The first to connect wins, the
 * others are cancelled.
 */
final class Connecting extends Composed {
    /** "Connection Attempt Delay" of RFC 8305, section 8. */
    static final Duration STAGGER = Duration.ofMillis(250);

    /** Who hears how it ends: once, in a later turn. */
    interface Outcome {
        /** Takes the connection over. */
        void connected(Fd fd, @Nullable SocketAddress to);

        /** There is none. */
        void failed(ReactorException error);
    }

    private final Resolver resolver;
    private final ConnectOptions options;
    private final Outcome outcome;
    private final ArrayDeque<SocketAddress> waiting = new ArrayDeque<>();
    private final List<Attempt> running = new ArrayList<>(1);
    private final List<ReactorException> failures = new ArrayList<>(1);
    private @Nullable SocketAddress newest;
    private @Nullable Operation lookup;
    private @Nullable Timer stagger;
    private boolean starting;
    private boolean finished;

    Connecting(Core core, Resolver resolver, ConnectOptions options, Outcome outcome) {
        super(core);
        this.resolver = resolver.or(options.resolver());
        this.options = options;
        this.outcome = outcome;
    }

    /** Begins; {@code callback} gets a socket. */
    static Connecting begin(
            Core core, Resolver resolver, ConnectOptions options, Callback<Socket> callback) {
        Outcome outcome =
                new Outcome() {
                    @Override
                    public void connected(Fd fd, @Nullable SocketAddress to) {
                        core.call(callback, null, new Socket(core, fd, to, options.socket()));
                    }

                    @Override
                    public void failed(ReactorException error) {
                        core.fail(callback, error);
                    }
                };
        Connecting connecting = new Connecting(core, resolver, options, outcome);
        connecting.start();
        return connecting;
    }

    void start() {
        starting = true;
        find();
        starting = false;
        if (options.timeout() != null) {
            deadline(options.timeout());
        }
    }

    private void find() {
        String path = options.path();
        if (path != null) {
            startUnix(UnixAddress.of(path));
            return;
        }
        InetAddress literal = Resolver.literal(options.host());
        if (literal != null) {
            found(List.of(literal));
        } else {
            lookup = resolver.lookup(options.host(), this::resolved);
        }
    }

    private void startUnix(UnixDomainSocketAddress address) {
        String tooLong = UnixAddress.tooLong(address);
        if (tooLong == null) {
            waiting.add(address);
            next();
        } else {
            failures.add(ErrnoException.socket(ErrnoCode.EINVAL, "connect", address, tooLong));
            finishLater();
        }
    }

    void resolved(@Nullable ReactorException err, @Nullable List<InetAddress> found) {
        lookup = null;
        if (finished) {
            return; // stopped while a thread looked the name up
        }
        if (stopped()) {
            finish(null);
        } else if (err != null || found == null) {
            failures.add(err == null ? stopError() : err);
            finish(null);
        } else {
            lookedUp(found);
        }
    }

    private void lookedUp(List<InetAddress> found) {
        tell(new ConnectEvent.LookedUp(options.host(), found));
        if (stopped()) {
            finish(null);
        } else {
            found(found);
        }
    }

    private void found(List<InetAddress> found) {
        for (InetAddress address : takingTurns(found)) {
            InetSocketAddress target = new InetSocketAddress(address, options.port());
            BlockList blocked = options.blockList();
            ReactorException refusal = blocked == null ? null : blocked.refusal("connect", address);
            if (refusal != null) {
                failures.add(refusal);
            } else if (options.admits(address)) {
                waiting.add(target);
            }
        }
        if (!waiting.isEmpty()) {
            next();
            return;
        }
        if (failures.isEmpty()) {
            failures.add(
                    new ReactorException(
                            "ENOTFOUND",
                            "getaddrinfo ENOTFOUND "
                                    + options.host()
                                    + ": no address of the family that is asked for"));
        }
        finishLater();
    }

    /** The families take turns, and the resolver's first address is first (section 4). */
    private static List<InetAddress> takingTurns(List<InetAddress> found) {
        if (found.size() < 2) {
            return found;
        }
        boolean firstIsV4 = found.getFirst() instanceof Inet4Address;
        ArrayDeque<InetAddress> one = new ArrayDeque<>();
        ArrayDeque<InetAddress> other = new ArrayDeque<>();
        found.forEach(a -> (a instanceof Inet4Address == firstIsV4 ? one : other).add(a));
        List<InetAddress> sorted = new ArrayList<>(found.size());
        while (!one.isEmpty() || !other.isEmpty()) {
            if (!one.isEmpty()) {
                sorted.add(one.remove());
            }
            if (!other.isEmpty()) {
                sorted.add(other.remove());
            }
        }
        return sorted;
    }

    private void next() {
        core.reactor().clearTimeout(stagger);
        stagger = null;
        SocketAddress target = waiting.poll();
        if (target == null || finished || stopped()) {
            return;
        }
        newest = target;
        Attempt attempt = new Attempt(core, this, target, options);
        running.add(attempt);
        attempt.start();
        if (!waiting.isEmpty()) {
            stagger = core.reactor().setTimeout(STAGGER, () -> overdue(target)).unref();
        }
        tell(new ConnectEvent.Attempt(target));
    }

    private void overdue(SocketAddress target) {
        tell(new ConnectEvent.AttemptOverdue(target));
        next();
    }

    /** An attempt has connected, and hands its descriptor over. */
    void connected(Attempt attempt, Fd fd) {
        running.remove(attempt);
        if (finished) {
            core.close(fd, (done, result, more) -> {}); // another one was faster
            return;
        }
        newest = attempt.target();
        finish(fd);
    }

    /** An attempt has failed, and its descriptor is closed. */
    void failed(Attempt attempt, ReactorException error) {
        running.remove(attempt);
        if (finished) {
            return;
        }
        if (stopped()) {
            if (running.isEmpty()) {
                finish(null);
            }
            return;
        }
        failures.add(error);
        tell(new ConnectEvent.AttemptFailed(attempt.target(), error));
        if (!waiting.isEmpty() && !stopped()) {
            next();
        } else if (running.isEmpty()) {
            finish(null);
        }
    }

    private ReactorException stopError() {
        return caused(() -> ErrnoException.socket(stopErrno(), "connect", newest));
    }

    /** One error: what stopped it, or else the last failure; all failures, if several, with it. */
    private ReactorException error() {
        if (!stopped() && failures.size() == 1) {
            return failures.getFirst();
        }
        ReactorException all = stopError();
        if (!stopped() && !failures.isEmpty()) {
            ReactorException last = failures.getLast();
            all =
                    last instanceof ErrnoException errno
                            ? ErrnoException.socket(
                                    errno.errno().number(), errno.syscall(), errno.address())
                            : new ReactorException(last.code(), String.valueOf(last.getMessage()));
        }
        failures.forEach(all::addSuppressed);
        return all;
    }

    /** In a later turn, as all callbacks come. */
    private void finishLater() {
        Slot later = core.slot(Op.NOP, (done, result, more) -> ending());
        core.submit(later);
    }

    private void ending() {
        if (!finished) {
            finish(null);
        }
    }

    private void finish(@Nullable Fd connected) {
        finished = true;
        ended();
        core.reactor().clearTimeout(stagger);
        List.copyOf(running).forEach(loser -> loser.stop(ErrnoCode.ECANCELED));
        if (connected == null) {
            outcome.failed(error());
        } else {
            outcome.connected(connected, newest);
        }
    }

    private void tell(ConnectEvent event) {
        ConnectEventHandler handler = options.events();
        if (handler != null && starting) {
            core.reactor().nextTick(() -> handler.event(event));
        } else if (handler != null) {
            core.call(() -> handler.event(event));
        }
    }

    @Override
    protected void interrupt() {
        if (lookup != null) {
            lookup.cancel();
            finishLater(); // the C library cannot be stopped: its answer is not waited for
        } else {
            core.reactor().clearTimeout(stagger);
            List.copyOf(running).forEach(attempt -> attempt.stop(stopErrno()));
        }
    }

    @Override
    public String toString() {
        return "connect to "
                + (newest != null ? newest : options.host() + " port " + options.port());
    }
}
