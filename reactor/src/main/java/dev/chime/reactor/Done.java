package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/** Hears of the end of an asynchronous call that has no value. See {@link Callback}. */
@FunctionalInterface
public interface Done {
    /**
     * Takes the outcome.
     *
     * @param err what went wrong, or null
     * @throws Exception goes to the reactor's uncaught handler
     */
    void call(@Nullable ReactorException err) throws Exception;
}
