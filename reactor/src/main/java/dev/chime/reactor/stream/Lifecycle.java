package dev.chime.reactor.stream;

import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import org.jspecify.annotations.Nullable;

/**
 * The way of a stream to its close: destroyed, then closed by its implementer, then told, in the
 * turn's last phase. It is also how the end of the reactor reaches an open stream.
 */
final class Lifecycle implements Core.Handle {
    /** Gives back what a stream holds. */
    interface Closer {
        void close(Done closed) throws Exception;
    }

    private final Core core;
    private final Object stream;
    private final Closer closer;
    private final Runnable discard;
    private final Handlers<Done> closeHandlers = new Handlers<>();
    private @Nullable ReactorException failure;
    private boolean destroyed;
    private boolean closing;
    private boolean closed;

    /**
     * Prepares the life of {@code stream}.
     *
     * @param closer ends what is under way and gives back what the stream holds, then says so
     * @param discard drops what is held or queued, when nothing is under way any more
     */
    Lifecycle(Core core, Object stream, Closer closer, Runnable discard) {
        this.core = core;
        this.stream = stream;
        this.closer = closer;
        this.discard = discard;
    }

    /** The stream is complete: from now on the end of the reactor ends it. */
    void begin() {
        core.opened(this);
    }

    Core core() {
        return core;
    }

    Reactor reactor() {
        return core.reactor();
    }

    void onClose(Done handler) {
        core.checkThread("ByteStream.onClose");
        Checks.notNull(handler, "handler");
        if (closed) {
            core.reactor().nextTick(() -> handler.call(failure));
        } else {
            closeHandlers.add(handler);
        }
    }

    void destroy(@Nullable ReactorException error) {
        core.checkThread("ByteStream.destroy");
        if (destroyed) {
            return;
        }
        destroyed = true;
        failure = error;
        try {
            closer.close(this::closed);
        } catch (Exception e) {
            closed(null); // whoever cannot close is told of all the same
            core.reactor()
                    .nextTick(() -> {
                        throw e;
                    });
        }
    }

    private void closed(@Nullable ReactorException err) {
        if (closing) {
            return;
        }
        closing = true;
        if (failure == null) {
            failure = err;
        }
        core.inClosePhase(this::tell);
    }

    private void tell() {
        closed = true;
        discard.run();
        core.closed(this);
        closeHandlers.each(handler -> core.call(handler, failure));
    }

    boolean isDestroyed() {
        return destroyed;
    }

    boolean isClosed() {
        return closed;
    }

    @Nullable ReactorException error() {
        return failure;
    }

    @Override
    public void shutdown() {
        destroy(null);
    }

    @Override
    public String kind() {
        return stream.getClass().getSimpleName();
    }

    /** An open stream does not keep the loop alive: what it has under way does. */
    @Override
    public boolean hasRef() {
        return false;
    }

    @Override
    public String toString() {
        return stream.toString();
    }
}
