package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/**
 * For who makes a stream to read from and to write to: a {@link ReadableBase} and a {@link
 * WritableBase} in one. It closes when both sides are done. Loop thread only.
 */
public abstract class DuplexBase implements Duplex {
    private final Lifecycle life;
    private final ReadSide readSide;
    private final WriteSide writeSide;

    /**
     * Makes an open stream.
     *
     * @param readHighWaterMark bytes held for the consumer from which on no more are asked for
     * @param writeHighWaterMark bytes queued from which on write says false
     * @param limit bytes that may be queued at the most; a write beyond it destroys the stream with
     *     {@code ERR_BUFFER_FULL}
     */
    @SuppressWarnings("this-escape") // kept, not used
    protected DuplexBase(
            Reactor reactor, int readHighWaterMark, int writeHighWaterMark, long limit) {
        life = new Lifecycle(Core.of(reactor), this, this::close, this::discard);
        readSide = new ReadSide(life, readHighWaterMark, this::pull, this::sideDone);
        writeSide = new WriteSide(life, writeHighWaterMark, limit, sink(), this::sideDone);
        life.begin();
    }

    private WriteSide.Sink sink() {
        return new WriteSide.Sink() {
            @Override
            public void take(Buffer piece) {
                DuplexBase.this.take(piece);
            }

            @Override
            public void finish() {
                DuplexBase.this.finish();
            }
        };
    }

    // ---- for implementers

    /** As {@link ReadableBase#pull}. */
    protected abstract void pull(int bytes) throws Exception;

    /** As {@link ReadableBase#push}. */
    protected final void push(Buffer data) {
        readSide.push(data);
    }

    /** As {@link ReadableBase#deliver}. */
    protected final void deliver(Buffer data) {
        readSide.deliver(data);
    }

    /** As {@link ReadableBase#pushEnd}. */
    protected final void pushEnd() {
        readSide.pushEnd();
    }

    /** As {@link WritableBase#take}. */
    protected abstract void take(Buffer piece);

    /** As {@link WritableBase#taken}. */
    protected final void taken(@Nullable ReactorException err) {
        writeSide.taken(err);
    }

    /** As {@link WritableBase#finish}. */
    protected void finish() {
        completed(null);
    }

    /** As {@link WritableBase#completed}. */
    protected final void completed(@Nullable ReactorException err) {
        writeSide.completed(err);
    }

    /** As {@link ReadableBase#close}. */
    protected void close(Done closed) throws Exception {
        closed.call(null);
    }

    private void sideDone() {
        if (readSide.isEnded() && writeSide.isFinished()) {
            destroy();
        }
    }

    private void discard() {
        readSide.discard();
        writeSide.discard();
    }

    // ---- for users

    @Override
    public final DuplexBase onData(DataHandler handler) {
        readSide.onData(handler);
        return this;
    }

    @Override
    public final DuplexBase onEnd(Task task) {
        readSide.onEnd(task);
        return this;
    }

    @Override
    public final DuplexBase pause() {
        readSide.pause();
        return this;
    }

    @Override
    public final DuplexBase resume() {
        readSide.resume();
        return this;
    }

    @Override
    public final boolean isPaused() {
        return readSide.isPaused();
    }

    @Override
    public final boolean isEnded() {
        return readSide.isEnded();
    }

    @Override
    public final long bytesRead() {
        return readSide.bytesRead();
    }

    @Override
    public final boolean write(Buffer data) {
        return writeSide.write(data);
    }

    @Override
    public final boolean write(byte[] data) {
        return writeSide.write(data);
    }

    @Override
    public final void flush(Done done) {
        writeSide.flush(done);
    }

    @Override
    public final void end() {
        writeSide.end();
    }

    @Override
    public final DuplexBase onDrain(Task task) {
        writeSide.onDrain(task);
        return this;
    }

    @Override
    public final DuplexBase onFinish(Task task) {
        writeSide.onFinish(task);
        return this;
    }

    @Override
    public final Duplex onClose(Done handler) {
        life.onClose(handler);
        return this;
    }

    @Override
    public final boolean isEnding() {
        return writeSide.isEnding();
    }

    @Override
    public final boolean isFinished() {
        return writeSide.isFinished();
    }

    @Override
    public final long queuedBytes() {
        return writeSide.queuedBytes();
    }

    @Override
    public final long bytesWritten() {
        return writeSide.bytesWritten();
    }

    @Override
    public final int highWaterMark() {
        return writeSide.highWaterMark();
    }

    @Override
    public final void destroy() {
        life.destroy(null);
    }

    @Override
    public final void destroy(@Nullable ReactorException error) {
        life.destroy(error);
    }

    @Override
    public final boolean isDestroyed() {
        return life.isDestroyed();
    }

    @Override
    public final boolean isClosed() {
        return life.isClosed();
    }

    @Override
    public final @Nullable ReactorException error() {
        return life.error();
    }

    @Override
    public final Reactor reactor() {
        return life.reactor();
    }
}
