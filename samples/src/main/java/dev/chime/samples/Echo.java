package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.tls.Tls;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP server that sends everything back, with TLS when it is given a certificate. */
final class Echo {
    private static final Logger LOG = LoggerFactory.getLogger(Echo.class);
    private static final int BACKLOG = 1024;

    private Echo() {}

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "cert", "key");
        arguments.noWords();
        ListenOptions options = arguments.place().backlog(BACKLOG).noDelay(true);
        TlsOptions tls = arguments.tls();
        int[] exitCode = {0};
        Reactor.run(reactor -> {
            if (tls == null) {
                Net.of(reactor)
                        .createServer(socket -> socket.pipe(socket))
                        .listen(
                                options,
                                (err, server) ->
                                        exitCode[0] =
                                                tell(
                                                        reactor,
                                                        err,
                                                        err == null ? server.address() : null));
            } else {
                Tls.of(reactor)
                        .createServer(tls, socket -> socket.pipe(socket))
                        .listen(
                                options,
                                (err, server) ->
                                        exitCode[0] =
                                                tell(
                                                        reactor,
                                                        err,
                                                        err == null ? server.address() : null));
            }
        });
        return exitCode[0];
    }

    private static int tell(
            Reactor reactor, @Nullable ReactorException err, @Nullable Object address) {
        if (err != null) {
            System.err.println(err.getMessage());
            return 1;
        }
        LOG.info("echo on {}, engine {}", address, reactor.engine());
        return 0;
    }
}
