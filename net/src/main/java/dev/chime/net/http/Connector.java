package dev.chime.net.http;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.stream.Duplex;
import java.time.Duration;

/** Makes a client's connections: with a TLS of its own, to another place than the URL says. */
@FunctionalInterface
public interface Connector {
    /**
     * Connects.
     *
     * @param host of the URL, or of the proxy
     * @param secure whether it is to speak TLS: the URL's scheme is {@code https}, and there is no
     *     proxy; to a proxy the stream is plain, and the client speaks TLS through it
     * @param timeout for all of it
     * @param callback hears of an error or gets a stream, which is the client's from then on
     */
    Operation connect(
            String host, int port, boolean secure, Duration timeout, Callback<Duplex> callback);
}
