package dev.chime.net.tls;

import dev.chime.net.ConnectOptions;
import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Reactor;

/** Short forms of what nearly every test begins with; errors fail the test. */
final class TlsPeers {
    /** Goes on when the server listens. */
    @FunctionalInterface
    interface Started {
        void started(TlsServer server, int port) throws Exception;
    }

    private TlsPeers() {}

    /** A server that is localhost. */
    static TlsOptions server() {
        return TlsOptions.of(TlsContext.of(Authority.SERVER.identity()));
    }

    /** A client that believes the tests' root; each call makes a context without sessions. */
    static TlsOptions client() {
        return TlsOptions.of(TlsContext.of(Authority.ROOT.trust())).serverName("localhost");
    }

    static void listen(
            Reactor reactor, TlsOptions options, TlsConnectionHandler handler, Started then) {
        Tls.of(reactor)
                .createServer(options, handler)
                .listen(
                        0,
                        Peers.LOCAL,
                        (err, server) -> {
                            if (err != null) {
                                throw err;
                            }
                            then.started(server, server.address().getPort());
                        });
    }

    /** For one connection. */
    static void once(
            Reactor reactor, TlsOptions options, TlsConnectionHandler handler, Started then) {
        TlsServer[] listening = new TlsServer[1];
        listen(
                reactor,
                options,
                socket -> {
                    close(listening[0]);
                    handler.connection(socket);
                },
                (server, port) -> {
                    listening[0] = server;
                    then.started(server, port);
                });
    }

    static void connect(
            Reactor reactor, int port, TlsOptions options, TlsConnectionHandler handler) {
        Tls.of(reactor)
                .connect(
                        where(port),
                        options,
                        (err, socket) -> {
                            if (err != null) {
                                throw err;
                            }
                            handler.connection(socket);
                        });
    }

    static ConnectOptions where(int port) {
        return ConnectOptions.port(port).host(Peers.LOCAL);
    }

    static void close(TlsServer server) {
        server.close(err -> {
            if (err != null) {
                throw err;
            }
        });
    }

    /**
     * Writes pieces of a content as fast as it is taken, at least {@code total} bytes, then ends.
     */
    static void fill(TlsSocket socket, Content content, int total, int piece) {
        Runnable more =
                () -> {
                    while (content.position() < total) {
                        if (!socket.write(content.take(1 + (int) (content.position() % piece)))) {
                            return;
                        }
                    }
                    socket.end();
                };
        socket.onDrain(() -> {
            if (!socket.isEnding()) {
                more.run();
            }
        });
        more.run();
    }
}
