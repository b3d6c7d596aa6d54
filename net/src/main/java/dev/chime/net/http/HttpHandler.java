package dev.chime.net.http;

/** Answers requests. */
@FunctionalInterface
public interface HttpHandler {
    /**
     * Takes a request; the response may be ended now or later. The next request of the connection
     * comes when it has been.
     *
     * @throws Exception is logged, and the client gets status 500, or the end of the connection if
     *     a head has been sent
     */
    void handle(IncomingMessage request, ServerResponse response) throws Exception;
}
