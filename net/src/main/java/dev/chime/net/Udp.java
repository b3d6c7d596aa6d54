package dev.chime.net;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket: Node's {@code dgram.Socket}. Loop thread only.
 *
 * <p>It receives from {@link #bind} on, or from the first send or connect, which bind it to a port
 * of the kernel's choice. From then on it keeps the loop alive until {@link #close}, unless {@link
 * #unref} says otherwise. Datagrams are sent in call order; one that goes to a name waits, with
 * those behind it, until the name is known. What is sent may be lost, and doubled, on its way.
 */
public final class Udp {
    private enum State {
        UNBOUND,
        BINDING,
        BOUND
    }

    private final Core core;
    private final Resolver resolver;
    private final UdpOptions options;
    private final OpenHandle handle;
    private final UdpSends sends;
    private final UdpReceives receives;
    private final Multicast multicast;
    private final Handlers<Task> closeHandlers = new Handlers<>();
    private State state = State.UNBOUND;
    private @Nullable UdpBinding binding;
    private @Nullable UdpConnecting connecting;
    private @Nullable Fd fd;
    private @Nullable InetSocketAddress bound;
    private @Nullable InetSocketAddress peer;
    private boolean closing;
    private boolean destroyed;
    private boolean closed;

    Udp(Core core, Resolver resolver, UdpOptions options) {
        this.core = core;
        this.resolver = resolver;
        this.options = options;
        sends = new UdpSends(core, this, options.batches());
        receives = new UdpReceives(core, this, options);
        multicast = new Multicast(core, this);
        handle = new OpenHandle(core, "Udp", this, this::destroy);
    }

    // ---- events

    /** Hands each datagram that arrives to {@code handler}, the newest alone. */
    public Udp onMessage(MessageHandler handler) {
        core.checkThread("Udp.onMessage");
        Checks.callback(handler, "handler");
        receives.onMessage(handler);
        return this;
    }

    /**
     * Hears of errors that no call is about, syscall {@code recvmsg}: ECONNREFUSED and the like,
     * when the peer of a connected socket, or a router, has refused a datagram; of sockets without
     * a peer if {@link UdpOptions#icmpErrors} says so. The socket goes on. Without a handler nobody
     * hears: what a peer says must not stop a program.
     */
    public Udp onError(Done handler) {
        core.checkThread("Udp.onError");
        Checks.callback(handler, "handler");
        receives.onError(handler);
        return this;
    }

    /** Runs {@code task} when the socket is closed, once and last. */
    public Udp onClose(Task task) {
        core.checkThread("Udp.onClose");
        Checks.callback(task, "task");
        if (closed) {
            core.reactor().nextTick(task);
        } else {
            closeHandlers.add(task);
        }
        return this;
    }

    // ---- bind

    /** Binds to a port of every address; 0 lets the kernel choose one. */
    public Operation bind(int port, Callback<Udp> callback) {
        core.checkThread("Udp.bind");
        return startBind(port, null, callback);
    }

    /**
     * Binds to a port of one address, given as a name or a literal. Errors: EADDRINUSE, EACCES (a
     * port below 1024), EADDRNOTAVAIL, ENOTFOUND; after an error it may be tried again. ECANCELED
     * when the socket is closed first.
     *
     * @throws IllegalStateException ERR_SOCKET_ALREADY_BOUND, also while a bind is under way;
     *     ERR_SOCKET_DGRAM_NOT_RUNNING after the close
     */
    public Operation bind(int port, String host, Callback<Udp> callback) {
        core.checkThread("Udp.bind");
        Resolver.checkHost(host);
        return startBind(port, host, callback);
    }

    private Operation startBind(int port, @Nullable String host, Callback<Udp> callback) {
        Ports.check("port", port);
        Checks.callback(callback, "callback");
        requireRunning();
        if (state != State.UNBOUND) {
            throw new IllegalStateException(
                    "ERR_SOCKET_ALREADY_BOUND: this socket is %s; a send or a connect binds as well"
                            .formatted(state));
        }
        return begin(port, host, callback);
    }

    private UdpBinding begin(int port, @Nullable String host, @Nullable Callback<Udp> callback) {
        state = State.BINDING;
        UdpBinding begun = new UdpBinding(core, this, options, port, callback);
        binding = begun;
        begun.start(host);
        return begun;
    }

    private void requireRunning() {
        if (closing || destroyed) {
            throw new IllegalStateException("ERR_SOCKET_DGRAM_NOT_RUNNING: this socket was closed");
        }
    }

    /** The descriptor is bound: receive from now on. */
    void started(Fd socket) {
        binding = null;
        state = State.BOUND;
        fd = socket;
        bound = Sockaddr.local(core, socket.number());
        handle.opened();
        receives.start(socket);
        if (connecting != null) {
            connecting.bound(socket);
        }
        sends.go();
    }

    /** The bind has failed: all is as before. */
    void notStarted(ReactorException error) {
        boolean destroyedMeanwhile = destroyed;
        binding = null;
        state = State.UNBOUND;
        if (connecting != null) {
            connecting.failed(error);
        }
        sends.failAll(error);
        if (destroyedMeanwhile) {
            core.inClosePhase(this::tellClosed);
        }
    }

    /** Who finds the addresses of names. */
    Resolver resolver() {
        return resolver;
    }

    /** How it was made. */
    UdpOptions options() {
        return options;
    }

    // ---- send

    /**
     * Sends bytes to a port of a host, given as a name or a literal. They must not change until
     * {@code done} is called.
     *
     * <p>{@code done} is called when the kernel has taken the datagram, which does not mean that it
     * arrives. Errors of all forms of send: EMSGSIZE (more than 65,507 bytes), EACCES (a broadcast
     * without {@link #setBroadcast}), ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT (an IPv6 address on
     * an IPv4 socket), ENOTFOUND, ENOMEM, ECONNREFUSED (an earlier datagram to the peer was
     * refused; this one was not sent), ECANCELED when it is cancelled or the socket destroyed, and
     * those of {@link #bind}.
     *
     * @throws IllegalStateException ERR_SOCKET_DGRAM_IS_CONNECTED on a connected socket,
     *     ERR_SOCKET_DGRAM_NOT_RUNNING after the close
     */
    public Operation send(byte[] data, int port, String host, Done done) {
        core.checkThread("Udp.send");
        requireData(data);
        return sendToHost(data, port, host, done);
    }

    /** Sends text as UTF-8. */
    public Operation send(String text, int port, String host, Done done) {
        core.checkThread("Udp.send");
        requireData(text);
        return sendToHost(text.getBytes(StandardCharsets.UTF_8), port, host, done);
    }

    /** Sends a buffer, which is retained until it is sent. */
    public Operation send(Buffer data, int port, String host, Done done) {
        core.checkThread("Udp.send");
        requireData(data);
        return sendToHost(data, port, host, done);
    }

    /** Sends bytes to an address; one that is not resolved is looked up. As {@code send}. */
    public Operation sendTo(byte[] data, InetSocketAddress to, Done done) {
        core.checkThread("Udp.sendTo");
        requireData(data);
        return sendToAddress(data, to, done);
    }

    /** Sends text as UTF-8. */
    public Operation sendTo(String text, InetSocketAddress to, Done done) {
        core.checkThread("Udp.sendTo");
        requireData(text);
        return sendToAddress(text.getBytes(StandardCharsets.UTF_8), to, done);
    }

    /** Sends a buffer, which is retained until it is sent. */
    public Operation sendTo(Buffer data, InetSocketAddress to, Done done) {
        core.checkThread("Udp.sendTo");
        requireData(data);
        return sendToAddress(data, to, done);
    }

    /** Sends pieces as one datagram, to an address, or with null to the peer. They are copied. */
    public Operation sendPieces(List<byte[]> pieces, @Nullable InetSocketAddress to, Done done) {
        core.checkThread("Udp.sendPieces");
        requireData(pieces);
        byte[] data = Datagram.join(pieces);
        return to == null ? sendConnected(data, done) : sendToAddress(data, to, done);
    }

    /**
     * Sends bytes to the peer of a connected socket. As {@code send}.
     *
     * @throws IllegalStateException ERR_SOCKET_DGRAM_NOT_CONNECTED when there is none,
     *     ERR_SOCKET_DGRAM_NOT_RUNNING after the close
     */
    public Operation sendToPeer(byte[] data, Done done) {
        core.checkThread("Udp.sendToPeer");
        requireData(data);
        return sendConnected(data, done);
    }

    /** Sends text as UTF-8. */
    public Operation sendToPeer(String text, Done done) {
        core.checkThread("Udp.sendToPeer");
        requireData(text);
        return sendConnected(text.getBytes(StandardCharsets.UTF_8), done);
    }

    /** Sends a buffer, which is retained until it is sent. */
    public Operation sendToPeer(Buffer data, Done done) {
        core.checkThread("Udp.sendToPeer");
        requireData(data);
        return sendConnected(data, done);
    }

    private static void requireData(@Nullable Object data) {
        Checks.required(data, "data", "pass bytes, none for an empty datagram");
    }

    private Operation sendToHost(Object data, int port, String host, Done done) {
        Resolver.checkHost(host);
        InetAddress literal = Resolver.literal(host);
        Ports.check("port", port);
        return sendToAddress(
                data,
                literal == null
                        ? InetSocketAddress.createUnresolved(host, port)
                        : new InetSocketAddress(literal, port),
                done);
    }

    private Operation sendToAddress(Object data, InetSocketAddress to, Done done) {
        Datagram.checkTarget(to);
        Checks.callback(done, "done");
        requireRunning();
        requireNotConnected();
        return queue(data, to, done);
    }

    private Operation sendConnected(Object data, Done done) {
        Checks.callback(done, "done");
        requireRunning();
        if (peer == null && connecting == null) {
            throw notConnected();
        }
        return queue(data, null, done);
    }

    private void requireNotConnected() {
        if (peer != null || connecting != null) {
            throw new IllegalStateException(
                    "ERR_SOCKET_DGRAM_IS_CONNECTED: this socket has a peer: use sendToPeer, or"
                            + " disconnect it first");
        }
    }

    private static IllegalStateException notConnected() {
        return new IllegalStateException(
                "ERR_SOCKET_DGRAM_NOT_CONNECTED: this socket has no peer: connect it first");
    }

    private Operation queue(Object data, @Nullable InetSocketAddress to, Done done) {
        if (state == State.UNBOUND) {
            begin(0, null, null);
        }
        Object owned = data instanceof Buffer buffer ? buffer.retain() : data;
        Datagram datagram = new Datagram(core, this, sends, owned, to, done);
        sends.add(datagram);
        return datagram;
    }

    /** The descriptor, when datagrams may be sent now. */
    @Nullable Fd readyToSend() {
        return destroyed || connecting != null ? null : fd;
    }

    /** Nothing is left to send. */
    void allSent() {
        if (closing) {
            destroy();
        }
    }

    /** The datagrams that have not been sent: Node's {@code getSendQueueCount}. */
    public int sendQueueCount() {
        core.checkThread("Udp.sendQueueCount");
        return sends.count();
    }

    /** The bytes of the datagrams that have not been sent: Node's {@code getSendQueueSize}. */
    public long sendQueueBytes() {
        core.checkThread("Udp.sendQueueBytes");
        return sends.bytes();
    }

    /** True while datagrams and errors are handed out. */
    boolean isReceiving() {
        return !closing && !destroyed;
    }

    /** Tells which datagrams were refused, if the kernel keeps that; whether it knew of any. */
    boolean tellRefused() {
        return receives.tellRefused();
    }

    // ---- connect

    /** Connects to a port of a host, given as a name or a literal. */
    public Operation connect(int port, String host, Callback<Udp> callback) {
        core.checkThread("Udp.connect");
        Resolver.checkHost(host);
        Ports.check("port", port);
        return connect(InetSocketAddress.createUnresolved(host, port), callback);
    }

    /**
     * Makes an address the peer: {@link #sendToPeer} sends to it, nobody else's datagrams are
     * received, and what it refuses is reported. An unbound socket is bound first. Errors: those of
     * {@link #bind}, ENETUNREACH, ENOTFOUND, ECANCELED.
     *
     * @throws IllegalStateException ERR_SOCKET_DGRAM_IS_CONNECTED, also while a connect is under
     *     way; ERR_SOCKET_DGRAM_NOT_RUNNING after the close
     */
    public Operation connect(InetSocketAddress to, Callback<Udp> callback) {
        core.checkThread("Udp.connect");
        Datagram.checkTarget(to);
        Checks.callback(callback, "callback");
        requireRunning();
        requireNotConnected();
        UdpConnecting begun = new UdpConnecting(core, this, to, callback);
        connecting = begun;
        begun.start();
        if (state == State.UNBOUND) {
            begin(0, null, null);
        } else if (fd != null) {
            begun.bound(fd);
        }
        return begun;
    }

    /** The connect has ended; well if there is a peer. */
    void connectEnded(@Nullable InetSocketAddress to) {
        connecting = null;
        peer = to;
        sends.go();
    }

    /**
     * Takes the peer away, at once.
     *
     * @throws IllegalStateException ERR_SOCKET_DGRAM_NOT_CONNECTED when there is none
     * @throws ErrnoException EADDRINUSE when somebody took the port meanwhile: the kernel gives a
     *     port of its own choice back, and the socket is bound to it again
     */
    public void disconnect() throws ErrnoException {
        core.checkThread("Udp.disconnect");
        int number = openFd();
        if (peer == null) {
            throw notConnected();
        }
        peer = null;
        UdpConnecting.undo(core, number, bound, options.ipv6());
    }

    // ---- the end

    /**
     * Closes: no datagram is handed out any more; what is queued is sent first, and calls back.
     * Closing a closed socket does nothing.
     */
    public void close() {
        core.checkThread("Udp.close");
        if (!closing && !destroyed) {
            closing = true;
            if (sends.count() == 0) {
                destroy();
            }
        }
    }

    /**
     * Closes, as {@link #close} does, when {@code signal} aborts, or now if it has. The signal
     * forgets the socket when that has closed.
     */
    public Udp closeOn(AbortSignal signal) {
        core.checkThread("Udp.closeOn");
        Runnable forget = core.listen(signal, errno -> close());
        return onClose(forget::run);
    }

    /** Closes at once: what is queued or in flight calls back with ECANCELED. */
    public void destroy() {
        core.checkThread("Udp.destroy");
        if (destroyed) {
            return;
        }
        destroyed = true;
        Fd socket = fd;
        if (binding != null) {
            binding.cancel(); // its end goes on here
        } else if (socket == null) {
            core.inClosePhase(this::tellClosed);
        } else {
            core.close(socket, (slot, result, more) -> core.inClosePhase(this::tellClosed));
        }
    }

    private void tellClosed() {
        closed = true;
        if (connecting != null) {
            connecting.failed(ErrnoException.socket(ErrnoCode.ECANCELED, "connect", null));
        }
        sends.failAll(null);
        if (fd != null) {
            handle.closed();
        }
        closeHandlers.each(core::call);
    }

    // ---- properties

    /** The address it is bound to; null before that, and after the close. */
    public @Nullable InetSocketAddress address() {
        core.checkThread("Udp.address");
        return fd == null || destroyed ? null : Sockaddr.local(core, fd.number());
    }

    /** The peer of a connected socket, or null. */
    public @Nullable InetSocketAddress remoteAddress() {
        return peer;
    }

    /** True from the close on. */
    public boolean isClosed() {
        return closed;
    }

    /** The number of the descriptor, for an option. */
    int openFd() {
        requireRunning();
        if (fd == null) {
            throw new IllegalStateException(
                    "ERR_SOCKET_DGRAM_NOT_RUNNING: this socket is not bound yet");
        }
        return fd.number();
    }

    /**
     * Allows datagrams to broadcast addresses (SO_BROADCAST).
     *
     * @throws IllegalStateException ERR_SOCKET_DGRAM_NOT_RUNNING before the bind and after the
     *     close, as of all that follow
     */
    public void setBroadcast(boolean on) throws ErrnoException {
        core.checkThread("Udp.setBroadcast");
        int value = on ? 1 : 0;
        Multicast.check(
                Sockaddr.set(core, openFd(), Const.SOL_SOCKET, Const.SO_BROADCAST, value),
                "setBroadcast");
    }

    /** How many routers a datagram to one host may pass, plus 1: 1 to 255. */
    public void setTtl(int hops) throws ErrnoException {
        core.checkThread("Udp.setTtl");
        Multicast.checkHops(hops, 1);
        int ip4 = Const.IP_TTL;
        int ip6 = Const.IPV6_UNICAST_HOPS;
        Multicast.set(core, openFd(), options.ipv6(), ip4, ip6, hops, "setTTL");
    }

    /**
     * Marks what is sent, for routers: the IPv4 type of service, the IPv6 traffic class (IP_TOS,
     * IPV6_TCLASS; ip(7), RFC 2474).
     *
     * @param mark 0 to 255
     */
    public void setTypeOfService(int mark) throws ErrnoException {
        core.checkThread("Udp.setTypeOfService");
        Sockaddr.checkTypeOfService(mark);
        int result = Sockaddr.typeOfService(core, openFd(), mark);
        Multicast.check(result, "setTypeOfService");
    }

    /** The mark of what is sent, 0 to 255. */
    public int typeOfService() throws ErrnoException {
        core.checkThread("Udp.typeOfService");
        int mark = Sockaddr.typeOfService(core, openFd());
        Multicast.check(mark, "getTypeOfService");
        return mark;
    }

    /** The multicast groups of this socket. */
    public Multicast multicast() {
        core.checkThread("Udp.multicast");
        return multicast;
    }

    /** What the kernel may hold of datagrams that have arrived, in bytes; it doubles the option. */
    public int receiveBufferBytes() throws ErrnoException {
        core.checkThread("Udp.receiveBufferBytes");
        return bufferBytes(Const.SO_RCVBUF, "getRecvBufferSize");
    }

    /** What the kernel may hold of datagrams to send, in bytes; it doubles the option. */
    public int sendBufferBytes() throws ErrnoException {
        core.checkThread("Udp.sendBufferBytes");
        return bufferBytes(Const.SO_SNDBUF, "getSendBufferSize");
    }

    private int bufferBytes(int option, String call) throws ErrnoException {
        int bytes = Sockaddr.get(core, openFd(), Const.SOL_SOCKET, option);
        Multicast.check(bytes, call);
        return bytes;
    }

    /** Lets the socket keep the loop alive while it is open, as from the start. */
    public Udp ref() {
        return reference(true);
    }

    /** Lets the loop end although the socket is open. */
    public Udp unref() {
        return reference(false);
    }

    private Udp reference(boolean on) {
        core.checkThread("Udp.ref");
        handle.reference(on);
        return this;
    }

    @Override
    public String toString() {
        return "Udp[" + bound + (peer == null ? "" : " to " + peer) + (closed ? ", closed]" : "]");
    }
}
