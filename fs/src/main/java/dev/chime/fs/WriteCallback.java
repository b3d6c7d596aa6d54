package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/** Hears of the end of a write, exactly once, on the loop thread, never inside the call. */
@FunctionalInterface
public interface WriteCallback {
    /**
     * Takes the outcome of a write.
     *
     * @param err what went wrong, or null
     * @param bytesWritten how many bytes the kernel took: all of them, or, when there is an error,
     *     those before it
     * @throws Exception goes to the reactor's uncaught handler
     */
    void call(@Nullable ReactorException err, int bytesWritten) throws Exception;
}
