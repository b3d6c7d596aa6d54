package dev.chime.samples;

import dev.chime.net.ConnectOptions;
import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.ServerOptions;
import dev.chime.net.Socket;
import dev.chime.net.SocketOptions;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes TCP connections on to another server. Each direction ends for itself, and neither goes
 * faster than who reads it; when there is no way on, the client's connection is reset.
 */
final class Proxy {
    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);
    private static final SocketOptions SOCKETS =
            SocketOptions.defaults().allowHalfOpen(true).noDelay(true);

    private final Net net;
    private final ConnectOptions target;

    private Proxy(Net net, ConnectOptions target) {
        this.net = net;
        this.target = target;
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "to");
        arguments.noWords();
        ListenOptions options = arguments.place();
        ConnectOptions target = target(arguments.text("to"));
        int[] exitCode = {0};
        Reactor.run(reactor -> {
            Net net = Net.of(reactor);
            net.createServer(ServerOptions.defaults().socket(SOCKETS), new Proxy(net, target)::pass)
                    .listen(
                            options,
                            (err, server) -> {
                                if (err != null) {
                                    System.err.println(err.getMessage());
                                    exitCode[0] = 1;
                                    return;
                                }
                                LOG.info(
                                        "proxy on {} to {}, engine {}",
                                        server.address(),
                                        arguments.text("to"),
                                        reactor.engine());
                            });
        });
        return exitCode[0];
    }

    /** HOST:PORT; an IPv6 address in brackets. */
    private static ConnectOptions target(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon)).replaceAll("^\\[(.*)]$", "$1");
            return ConnectOptions.port(port)
                    .host(host)
                    .socket(SOCKETS)
                    .timeout(Duration.ofSeconds(10));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--to is " + text + ": use HOST:PORT");
        }
    }

    /** The client is not read from, and so has to wait, until there is somebody to read for. */
    private void pass(Socket client) {
        Operation connect =
                net.connect(
                        target,
                        (err, server) -> {
                            if (err != null) {
                                LOG.warn("{}: {}", client.remoteAddress(), err.getMessage());
                                client.resetAndDestroy();
                            } else if (client.isDestroyed()) {
                                server.destroy();
                            } else {
                                client.pipe(server);
                                server.pipe(client);
                            }
                        });
        client.onClose(err -> connect.cancel());
    }
}
