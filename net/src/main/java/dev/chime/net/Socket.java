package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.WriteQueue;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.DataHandler;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: a stream to read from and to write to. Loop thread only.
 *
 * <p>It reads when {@link #onData} or {@link #pipe} asks for data, and not before. Events come in
 * this order: data, end, close; close comes once and last, with the error that ended the
 * connection, if one did. When the peer has ended its side, ours is ended behind what is still to
 * be written. An open socket keeps the loop alive unless {@link #unref} says otherwise.
 */
public final class Socket implements Duplex {
    /** Bytes queued from which {@link #write} says false: Node's threshold for byte streams. */
    public static final int HIGH_WATER_MARK = 64 << 10;

    private static final Completion SENT = (slot, result, more) -> context(slot).sent(result);
    private static final Completion SHUT = (slot, result, more) -> context(slot).shut(result);

    private final Core core;
    private final Fd fd;
    private final Core.Handle handle =
            new OpenHandle("Socket", this, this::destroy, () -> this.referenced);
    private final Sender sender;
    private final WriteQueue queue = new WriteQueue();
    private final Task flush = this::flush;
    private final Handlers<Task> drainHandlers = new Handlers<>();
    private final Handlers<Task> finishHandlers = new Handlers<>();
    private final Handlers<Done> closeHandlers = new Handlers<>();
    private final Receiver receiver;
    private final @Nullable InetSocketAddress remote;
    private @Nullable InetSocketAddress local;
    private @Nullable ReactorException failure;
    private boolean flushPlanned;
    private boolean sending;
    private boolean wantsDrain;
    private boolean ending;
    private boolean endedByUser;
    private boolean shutting;
    private boolean refused;
    private boolean finished;
    private boolean destroyed;
    private boolean closed;
    private boolean referenced = true;
    private long bytesWritten;

    Socket(Core core, Fd fd, @Nullable InetSocketAddress remote) {
        this.core = core;
        this.fd = fd;
        this.remote = remote;
        sender = new Sender(core);
        receiver = new Receiver(core, fd, this);
        core.opened(handle);
        core.ref();
    }

    private static Socket context(Slot slot) {
        return (Socket) Objects.requireNonNull(slot.context);
    }

    // ---- events

    /** Hands what arrives to {@code handler}, the newest alone, and starts reading. */
    @Override
    public Socket onData(DataHandler handler) {
        core.checkThread("Socket.onData");
        Net.requireCallback(handler, "handler");
        receiver.onData(handler);
        return this;
    }

    /** Runs {@code task} when the peer has ended its side and all data has been handed out. */
    @Override
    public Socket onEnd(Task task) {
        core.checkThread("Socket.onEnd");
        Net.requireCallback(task, "task");
        receiver.onEnd(task);
        return this;
    }

    /** Runs {@code task} once the queue is empty, after {@link #write} had said false. */
    @Override
    public Socket onDrain(Task task) {
        core.checkThread("Socket.onDrain");
        Net.requireCallback(task, "task");
        drainHandlers.add(task);
        return this;
    }

    /** Runs {@code task} when everything has been sent and our side is ended. */
    @Override
    public Socket onFinish(Task task) {
        core.checkThread("Socket.onFinish");
        Net.requireCallback(task, "task");
        finishHandlers.add(task);
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
        Net.requireCallback(handler, "handler");
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
        ending = true;
        planFlush();
    }

    void receiveFailed(int result) {
        destroy(ErrnoException.socket(result, "read", remote));
    }

    // ---- writing

    /** Queues bytes; they must not change until {@link #flush} says that they are gone. */
    @Override
    public boolean write(byte[] data) {
        Objects.requireNonNull(data, "data");
        return mayWrite("Socket.write") && push(data, 0, data.length);
    }

    /**
     * Queues a buffer, which is retained until it is sent.
     *
     * <p>All forms of write take everything, send in call order, and gather what one turn writes.
     *
     * @return false when {@link #HIGH_WATER_MARK} bytes or more are queued: better wait for {@link
     *     #onDrain}; also when the connection is gone, and the data with it: {@link #flush} tells
     * @throws IllegalStateException after {@link #end}
     */
    @Override
    public boolean write(Buffer data) {
        if (!mayWrite("Socket.write")) {
            return false;
        }
        return push(data.retain(), 0, data.length());
    }

    private boolean mayWrite(String call) {
        core.checkThread(call);
        if (endedByUser) {
            throw new IllegalStateException(
                    "ERR_STREAM_WRITE_AFTER_END: write after end: this side was ended by end()");
        }
        refused |= ending || destroyed;
        return !refused;
    }

    private boolean push(Object data, int offset, int length) {
        if (length == 0) {
            WriteQueue.release(data);
        } else {
            queue.add(data, offset, length);
            planFlush();
        }
        boolean below = queue.bytes() < HIGH_WATER_MARK;
        wantsDrain |= !below;
        return below;
    }

    /**
     * Calls back when the kernel has taken everything written so far: at once in the next turn if
     * nothing is queued; with EPIPE when the connection can take no more, with ECANCELED or the
     * connection's error when it goes down first.
     */
    @Override
    public void flush(Done done) {
        core.checkThread("Socket.flush");
        Net.requireCallback(done, "done");
        if (closed) {
            core.reactor().nextTick(() -> done.call(gone(ErrnoCode.EPIPE)));
            return;
        }
        queue.add(refused ? err -> done.call(err != null ? err : gone(ErrnoCode.EPIPE)) : done);
        planFlush();
    }

    private ReactorException gone(int errno) {
        return failure != null ? failure : ErrnoException.socket(errno, "write", remote);
    }

    /** Ends our side behind what is queued; what the peer sends can still be read. */
    @Override
    public void end() {
        core.checkThread("Socket.end");
        if (!endedByUser && !destroyed) {
            endedByUser = true;
            ending = true;
            planFlush();
        }
    }

    private void planFlush() {
        if (!flushPlanned && !sending && !destroyed) {
            flushPlanned = true;
            core.beforeEnter(flush);
        }
    }

    private void flush() {
        flushPlanned = false;
        if (sending || destroyed) {
            return;
        }
        tellFlushed();
        if (destroyed) {
            return;
        }
        if (!queue.isEmpty()) {
            sending = true;
            sender.send(queue, fd, SENT, this);
        } else if (ending && receiver.isEnded()) {
            finish();
            destroy(); // nothing is unread, so the close itself sends our end if need be
        } else if (ending && !shutting) {
            shutting = true;
            Slot slot = core.slot(Op.SHUTDOWN, SHUT);
            slot.owner = fd;
            slot.length = Const.SHUT_WR;
            slot.context = this;
            slot.keepsAlive = false;
            core.submit(slot);
        }
    }

    private void tellFlushed() {
        for (Done done = queue.takeDue(); done != null; done = queue.takeDue()) {
            core.call(done, null);
            if (sending || destroyed) {
                return;
            }
        }
    }

    private void sent(int result) {
        sending = false;
        if (destroyed) {
            return;
        }
        if (result <= 0) {
            int errno = result == 0 ? ErrnoCode.EIO : result;
            destroy(ErrnoException.socket(errno, "write", remote));
            return;
        }
        bytesWritten += result;
        sender.sent(result);
        queue.acknowledge(result);
        if (!queue.isEmpty() || ending) {
            planFlush();
        }
        if (wantsDrain && queue.bytes() == 0) {
            wantsDrain = false;
            drained();
        }
    }

    private void drained() {
        drainHandlers.each(core::call);
    }

    private void finish() {
        if (!finished && !destroyed) {
            finished = true;
            finishHandlers.each(core::call);
        }
    }

    private void shut(int result) {
        if (result >= 0) {
            finish();
        }
        if (!receiver.isEnded() && (!receiver.hasConsumer() || result < 0)) {
            // Nobody reads, or the connection broke before (ENOTCONN): look for the peer's end, or
            // for how it broke, and keep data that comes instead.
            receiver.receive();
        }
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
        if (local == null) {
            local = Sockaddr.local(core, fd.number());
        }
        core.close(fd, (slot, result, more) -> core.inClosePhase(this::tellClosed));
    }

    private void tellClosed() {
        closed = true;
        sender.release();
        receiver.discard();
        ReactorException lost = gone(ErrnoCode.ECANCELED);
        while (!queue.isEmpty()) {
            Object item = queue.drop();
            if (item instanceof Done done) {
                core.call(done, lost);
            } else {
                WriteQueue.release(item);
            }
        }
        core.closed(handle);
        if (referenced) {
            core.unref();
        }
        closeHandlers.each(handler -> core.call(handler, failure));
    }

    // ---- properties

    /** Sends small segments at once instead of waiting to fill them (TCP_NODELAY). */
    public Socket noDelay(boolean on) {
        core.checkThread("Socket.noDelay");
        return set(Const.IPPROTO_TCP, Const.TCP_NODELAY, on);
    }

    /** Probes an idle connection now and then, at the system's intervals (SO_KEEPALIVE). */
    public Socket keepAlive(boolean on) {
        core.checkThread("Socket.keepAlive");
        return set(Const.SOL_SOCKET, Const.SO_KEEPALIVE, on);
    }

    private Socket set(int level, int option, boolean on) {
        if (!destroyed) {
            Sockaddr.set(core, fd.number(), level, option, on ? 1 : 0);
        }
        return this;
    }

    /** The peer's address; it stays after the close. */
    public @Nullable InetSocketAddress remoteAddress() {
        return remote;
    }

    /** Our address; it stays after the close. */
    public @Nullable InetSocketAddress localAddress() {
        core.checkThread("Socket.localAddress");
        if (local == null && !destroyed) {
            local = Sockaddr.local(core, fd.number());
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
        return bytesWritten;
    }

    /** Bytes queued and not taken by the kernel. */
    @Override
    public long queuedBytes() {
        return queue.bytes();
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
        return endedByUser;
    }

    @Override
    public boolean isFinished() {
        return finished;
    }

    @Override
    public int highWaterMark() {
        return HIGH_WATER_MARK;
    }

    @Override
    public Reactor reactor() {
        return core.reactor();
    }

    /** Lets the socket keep the loop alive while it is open, as from the start. */
    public Socket ref() {
        return reference(true);
    }

    /** Lets the loop end although the socket is open. */
    public Socket unref() {
        return reference(false);
    }

    private Socket reference(boolean on) {
        core.checkThread("Socket.ref");
        if (referenced != on && !closed) {
            referenced = on;
            if (on) {
                core.ref();
            } else {
                core.unref();
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return "Socket[" + remote + (destroyed ? ", destroyed]" : "]");
    }
}
