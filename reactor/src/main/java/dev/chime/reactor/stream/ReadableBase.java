package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/**
 * For who makes a stream to read from: say how to {@link #pull} bytes, and {@link #push} them when
 * they come. All else is here. Loop thread only.
 */
public abstract class ReadableBase implements Readable {
    private final Lifecycle life;
    private final ReadSide side;

    /**
     * Makes an open stream.
     *
     * @param highWaterMark bytes held for the consumer from which on no more are asked for
     */
    @SuppressWarnings("this-escape") // kept, not used
    protected ReadableBase(Reactor reactor, int highWaterMark) {
        life = new Lifecycle(Core.of(reactor), this, this::close, this::discard);
        side = new ReadSide(life, highWaterMark, this::pull, this::destroy);
        life.begin();
    }

    // ---- for implementers

    /**
     * Asks for bytes: {@link #push} some, or {@link #pushEnd}, now or later, or {@link #destroy}
     * with an error. It is asked again only when something has been pushed. Never called in a call
     * of the user's, nor before somebody wants data.
     *
     * @param bytes the room that is left; a wish, more may come
     * @throws Exception goes to the reactor's uncaught handler
     */
    protected abstract void pull(int bytes) throws Exception;

    /**
     * Ends what is under way, gives back what the stream holds, and then says so, now or later,
     * with an error if closing failed. Called once, by the first destroy.
     *
     * @throws Exception goes to the reactor's uncaught handler; the stream counts as closed
     */
    protected void close(Done closed) throws Exception {
        closed.call(null);
    }

    /**
     * Hands over bytes, and the caller's use of their buffer; after the destroy they are dropped.
     */
    protected final void push(Buffer data) {
        side.push(data);
    }

    /**
     * As {@link #push}, but a consumer that waits is called at once. For completions and callbacks:
     * never inside a call of the user's.
     */
    protected final void deliver(Buffer data) {
        side.deliver(data);
    }

    /**
     * The stream that everything goes to at the moment, if this one is piped, flows, and holds
     * nothing: who knows a better way there than by {@link #push} may take it when asked for bytes,
     * and says {@link #passed}.
     */
    protected final @Nullable Writable destination() {
        return side.destination();
    }

    /**
     * The pipe to the {@link #destination} has been taken away: ends what is under way to there
     * without a push. Calls no user.
     */
    protected void unpiped() {}

    /** Counts bytes that came to the {@link #destination} without a push. */
    protected final void passed(int bytes) {
        side.passed(bytes);
    }

    /** Says that no more bytes will come. */
    protected final void pushEnd() {
        side.pushEnd();
    }

    private void discard() {
        side.discard();
    }

    // ---- for users

    @Override
    public final Readable onData(DataHandler handler) {
        side.onData(handler);
        return this;
    }

    @Override
    public final Readable onEnd(Task task) {
        side.onEnd(task);
        return this;
    }

    @Override
    public final Readable onClose(Done handler) {
        life.onClose(handler);
        return this;
    }

    @Override
    public final Readable pause() {
        side.pause();
        return this;
    }

    @Override
    public final Readable resume() {
        side.resume();
        return this;
    }

    @Override
    public final boolean isPaused() {
        return side.isPaused();
    }

    @Override
    public final boolean isEnded() {
        return side.isEnded();
    }

    @Override
    public final long bytesRead() {
        return side.bytesRead();
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
