package dev.chime.net.http;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Duplex;

/** Hears of requests that are refused: Node's {@code clientError}. */
@FunctionalInterface
public interface ClientErrorHandler {
    /**
     * Hears of one, and answers it or does not. What is written to {@code connection} before this
     * returns goes out in place of the server's own answer; then the connection is ended.
     *
     * @param error what is wrong with the request; see {@link HttpServer#onClientError}
     * @param status what the server would have answered
     * @param connection where the request came from
     * @throws Exception goes to the reactor's uncaught handler
     */
    void refused(ReactorException error, int status, Duplex connection) throws Exception;
}
