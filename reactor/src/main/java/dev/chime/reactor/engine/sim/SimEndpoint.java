package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A socket as system calls see it: addresses and options, and what each kind does its own way. */
abstract class SimEndpoint extends SimOpen {
    final SimWorld world;
    private final int family;
    private final Map<Long, Integer> options = new HashMap<>();
    private SimAddress local;
    private boolean bound;
    private int error;

    SimEndpoint(SimWorld world, int family, int flags) {
        super((flags & ~3) | Const.O_RDWR);
        this.world = world;
        this.family = family;
        local = SimAddress.any(family);
    }

    // ---- addresses

    final int family() {
        return family;
    }

    final SimAddress local() {
        return local;
    }

    final void local(SimAddress address) {
        local = address;
    }

    /** The other end's address while there is one. */
    abstract @Nullable SimAddress remote();

    /** Binds to an address; 0, or a negative errno. */
    int bind(SimAddress wanted) {
        return world.network().bind(this, wanted);
    }

    final void boundTo(SimAddress address) {
        bound = true;
        local = address;
    }

    final boolean isBound() {
        return bound;
    }

    final void unbind() {
        if (bound) {
            world.network().unbind(this);
            bound = false;
        }
    }

    boolean isListening() {
        return false;
    }

    // ---- options

    private static long key(int level, int option) {
        return (long) level << 32 | option;
    }

    final int option(int level, int option, int otherwise) {
        return options.getOrDefault(key(level, option), otherwise);
    }

    final boolean isOn(int level, int option) {
        return option(level, option, 0) != 0;
    }

    final boolean reusesAddress() {
        return isOn(Const.SOL_SOCKET, Const.SO_REUSEADDR);
    }

    final boolean reusesPort() {
        return isOn(Const.SOL_SOCKET, Const.SO_REUSEPORT);
    }

    final boolean isV6Only() {
        return isOn(Const.IPPROTO_IPV6, Const.IPV6_V6ONLY);
    }

    final void inheritOptions(SimEndpoint from) {
        options.putAll(from.options);
    }

    /**
     * Sets an option; 0, or a negative errno.
     *
     * @param second true when the value has a second part and that is 0, as of SO_LINGER
     */
    int set(int level, int option, int value, boolean second) {
        options.put(key(level, option), value);
        return 0;
    }

    /** Joins or leaves a multicast group: one of the MCAST options; 0, or a negative errno. */
    int setGroup(int level, int option, long value, int length) {
        return -ErrnoCode.ENOPROTOOPT;
    }

    /** An option's value; SO_ERROR is the pending error, which asking takes away. */
    int get(int level, int option) {
        if (level == Const.SOL_SOCKET) {
            switch (option) {
                case Const.SO_ERROR -> {
                    return takeError();
                }
                case Const.SO_ACCEPTCONN -> {
                    return isListening() ? 1 : 0;
                }
                case Const.SO_DOMAIN -> {
                    return family;
                }
                default -> {}
            }
        }
        return option(level, option, 0);
    }

    // ---- errors

    final void error(int errno) {
        error = errno;
    }

    final boolean hasError() {
        return error != 0;
    }

    /** The error that is pending, which is none from now on; or 0. */
    final int takeError() {
        int pending = error;
        error = 0;
        return pending;
    }

    // ---- calls

    int listen(int backlog) {
        return -ErrnoCode.EOPNOTSUPP;
    }

    /** Begins to connect, or says how it went; EAGAIN while it goes on. */
    abstract int connect(long address, int length);

    abstract int send(long address, int length);

    /** Sends what a msghdr gathers. */
    abstract int sendMessage(long message, int most);

    abstract int shutdown(int how);

    /** There may be news for whoever waits. */
    final void changed() {
        world.wake(readers);
        world.wake(writers);
        world.wake(pollers);
    }
}
