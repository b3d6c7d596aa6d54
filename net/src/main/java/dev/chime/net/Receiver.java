package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.DataHandler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The reading side of a socket: one receive is in flight while somebody wants data; what comes
 * during a pause is held, in order, and the end is told behind it.
 */
final class Receiver {
    private static final Completion RECEIVED =
            (slot, result, more) ->
                    ((Receiver) Objects.requireNonNull(slot.context)).received(slot, result, more);

    private static final Completion READY =
            (slot, result, more) -> ((Receiver) Objects.requireNonNull(slot.context)).ready(result);

    /** Messages with descriptors that are received in a row: others have their turn, too. */
    private static final int MESSAGES_AT_ONCE = 16;

    private final Core core;
    private final Socket socket;

    /** Buffers, or what came with descriptors. */
    private final ArrayDeque<Object> held = new ArrayDeque<>(0);

    private final Task deliverHeld = this::deliverHeld;
    private final Handlers<Task> endHandlers = new Handlers<>();
    private @Nullable Fd fd;
    private @Nullable DataHandler consumer;
    private @Nullable HandlesHandler handles;
    private @Nullable Slot receiving;
    private boolean paused = true;
    private boolean cancelling;
    private boolean heldPlanned;
    private boolean endSeen;
    private boolean endTold;
    private long bytesRead;

    Receiver(Core core, Socket socket) {
        this.core = core;
        this.socket = socket;
    }

    /** The connection is there. */
    void open(Fd connected) {
        fd = connected;
        if (!paused) {
            receive();
        }
    }

    void onData(DataHandler handler) {
        consumer = handler;
        resume();
    }

    void onEnd(Task task) {
        endHandlers.add(task);
    }

    /** From now on descriptors are received as well; before anything is. */
    void onHandles(HandlesHandler handler) {
        if (handles == null && (receiving != null || bytesRead > 0 || endSeen)) {
            throw new IllegalStateException(
                    "Socket.onHandles comes too late: this socket reads already, and what came"
                            + " without a handler is closed; call it before onData");
        }
        handles = handler;
    }

    /** Our side is ended, or could not be. */
    void shut(int result) {
        if (!endTold && (consumer == null || result < 0)) {
            // Nobody reads, or the connection broke before (ENOTCONN): look for the peer's end, or
            // for how it broke, and keep data that comes instead.
            receive();
        }
    }

    boolean isPaused() {
        return paused;
    }

    /** True once the end has been told. */
    boolean isEnded() {
        return endTold;
    }

    long bytesRead() {
        return bytesRead;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        if (socket.isDestroyed()) {
            return;
        }
        if (!held.isEmpty() || (endSeen && !endTold)) {
            planHeld();
        } else {
            receive();
        }
    }

    private void planHeld() {
        if (!heldPlanned) {
            heldPlanned = true;
            core.beforeEnter(deliverHeld);
        }
    }

    /** Starts a receive, unless there is one, or no need. */
    void receive() {
        if (receiving != null || endSeen || fd == null || socket.isDestroyed()) {
            return;
        }
        boolean waits = handles != null;
        Slot slot = core.slot(waits ? Op.POLL : Op.RECV, waits ? READY : RECEIVED);
        slot.owner = fd;
        slot.flags = waits ? Const.EPOLLIN : 0;
        slot.context = this;
        slot.keepsAlive = false;
        receiving = slot;
        cancelling = false;
        core.submit(slot);
    }

    private void received(Slot slot, int result, boolean more) throws Exception {
        if (!more) {
            receiving = null;
        }
        if (result > 0) {
            Chunk chunk = Objects.requireNonNull(slot.chunk);
            slot.chunk = null;
            bytesRead += result;
            socket.received();
            data(core.wrap(chunk, slot.chunkOffset, result));
        } else {
            ended(result);
        }
    }

