package dev.chime.net.http;

import dev.chime.net.Net;
import dev.chime.net.tls.Tls;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The way to an origin through the client's proxy (RFC 9110, 9.3.6): a CONNECT by a connection of
 * its own, which is the tunnel when it succeeds, then TLS where the origin wants it.
 */
final class ProxyTunnel extends Composed {
    private static final String REFUSED = "ERR_PROXY_TUNNEL"; // as Node's
    private static final int SWITCHING = 101;
    private static final int AUTHENTICATION_REQUIRED = 407;

    private final Net net;
    private final HttpClient client;
    private final RequestOptions request;
    private final String place;
    private final Callback<Duplex> callback;
    private @Nullable Operation step;
    private boolean open;

    /** Prepares one for {@code request}; the callback gets the stream to the origin. */
    ProxyTunnel(
            Core core,
            Net net,
            HttpClient client,
            RequestOptions request,
            Callback<Duplex> callback) {
        super(core);
        this.net = net;
        this.client = client;
        this.request = request;
        this.callback = callback;
        URI url = request.url();
        place = url.getHost() + ":" + ClientExchange.port(url);
    }

    ProxyTunnel start() {
        RequestOptions connect =
                RequestOptions.of("CONNECT", request.url().getScheme() + "://" + place)
                        .connectTimeout(request.connectTimeout())
                        .totalTimeout(request.connectTimeout())
                        .upgrade(this::opened);
        String authorization = request.header(ClientExchange.PROXY_AUTHORIZATION);
        if (authorization != null) {
            connect = connect.header(ClientExchange.PROXY_AUTHORIZATION, authorization);
        }
        ClientExchange exchange = new ClientExchange(core, client, connect, this::answered);
        step = exchange;
        exchange.startApart();
        return this;
    }

    private void opened(IncomingMessage response, Duplex stream, Buffer unread) throws Exception {
        open = true;
        if (response.status() == SWITCHING) {
            stream.destroy();
            finish(failure(REFUSED, "answered " + said(response), null), null);
        } else if (ClientExchange.isSecure(request.url())) {
            TlsOptions tls = client.options().tls();
            if (tls.serverName() == null) {
                tls = tls.serverName(HttpClient.host(request.url()));
            }
            step = Tls.of(net).wrap(stream, unread, tls, this::finish);
        } else if (unread.length() > 0) {
            stream.destroy();
            finish(failure(REFUSED, "sent something before it was asked", null), null);
        } else {
            finish(null, stream);
        }
    }

    private void answered(@Nullable ReactorException err, IncomingMessage response)
            throws Exception {
        if (open) {
            return;
        }
        if (err instanceof ErrnoException) {
            finish(err, null); // it names the proxy
        } else if (err != null) {
            finish(failure(err.code(), "opened none: " + err.getMessage(), err), null);
        } else {
            interrupt(); // whatever the proxy says beside
            String what = "answered " + said(response);
            if (response.status() == AUTHENTICATION_REQUIRED) {
                String demand = response.header("Proxy-Authenticate");
                what += demand == null ? "" : " (" + demand + ")";
                what +=
                        ": pass credentials in the proxy's URL, or as "
                                + ClientExchange.PROXY_AUTHORIZATION;
            }
            finish(failure(REFUSED, what, null), null);
        }
    }

    private static String said(IncomingMessage response) {
        return (response.status() + " " + response.reason()).strip();
    }

    private ReactorException failure(String code, String what, @Nullable ReactorException cause) {
        URI through = client.proxy(request);
        String proxy = through == null ? "none" : Proxies.place(through);
        return new ReactorException(
                code,
                "asked for a tunnel to " + place + ", the proxy " + proxy + " " + what,
                cause);
    }

    private void finish(@Nullable ReactorException err, @Nullable Duplex stream) throws Exception {
        ended();
        if (err == null && stream != null) {
            callback.call(null, stream);
        } else {
            core.fail(callback, err == null ? HttpErrors.aborted() : err);
        }
    }

    @Override
    protected void interrupt() {
        if (step != null) {
            step.cancel();
        }
    }

    @Override
    public String toString() {
        return "tunnel to " + place;
    }
}
