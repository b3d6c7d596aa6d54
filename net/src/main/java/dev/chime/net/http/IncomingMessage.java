package dev.chime.net.http;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.stream.Readable;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * A message that has come: a server's request or a client's response. Loop thread only.
 *
 * <p>Its body is read when somebody asks for it, and not before; one that nobody asks for is passed
 * over when the exchange ends.
 */
public final class IncomingMessage {
    private final HttpConnection connection;
    private final Headers headers;
    private final String method;
    private final String target;
    private final int status;
    private final String reason;
    private final boolean version10;
    private @Nullable Headers trailers;
    private @Nullable MessageBody body;
    private @Nullable ReactorException failure;
    private boolean complete;

    IncomingMessage(HttpConnection connection, HeadParser head) {
        this.connection = connection;
        headers = Headers.received(head.fields());
        method = head.method();
        target = head.target();
        status = head.status();
        reason = head.reason();
        version10 = head.isVersion10();
    }

    /** The method of a request, in its case; empty in a response. */
    public String method() {
        return method;
    }

    /** The target of a request as it came, such as {@code /a?b=c}; empty in a response. */
    public String target() {
        return target;
    }

    /** The path of the target, without origin and query, not decoded. */
    public String path() {
        int from = target.startsWith("/") ? 0 : originEnd();
        int question = target.indexOf('?', from);
        String path = question < 0 ? target.substring(from) : target.substring(from, question);
        return path.isEmpty() ? "/" : path;
    }

    private int originEnd() {
        int authority = target.indexOf("://");
        if (authority < 0) {
            return 0;
        }
        for (int i = authority + 3; i < target.length(); i++) {
            if (target.charAt(i) == '/' || target.charAt(i) == '?') {
                return i;
            }
        }
        return target.length();
    }

    /** What follows the target's question mark, not decoded; null when there is none. */
    public @Nullable String query() {
        int question = target.indexOf('?');
        return question < 0 ? null : target.substring(question + 1);
    }

    /** The status of a response; 0 in a request. */
    public int status() {
        return status;
    }

    /** The words beside the status, for people; empty in a request. */
    public String reason() {
        return reason;
    }

    /** {@code 1.1} or {@code 1.0}. */
    public String version() {
        return version10 ? "1.0" : "1.1";
    }

    boolean isVersion10() {
        return version10;
    }

    /** The fields of the head. */
    public Headers headers() {
        return headers;
    }

    /**
     * The value of a header field, joined by commas if there are several; null if there is none.
     */
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    /** The fields behind a chunked body: empty until it has been read to its end. */
    public Headers trailers() {
        Headers come = trailers;
        return come == null ? new Headers().seal() : come;
    }

    /** The peer's address; null where the connection is not of TCP. */
    public @Nullable InetSocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    /** True once the whole body has come. */
    public boolean isComplete() {
        return complete;
    }

    /** The reactor that it belongs to. */
    public Reactor reactor() {
        return connection.reactor();
    }

    /**
     * The body, always the same stream. To a client that waits for {@code 100 Continue} it goes out
     * when the body is first read. It fails with ECONNRESET when the peer goes away first, with
     * {@code HPE_*} when its framing is broken, and a request's with {@code
     * ERR_HTTP_REQUEST_TIMEOUT} when it takes too long.
     */
    public Readable body() {
        Core.of(reactor()).checkThread("IncomingMessage.body");
        MessageBody stream = body;
        if (stream == null) {
            stream = new MessageBody(reactor(), connection);
            body = stream;
            if (failure != null) {
                stream.destroy(failure);
            } else if (complete || !connection.isCurrent(this)) {
                stream.complete();
            }
        }
        return stream;
    }

    /**
     * Reads the body whole. Errors as of {@link #body}, and {@code ERR_HTTP_BODY_TOO_LARGE}.
     *
     * @param limit bytes that it may have at the most
     */
    public void bytes(int limit, Callback<byte[]> callback) {
        if (callback == null) {
            throw new IllegalArgumentException("callback is null: pass a function");
        }
        Readable stream = body();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        stream.onData(data -> {
            if (data.length() > limit - content.size()) {
                stream.destroy(HttpErrors.bodyTooLarge(limit));
            } else {
                content.writeBytes(data.toArray());
            }
        });
        stream.finished(err -> {
            if (err == null) {
                callback.call(null, content.toByteArray());
            } else {
                Core.of(reactor()).fail(callback, err);
            }
        });
    }

    /** As {@link #bytes}, and decodes it. */
    public void text(int limit, Charset charset, Callback<String> callback) {
        if (charset == null || callback == null) {
            throw new IllegalArgumentException("charset or callback is null: pass both");
        }
        bytes(
                limit,
                (err, content) -> {
                    if (err == null) {
                        callback.call(null, new String(content, charset));
                    } else {
                        Core.of(reactor()).fail(callback, err);
                    }
                });
    }

    // ---- the connection's

    /** The stream, if somebody has asked for it. */
    @Nullable MessageBody bodyOrNull() {
        return body;
    }

    void completed(@Nullable Headers come) {
        complete = true;
        trailers = come == null ? null : come.seal();
        if (body != null) {
            body.complete();
        }
    }

    void failed(ReactorException error) {
        if (complete) {
            return;
        }
        failure = error;
        if (body != null) {
            body.destroy(error);
        }
    }

    @Override
    public String toString() {
        return status == 0 ? method + " " + target : "HTTP/" + version() + " " + status;
    }
}
