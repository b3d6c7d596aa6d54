package dev.chime.net.tls;

/** Takes the secure connections of a server. */
@FunctionalInterface
public interface TlsConnectionHandler {
    /**
     * Takes a connection whose handshake is over; it reads nothing until somebody wants its data.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void connection(TlsSocket socket) throws Exception;
}
