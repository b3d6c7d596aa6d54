package dev.chime.net;

/** Hears what happens on the way to a connection. */
@FunctionalInterface
public interface ConnectEventHandler {
    /**
     * Hears of it, on the loop's thread and never inside the call that connects.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void event(ConnectEvent event) throws Exception;
}
