package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.stream.DataHandler;
import java.util.ArrayDeque;
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

    private final Core core;
    private final Fd fd;
    private final Socket socket;
    private final ArrayDeque<Buffer> held = new ArrayDeque<>();
    private final Task deliverHeld = this::deliverHeld;
    private final Handlers<Task> endHandlers = new Handlers<>();
    private @Nullable DataHandler consumer;
    private @Nullable Slot receiving;
    private boolean paused = true;
    private boolean cancelling;
    private boolean heldPlanned;
    private boolean endSeen;
    private boolean endTold;
    private long bytesRead;

    Receiver(Core core, Fd fd, Socket socket) {
        this.core = core;
        this.fd = fd;
        this.socket = socket;
    }

    void onData(DataHandler handler) {
        consumer = handler;
        resume();
    }

    void onEnd(Task task) {
        endHandlers.add(task);
    }

    boolean hasConsumer() {
        return consumer != null;
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
        if (receiving != null || endSeen || socket.isDestroyed()) {
            return;
        }
        Slot slot = core.slot(Op.RECV, RECEIVED);
        slot.owner = fd;
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
        } else if (result == 0) {
            endSeen = true;
            if (!socket.isDestroyed() && held.isEmpty() && (!paused || consumer == null)) {
                tellEnd();
            }
        } else if (result == -ErrnoCode.ECANCELED) {
            if (!paused) {
                receive();
            }
        } else {
            socket.receiveFailed(result);
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
            Buffer buffer = held.remove();
            core.call(() -> hand(buffer));
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
            held.remove().release();
        }
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
