package dev.chime.net.http;

import dev.chime.reactor.internal.Checks;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client.
 *
 * @param method a token, in its case
 * @param url absolute, {@code http} or {@code https}, what is not ASCII in it is encoded as UTF-8
 * @param headers name and value, in order
 * @param body gives the content, or null; piece by piece it goes in chunks, unless a {@code
 *     Content-Length} is among the headers
 * @param connectTimeout how long a new connection may take; with a tunnel, until the proxy has
 *     opened it; a TLS handshake has a time of its own
 * @param headTimeout how long the response's head may take from the moment in which the request has
 *     a connection; zero: for ever
 * @param idleTimeout how long nothing may be sent nor received; zero: for ever
 * @param totalTimeout how long all may take until the response has been read to its end; zero: for
 *     ever
 * @param maxRedirects redirects that are followed; 0: the redirect is the response
 * @param upgrade takes the connection over when the server answers 101, or a CONNECT with success;
 *     or null
 * @param information hears of the heads before the response, such as 103; or null
 * @param trailers sets the fields behind the content, which goes in chunks then; or null
 */
public record RequestOptions(
        String method,
        URI url,
        List<Map.Entry<String, String>> headers,
        @Nullable BodyWriter body,
        Duration connectTimeout,
        Duration headTimeout,
        Duration idleTimeout,
        Duration totalTimeout,
        int maxRedirects,
        @Nullable UpgradeHandler upgrade,
        @Nullable InformationHandler information,
        @Nullable TrailerWriter trailers) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    /** Checks every value. */
    public RequestOptions {
        if (!Syntax.isToken(method)) {
            throw new IllegalArgumentException(
                    "ERR_INVALID_HTTP_TOKEN: the method is '" + method + "': use a token");
        }
        checkUrl(url);
        url = URI.create(url.toASCIIString());
        headers = List.copyOf(headers);
        for (Map.Entry<String, String> header : headers) {
            Syntax.checkName(header.getKey());
            Syntax.checkValue(header.getKey(), header.getValue());
            if (header.getKey().equalsIgnoreCase("Transfer-Encoding")) {
                throw new IllegalArgumentException(
                        "ERR_HTTP_INVALID_HEADER_VALUE: leave Transfer-Encoding to the client");
            }
            if (trailers != null && header.getKey().equalsIgnoreCase("Content-Length")) {
                throw new IllegalArgumentException(
                        "ERR_HTTP_TRAILER_INVALID: trailers need chunks: leave Content-Length out");
            }
        }
        if (!connectTimeout.isPositive()
                || headTimeout.isNegative()
                || idleTimeout.isNegative()
                || totalTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "a timeout is negative, or connectTimeout is 0: "
                            + List.of(connectTimeout, headTimeout, idleTimeout, totalTimeout));
        }
        if (maxRedirects < 0) {
            throw new IllegalArgumentException(
                    "maxRedirects is " + maxRedirects + ": use 0 or more");
        }
    }

    private static void checkUrl(@Nullable URI url) {
        Checks.required(url, "url", "pass an absolute one");
        String problem = url == null ? "none" : problem(url);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** What is wrong with a URL to be asked, or null. */
    static @Nullable String problem(URI url) {
        String scheme = url.getScheme();
        if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
            return "ERR_INVALID_PROTOCOL: the URL is " + url + ": use http or https";
        }
        if (url.getHost() == null || url.getHost().isEmpty()) {
            return "ERR_INVALID_URL: the URL " + url + " names no host";
        }
        if (url.getRawUserInfo() != null) {
            return "ERR_INVALID_URL: the URL has a user: use the header Authorization";
        }
        return null;
    }

    /** A request without content. */
    public static RequestOptions of(String method, String url) {
        return new RequestOptions(
                method,
                URI.create(url),
                List.of(),
                null,
                CONNECT_TIMEOUT,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                0,
                null,
                null,
                null);
    }

    /** A GET. */
    public static RequestOptions get(String url) {
        return of("GET", url);
    }

    /** A POST, still without content. */
    public static RequestOptions post(String url) {
        return of("POST", url);
    }

    /** This request with one more header field; errors as of {@link Headers#set}. */
    public RequestOptions header(String name, String value) {
        Syntax.checkName(name);
        Syntax.checkValue(name, value);
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return with(draft -> draft.headers = more);
    }

    /** The first header field of that name, or null. */
    @Nullable String header(String name) {
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /** This request with whole content, which must not change until the response has come. */
    public RequestOptions body(byte[] bytes) {
        Checks.required(bytes, "bytes", "pass some");
        return body(new WholeBody(bytes));
    }

    /** This request with text in UTF-8; its type is the caller's to set. */
    public RequestOptions body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    /** This request with content that is written piece by piece. */
    public RequestOptions body(BodyWriter source) {
        Checks.required(source, "source", "pass a function");
        return with(draft -> draft.body = source);
    }

    /** Another request as it follows from this one. */
    RequestOptions with(
            String verb,
            URI place,
            List<Map.Entry<String, String>> fields,
            @Nullable BodyWriter source) {
        return with(draft -> {
            draft.method = verb;
            draft.url = place;
            draft.headers = fields;
            draft.body = source;
            draft.trailers = source == null ? null : trailers;
        });
    }

    /** This request with another time to connect. */
    public RequestOptions connectTimeout(Duration value) {
        return with(draft -> draft.connectTimeout = value);
    }

    /** This request with a time for the response's head; zero: none. */
    public RequestOptions headTimeout(Duration value) {
        return with(draft -> draft.headTimeout = value);
    }

    /** This request with a time without any byte; zero: none. */
    public RequestOptions idleTimeout(Duration value) {
        return with(draft -> draft.idleTimeout = value);
    }

    /** This request with a time for everything; zero: none. */
    public RequestOptions totalTimeout(Duration value) {
        return with(draft -> draft.totalTimeout = value);
    }

    /** This request with redirects that are followed. */
    public RequestOptions maxRedirects(int value) {
        return with(draft -> draft.maxRedirects = value);
    }

    /** This request for another protocol. */
    public RequestOptions upgrade(UpgradeHandler value) {
        return with(draft -> draft.upgrade = value);
    }

    /** This request with somebody who hears of 1xx: {@code 100}, {@code 102}, {@code 103}. */
    public RequestOptions onInformation(InformationHandler value) {
        return with(draft -> draft.information = value);
    }

    /**
     * This request with fields behind its content, such as a checksum of what was written. Without
     * content nothing is in front of them. Tell the server of them by a header {@code Trailer}.
     *
     * @throws IllegalArgumentException {@code ERR_HTTP_TRAILER_INVALID}: it has a Content-Length
     */
    public RequestOptions trailers(TrailerWriter value) {
        return with(draft -> draft.trailers = value);
    }

    private RequestOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private String method;
        private URI url;
        private List<Map.Entry<String, String>> headers;
        private @Nullable BodyWriter body;
        private Duration connectTimeout;
        private Duration headTimeout;
        private Duration idleTimeout;
        private Duration totalTimeout;
        private int maxRedirects;
        private @Nullable UpgradeHandler upgrade;
        private @Nullable InformationHandler information;
        private @Nullable TrailerWriter trailers;

        Draft(RequestOptions from) {
            method = from.method;
            url = from.url;
            headers = from.headers;
            body = from.body;
            connectTimeout = from.connectTimeout;
            headTimeout = from.headTimeout;
            idleTimeout = from.idleTimeout;
            totalTimeout = from.totalTimeout;
            maxRedirects = from.maxRedirects;
            upgrade = from.upgrade;
            information = from.information;
            trailers = from.trailers;
        }

        RequestOptions finish() {
            return new RequestOptions(
                    method,
                    url,
                    headers,
                    body,
                    connectTimeout,
                    headTimeout,
                    idleTimeout,
                    totalTimeout,
                    maxRedirects,
                    upgrade,
                    information,
                    trailers);
        }
    }
}
