package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.stream.Duplex;
import dev.chime.reactor.stream.Writable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request: status and headers, then the content, either whole by {@link #end} or as
 * a stream by {@link #body}. Loop thread only.
 *
 * <p>Its length, or chunks, and the fate of the connection are chosen by what is known when the
 * head goes out. What is written to an answer whose connection is gone is dropped.
 */
public final class ServerResponse {
    /** Content up to here is copied behind the head: one write. */
    private static final int COPY_BYTES = 32 << 10;

    /** A target and its parameters; nothing that would end the field. */
    private static final Pattern LINK = Pattern.compile("<[^<>\\s]*>[^<>\\p{Cntrl}]*");

    private static final int OK = 200;
    private static final int LAST_STATUS = 999;

    private final ServerConnection connection;
    private final IncomingMessage request;
    private final long startedNanos;
    private final Headers headers;
    private final boolean mayPersist;
    private @Nullable Headers trailers;
    private @Nullable OutgoingBody body;
    private @Nullable Handlers<Done> closeHandlers;
    private @Nullable ReactorException failure;
    private int status = OK;
    private boolean headSent;
    private boolean persists;
    private boolean chunked;
    private boolean over;
    private boolean closed;
    private long contentBytes;

    ServerResponse(ServerConnection connection, IncomingMessage request, boolean mayPersist) {
        this.connection = connection;
        this.request = request;
        headers = new Headers(connection.server.fieldCache());
        this.mayPersist = mayPersist;
        startedNanos = connection.server.logsAccess() ? System.nanoTime() : 0;
    }

    // ---- the head

    /** The status: 200 unless set. */
    public int status() {
        return status;
    }

    /**
     * Sets the status, 200 to 999.
     *
     * @throws IllegalArgumentException {@code ERR_HTTP_INVALID_STATUS_CODE}
     * @throws IllegalStateException {@code ERR_HTTP_HEADERS_SENT}
     */
    public ServerResponse status(int code) {
        if (code < OK || code > LAST_STATUS) {
            throw new IllegalArgumentException(
                    "ERR_HTTP_INVALID_STATUS_CODE: the status is " + code + ": use 200 to 999");
        }
        checkHead();
        status = code;
        return this;
    }

    /** The header fields; Date, framing and Connection are added when they are sent. */
    public Headers headers() {
        return headers;
    }

    /** Sets a header field; errors as of {@link Headers#set}. */
    public ServerResponse header(String name, String value) {
        headers.set(name, value);
        return this;
    }

    /**
     * The fields that go behind the content, which is chunked then; a client of HTTP/1.0 gets none.
     *
     * @throws IllegalStateException {@code ERR_HTTP_HEADERS_SENT}: ask for them before the head
     *     goes out; their values may be set until the end
     */
    public Headers trailers() {
        if (trailers == null) {
            checkHead();
            trailers = Headers.trailers();
        }
        return trailers;
    }

    private void checkHead() {
        if (headSent) {
            throw new IllegalStateException("ERR_HTTP_HEADERS_SENT: the head has been sent");
        }
    }

    /** True once the head has been sent. */
    public boolean isHeadSent() {
        return headSent;
    }

    /** True once the answer has been ended, or its connection is gone. */
    public boolean isEnded() {
        return over;
    }

    /** Sends the head now, before there is content. */
    public void flushHead() {
        if (!over && !headSent) {
            connection.stream.write(encodeHead(-1, false, null, 0));
        }
    }

    /** As {@link #writeEarlyHints(List, Map)}, without other fields. */
    public ServerResponse writeEarlyHints(String... links) {
        return writeEarlyHints(List.of(links), Map.of());
    }

    /**
     * Sends {@code 103 Early Hints}, in front of the head: what the client may load while the
     * answer is being made. More than once is allowed; without links nothing is sent, nor to a
     * client of HTTP/1.0.
     *
     * @param links values of {@code Link}, such as {@code </style.css>; rel=preload; as=style}
     * @param fields other fields
     * @throws IllegalArgumentException {@code ERR_INVALID_ARG_VALUE}: a link has no target; errors
     *     of fields as of {@link Headers#set}
     * @throws IllegalStateException {@code ERR_HTTP_HEADERS_SENT}
     */
    public ServerResponse writeEarlyHints(List<String> links, Map<String, String> fields) {
        Headers hints = new Headers();
        for (String link : links) {
            if (link == null || !LINK.matcher(link).matches()) {
                throw new IllegalArgumentException(
                        "ERR_INVALID_ARG_VALUE: a link is '" + link + "': use <target>; rel=name");
            }
        }
        if (!links.isEmpty()) {
            hints.set("Link", String.join(", ", links));
        }
        fields.forEach(hints::set);
        checkHead();
        if (!over && !links.isEmpty() && !request.isVersion10()) {
            StringBuilder head = new StringBuilder("HTTP/1.1 103 Early Hints\r\n");
            hints.forEach(
                    (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
            byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
            connection.stream.write(bytes);
        }
        return this;
    }

    // ---- the content

    /** Ends it without content, or behind what {@link #body} has been given. */
    public void end() {
        end(new byte[0]);
    }

    /** Ends it with text in UTF-8; the content's type is the caller's to set. */
    public void end(String text) {
        end(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Ends it with {@code content}, which must not change until {@link #onClose} is told. Head and
     * content leave in one write.
     *
     * @throws IllegalStateException {@code ERR_STREAM_WRITE_AFTER_END}; {@code
     *     ERR_HTTP_CONTENT_LENGTH_MISMATCH}
     */
    public void end(byte[] content) {
        if (streams()) {
            body().end(content);
            return;
        }
        if (over) {
            checkEnd();
            return;
        }
        boolean bare = isBare();
        boolean copies = !bare && content.length <= COPY_BYTES;
        long length = bare && content.length == 0 ? declaredLength() : content.length;
        boolean last = !bare || length >= 0 || !isHead();
        byte[] head = encodeHead(length, last, copies ? content : null, length);
        connection.stream.write(head);
        if (!bare && !copies) {
            connection.stream.write(content);
        }
        contentBytes = bare ? 0 : content.length;
        finished();
    }

    /** As {@link #end(byte[])}; the buffer is retained until it has been sent. */
    public void end(Buffer content) {
        if (streams()) {
            body().end(content);
            return;
        }
        if (over) {
            checkEnd();
            return;
        }
        connection.stream.write(encodeHead(content.length(), true, null, content.length()));
        if (!isBare()) {
            connection.stream.write(content);
            contentBytes = content.length();
        }
        finished();
    }

    /** True when the content goes through the stream: it has begun, or needs chunks. */
    private boolean streams() {
        return !over && (body != null || headSent || trailers != null);
    }

    private void checkEnd() {
        if (failure == null) {
            throw new IllegalStateException(
                    "ERR_STREAM_WRITE_AFTER_END: this response was ended before");
        }
    }

    /**
     * The content as a stream, always the same one. Ending it ends the answer; destroying it before
     * cuts the connection, unless nothing has been sent: then the client gets status 500. A {@code
     * Content-Length} that has been set must be kept to: {@code ERR_HTTP_CONTENT_LENGTH_MISMATCH}.
     */
    public Writable body() {
        if (body == null) {
            body = new OutgoingBody(new Content(), connection.reactor());
            if (over) {
                body.destroy(failure);
            }
        }
        return body;
    }

    /**
     * Answers with content that lies ready, to GET and HEAD: whole, or the parts that {@code Range}
     * asks for (206, or 416), or that the client's copy is still good (304), as the conditions of
     * the request say (412 when they fail); 405 to other methods. Sets Accept-Ranges,
     * Last-Modified, ETag, Content-Type unless it is set, and what tells of the parts.
     */
    public void send(Representation content) {
        Checks.required(content, "content", "make one with Representation.ofFile");
        checkHead();
        new Sending(this, content).start(request);
    }

    /**
     * Hears of the end once: null when the system has taken everything, or the error that ended the
     * connection before.
     */
    public ServerResponse onClose(Done handler) {
        if (handler == null) {
            throw new IllegalArgumentException("handler is null: pass a function");
        }
        if (closed) {
            connection.reactor().nextTick(() -> handler.call(failure));
            return this;
        }
        if (over && failure == null && closeHandlers == null) {
            closeHandlers = new Handlers<>();
            tellWhenSent();
        } else if (closeHandlers == null) {
            closeHandlers = new Handlers<>();
        }
        closeHandlers.add(handler);
        return this;
    }

    // ---- for the stream of the content

    boolean isBare() {
        return isHead()
                || status == HttpStatus.NO_CONTENT_204
                || status == HttpStatus.NOT_MODIFIED_304;
    }

    private boolean isHead() {
        return request.method().equals("HEAD");
    }

    /** The length that the head says; -1 when it says none. */
    private long declaredLength() {
        HttpField field = headers.fields().getField(HttpHeader.CONTENT_LENGTH);
        if (field == null) {
            return -1;
        }
        try {
            return Long.parseUnsignedLong(String.valueOf(field.getValue()));
        } catch (NumberFormatException e) {
            throw new IllegalStateException(
                    "ERR_HTTP_INVALID_HEADER_VALUE: Content-Length is " + field.getValue(), e);
        }
    }

    /** What the stream of the content must know. */
    private final class Content implements OutgoingBody.Owner {
        @Override
        public Duplex stream() {
            return connection.stream;
        }

        @Override
        public void flushHead() {
            ServerResponse.this.flushHead();
        }

        @Override
        public long declaredLength() {
            return ServerResponse.this.declaredLength();
        }

        @Override
        public boolean isBare() {
            return ServerResponse.this.isBare();
        }

        @Override
        public boolean isChunked() {
            return chunked;
        }

        @Override
        public @Nullable Headers trailersOrNull() {
            return trailers;
        }

        @Override
        public void streamed(long bytes) {
            contentBytes = bytes;
            finished();
        }

        @Override
        public void streamBroken(@Nullable ReactorException error) {
            if (over) {
                return;
            }
            if (headSent) {
                connection.stream.destroy(error);
            } else {
                failed();
            }
        }
    }

    // ---- for the connection

    boolean isOver() {
        return over;
    }

    boolean persists() {
        return persists;
    }

    /** The connection's queue is empty again. */
    void drained() {
        if (body != null) {
            body.drained();
        }
    }

    /** The handler threw. */
    void failed() {
        if (over) {
            return;
        }
        if (headSent) {
            connection.stream.destroy();
            return;
        }
        headers.fields().clear();
        headers.set("Content-Type", "text/plain");
        trailers = null;
        status = HttpStatus.INTERNAL_SERVER_ERROR_500;
        OutgoingBody stream = body;
        body = null;
        end("Internal Server Error");
        if (stream != null) {
            stream.destroy();
        }
    }

    /** Nobody will get the rest. */
    void gone(ReactorException error) {
        if (over) {
            return;
        }
        over = true;
        failure = error;
        if (body != null) {
            body.destroy(error);
        }
        connection.core.inClosePhase(this::tellClosed);
    }

    private void finished() {
        over = true;
        connection.server.logAccess(this, request, startedNanos);
        if (closeHandlers != null) {
            tellWhenSent();
        }
        connection.answered(this);
    }

    private void tellWhenSent() {
        connection.stream.flush(err -> {
            failure = err;
            tellClosed();
        });
    }

    private void tellClosed() {
        closed = true;
        if (closeHandlers != null) {
            closeHandlers.each(handler -> connection.core.call(handler, failure));
        }
    }

    long contentBytes() {
        return contentBytes;
    }

    // ---- the head's bytes

    /**
     * Makes the head, and chooses framing and persistence.
     *
     * @param length of the content, or -1 if it is not known
     * @param last whether that is all
     * @param content what to put behind the head, or null
     * @param expected what a Content-Length that was set must say
     */
    byte[] encodeHead(long length, boolean last, byte @Nullable [] content, long expected) {
        HttpFields.Mutable fields = headers.fields();
        if (last && !isBare() && fields.contains(HttpHeader.CONTENT_LENGTH)) {
            long declared = declaredLength();
            if (declared != expected) {
                throw new IllegalStateException(
                        "ERR_HTTP_CONTENT_LENGTH_MISMATCH: "
                                + HttpErrors.lengthMismatch(expected, declared).getMessage());
            }
        }
        fields.remove(HttpHeader.TRANSFER_ENCODING); // the framing is chosen here
        if (!fields.contains(HttpHeader.DATE)) {
            fields.add(connection.server.date());
        }
        HttpVersion version = request.isVersion10() ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        Supplier<HttpFields> behind =
                trailers == null || request.isVersion10() ? null : () -> HttpFields.EMPTY;
        boolean keep = mayPersist && !connection.mustClose();
        if (keep && connection.asksHowLong() && !fields.contains(HttpHeader.CONNECTION)) {
            boolean ends = request.isVersion10() && length < 0; // the end is all that tells where
            HttpField hint = ends ? null : connection.server.keepAliveHint();
            if (hint != null) {
                fields.add(hint);
            }
        }
        HttpGenerator generator = connection.generator;
        MetaData.Response info =
                new MetaData.Response(status, null, version, fields, length, behind);
        ByteBuffer scratch = generate(generator, info, keep, last);
        persists = keep && generator.isPersistent();
        chunked = generator.isChunking();
        generator.reset();
        headSent = true;
        headers.seal();
        int bytes = scratch.remaining();
        byte[] out = new byte[content == null ? bytes : bytes + content.length];
        scratch.get(out, 0, bytes);
        if (content != null) {
            System.arraycopy(content, 0, out, bytes, content.length);
        }
        return out;
    }

    private ByteBuffer generate(
            HttpGenerator generator, MetaData.Response info, boolean keep, boolean last) {
        while (true) {
            generator.reset();
            if (!keep) {
                generator.setPersistent(false);
            } else if (request.isVersion10()) {
                generator.setPersistent(true);
            }
            ByteBuffer scratch = connection.server.scratch();
            BufferUtil.clear(scratch);
            try {
                HttpGenerator.Result result =
                        generator.generateResponse(info, isHead(), scratch, null, null, last);
                if (result == HttpGenerator.Result.FLUSH) {
                    return scratch;
                }
                connection.server.growScratch();
            } catch (IOException e) {
                throw new AssertionError("memory does not fail", e);
            }
        }
    }

    /** A whole answer to a request that nobody handles. */
    static byte[] refusal(HttpServer server, int status, String text) {
        String reason = HttpStatus.getMessage(status);
        String content = (text.isEmpty() ? reason : text).replaceAll("[^ -~]", "?");
        String head =
                "HTTP/1.1 "
                        + status
                        + " "
                        + reason
                        + "\r\nDate: "
                        + server.date().getValue()
                        + "\r\nContent-Type: text/plain\r\nContent-Length: "
                        + content.length()
                        + "\r\nConnection: close\r\n\r\n";
        return (head + content).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "response " + status + " to " + request;
    }
}
