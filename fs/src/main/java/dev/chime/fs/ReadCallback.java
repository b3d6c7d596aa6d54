package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/** Hears of the end of a read, exactly once, on the loop thread, never inside the call. */
@FunctionalInterface
public interface ReadCallback {
    /**
     * Takes the outcome of a read.
     *
     * @param err what went wrong, or null
     * @param bytesRead how many bytes arrived at the start of the buffer: fewer than it holds are
     *     normal, 0 is the end of the file; 0 when there is an error
     * @param buffer the buffer that was given to read into; valid until this returns, and longer
     *     for who holds it
     * @throws Exception goes to the reactor's uncaught handler
     */
    void call(@Nullable ReactorException err, int bytesRead, Buffer buffer) throws Exception;
}
