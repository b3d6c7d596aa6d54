package dev.chime.net.http;

import dev.chime.net.ws.WebSocket;

/** Hears of WebSockets that clients have opened. */
@FunctionalInterface
public interface WebSocketHandler {
    /**
     * Takes a socket over.
     *
     * @param socket open; reads when it has a handler of messages
     * @param request what asked for it: its path, its {@code Origin}, its cookies
     * @throws Exception is logged, and the connection is destroyed
     */
    void open(WebSocket socket, IncomingMessage request) throws Exception;
}
