package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.FileSink;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.DataHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A connection, of TCP or a Unix socket: a stream to read from and to write to. Loop thread only.
 *
 * <p>It reads when {@link #onData} or {@link #pipe} asks for data, and not before. Events come in
 * this order: data, end, close; close comes once and last, with the error that ended the
 * connection, if one did. When the peer has ended its side, ours is ended behind what is still to
 * be written, unless {@link #allowHalfOpen} says otherwise. An open socket keeps the loop alive
 * unless {@link #unref} says otherwise.
 */
public final class Socket extends SocketSettings implements Connection {
    static {
        FileSink.register(Socket.class, socket -> socket.transmitter);
    }

    private final Core core;
    private final OpenHandle handle;
    private final Handlers<Done> closeHandlers = new Handlers<>();
    private final Transmitter transmitter;
    private final Receiver receiver;
    private final SocketTimes times;
    private @Nullable Fd fd;
    private @Nullable SocketStart start;
    private @Nullable SocketAddress name;
    private @Nullable InetSocketAddress local;
    private @Nullable ReactorException failure;
    private boolean allowHalfOpen;
    private boolean destroyed;
    private boolean closed;

    /** One that is to connect: {@link #connect} is next. */
    Socket(Core core, SocketOptions options) {
        super(core);
        this.core = core;
        allowHalfOpen = options.allowHalfOpen();
        transmitter = new Transmitter(core, this, options);
        receiver = new Receiver(core, this);
        times = new SocketTimes(core, this);
        handle = new OpenHandle(core, "Socket", this, this::destroy);
        handle.opened();
    }

    /** One that is connected. */
    Socket(Core core, Fd fd, @Nullable SocketAddress name, SocketOptions options) {
        this(core, options);
        opened(fd, name);
    }

    /** The connection is there, by {@code connected}. */
    private void opened(Fd connected, @Nullable SocketAddress to) {
        fd = connected;
        name = to;
        transmitter.open(connected);
        receiver.open(connected);
    }

    // ---- connect

    void connect(Resolver resolver, ConnectOptions options) {
        start = new SocketStart(core, this, resolver, options);
        start.begin();
    }

    /** The way there has ended: at a connection, if {@code connected} is one. */
    void started(
            @Nullable Fd connected, @Nullable SocketAddress to, @Nullable ReactorException err) {
        start = null;
        if (connected != null) {
            opened(connected, to);
        }
        if (destroyed) {
            close();
        } else if (err != null) {
            destroy(err);
        }
    }

    /**
     * True while a socket of {@link Net#createConnection} is on its way: what is written is queued,
     * settings wait, and there is neither an address nor anything to read.
     */
    public boolean isConnecting() {
        return start != null;
    }

    /** Runs {@code task} when the connection is there; in the next tick if it is. */
    public Socket onConnect(Task task) {
        core.checkThread("Socket.onConnect");
        Checks.callback(task, "task");
        SocketStart starting = start;
        if (starting != null) {
            starting.onConnect(task);
        } else if (!destroyed) {
            core.reactor().nextTick(task);
        }
        return this;
    }

    // ---- events

    /** Hands what arrives to {@code handler}, the newest alone, and starts reading. */
    @Override
    public Socket onData(DataHandler handler) {
        core.checkThread("Socket.onData");
        Checks.callback(handler, "handler");
        receiver.onData(handler);
        return this;
    }

    /**
     * Copies what arrives into {@code array}, which stays the caller's, and tells {@code handler}
     * how much: in place of {@link #onData}, without an object for what arrives. More than the
     * array holds comes in several calls. Starts reading.
     */
    public Socket onRead(byte[] array, ReadHandler handler) {
        core.checkThread("Socket.onRead");
        Checks.callback(handler, "handler");
        if (Objects.requireNonNull(array, "array").length == 0) {
            throw new IllegalArgumentException("array has no room: use one of 1 byte or more");
        }
        receiver.onData(new ReadInto(receiver, array, handler));
        return this;
    }

    /** Runs {@code task} when the peer has ended its side and all data has been handed out. */
    @Override
    public Socket onEnd(Task task) {
        core.checkThread("Socket.onEnd");
        Checks.callback(task, "task");
        receiver.onEnd(task);
        return this;
    }

    /** Runs {@code task} once the queue is empty, after {@link #write} had said false. */
    @Override
    public Socket onDrain(Task task) {
        core.checkThread("Socket.onDrain");
        Checks.callback(task, "task");
        transmitter.onDrain(task);
        return this;
    }

    /** Runs {@code task} when everything has been sent and our side is ended. */
    @Override
    public Socket onFinish(Task task) {
        core.checkThread("Socket.onFinish");
        Checks.callback(task, "task");
        transmitter.onFinish(task);
        return this;
    }

    /**
     * Hears of the close, the last event: with the error that ended the connection, such as
     * ECONNRESET or EPIPE, or null. Without a handler such an error is nobody's business: one
     * peer's reset must not stop a server.
     */
    @Override
    public Socket onClose(Done handler) {
        core.checkThread("Socket.onClose");
        Checks.callback(handler, "handler");
        if (closed) {
            core.reactor().nextTick(() -> handler.call(failure));
        } else {
            closeHandlers.add(handler);
        }
        return this;
    }

    // ---- reading

    /** Hands out no data until {@link #resume}; what has arrived is kept. */
    @Override
    public Socket pause() {
        core.checkThread("Socket.pause");
        receiver.pause();
        return this;
    }

    /** Reads on; without a data handler what arrives is dropped. */
    @Override
    public Socket resume() {
        core.checkThread("Socket.resume");
        receiver.resume();
        return this;
    }

    /** The peer has ended its side, and everybody has heard of it. */
    void endTold() {
        if (allowHalfOpen) {
            transmitter.planFlush();
        } else {
            transmitter.endQuietly();
        }
    }

    // ---- writing

    /** Queues bytes; they must not change until {@link #flush} says that they are gone. */
    @Override
    public boolean write(byte[] data) {
        Objects.requireNonNull(data, "data");
        core.checkThread("Socket.write");
        if (!transmitter.mayWrite()) {
            return false;
        }
        active();
        return transmitter.push(data, data.length);
    }

    /**
     * Queues a buffer, which is retained until it is sent.
     *
     * <p>All forms of write take everything, send in call order, and gather what one turn writes.
     *
     * @return false when {@link #highWaterMark} bytes or more are queued: better wait for {@link
     *     #onDrain}; also when the connection is gone, and the data with it: {@link #flush} tells
     * @throws IllegalStateException after {@link #end}
     */
    @Override
    public boolean write(Buffer data) {
        core.checkThread("Socket.write");
        if (!transmitter.mayWrite()) {
            return false;
        }
        active();
        return transmitter.push(data);
    }

    /**
     * Queues bytes that take descriptors along to the process at the other end of a Unix socket:
     * one message, in call order with all that is written. The descriptors are taken over, and
     * closed here once they are sent, or lost with the connection. The bytes are at least one, and
     * the peer gets the descriptors no later than the first of them.
     *
     * @param handles 1 to 253, such as {@link #duplicate} makes
     * @return as {@link #write(Buffer)}
     * @throws IllegalArgumentException for too many, none, or no bytes
     * @throws IllegalStateException on a TCP socket, before the connection is there, after {@link
     *     #end}, and for a descriptor that is closed or somebody else's
     * @throws UnsupportedOperationException where a trial has failed
     */
    public boolean sendHandles(byte[] data, List<Descriptor> handles) {
        core.checkThread("Socket.sendHandles");
        Objects.requireNonNull(data, "data");
        Handles.require(core, this, "Socket.sendHandles");
        Passing passing = Passing.of(core, data, List.copyOf(handles));
        if (!transmitter.mayWrite(passing)) {
            return false;
        }
        active();
        return transmitter.push(passing, data.length);
    }

    /**
     * Hands descriptors that the peer sends to {@code handler}, the newest alone. It is to be set
     * before the socket reads: what comes to a socket without a handler is closed. On a socket of
     * {@link Net#createConnection} that is in {@code onConnect}, and {@link #onData} after it.
     *
     * @throws IllegalStateException on a TCP socket, before the connection is there, and when it
     *     has begun to read
     * @throws UnsupportedOperationException where a trial has failed
     */
    public Socket onHandles(HandlesHandler handler) {
        core.checkThread("Socket.onHandles");
        Checks.callback(handler, "handler");
        Handles.require(core, this, "Socket.onHandles");
        receiver.onHandles(handler);
        return this;
    }

    /**
     * A second descriptor of this connection, to be sent to another process. Both are the same
     * connection: what one reads the other does not, and it ends when both are closed.
     *
     * @throws ErrnoException EMFILE; EBADF once destroyed, ENOTCONN while it connects
     */
    public Descriptor duplicate() throws ErrnoException {
        core.checkThread("Socket.duplicate");
        if (fd == null) {
            throw ErrnoException.socket(ErrnoCode.ENOTCONN, "dup", null);
        }
        return HeldDescriptor.duplicate(core, fd);
    }

    /**
     * Calls back when the kernel has taken everything written so far: at once in the next turn if
     * nothing is queued; with EPIPE when the connection can take no more, with ECANCELED or the
     * connection's error when it goes down first.
     */
    @Override
    public void flush(Done done) {
        core.checkThread("Socket.flush");
        Checks.callback(done, "done");
        if (closed) {
            core.reactor().nextTick(() -> done.call(transmitter.gone(ErrnoCode.EPIPE)));
            return;
        }
        transmitter.write(done);
    }

    /**
     * Holds back what is written until as many calls of {@link #uncork}, or the end: for a message
     * that is written in several turns. What one turn writes is gathered without it.
     */
    public Socket cork() {
        core.checkThread("Socket.cork");
        transmitter.cork();
        return this;
    }

    /** Lets what {@link #cork} held back go. */
    public Socket uncork() {
        core.checkThread("Socket.uncork");
        transmitter.uncork();
        return this;
    }

    /** Ends our side behind what is queued; what the peer sends can still be read. */
    @Override
    public void end() {
        core.checkThread("Socket.end");
        transmitter.end();
    }

    void endWhenIdle() {
        transmitter.endWhenIdle();
    }

    /** Our side is ended, or could not be. */
    void shut(int result) {
        receiver.shut(result);
    }

    // ---- time

    @Override
    public Socket setTimeout(Duration idle, Task task) {
        core.checkThread("Socket.setTimeout");
        Checks.callback(task, "task");
        times.idle(idle, task);
        return this;
    }

    @Override
    public Socket deadline(Duration limit) {
        core.checkThread("Socket.deadline");
        times.total(limit);
        return this;
    }

    /** Data has come. */
    void received() {
        transmitter.owe();
        active();
    }

    /** Something has been read or written. */
    void active() {
        times.active();
    }

    // ---- the end

    /** Closes at once: what is queued is dropped, what is in flight is cancelled. */
    @Override
    public void destroy() {
        destroy((ReactorException) null);
    }

    /** Closes at once because of {@code error}, which {@link #onClose} hears. */
    @Override
    public void destroy(@Nullable ReactorException error) {
        core.checkThread("Socket.destroy");
        if (destroyed) {
            return;
        }
        destroyed = true;
        failure = error;
        times.clear();
        if (start == null) {
            close();
        } else {
            start.cancel(); // its end goes on here
        }
    }

    private void close() {
        Fd open = fd;
        if (open == null) {
            core.inClosePhase(this::tellClosed);
            return;
        }
        if (local == null) {
            local = Sockaddr.local(core, open.number());
        }
        core.close(open, (slot, result, more) -> core.inClosePhase(this::tellClosed));
    }

    /**
     * Closes at once, and the peer's reads and writes fail with ECONNRESET: it learns that
     * something is lost (SO_LINGER of 0, socket(7)). On a Unix socket it is {@link #destroy}. While
     * it connects, that is waited for.
     */
    public void resetAndDestroy() {
        core.checkThread("Socket.resetAndDestroy");
        if (start != null) {
            start.onConnect(this::resetAndDestroy);
        } else if (!destroyed) {
            set(number -> Sockaddr.lingerNot(core, number));
            destroy();
        }
    }

    private void tellClosed() {
        closed = true;
        receiver.discard();
        transmitter.discard();
        handle.closed();
        closeHandlers.each(handler -> core.call(handler, failure));
    }

    // ---- properties

    @Override
    public Socket allowHalfOpen(boolean on) {
        core.checkThread("Socket.allowHalfOpen");
        allowHalfOpen = on;
        return this;
    }

    /** Now, or when the connection is there. */
    @Override
    Socket set(IntConsumer setting) {
        SocketStart starting = start;
        Fd open = fd;
        if (starting != null) {
            starting.set(setting);
        } else if (!destroyed && open != null) {
            setting.accept(open.number());
        }
        return this;
    }

    @Override
    int get(IntUnaryOperator setting) {
        Fd open = fd;
        return destroyed || open == null ? 0 : Math.max(0, setting.applyAsInt(open.number()));
    }

    /** The peer as errors name it: on a Unix socket, whose clients are nameless, the server. */
    @Nullable SocketAddress remoteName() {
        return name;
    }

    /** The peer's address; it stays after the close. Null on a Unix socket. */
    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return name instanceof InetSocketAddress inet ? inet : null;
    }

    /** The server's address, on both sides of a Unix socket; null on a TCP socket. */
    @Override
    public @Nullable UnixDomainSocketAddress unixAddress() {
        return name instanceof UnixDomainSocketAddress unix ? unix : null;
    }

    /** Our address; it stays after the close. Null on a Unix socket. */
    @Override
    public @Nullable InetSocketAddress localAddress() {
        core.checkThread("Socket.localAddress");
        Fd open = fd;
        if (local == null && !destroyed && open != null) {
            local = Sockaddr.local(core, open.number());
        }
        return local;
    }

    /** Bytes received. */
    @Override
    public long bytesRead() {
        return receiver.bytesRead();
    }

    /** Bytes that the kernel took. */
    @Override
    public long bytesWritten() {
        return transmitter.bytesWritten();
    }

    @Override
    public long bytesDelivered() {
        return bytesWritten() - heldBytes();
    }

    /** {@link #queuedBytes()}, and those of a file that is under way. */
    long unsentBytes() {
        return transmitter.unsentBytes();
    }

    /** Bytes queued and not taken by the kernel. */
    @Override
    public long queuedBytes() {
        return transmitter.queuedBytes();
    }

    /** True from the first moment of the close. */
    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public @Nullable ReactorException error() {
        return failure;
    }

    @Override
    public boolean isPaused() {
        return receiver.isPaused();
    }

    @Override
    public boolean isEnded() {
        return receiver.isEnded();
    }

    @Override
    public boolean isEnding() {
        return transmitter.isEndedByUser();
    }

    @Override
    public boolean isFinished() {
        return transmitter.isFinished();
    }

    @Override
    public int highWaterMark() {
        return transmitter.highWaterMark();
    }

    @Override
    public Reactor reactor() {
        return core.reactor();
    }

    @Override
    public Socket ref() {
        return reference(true);
    }

    @Override
    public Socket unref() {
        return reference(false);
    }

    private Socket reference(boolean on) {
        core.checkThread("Socket.ref");
        handle.reference(on);
        return this;
    }

    @Override
    public String toString() {
        return "Socket[" + (start == null ? name : start) + (destroyed ? ", destroyed]" : "]");
    }
}
