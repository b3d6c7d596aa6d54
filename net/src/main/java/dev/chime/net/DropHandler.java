package dev.chime.net;

/** Hears of connections that a server did not take. */
@FunctionalInterface
public interface DropHandler {
    /**
     * Hears of one, which is closed.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void dropped(Drop drop) throws Exception;
}
