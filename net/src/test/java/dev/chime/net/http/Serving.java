package dev.chime.net.http;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Reactors;
import java.util.concurrent.RejectedExecutionException;

/** A server of ours for a client on a thread of its own; it closes when the client is done. */
final class Serving {
    /** The client. */
    interface Client {
        void use(int port) throws Exception;
    }

    /** Makes the server, on the loop. */
    interface Maker {
        HttpServer make(Reactor reactor) throws Exception;
    }

    private Serving() {}

    static void run(EngineKind engine, HttpHandler handler, Client client) {
        run(engine, HttpServerOptions.defaults(), handler, client);
    }

    static void run(
            EngineKind engine, HttpServerOptions options, HttpHandler handler, Client client) {
        run(engine, reactor -> Http.of(reactor).createServer(options, handler), client);
    }

    static void run(EngineKind engine, Maker maker, Client client) {
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            maker.make(reactor)
                                    .listen(
                                            0,
                                            Peers.LOCAL,
                                            (err, server) -> {
                                                if (err != null) {
                                                    throw err;
                                                }
                                                int port = server.address().getPort();
                                                peers.start(
                                                        reactor,
                                                        () -> {
                                                            client.use(port);
                                                            close(reactor, server);
                                                        });
                                            }));
        }
    }

    private static void close(Reactor reactor, HttpServer server) {
        try {
            reactor.execute(() -> server.close(err -> {}));
        } catch (RejectedExecutionException e) {
            // The test closed it, and the loop has ended.
        }
    }
}
