package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.FileSink;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.WriteQueue;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a socket: a queue that one send after the other empties, and behind it the
 * end of our side. What one turn writes is gathered; a cork gathers more.
 */
final class Transmitter implements FileSink {
    private static final Completion SENT = (slot, result, more) -> context(slot).sent(result);
    private static final Completion SHUT = (slot, result, more) -> context(slot).shut(result);

    private final Core core;
    private final Socket socket;
    private final Sender sender;
    private final WriteQueue queue = new WriteQueue();
    private final Task flush = this::flush;
    private final Handlers<Task> drainHandlers = new Handlers<>();
    private final Handlers<Task> finishHandlers = new Handlers<>();
    private final long maxQueuedBytes;
    private final int highWaterMark;
    private @Nullable Fd fd;
    private @Nullable FileSending file;
    private boolean telling;
    private boolean flushPlanned;
    private boolean sending;
    private boolean wantsDrain;
    private boolean ending;
    private boolean endedByUser;
    private boolean shutting;
    private boolean refused;
    private boolean finished;
    private boolean owesAnswer;
    private boolean leaving;
    private int corks;
    private long bytesWritten;

    Transmitter(Core core, Socket socket, SocketOptions options) {
        this.core = core;
        this.socket = socket;
        maxQueuedBytes = options.maxQueuedBytes();
        highWaterMark = options.highWaterMark();
        sender = new Sender(core);
    }

    /** The connection is there: what is queued goes. */
    void open(Fd connected) {
        fd = connected;
        if (ending || !queue.isEmpty()) {
            planFlush();
        }
    }

    private static Transmitter context(Slot slot) {
        return (Transmitter) Objects.requireNonNull(slot.context);
    }

    void onDrain(Task task) {
        drainHandlers.add(task);
    }

    void onFinish(Task task) {
        finishHandlers.add(task);
    }

    // ---- writing

    void write(Done done) {
        queue.add(refused ? err -> done.call(err != null ? err : gone(ErrnoCode.EPIPE)) : done);
        planFlush();
    }

    /** True unless the connection can take no more. */
    boolean mayWrite() {
        if (endedByUser) {
            throw new IllegalStateException(
                    "ERR_STREAM_WRITE_AFTER_END: write after end: this side was ended by end()");
        }
        refused |= ending || socket.isDestroyed();
        return !refused;
    }

    /** As {@link #mayWrite()}; what may not be written is given up. */
    boolean mayWrite(Passing handles) {
        boolean may = false;
        try {
            may = mayWrite();
        } finally {
            if (!may) {
                handles.close();
            }
        }
        return may;
    }

    boolean push(Object data, int length) {
        if (length == 0) {
            release(data);
        } else if (length > maxQueuedBytes - queue.bytes()) {
            release(data);
            socket.destroy(
                    new ReactorException(
                            "ERR_BUFFER_FULL",
                            "A write of %d bytes on top of %d exceeds the limit of %d"
                                    .formatted(length, queue.bytes(), maxQueuedBytes)));
            refused = true;
            return false;
        } else {
            queue.add(data, 0, length);
            planFlush();
        }
        boolean below = queue.bytes() < highWaterMark;
        wantsDrain |= !below;
        return below;
    }

    ReactorException gone(int errno) {
        ReactorException failure = socket.error();
        if (failure != null) {
            return failure;
        }
        boolean endedByPeer = errno == ErrnoCode.EPIPE && socket.isEnded();
        String hint = endedByPeer ? "This socket has been ended by the other party" : null;
        return fd != null
                ? ErrnoException.socket(errno, "write", socket.remoteName(), hint)
                : new ReactorException(
                        "ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
                        "Socket closed before the connection was established");
    }

    void cork() {
        corks++;
    }

    void uncork() {
        if (corks > 0 && --corks == 0) {
            planFlush();
        }
    }

    /** The user ends our side. */
    void end() {
        if (!endedByUser && !socket.isDestroyed()) {
            endedByUser = true;
            endQuietly();
        }
    }

    /** Our side is ended for another reason: a write is refused then, no mistake. */
    void endQuietly() {
        ending = true;
        corks = 0;
        planFlush();
    }

    /** There may be something to do before the loop next enters the kernel. */
    void planFlush() {
        if (!flushPlanned && !sending && corks == 0 && fd != null && !socket.isDestroyed()) {
            flushPlanned = true;
            core.beforeEnter(flush);
        }
    }

