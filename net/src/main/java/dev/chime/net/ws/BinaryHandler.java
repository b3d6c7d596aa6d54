package dev.chime.net.ws;

/** Takes binary messages. */
@FunctionalInterface
public interface BinaryHandler {
    /**
     * Takes a whole message.
     *
     * @param message the handler's from now on
     * @throws Exception goes to the reactor's uncaught handler
     */
    void binary(byte[] message) throws Exception;
}
