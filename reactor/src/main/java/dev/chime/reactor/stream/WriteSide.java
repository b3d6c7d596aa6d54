package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.internal.Plan;
import dev.chime.reactor.internal.WriteQueue;
import dev.chime.reactor.libc.Memory;
import org.jspecify.annotations.Nullable;

/**
 * The writable half of a stream: a queue whose head is given to a sink, one piece at a time, and
 * the end behind it. Small pieces of a turn are gathered to one.
 */
final class WriteSide {
    /** Where the pieces go. */
    interface Sink {
        /** Takes a piece, valid until {@link WriteSide#taken}; calls no user. */
        void take(Buffer piece);

        /** Everything has been taken; {@link WriteSide#completed} is to be told. */
        void finish();
    }

    /** Buffers from this size on go as they are, smaller ones are gathered by copying. */
    private static final int WHOLE_BYTES = 16 << 10;

    private static final int STAGE_BYTES = 64 << 10;

    private final Core core;
    private final Lifecycle life;
    private final Sink sink;
    private final Runnable ended;
    private final int highWaterMark;
    private final long limit;
    private final WriteQueue queue = new WriteQueue();
    private final Plan plan;
    private final Handlers<Task> drainHandlers = new Handlers<>();
    private final Handlers<Task> finishHandlers = new Handlers<>();
    private @Nullable Buffer piece;
    private long bytesWritten;
    private @Nullable ReactorException earlyError;
    private boolean taking;
    private boolean early;
    private boolean wantsDrain;
    private boolean ending;
    private boolean finishing;
    private boolean finished;

    /**
     * Writes to {@code sink}; {@code ended} runs when the finish has been told.
     *
     * @param limit bytes that may be queued at the most: one more destroys the stream
     */
    WriteSide(Lifecycle life, int highWaterMark, long limit, Sink sink, Runnable ended) {
        Checks.positive(highWaterMark, "highWaterMark");
        Checks.positive(limit, "limit");
        this.core = life.core();
        this.life = life;
        this.highWaterMark = highWaterMark;
        this.limit = limit;
        this.sink = sink;
        this.ended = ended;
        plan = new Plan(core, this::advance);
    }

    // ---- the user's

    boolean write(Buffer data) {
        return mayWrite() && push(data.retain(), data.length());
    }

    boolean write(byte[] data) {
        Checks.notNull(data, "data");
        return mayWrite() && push(data, data.length);
    }

    private boolean mayWrite() {
        core.checkThread("Writable.write");
        if (ending) {
            throw new IllegalStateException(
                    "ERR_STREAM_WRITE_AFTER_END: write after end() was called");
        }
        return !life.isDestroyed();
    }

    private boolean push(Object data, int length) {
        if (length == 0) {
            WriteQueue.release(data);
        } else if (length > limit - queue.bytes()) {
            WriteQueue.release(data);
            life.destroy(
                    new ReactorException(
                            "ERR_BUFFER_FULL",
                            "A write of %d bytes on top of %d exceeds the limit of %d"
                                    .formatted(length, queue.bytes(), limit)));
            return false;
        } else {
            queue.add(data, 0, length);
            if (queue.size() == 1 && length >= WHOLE_BYTES && data instanceof Buffer) {
                start(); // nothing to wait for
            } else {
                plan.make();
            }
        }
        boolean below = queue.bytes() < highWaterMark;
        wantsDrain |= !below;
        return below;
    }

    void flush(Done done) {
        core.checkThread("Writable.flush");
        Checks.notNull(done, "done");
        if (life.isClosed()) {
            core.reactor().nextTick(() -> done.call(gone()));
        } else {
            queue.add(done);
            plan.make();
        }
    }

    private ReactorException gone() {
        ReactorException failure = life.error();
        return failure != null ? failure : Checks.destroyed("write");
    }

    void onDrain(Task task) {
        core.checkThread("Writable.onDrain");
        Checks.notNull(task, "task");
        drainHandlers.add(task);
    }

    void onFinish(Task task) {
        core.checkThread("Writable.onFinish");
        Checks.notNull(task, "task");
        finishHandlers.add(task);
    }

