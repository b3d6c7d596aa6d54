package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket. What is sent is under way for a while and arrives in order; what lies unread at
 * the receiver takes room from the sender, so sends are short or wait.
 *
 * <p>Ends as TCP does (tcp(7), RFC 9293): an end of data behind the data; a reset when a socket is
 * closed with data unread or gets data after its close. A reset is reported once, then reads say 0
 * and sends EPIPE.
 */
final class SimSocket extends SimEndpoint {
    /** Bytes between a send and the receive: of both sockets' buffers together. */
    static final int CAPACITY = 256 << 10;

    /** Of a type of service: TCP's own (RFC 3168). */
    private static final int CONGESTION_BITS = 3;

    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLERR = 8;
    private static final int POLLHUP = 16;
    private static final int POLLRDHUP = 0x2000;

    private enum State {
        NEW,
        LISTENING,
        CONNECTING,
        CONNECTED,
        /** Reset, or both directions over. */
        DEAD
    }

    private final ByteQueue arrived = new ByteQueue();
    private final ArrayDeque<SimSocket> accepted = new ArrayDeque<>();
    private State state = State.NEW;
    private @Nullable SimAddress remote;
    private @Nullable SimSocket peer;
    private boolean closed;
    private boolean endArrived;
    private boolean readShut;
    private boolean writeShut;
    private boolean linger;
    private String unixName = "";
    private int backlog;
    private int connectError;
    private int underWay;
    private long lastArrival;

    SimSocket(SimWorld world, int family, int flags) {
        super(world, family, flags);
    }

    @Override
    @Nullable SimAddress remote() {
        return state == State.CONNECTED ? remote : null;
    }

    @Override
    boolean isListening() {
        return state == State.LISTENING;
    }

    boolean isConnecting() {
        return state == State.CONNECTING && !closed;
    }

    @Override
    int set(int level, int option, int value, boolean second) {
        if (level == Const.SOL_SOCKET && option == Const.SO_LINGER) {
            linger = second;
        }
        if (family() == Const.AF_UNIX && level != Const.SOL_SOCKET) {
            return -ErrnoCode.EOPNOTSUPP;
        }
        boolean marks =
                (level == Const.IPPROTO_IP && option == Const.IP_TOS)
                        || (level == Const.IPPROTO_IPV6 && option == Const.IPV6_TCLASS);
        return super.set(level, option, marks ? value & ~CONGESTION_BITS : value, second);
    }

    // ---- listening

    @Override
    int listen(int length) {
        if (state == State.LISTENING) {
            backlog = Math.max(0, length);
            return 0;
        }
        if (state != State.NEW) {
            return -ErrnoCode.EINVAL;
        }
        boolean unix = family() == Const.AF_UNIX;
        if (unix && !isBound()) {
            return -ErrnoCode.EINVAL;
        }
        int result = isBound() ? 0 : world.network().bind(this, local());
        if (result == 0 && !unix && world.network().listensElsewhere(this)) {
            return -ErrnoCode.EADDRINUSE;
        }
        if (result == 0) {
            state = State.LISTENING;
            backlog = Math.max(0, length);
        }
        return result;
    }

    boolean hasRoom() {
        return accepted.size() <= backlog;
    }

    /** A connection has come: both sides are connected, whether accepted or not. */
    void connected(SimSocket client, SimAddress to) {
        SimSocket server = new SimSocket(world, family(), Const.O_RDWR);
        server.inheritOptions(this);
        server.unixName = unixName;
        server.local(to);
        server.remote = client.local();
        server.join(client);
        client.remote = to;
        client.join(server);
        accepted.add(server);
        changed();
        client.changed();
    }

    void join(SimSocket other) {
        peer = other;
        state = State.CONNECTED;
    }

    /** The next connection, or null. */
    @Nullable SimSocket accept() {
        return accepted.poll();
    }

    /** A Unix socket's name: a path, or with a NUL in front one that is no file; or none. */
    String unixName() {
        return unixName;
    }

    /** The name at the other end of a Unix socket, if it has one. */
    String peerName() {
        return peer == null ? "" : peer.unixName;
    }

