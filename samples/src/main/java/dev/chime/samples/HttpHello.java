package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.net.http.HttpServer;
import dev.chime.net.http.IncomingMessage;
import dev.chime.net.http.ServerResponse;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Reactor;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An HTTP server that greets at {@code /plaintext}, with TLS when it is given a certificate. */
final class HttpHello {
    private static final Logger LOG = LoggerFactory.getLogger(HttpHello.class);
    private static final int BACKLOG = 1024;
    private static final int NOT_FOUND = 404;
    private static final byte[] GREETING = "Hello, World!".getBytes(StandardCharsets.US_ASCII);

    private HttpHello() {}

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "cert", "key");
        arguments.noWords();
        ListenOptions options = arguments.place().backlog(BACKLOG);
        TlsOptions tls = arguments.tls();
        int[] exitCode = {0};
        Reactor.run(reactor -> {
            HttpServer hello = Web.server(reactor, arguments, tls, HttpHello::answer);
            hello.listen(
                    options,
                    (err, server) -> {
                        if (err != null) {
                            System.err.println(err.getMessage());
                            exitCode[0] = 1;
                            return;
                        }
                        LOG.info(
                                "{} on {}, engine {}",
                                tls == null ? "http" : "https",
                                server.address(),
                                reactor.engine());
                    });
        });
        return exitCode[0];
    }

    private static void answer(IncomingMessage request, ServerResponse response) {
        if (request.target().equals("/plaintext")) {
            response.header("Content-Type", "text/plain").end(GREETING);
        } else {
            response.status(NOT_FOUND).end();
        }
    }
}
