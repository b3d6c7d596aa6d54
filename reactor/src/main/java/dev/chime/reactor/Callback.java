package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/**
 * Takes the result of an asynchronous call, exactly once, on the loop thread, never inside the call
 * itself.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface Callback<T extends @Nullable Object> {
    /**
     * Takes an error or a value.
     *
     * @param err what went wrong, or null
     * @param value the result; null when there is an error
     * @throws Exception goes to the reactor's uncaught handler
     */
    void call(@Nullable ReactorException err, T value) throws Exception;
}
