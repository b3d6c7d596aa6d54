package dev.chime.net.http;

import dev.chime.net.ws.WebSocket;
import dev.chime.net.ws.WebSocketOptions;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Duplex;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The way from HTTP to WebSocket and back: the opening handshake of RFC 6455, for both sides. */
public final class WebSockets {
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What RFC 6455, section 1.3, appends to a key: nobody answers it by accident. */
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSockets() {}

    /**
     * For {@link HttpServer#onUpgrade(String, UpgradeHandler)}: opens a WebSocket for every request
     * that asks for one as it must. Other requests for an upgrade get 426 with the version that is
     * spoken, broken ones 400. Where a page may come from is for {@code handler} to check, by the
     * {@code Origin}.
     */
    public static UpgradeHandler upgrade(WebSocketOptions options, WebSocketHandler handler) {
        Checks.required(options, "options", "start from WebSocketOptions.defaults");
        Checks.required(handler, "handler", "pass a function");
        return (request, connection, unread) -> {
            String key = request.header("Sec-WebSocket-Key");
            String refusal = refusal(request, key);
            if (key == null || !refusal.isEmpty()) {
                connection.end(
                        "HTTP/1.1 " + refusal + "Connection: close\r\nContent-Length: 0\r\n\r\n");
                connection.resume();
                return;
            }
            connection.write(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: "
                            + accept(key)
                            + "\r\n\r\n");
            handler.open(WebSocket.server(connection, unread, options), request);
        };
    }

    private static String refusal(IncomingMessage request, @Nullable String key) {
        boolean asked =
                request.method().equals("GET")
                        && Syntax.names(request.header("Upgrade"), "websocket")
                        && Syntax.names(request.header("Connection"), "upgrade");
        if (!asked || !VERSION.equals(request.header("Sec-WebSocket-Version"))) {
            return "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        }
        return key == null || !isKey(key) ? "400 Bad Request\r\n" : "";
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Opens a WebSocket: {@code ws://host/path}, or {@code wss://} with TLS.
     *
     * <p>Errors: those of {@link HttpClient#request}; {@code ERR_WEBSOCKET_REFUSED} when the server
     * answers something else than the upgrade, with its status, or a wrong key.
     *
     * @throws IllegalArgumentException when the URL has another scheme
     */
    public static Operation connect(
            HttpClient client, String url, WebSocketOptions options, Callback<WebSocket> callback) {
        Checks.required(client, "client", "make one with Http.createClient");
        Checks.required(options, "options", "start from WebSocketOptions.defaults");
        Checks.required(callback, "callback", "pass a function");
        byte[] random = new byte[KEY_BYTES];
        RANDOM.nextBytes(random);
        String key = Base64.getEncoder().encodeToString(random);
        Opening opening = new Opening(client.core(), accept(key), options, callback);
        RequestOptions request =
                RequestOptions.get(http(url))
                        .header("Connection", "Upgrade")
                        .header("Upgrade", "websocket")
                        .header("Sec-WebSocket-Version", VERSION)
                        .header("Sec-WebSocket-Key", key)
                        .upgrade(opening::upgraded);
        return client.request(request, opening::answered);
    }

    private static String http(String url) {
        Checks.required(url, "url", "pass ws://host/path");
        String scheme = String.valueOf(URI.create(url).getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("ws") && !scheme.equals("wss")) {
            throw new IllegalArgumentException("url is " + url + ": use ws:// or wss://");
        }
        return "http" + url.substring("ws".length());
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 =
                    MessageDigest.getInstance("SHA-1"); // as the RFC demands: no secret
            byte[] text = (key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder().encodeToString(sha1.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }

    /** A client's handshake; the upgrade comes first, then the answer, or the answer alone. */
    private static final class Opening {
        private final Core core;
        private final String accept;
        private final WebSocketOptions options;
        private final Callback<WebSocket> callback;
        private boolean upgraded;

        Opening(Core core, String accept, WebSocketOptions options, Callback<WebSocket> callback) {
            this.core = core;
            this.accept = accept;
            this.options = options;
            this.callback = callback;
        }

        void upgraded(IncomingMessage response, Duplex stream, Buffer unread) throws Exception {
            upgraded = true;
            if (!accept.equals(response.header("Sec-WebSocket-Accept"))
                    || !Syntax.names(response.header("Upgrade"), "websocket")) {
                stream.destroy();
                core.fail(callback, refused("the server's answer does not fit the key"));
                return;
            }
            callback.call(null, WebSocket.client(stream, unread, options));
        }

        void answered(@Nullable ReactorException err, IncomingMessage response) throws Exception {
            if (upgraded) {
                return;
            }
            if (err != null) {
                core.fail(callback, err);
                return;
            }
            response.body().destroy();
            core.fail(
                    callback,
                    refused("the server answers " + response.status() + " " + response.reason()));
        }

        private static ReactorException refused(String why) {
            return new ReactorException("ERR_WEBSOCKET_REFUSED", why);
        }
    }
}