    /** A Unix socket has got a name. */
    void named(String given) {
        unixName = given;
        boundTo(local());
    }

    // ---- connecting

    /** Begins to connect to a Unix socket. */
    int connect(SimSocket to) {
        if (state != State.NEW) {
            return state == State.CONNECTING ? -ErrnoCode.EALREADY : -ErrnoCode.EISCONN;
        }
        state = State.CONNECTING;
        connectError = 0;
        world.network().connectTo(this, to);
        return connectResult();
    }

    @Override
    int connect(long address, int length) {
        switch (state) {
            case NEW -> {}
            case CONNECTING -> {
                return -ErrnoCode.EALREADY;
            }
            default -> {
                return -ErrnoCode.EISCONN;
            }
        }
        if (length < 2) {
            return -ErrnoCode.EINVAL;
        }
        int ofAddress = Memory.getShort(address);
        if (length < (family() == Const.AF_INET ? SimAddress.length(family()) : 24)) {
            return -ErrnoCode.EINVAL;
        }
        if (ofAddress != family()) {
            return -ErrnoCode.EAFNOSUPPORT;
        }
        SimAddress to = SimAddress.read(address, family()).orLoopback();
        if (!to.isLocal()) {
            return -ErrnoCode.ENETUNREACH;
        }
        if (!isBound()) {
            SimAddress own = to.withPort(0);
            int result = world.network().bind(this, own);
            if (result < 0) {
                return -ErrnoCode.EADDRNOTAVAIL;
            }
        } else if (local().isAny()) {
            local(to.withPort(local().port()));
        }
        state = State.CONNECTING;
        connectError = 0;
        world.network().connect(this, to);
        return -ErrnoCode.EAGAIN;
    }

    /** How a connect that began before stands. */
    int connectResult() {
        if (state == State.CONNECTING) {
            return -ErrnoCode.EAGAIN;
        }
        return -connectError;
    }

    void connectFailed(int errno) {
        state = State.NEW;
        connectError = errno;
        changed();
    }

    // ---- data

    @Override
    int read(long address, int length, long offset) {
        return receive(address, length);
    }

    @Override
    int write(long address, int length, long offset) {
        return send(address, length);
    }

    /** Takes what has arrived. */
    int receive(long address, int length) {
        switch (state) {
            case NEW, LISTENING -> {
                return -ErrnoCode.ENOTCONN;
            }
            case CONNECTING -> {
                return -ErrnoCode.EAGAIN;
            }
            default -> {}
        }
        if (arrived.size() > 0) {
            int count = arrived.take(address, length);
            SimSocket sender = peer;
            if (sender != null && 3 * sender.room() >= CAPACITY) {
                sender.writable();
            }
            return count;
        }
        int pending = takeError();
        if (pending != 0) {
            return -pending;
        }
        return endArrived || readShut || state == State.DEAD ? 0 : -ErrnoCode.EAGAIN;
    }

    /** Bytes that a send may take now. */
    private int room() {
        SimSocket receiver = peer;
        if (receiver == null || receiver.closed) {
            return CAPACITY - underWay;
        }
        return CAPACITY - underWay - receiver.arrived.size();
    }

    /** Takes as many bytes as there is room for. */
    @Override
    int send(long address, int length) {
        int refused = sendRefused();
        if (refused != 0 || length == 0) {
            return refused;
        }
        int count = Math.min(length, room());
        if (count <= 0) {
            return -ErrnoCode.EAGAIN;
        }
        byte[] piece = new byte[count];
        Memory.copy(address, piece, 0, count);
        transmit(piece);
        return count;
    }

    @Override
    int sendMessage(long message, int most) {
        long vector = Memory.getLong(message + MsghdrLayout.MSG_IOV);
        long count = Memory.getLong(message + MsghdrLayout.MSG_IOVLEN);
        int sent = 0;
        for (long i = 0; i < count && sent < most; i++) {
            long piece = vector + i * IovecLayout.SIZE;
            long length = Memory.getLong(piece + IovecLayout.IOV_LEN);
            int wanted = (int) Math.min(length, most - sent);
            int result = send(Memory.getLong(piece + IovecLayout.IOV_BASE), wanted);
            if (result < 0) {
                return sent > 0 ? sent : result;
            }
            sent += result;
            if (result < wanted) {
                break;
            }
        }
        return sent;
    }

