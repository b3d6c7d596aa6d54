package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the end of a read into, or a write of, several buffers: exactly once, on the loop
 * thread, never inside the call.
 */
@FunctionalInterface
public interface VectorCallback {
    /**
     * Takes the outcome.
     *
     * @param err what went wrong, or null
     * @param bytes how many bytes went through the buffers, filled or written one after the other;
     *     when there is an error, those before it
     * @param buffers those that were given; valid until this returns, and longer for who holds them
     * @throws Exception goes to the reactor's uncaught handler
     */
    void call(@Nullable ReactorException err, long bytes, List<Buffer> buffers) throws Exception;
}
