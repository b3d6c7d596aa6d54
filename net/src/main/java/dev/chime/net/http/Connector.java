package dev.chime.net.http;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.stream.Duplex;
import java.time.Duration;

/** Makes a client's connections: with TLS, through a tunnel, to another place than the URL says. */
@FunctionalInterface
public interface Connector {
    /**
     * Connects.
     *
     * @param host of the URL, or of the proxy
     * @param secure whether the URL's scheme is {@code https}
     * @param timeout for all of it
     * @param callback hears of an error or gets a stream, which is the client's from then on
     */
    Operation connect(
            String host, int port, boolean secure, Duration timeout, Callback<Duplex> callback);
}