    private void ended(int result) {
        if (result == 0) {
            endSeen = true;
            if (!socket.isDestroyed() && held.isEmpty() && (!paused || consumer == null)) {
                tellEnd();
            }
        } else if (result == -ErrnoCode.ECANCELED) {
            if (!paused) {
                receive();
            }
        } else {
            socket.destroy(ErrnoException.socket(result, "read", socket.remoteName()));
        }
    }

    /** There is something to receive where descriptors may come along; or an error of the wait. */
    private void ready(int result) throws Exception {
        receiving = null;
        Fd from = Objects.requireNonNull(fd);
        int got = result;
        List<Handles.Arrived> arrived = new ArrayList<>(1);
        for (int i = 0; i < MESSAGES_AT_ONCE && got > 0 && !isStill(); i++) {
            got = Handles.receive(core, from, arrived);
            if (got > 0) {
                bytesRead += got;
                socket.received();
                arrived(arrived.removeFirst());
            }
        }
        if (got == -ErrnoCode.EAGAIN) {
            receive();
        } else if (got <= 0) {
            ended(got);
        } else if (!paused) {
            receive();
        }
    }

    private boolean isStill() {
        return socket.isDestroyed() || (paused && !held.isEmpty());
    }

    private void arrived(Handles.Arrived message) throws Exception {
        if (message.handles().isEmpty() && !message.truncated()) {
            data(message.buffer());
        } else if (socket.isDestroyed()) {
            message.release();
        } else if (paused || !held.isEmpty()) {
            held.add(message);
        } else {
            hand(message);
        }
    }

    private void hand(Handles.Arrived message) throws Exception {
        try {
            HandlesHandler handler = handles;
            if (handler != null) {
                handler.handles(message.handles(), message.truncated());
            }
        } finally {
            message.handles().forEach(Descriptor::close); // those that nobody has taken
            Buffer buffer = message.buffer();
            if (socket.isDestroyed()) {
                buffer.release();
            } else if (paused) {
                held.addFirst(buffer);
            } else {
                hand(buffer);
            }
        }
    }

    private void data(Buffer buffer) throws Exception {
        if (socket.isDestroyed()) {
            buffer.release();
        } else if (paused || !held.isEmpty()) {
            held.add(buffer);
            if (paused) {
                stopReceiving();
            }
        } else {
            hand(buffer);
        }
    }

    /** The first data after a pause ends the receive: a short pause costs nothing. */
    private void stopReceiving() {
        Slot slot = receiving;
        if (slot != null && !cancelling) {
            cancelling = true;
            core.cancel(slot);
        }
    }

    /** True while what comes is for {@code handler}, and wanted. */
    boolean flowsTo(DataHandler handler) {
        return !paused && handler.equals(consumer) && !socket.isDestroyed();
    }

    /** Takes back what a handler has not used: it comes next, in a later call. */
    void keep(Buffer rest) {
        if (socket.isDestroyed()) {
            rest.release();
            return;
        }
        held.addFirst(rest);
        if (paused) {
            stopReceiving();
        } else {
            planHeld();
        }
    }

    private void hand(Buffer buffer) throws Exception {
        try {
            DataHandler handler = consumer;
            if (handler != null) {
                handler.data(buffer);
            }
        } finally {
            buffer.release();
        }
    }

    private void deliverHeld() {
        heldPlanned = false;
        while (!paused && !socket.isDestroyed() && !held.isEmpty()) {
            Object next = held.remove();
            core.call(() -> {
                if (next instanceof Handles.Arrived message) {
                    hand(message);
                } else {
                    hand((Buffer) next);
                }
            });
        }
        if (!paused && !socket.isDestroyed() && held.isEmpty()) {
            if (!endSeen) {
                receive();
            } else if (!endTold) {
                tellEnd();
            }
        }
    }

    private void tellEnd() {
        endTold = true;
        endHandlers.each(core::call);
        socket.endTold();
    }

    /** Drops what is held. */
    void discard() {
        while (!held.isEmpty()) {
            Object next = held.remove();
            if (next instanceof Handles.Arrived message) {
                message.release();
            } else {
                ((Buffer) next).release();
            }
        }
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
