package dev.chime.net.http;

import dev.chime.net.Net;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/** HTTP on a reactor: Node's {@code http} object. Loop thread only. */
public final class Http {
    private final Core core;
    private final Net net;
    private @Nullable HttpClient client;

    private Http(Core core, Net net) {
        this.core = core;
        this.net = net;
    }

    /** The HTTP of a reactor. */
    public static Http of(Reactor reactor) {
        return of(Net.of(reactor));
    }

    /** The HTTP of a network, which finds its hosts. */
    public static Http of(Net net) {
        Checks.required(net, "net", "make one with Net.of");
        Core core = Core.of(net.reactor());
        core.checkThread("Http.of");
        return new Http(core, net);
    }

    /** Makes a server that does not listen yet. */
    public HttpServer createServer(HttpHandler handler) {
        return createServer(HttpServerOptions.defaults(), handler);
    }

    /** Makes a server that does not listen yet. */
    public HttpServer createServer(HttpServerOptions options, HttpHandler handler) {
        core.checkThread("createServer");
        Checks.required(options, "options", "start from HttpServerOptions.defaults");
        Checks.required(handler, "handler", "pass a function");
        return new HttpServer(core, net, options, null, handler);
    }

    /** As {@link #createSecureServer(TlsOptions, HttpServerOptions, HttpHandler)}. */
    public HttpServer createSecureServer(TlsOptions tls, HttpHandler handler) {
        return createSecureServer(tls, HttpServerOptions.defaults(), handler);
    }

    /**
     * Makes an HTTPS server that does not listen yet. Handshakes that fail, or do not end in their
     * time, end their connections and nothing else; {@link HttpServer#onTlsClientError} hears of
     * them.
     *
     * @throws IllegalArgumentException when the context of {@code tls} has no identity
     */
    public HttpServer createSecureServer(
            TlsOptions tls, HttpServerOptions options, HttpHandler handler) {
        core.checkThread("createSecureServer");
        Checks.required(options, "options", "start from HttpServerOptions.defaults");
        Checks.required(handler, "handler", "pass a function");
        requireIdentity(tls);
        return new HttpServer(core, net, options, tls, handler);
    }

    static void requireIdentity(TlsOptions tls) {
        Checks.required(tls, "tls", "make some with TlsOptions.of");
        if (!tls.context().hasIdentity()) {
            throw new IllegalArgumentException(
                    "the context has no identity: make it with TlsContext.of(TlsIdentity.read(..))");
        }
    }

    /** Makes a client with connections of its own. */
    public HttpClient createClient(HttpClientOptions options) {
        core.checkThread("createClient");
        Checks.required(options, "options", "start from HttpClientOptions.defaults");
        return new HttpClient(core, net, options);
    }

    /** Sends a request by this object's own client; see {@link HttpClient#request}. */
    public Operation request(RequestOptions request, Callback<IncomingMessage> callback) {
        return client().request(request, callback);
    }

    /** Sends a GET by this object's own client; see {@link HttpClient#request}. */
    public Operation get(String url, Callback<IncomingMessage> callback) {
        return client().get(url, callback);
    }

    private HttpClient client() {
        if (client == null) {
            client = createClient(HttpClientOptions.defaults());
        }
        return client;
    }
}