    private void flush() {
        flushPlanned = false;
        Fd to = fd;
        if (sending || corks > 0 || to == null || socket.isDestroyed()) {
            return;
        }
        tellFlushed();
        if (sending || socket.isDestroyed()) {
            return;
        }
        if (!queue.isEmpty()) {
            sending = true;
            sender.send(queue, to, SENT, this);
        } else if (file != null) {
            sending = true;
            advance(file);
        } else if (ending && socket.isEnded()) {
            finish();
            socket.destroy(); // nothing is unread, so the close itself sends our end if need be
        } else if (ending && !shutting) {
            shutting = true;
            Slot slot = core.slot(Op.SHUTDOWN, SHUT);
            slot.owner = to;
            slot.length = Const.SHUT_WR;
            slot.context = this;
            slot.keepsAlive = false;
            core.submit(slot);
        }
    }

    private void tellFlushed() {
        for (Done done = queue.takeDue(); done != null; done = queue.takeDue()) {
            core.call(done, null);
            if (sending || socket.isDestroyed()) {
                return;
            }
        }
    }

    private void sent(int result) {
        sending = false;
        if (socket.isDestroyed()) {
            return;
        }
        if (result <= 0) {
            int errno = result == 0 ? ErrnoCode.EIO : result;
            socket.destroy(ErrnoException.socket(errno, "write", socket.remoteName()));
            return;
        }
        bytesWritten += result;
        sender.sent(result);
        queue.acknowledge(result);
        socket.active();
        if (!queue.isEmpty() || file != null || ending) {
            planFlush();
        }
        if (wantsDrain && queue.bytes() == 0) {
            wantsDrain = false;
            drainHandlers.each(core::call);
        }
        if (queue.bytes() == 0) { // still
            owesAnswer = false;
            if (leaving) {
                endQuietly();
            }
        }
    }

    /** Data has come, which may want an answer. */
    void owe() {
        owesAnswer = true;
    }

    /**
     * Ends our side as soon as the connection is idle: nothing is queued, and something has been
     * sent since data last came.
     */
    void endWhenIdle() {
        leaving = true;
        if (!owesAnswer && queue.bytes() == 0) {
            endQuietly();
        }
    }

    // ---- files

    @Override
    public boolean copyFrom(Fd source, long at, int bytes, IntConsumer copied) {
        Fd to = fd;
        boolean busy = ending || refused || file != null || socket.isDestroyed();
        if (busy || to == null || !FileSending.pays(bytes)) {
            return false;
        }
        file = new FileSending(core, to, this, source, at, bytes, copied);
        if (telling) {
            core.reactor().setImmediate(this::planFlush); // others first
        } else {
            planFlush();
        }
        return true;
    }

    @Override
    public void cancelCopy() {
        FileSending known = file;
        if (known == null) {
            return;
        }
        if (known.hasBegun()) {
            known.cancel();
        } else {
            file = null;
            core.reactor().nextTick(known::tell);
        }
    }

    private void advance(FileSending current) {
        if (current.goOn()) {
            fileSent(current);
        }
    }

    /** Bytes have gone past the queue. */
    void passed(int count) {
        if (count > 0) {
            bytesWritten += count;
            socket.active();
        }
    }

    /** A file waits for the socket no longer. */
    void writable(boolean goesOn) {
        FileSending current = Objects.requireNonNull(file);
        if (goesOn && !socket.isDestroyed()) {
            advance(current);
        } else {
            fileSent(current);
        }
    }

    private void fileSent(FileSending current) {
        file = null;
        sending = false;
        telling = true;
        current.tell();
        telling = false;
        if (file == null) {
            planFlush();
        }
    }

    private void finish() {
        if (!finished && !socket.isDestroyed()) {
            finished = true;
            finishHandlers.each(core::call);
        }
    }

    private void shut(int result) {
        if (result >= 0) {
            finish();
        }
        socket.shut(result);
    }

    /** The socket is closed: what waits will not be sent. */
    void discard() {
        cancelCopy();
        sender.release();
        ReactorException lost = gone(ErrnoCode.ECANCELED);
        while (!queue.isEmpty()) {
            Object item = queue.drop();
            if (item instanceof Done done) {
                core.call(done, lost);
            } else {
                release(item);
            }
        }
    }

    private static void release(Object item) {
        if (item instanceof Passing handles) {
            handles.close();
        } else {
            WriteQueue.release(item);
        }
    }

    // ---- properties

    boolean isEndedByUser() {
        return endedByUser;
    }

    boolean isFinished() {
        return finished;
    }

    int highWaterMark() {
        return highWaterMark;
    }

    long queuedBytes() {
        return queue.bytes();
    }

    long unsentBytes() {
        return queue.bytes() + (file == null ? 0 : file.bytes());
    }

    long bytesWritten() {
        return bytesWritten;
    }

    boolean push(Buffer data) {
        return push(data.retain(), data.length());
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
