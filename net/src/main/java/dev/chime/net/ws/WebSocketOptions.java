package dev.chime.net.ws;

import java.time.Duration;

/**
 * Bounds of a {@link WebSocket}.
 *
 * @param maxMessageBytes the longest message that is taken; a longer one ends the connection with
 *     code 1009
 * @param closeTimeout how long the peer may take to answer our close, or a server to end the
 *     connection then
 */
public record WebSocketOptions(int maxMessageBytes, Duration closeTimeout) {
    private static final WebSocketOptions DEFAULTS =
            new WebSocketOptions(16 << 20, Duration.ofSeconds(30));

    /** Checks every value. */
    public WebSocketOptions {
        if (maxMessageBytes < 1) {
            throw new IllegalArgumentException(
                    "maxMessageBytes is " + maxMessageBytes + ": use 1 or more");
        }
        if (closeTimeout == null || !closeTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "closeTimeout is " + closeTimeout + ": use more than 0");
        }
    }

    /** Messages of 16 MiB, half a minute for the close. */
    public static WebSocketOptions defaults() {
        return DEFAULTS;
    }

    /** These options with another limit of messages, in bytes. */
    public WebSocketOptions maxMessageBytes(int bytes) {
        return new WebSocketOptions(bytes, closeTimeout);
    }

    /** These options with another limit of time for the close. */
    public WebSocketOptions closeTimeout(Duration limit) {
        return new WebSocketOptions(maxMessageBytes, limit);
    }
}
