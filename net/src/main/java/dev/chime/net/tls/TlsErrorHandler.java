package dev.chime.net.tls;

import dev.chime.net.Socket;
import dev.chime.reactor.ReactorException;

/** Hears of clients whose handshake has failed: Node's {@code tlsClientError}. */
@FunctionalInterface
public interface TlsErrorHandler {
    /**
     * Hears of one.
     *
     * @param error what went wrong
     * @param socket the connection, which is closed: for its addresses
     * @throws Exception goes to the reactor's uncaught handler
     */
    void failed(ReactorException error, Socket socket) throws Exception;
}
