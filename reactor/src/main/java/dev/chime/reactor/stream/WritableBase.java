package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/**
 * For who makes a stream to write to: say how to {@link #take} a piece, and that it is {@link
 * #taken}. All else is here. Loop thread only.
 */
public abstract class WritableBase implements Writable {
    private final Lifecycle life;
    private final WriteSide side;

    /**
     * Makes an open stream.
     *
     * @param highWaterMark bytes queued from which on write says false
     * @param limit bytes that may be queued at the most; a write beyond it destroys the stream with
     *     {@code ERR_BUFFER_FULL}
     */
    @SuppressWarnings("this-escape") // kept, not used
    protected WritableBase(Reactor reactor, int highWaterMark, long limit) {
        life = new Lifecycle(Core.of(reactor), this, this::close, this::discard);
        side = new WriteSide(life, highWaterMark, limit, sink(), this::destroy);
        life.begin();
    }

    private WriteSide.Sink sink() {
        return new WriteSide.Sink() {
            @Override
            public void take(Buffer piece) {
                WritableBase.this.take(piece);
            }

            @Override
            public void finish() {
                WritableBase.this.finish();
            }
        };
    }

    // ---- for implementers

    /**
     * Takes a piece, which is valid until {@link #taken} is called, once, now or later: the next
     * one comes only then. It may run inside a write of the user's, so it calls nobody.
     */
    protected abstract void take(Buffer piece);

    /** Says that the piece has been taken; or that it failed, which destroys the stream. */
    protected final void taken(@Nullable ReactorException err) {
        side.taken(err);
    }

    /** Counts bytes that came by another way than a write; see {@link ReadableBase#passed}. */
    protected final void passed(int bytes) {
        side.passed(bytes);
    }

    /** Everything has been taken: does what is left, and then says {@link #completed}. */
    protected void finish() {
        completed(null);
    }

    /** Says that all is done; or that it failed, which destroys the stream. */
    protected final void completed(@Nullable ReactorException err) {
        side.completed(err);
    }

    /** As {@link ReadableBase#close}. */
    protected void close(Done closed) throws Exception {
        closed.call(null);
    }

    private void discard() {
        side.discard();
    }

    // ---- for users

    @Override
    public final boolean write(Buffer data) {
        return side.write(data);
    }

    @Override
    public final boolean write(byte[] data) {
        return side.write(data);
    }

    @Override
    public final void flush(Done done) {
        side.flush(done);
    }

    @Override
    public final void end() {
        side.end();
    }

    @Override
    public final Writable onDrain(Task task) {
        side.onDrain(task);
        return this;
    }

    @Override
    public final Writable onFinish(Task task) {
        side.onFinish(task);
        return this;
    }

    @Override
    public final Writable onClose(Done handler) {
        life.onClose(handler);
        return this;
    }

    @Override
    public final boolean isEnding() {
        return side.isEnding();
    }

    @Override
    public final boolean isFinished() {
        return side.isFinished();
    }

    @Override
    public final long queuedBytes() {
        return side.queuedBytes();
    }

    @Override
    public final long bytesWritten() {
        return side.bytesWritten();
    }

    @Override
    public final int highWaterMark() {
        return side.highWaterMark();
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
