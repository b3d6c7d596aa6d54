package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;

/**
 * The part of a socket that is the kernel's: its options. Setting one on a destroyed socket does
 * nothing; on one that connects still it waits for the connection.
 */
abstract sealed class SocketSettings permits Socket {
    private final Core core;

    SocketSettings(Core core) {
        this.core = core;
    }

    /** Sets something on the descriptor. */
    abstract Socket set(IntConsumer setting);

    /** Asks the descriptor; 0 without one, or when it cannot say. */
    abstract int get(IntUnaryOperator setting);

    /** Bytes sent that the kernel still has; 0 when it does not say, and once destroyed. */
    int heldBytes() {
        return get(number -> Sockaddr.held(core, number));
    }

    /** Sends small segments at once instead of waiting to fill them (TCP_NODELAY). */
    public Socket noDelay(boolean on) {
        core.checkThread("Socket.noDelay");
        return set(Const.IPPROTO_TCP, Const.TCP_NODELAY, on ? 1 : 0);
    }

    /** Probes an idle connection now and then, at the system's intervals (SO_KEEPALIVE). */
    public Socket keepAlive(boolean on) {
        core.checkThread("Socket.keepAlive");
        return set(Const.SOL_SOCKET, Const.SO_KEEPALIVE, on ? 1 : 0);
    }

    /** Probes an idle connection as told. */
    public Socket keepAlive(KeepAlive probes) {
        core.checkThread("Socket.keepAlive");
        Checks.required(probes, "probes", "make some with KeepAlive.after");
        return set(number -> probes.apply(core, number));
    }

    private Socket set(int level, int option, int value) {
        return set(number -> Sockaddr.set(core, number, level, option, value));
    }

    /**
     * Asks the kernel for a send buffer (SO_SNDBUF). Linux takes twice as much, for its own
     * bookkeeping, at least a few KiB and at most {@code net.core.wmem_max}.
     */
    public Socket sendBufferSize(int bytes) {
        core.checkThread("Socket.sendBufferSize");
        return set(Const.SOL_SOCKET, Const.SO_SNDBUF, Checks.positive(bytes, "bytes"));
    }

    /** Asks the kernel for a receive buffer (SO_RCVBUF); see {@link #sendBufferSize(int)}. */
    public Socket receiveBufferSize(int bytes) {
        core.checkThread("Socket.receiveBufferSize");
        return set(Const.SOL_SOCKET, Const.SO_RCVBUF, Checks.positive(bytes, "bytes"));
    }

    /** The kernel's send buffer in bytes; 0 once destroyed. */
    public int sendBufferSize() {
        core.checkThread("Socket.sendBufferSize");
        return get(Const.SO_SNDBUF);
    }

    /** The kernel's receive buffer in bytes; 0 once destroyed. */
    public int receiveBufferSize() {
        core.checkThread("Socket.receiveBufferSize");
        return get(Const.SO_RCVBUF);
    }

    private int get(int option) {
        return get(number -> Sockaddr.get(core, number, Const.SOL_SOCKET, option));
    }

    /**
     * Marks what is sent, for routers: the IPv4 type of service, the IPv6 traffic class (IP_TOS,
     * IPV6_TCLASS; ip(7), RFC 2474). TCP keeps the two lowest bits. Ignored on a Unix socket.
     *
     * @param mark 0 to 255
     */
    public Socket typeOfService(int mark) {
        core.checkThread("Socket.typeOfService");
        Sockaddr.checkTypeOfService(mark);
        return set(number -> Sockaddr.typeOfService(core, number, mark));
    }

    /** The mark of what is sent, 0 to 255; 0 on a Unix socket, and once destroyed. */
    public int typeOfService() {
        core.checkThread("Socket.typeOfService");
        return get(number -> Sockaddr.typeOfService(core, number));
    }
}
