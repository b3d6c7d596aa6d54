package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.stream.Duplex;

/** Takes connections over that are to speak another protocol. */
@FunctionalInterface
public interface UpgradeHandler {
    /**
     * Takes a connection, which is the handler's from now on: it writes the answer, {@code 101} or
     * a refusal, and closes. HTTP has no more time limits for it.
     *
     * @param request the head; it has no body
     * @param connection paused; {@code onData} or {@code pipe} lets it flow
     * @param unread what has come behind the head, empty if nothing; the callback's until it
     *     returns
     * @throws Exception is logged, and the connection is destroyed
     */
    void upgrade(IncomingMessage request, Duplex connection, Buffer unread) throws Exception;
}
