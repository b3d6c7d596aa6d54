package dev.chime.samples;

import dev.chime.net.http.Http;
import dev.chime.net.http.HttpHandler;
import dev.chime.net.http.HttpServer;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Reactor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP servers of the samples: in the clear, or with TLS, and SIGHUP for new certificates. */
final class Web {
    private static final Logger LOG = LoggerFactory.getLogger(Web.class);

    private Web() {}

    /** Makes one that does not listen yet; {@code tls} is what {@code arguments} have of TLS. */
    static HttpServer server(
            Reactor reactor, Arguments arguments, @Nullable TlsOptions tls, HttpHandler handler) {
        if (tls == null) {
            return Http.of(reactor).createServer(handler);
        }
        HttpServer server = Http.of(reactor).createSecureServer(tls, handler);
        reactor.onSignal(
                "HUP",
                () ->
                        reactor.blocking(
                                arguments::tls,
                                (err, renewed) -> {
                                    if (err == null && renewed != null) {
                                        server.reload(renewed);
                                        LOG.info("the certificate is read again");
                                    } else {
                                        LOG.warn("the old certificate stays", err);
                                    }
                                }));
        return server;
    }
}
