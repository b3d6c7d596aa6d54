package dev.chime.net;

/** Takes the connections of a server. */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Takes a new connection, which reads nothing until somebody wants its data.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void connection(Socket socket) throws Exception;
}
