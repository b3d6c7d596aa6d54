package dev.chime.reactor.stream;

import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/**
 * What every stream has: a close, which comes once. Loop thread only.
 *
 * <p>A stream closes by itself when it can do no more: when it has been read to its end, or is
 * finished, or both where it is for both.
 *
 * <p>Handlers of one event are called in the order in which they were added; none replaces another,
 * but for {@link Readable#onData}.
 */
public interface ByteStream {
    /**
     * Hears of the close, the last event: with the error that ended the stream, or null. On a
     * stream that has closed already the handler is called in a later turn.
     */
    ByteStream onClose(Done handler);

    /** Closes at once: what is held or queued is dropped, what is in flight is cancelled. */
    void destroy();

    /**
     * Closes at once because of {@code error}, which {@link #onClose} hears. Only the first destroy
     * does anything; it works at any time, also before a file has been opened.
     */
    void destroy(@Nullable ReactorException error);

    /** True from the first moment of the close. */
    boolean isDestroyed();

    /** True once {@link #onClose} has been told, or is being told. */
    boolean isClosed();

    /** The error that ended the stream; null while there is none. */
    @Nullable ReactorException error();

    /** The reactor that it belongs to. */
    Reactor reactor();

    /**
     * Calls back once, when the stream has done all that it can do and is closed. Hears the
     * stream's error, or {@code ERR_STREAM_PREMATURE_CLOSE} when it closed before its end. Works
     * also when all that has happened already; the call comes in a later turn then.
     */
    default void finished(Done done) {
        Finish.whole(this, done);
    }
}
