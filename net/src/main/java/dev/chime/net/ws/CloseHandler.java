package dev.chime.net.ws;

import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/** Hears of the end of a {@link WebSocket}. */
@FunctionalInterface
public interface CloseHandler {
    /**
     * Hears of it, once and last.
     *
     * @param code the peer's (RFC 6455, section 7.4); 1005 when it gave none, 1006 when it went
     *     without a word
     * @param reason the peer's; empty when it gave none
     * @param err what went wrong, or null
     * @throws Exception goes to the reactor's uncaught handler
     */
    void closed(int code, String reason, @Nullable ReactorException err) throws Exception;
}
