package dev.chime.net.testing;

import dev.chime.net.ConnectionHandler;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.Socket;
import dev.chime.reactor.Reactor;

/** Short forms of what nearly every test begins with; errors fail the test. */
public final class Servers {
    /** Goes on when the server listens. */
    @FunctionalInterface
    public interface Started {
        /** Gets the server and its port. */
        void started(Server server, int port) throws Exception;
    }

    private Servers() {}

    /** Listens on a free port of 127.0.0.1. */
    public static void listen(Reactor reactor, ConnectionHandler handler, Started then) {
        listen(reactor, Peers.LOCAL, handler, then);
    }

    /** Listens on a free port of an address. */
    public static void listen(
            Reactor reactor, String host, ConnectionHandler handler, Started then) {
        Net.of(reactor)
                .createServer(handler)
                .listen(
                        0,
                        host,
                        (err, server) -> {
                            if (err != null) {
                                throw err;
                            }
                            then.started(server, server.address().getPort());
                        });
    }

    /** Connects to a port of 127.0.0.1. */
    public static void connect(Reactor reactor, int port, ConnectionHandler handler) {
        Net.of(reactor)
                .connect(
                        port,
                        Peers.LOCAL,
                        (err, socket) -> {
                            if (err != null) {
                                throw err;
                            }
                            handler.connection(socket);
                        });
    }

    /** Ends a server, whose connections are to end by themselves. */
    public static void close(Server server) {
        server.close(err -> {
            if (err != null) {
                throw err;
            }
        });
    }

    /** Sends back what comes. */
    public static void echo(Socket socket) {
        socket.onData(socket::write);
    }

    /** Like {@link #listen(Reactor, ConnectionHandler, Started)}, for one connection. */
    public static void once(Reactor reactor, ConnectionHandler handler, Started then) {
        Server[] listening = new Server[1];
        listen(
                reactor,
                socket -> {
                    close(listening[0]);
                    handler.connection(socket);
                },
                (server, port) -> {
                    listening[0] = server;
                    then.started(server, port);
                });
    }
}