    void end() {
        core.checkThread("Writable.end");
        if (!ending && !life.isDestroyed()) {
            ending = true;
            plan.make();
        }
    }

    boolean isEnding() {
        return ending;
    }

    boolean isFinished() {
        return finished;
    }

    long queuedBytes() {
        return queue.bytes();
    }

    long bytesWritten() {
        return bytesWritten;
    }

    int highWaterMark() {
        return highWaterMark;
    }

    // ---- the sink's

    /** Counts bytes that did not come by the queue. */
    void passed(int bytes) {
        bytesWritten += bytes;
    }

    /** The sink has taken the piece, or has failed, which ends the stream. */
    void taken(@Nullable ReactorException err) {
        if (taking) { // a user's write may be on the stack
            early = true;
            earlyError = err;
            plan.make();
            return;
        }
        Buffer done = piece;
        if (done == null) {
            return; // after the close
        }
        piece = null;
        int length = done.length();
        done.release();
        if (err != null) {
            life.destroy(err);
        }
        if (life.isDestroyed()) {
            return;
        }
        bytesWritten += length;
        queue.acknowledge(length);
        if (wantsDrain && queue.bytes() == 0 && !ending) {
            drain();
        }
        advance();
    }

    private void drain() {
        wantsDrain = false;
        drainHandlers.each(core::call);
    }

    /** The sink has finished, or failed to. */
    void completed(@Nullable ReactorException err) {
        if (err != null) {
            life.destroy(err);
        } else if (!life.isDestroyed() && !finished) {
            finished = true;
            finishHandlers.each(core::call);
            ended.run();
        }
    }

    // ---- the flow

    private void advance() {
        if (early) {
            early = false;
            taken(earlyError);
            return;
        }
        tellTaken();
        start();
        if (queue.isEmpty() && piece == null && ending && !finishing && !life.isDestroyed()) {
            finishing = true;
            sink.finish();
        }
    }

    private void tellTaken() {
        while (!life.isDestroyed() && piece == null) {
            Done done = queue.takeDue();
            if (done == null) {
                return;
            }
            core.call(done, null);
        }
    }

    /** Gives the sink the next piece, if it has none and data is first in the queue. */
    private void start() {
        if (piece != null || queue.isEmpty() || life.isDestroyed()) {
            return;
        }
        Object head = queue.item(0);
        if (head instanceof Done) {
            return;
        }
        Buffer next;
        if (head instanceof Buffer buffer
                && queue.offset(0) == 0
                && (queue.length(0) >= WHOLE_BYTES || queue.size() == 1)) {
            next = buffer.retain();
        } else {
            next = gather();
        }
        piece = next;
        taking = true;
        try {
            sink.take(next);
        } finally {
            taking = false;
        }
    }

    /** Copies from the head of the queue until the memory is full or something large comes. */
    private Buffer gather() {
        Chunk chunk = core.tryAllocate((int) Math.min(queue.bytes(), STAGE_BYTES));
        if (chunk == null) {
            chunk = core.allocateArguments(); // at the memory limit: little by little
        }
        int filled = 0;
        for (int i = 0; i < queue.size() && filled < chunk.size(); i++) {
            int length = Math.min(queue.length(i), chunk.size() - filled);
            long to = chunk.address() + filled;
            if (queue.item(i) instanceof byte[] array) {
                Memory.copy(array, queue.offset(i), to, length);
                filled += length;
            } else if (queue.item(i) instanceof Buffer buffer) {
                if (filled > 0 && queue.length(i) >= WHOLE_BYTES) {
                    break;
                }
                Memory.copy(core.address(buffer) + queue.offset(i), to, length);
                filled += length;
            }
        }
        return core.wrap(chunk, 0, filled);
    }

    /** Tells those who wait that it is too late, and drops the queue. */
    void discard() {
        if (piece != null) {
            piece.release();
            piece = null;
        }
        while (!queue.isEmpty()) {
            Object item = queue.drop();
            if (item instanceof Done done) {
                core.call(done, gone());
            } else {
                WriteQueue.release(item);
            }
        }
    }
}
