package dev.chime.net.http;

import dev.chime.net.testing.Peers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** HTTP as bytes, with a parser of responses that shares no code with ours. */
final class Wire {
    /** A response; the content without chunks. */
    record Response(int status, String head, String content, String trailers) {
        /** The value of a header field, or null. */
        String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return null;
        }
    }

    private Wire() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends text, ends, reads to the end. */
    static String exchange(int port, String text) throws IOException {
        try (Socket socket = Peers.connect(port)) {
            socket.getOutputStream().write(bytes(text));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Reads until {@code end} has come. */
    static String readUntil(Socket socket, String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
            int b = socket.getInputStream().read();
            if (b < 0) {
                throw new IOException("ended before '" + end + "': " + read);
            }
            read.write(b);
        }
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    static String readToEnd(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** The responses of a connection, none of them to HEAD. */
    static List<Response> responses(String text) {
        List<Response> found = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int blank = text.indexOf("\r\n\r\n", at);
            if (!text.startsWith("HTTP/1.1 ", at) || blank < 0) {
                throw new AssertionError("no response at " + at + " of: " + text);
            }
            String head = text.substring(at, blank + 2);
            int status = Integer.parseInt(head.substring(9, 12));
            at = blank + 4;
            Response bare = new Response(status, head, "", "");
            String length = bare.header("Content-Length");
            if (status < 200 || status == 204 || status == 304) {
                found.add(bare);
            } else if ("chunked".equals(bare.header("Transfer-Encoding"))) {
                StringBuilder content = new StringBuilder();
                int size;
                do {
                    int line = text.indexOf("\r\n", at);
                    size = Integer.parseInt(text.substring(at, line), 16);
                    at = line + 2;
                    content.append(text, at, at + size);
                    at += size;
                    if (size > 0) {
                        if (!text.startsWith("\r\n", at)) {
                            throw new AssertionError("a chunk without an end: " + text);
                        }
                        at += 2;
                    }
                } while (size > 0);
                int end = text.startsWith("\r\n", at) ? at : text.indexOf("\r\n\r\n", at) + 2;
                found.add(new Response(status, head, content.toString(), text.substring(at, end)));
                at = end + 2;
            } else {
                int end = length == null ? text.length() : at + Integer.parseInt(length);
                found.add(new Response(status, head, text.substring(at, end), ""));
                at = end;
            }
        }
        return found;
    }

    /** Statuses and contents of the responses, without those of refusals. */
    static String summary(String text) {
        StringBuilder summary = new StringBuilder();
        for (Response response : responses(text)) {
            summary.append(summary.isEmpty() ? "" : "; ").append(response.status());
            if (response.status() == 200) {
                summary.append(' ').append(response.content());
            }
        }
        return summary.toString();
    }
}
