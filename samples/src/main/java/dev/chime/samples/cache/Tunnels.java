package dev.chime.samples.cache;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Connection;
import dev.chime.net.Net;
import dev.chime.net.Socket;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.UpgradeHandler;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Duplex;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Answers CONNECT: passes bytes on between a client and the origin that it names, blindly, since
 * what goes through is a secret of theirs. Each direction ends for itself; a tunnel in which
 * nothing moves for a time is closed.
 */
final class Tunnels implements UpgradeHandler {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final Net net;
    private final Duration idle;

    Tunnels(Reactor reactor, Duration idle) {
        net = Net.of(reactor);
        this.idle = idle;
    }

    @Override
    public void upgrade(IncomingMessage request, Duplex client, Buffer unread) {
        ConnectOptions origin = origin(request.target());
        if (origin == null) {
            refuse(client, "400 Bad Request", "the target is no host:port: " + request.target());
            return;
        }
        if (client instanceof Connection connection) {
            connection.allowHalfOpen(true);
        }
        Buffer early = unread.retain();
        Operation connect =
                net.connect(
                        origin,
                        (err, server) -> {
                            try {
                                connected(err, client, server, early);
                            } finally {
                                early.release();
                            }
                        });
        client.onClose(err -> connect.cancel());
    }

    private void connected(
            @Nullable ReactorException err, Duplex client, Socket server, Buffer early) {
        if (err != null) {
            boolean late = err.code().equals("ETIMEDOUT");
            refuse(
                    client,
                    late ? "504 Gateway Timeout" : "502 Bad Gateway",
                    "the origin cannot be reached: " + err.getMessage());
        } else if (client.isDestroyed()) {
            server.destroy();
        } else {
            client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
            server.write(early);
            client.pipe(server);
            server.pipe(client);
            // All that passes in either direction passes this socket.
            server.setTimeout(
                    idle,
                    () -> {
                        client.destroy();
                        server.destroy();
                    });
        }
    }

    /** Null when the target does not name one; an IPv6 address is in brackets. */
    private static @Nullable ConnectOptions origin(String target) {
        int colon = target.lastIndexOf(':');
        try {
            int port = Integer.parseInt(target.substring(colon + 1));
            String host = target.substring(0, Math.max(0, colon)).replaceAll("^\\[(.*)]$", "$1");
            return host.isEmpty()
                    ? null
                    : ConnectOptions.port(port)
                            .host(host)
                            .allowHalfOpen(true)
                            .noDelay(true)
                            .timeout(CONNECT_TIMEOUT);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static void refuse(Duplex client, String status, String why) {
        if (!client.isDestroyed()) {
            String head = "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
            client.end("HTTP/1.1 " + status + "\r\n" + head + why + "\n");
            client.resume(); // its end must be heard
        }
    }
}
