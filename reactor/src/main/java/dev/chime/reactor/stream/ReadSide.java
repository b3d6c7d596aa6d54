package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.Plan;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The readable half of a stream: it asks its source for bytes while there is room, holds what comes
 * until somebody takes it, and tells the end behind the last byte.
 */
final class ReadSide {
    /** Asks the source for about so many bytes. */
    interface Pull {
        void pull(int bytes) throws Exception;
    }

    private final Core core;
    private final Lifecycle life;
    private final Pull source;
    private final Runnable ended;
    private final int highWaterMark;
    private final Plan plan;
    private final ArrayDeque<Buffer> held = new ArrayDeque<>();
    private final Handlers<Task> endHandlers = new Handlers<>();
    private @Nullable DataHandler consumer;
    private long heldBytes;
    private long bytesRead;
    private boolean paused = true;
    private boolean started;
    private boolean delivering;
    private boolean asked;
    private boolean endSeen;
    private boolean endTold;

    /** Reads from {@code source}; {@code ended} runs when the end has been told. */
    ReadSide(Lifecycle life, int highWaterMark, Pull source, Runnable ended) {
        Checks.positive(highWaterMark, "highWaterMark");
        this.core = life.core();
        this.life = life;
        this.highWaterMark = highWaterMark;
        this.source = source;
        this.ended = ended;
        plan = new Plan(core, this::deliverHeld);
    }

    // ---- the user's

    void onData(DataHandler handler) {
        core.checkThread("Readable.onData");
        Checks.notNull(handler, "handler");
        consumer = handler;
        flow();
    }

    void onEnd(Task task) {
        core.checkThread("Readable.onEnd");
        Checks.notNull(task, "task");
        endHandlers.add(task);
    }

    void pause() {
        core.checkThread("Readable.pause");
        paused = true;
    }

    void resume() {
        core.checkThread("Readable.resume");
        flow();
    }

    private void flow() {
        paused = false;
        started = true;
        if (!life.isDestroyed()) {
            plan.make();
        }
    }

    boolean isPaused() {
        return paused;
    }

    boolean isEnded() {
        return endTold;
    }

    long bytesRead() {
        return bytesRead;
    }

    // ---- the source's

    /** Where the data goes, if nothing but a pipe will see it. */
    @Nullable Writable destination() {
        return !paused && held.isEmpty() && consumer instanceof Pipe pipe
                ? pipe.destination()
                : null;
    }

    /** Counts bytes that took another way to the destination. */
    void passed(int bytes) {
        bytesRead += bytes;
    }

    /** Takes bytes and one use of their buffer; nobody is called before a later moment. */
    void push(Buffer data) {
        if (accept(data)) {
            plan.make();
        }
    }

    /**
     * As {@link #push}, and if the consumer waits it is called at once: for what runs in no user's
     * call.
     */
    void deliver(Buffer data) {
        if (accept(data)) {
            if (delivering) {
                plan.make();
            } else {
                deliverHeld();
            }
        }
    }

    private boolean accept(Buffer data) {
        asked = false;
        if (life.isDestroyed() || endSeen) {
            data.release();
            return false;
        }
        if (data.length() == 0) {
            data.release();
            return true; // the source is asked again
        }
        bytesRead += data.length();
        heldBytes += data.length();
        held.add(data);
        return true;
    }

    /** No more data will come. */
    void pushEnd() {
        endSeen = true;
        if (!paused && !life.isDestroyed()) {
            plan.make();
        }
    }

    // ---- the flow

    private void deliverHeld() {
        delivering = true;
        while (flows() && !held.isEmpty()) {
            Buffer data = held.remove();
            heldBytes -= data.length();
            core.call(() -> hand(data));
        }
        if (!endSeen) {
            refill();
        } else if (flows() && held.isEmpty() && !endTold) {
            tellEnd();
        }
        delivering = false;
    }

    private boolean flows() {
        return !paused && !life.isDestroyed();
    }

    private void hand(Buffer data) throws Exception {
        try {
            if (consumer != null) {
                consumer.data(data);
            }
        } finally {
            data.release();
        }
    }

    /** Room is left: the source may go on, also while the consumer pauses. */
    private void refill() {
        long room = highWaterMark - heldBytes;
        if (started && !asked && room > 0 && !life.isDestroyed()) {
            asked = true;
            core.call(() -> source.pull((int) room));
        }
    }

    private void tellEnd() {
        endTold = true;
        endHandlers.each(core::call);
        ended.run();
    }

    /** Drops what is held. */
    void discard() {
        while (!held.isEmpty()) {
            held.remove().release();
        }
        heldBytes = 0;
    }
}
