package dev.chime.net.http;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Readable;
import dev.chime.reactor.stream.Writable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Answers with a representation: all of it, a part, several parts, or that it has not changed. */
final class Sending {
    private static final int PARTIAL = 206;
    private static final int NOT_SATISFIABLE = 416;
    private static final int NOT_ALLOWED = 405;

    private final ServerResponse response;
    private final Representation content;
    private final ArrayDeque<Part> parts = new ArrayDeque<>();

    /** Text, and the bytes behind it, if any. */
    private record Part(String before, Conditions.@Nullable Range range) {}

    Sending(ServerResponse response, Representation content) {
        this.response = response;
        this.content = content;
    }

    void start(IncomingMessage request) {
        Headers headers = response.headers();
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            headers.set("Allow", "GET, HEAD");
            response.status(NOT_ALLOWED).end();
            return;
        }
        headers.set("Accept-Ranges", "bytes");
        if (content.modified() != null) {
            headers.set("Last-Modified", Conditions.format(content.modified()));
        }
        if (content.etag() != null) {
            headers.set("ETag", content.etag());
        }
        Conditions conditions = new Conditions(content, request);
        int status = conditions.status();
        if (status != 0) {
            response.status(status).end();
            return;
        }
        List<Conditions.Range> ranges = conditions.ranges();
        if (ranges == null) {
            type();
            send(new Conditions.Range(0, content.length() - 1));
        } else if (ranges.isEmpty()) {
            headers.set("Content-Range", "bytes */" + content.length());
            response.status(NOT_SATISFIABLE).end();
        } else if (ranges.size() == 1) {
            type();
            headers.set("Content-Range", span(ranges.getFirst()));
            response.status(PARTIAL);
            send(ranges.getFirst());
        } else {
            sendParts(ranges);
        }
    }

    private void type() {
        if (content.type() != null && !response.headers().contains("Content-Type")) {
            response.header("Content-Type", content.type());
        }
    }

    private String span(Conditions.Range range) {
        return "bytes " + range.first() + "-" + range.last() + "/" + content.length();
    }

    private void send(Conditions.Range range) {
        response.header("Content-Length", Long.toString(range.length()));
        if (range.length() == 0 || response.isBare()) {
            response.end();
            return;
        }
        parts.add(new Part("", range));
        next();
    }

    private void sendParts(List<Conditions.Range> ranges) {
        String boundary = Long.toHexString(ThreadLocalRandom.current().nextLong());
        String type = content.type() == null ? "" : "Content-Type: " + content.type() + "\r\n";
        List<Part> all = new ArrayList<>();
        for (Conditions.Range range : ranges) {
            String before =
                    "\r\n--%s\r\n%sContent-Range: %s\r\n\r\n"
                            .formatted(boundary, type, span(range));
            all.add(new Part(before, range));
        }
        all.add(new Part("\r\n--" + boundary + "--\r\n", null));
        long length = 0;
        for (Part part : all) {
            length += part.before().length() + (part.range() == null ? 0 : part.range().length());
        }
        response.status(PARTIAL)
                .header("Content-Type", "multipart/byteranges; boundary=" + boundary)
                .header("Content-Length", Long.toString(length));
        parts.addAll(all);
        next();
    }

    private void next() {
        Part part = parts.poll();
        Writable body = response.body();
        if (part == null) {
            body.end();
            return;
        }
        if (!part.before().isEmpty()) {
            body.write(part.before().getBytes(StandardCharsets.ISO_8859_1));
        }
        Conditions.Range range = part.range();
        if (range == null) {
            next();
            return;
        }
        try {
            Readable source = content.opener().open(range.first(), range.length());
            source.onEnd(this::next);
            source.pipe(body, false);
        } catch (Exception e) {
            body.destroy(
                    e instanceof ReactorException known
                            ? known
                            : new ReactorException(
                                    "ERR_HTTP_BODY_FAILED", "the content cannot be opened", e));
        }
    }
}