    /** Why nothing can be sent: 0, a negative errno, EAGAIN for not yet. */
    private int sendRefused() {
        if (state == State.CONNECTING) {
            return -ErrnoCode.EAGAIN;
        }
        int pending = takeError();
        if (pending != 0) {
            return -pending;
        }
        boolean gone = family() == Const.AF_UNIX && peer != null && peer.closed;
        return state != State.CONNECTED || writeShut || gone ? -ErrnoCode.EPIPE : 0;
    }

    private void transmit(byte[] piece) {
        SimSocket receiver = peer;
        if (receiver == null) {
            return;
        }
        if (family() == Const.AF_UNIX) {
            receiver.arrived.add(piece);
            receiver.changed();
            return;
        }
        underWay += piece.length;
        later(() -> {
            underWay -= piece.length;
            if (receiver.closed || receiver.state == State.DEAD) {
                later(this::reset);
            } else if (receiver.readShut) {
                writable();
            } else {
                receiver.arrived.add(piece);
                receiver.changed();
            }
        });
    }

    /** Plans what this socket's packets do at the other end: they arrive in order. */
    private void later(Runnable arrival) {
        lastArrival = Math.max(lastArrival, world.in(world.latency()));
        world.events().at(lastArrival, arrival);
    }

    // ---- the end

    @Override
    int shutdown(int how) {
        if (how < Const.SHUT_RD || how > Const.SHUT_RDWR) {
            return -ErrnoCode.EINVAL;
        }
        if (state != State.CONNECTED) {
            return -ErrnoCode.ENOTCONN;
        }
        if (how != Const.SHUT_WR) {
            readShut = true;
        }
        if (how != Const.SHUT_RD) {
            sendEnd();
        }
        changed();
        return 0;
    }

    private void sendEnd() {
        SimSocket receiver = peer;
        if (writeShut || receiver == null) {
            return;
        }
        writeShut = true;
        if (family() == Const.AF_UNIX) {
            receiver.endArrived = true;
            receiver.changed();
            return;
        }
        later(() -> {
            receiver.endArrived = true;
            receiver.changed();
        });
    }

    /** The other side wants to hear nothing more. */
    private void reset() {
        if (state == State.CONNECTED) {
            error(endArrived ? ErrnoCode.EPIPE : ErrnoCode.ECONNRESET);
            state = State.DEAD;
            unbind();
            changed();
        }
    }

    @Override
    void close() {
        if (closed) {
            return;
        }
        if (state == State.LISTENING) {
            for (SimSocket waiting : accepted) {
                waiting.linger = true;
                waiting.close();
            }
            accepted.clear();
        }
        SimSocket other = peer;
        boolean abort = linger || arrived.size() > 0;
        closed = true;
        if (state == State.CONNECTED && other != null) {
            if (abort && family() == Const.AF_UNIX) {
                other.error(arrived.size() > 0 ? ErrnoCode.ECONNRESET : 0);
                sendEnd();
                other.changed();
            } else if (abort) {
                later(other::reset);
            } else {
                sendEnd();
                other.writable();
            }
        }
        arrived.clear();
        unbind();
    }

    private void writable() {
        world.wake(writers);
        world.wake(pollers);
    }

    @Override
    int events() {
        if (state == State.LISTENING) {
            return accepted.isEmpty() ? 0 : POLLIN;
        }
        if (state == State.NEW) {
            return POLLOUT | POLLHUP;
        }
        if (state == State.CONNECTING) {
            return 0;
        }
        boolean dead = state == State.DEAD;
        boolean noMore = endArrived || readShut || dead;
        int events = arrived.size() > 0 || noMore ? POLLIN : 0;
        events |= noMore ? POLLRDHUP : 0;
        events |= room() > 0 || dead || writeShut ? POLLOUT : 0;
        events |= hasError() ? POLLERR : 0;
        return events | (dead || (noMore && writeShut) ? POLLHUP : 0);
    }
}
