package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Readable;
import dev.chime.reactor.stream.ReadableBase;
import dev.chime.reactor.testing.EngineTest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Conditional and range requests for content that lies ready. */
class SendTest {
    private static final String TEXT = "0123456789abcdef";
    private static final Instant CHANGED = Instant.parse("2024-02-03T04:05:06.7Z");
    private static final String DATE = "Sat, 03 Feb 2024 04:05:06 GMT";
    private static final String EARLIER = "Sat, 03 Feb 2024 04:05:05 GMT";
    private static final String LATER = "Sat, 03 Feb 2024 04:05:07 GMT";

    /** Bytes of the text, three at a time; it fails behind {@code good} of them. */
    private static final class Part extends ReadableBase {
        private final String text;
        private final int good;
        private int at;

        Part(Reactor reactor, String text, int good) {
            super(reactor, 64);
            this.text = text;
            this.good = good;
        }

        @Override
        protected void pull(int bytes) {
            if (at >= good) {
                reactor()
                        .setTimeout(
                                5,
                                () -> destroy(new ReactorException("EIO", "the disk is broken")));
            } else if (at == text.length()) {
                pushEnd();
            } else {
                int to = Math.min(text.length(), at + 3);
                byte[] piece = Wire.bytes(text.substring(at, to));
                Buffer buffer = reactor().buffer(piece.length);
                buffer.put(0, piece, 0, piece.length);
                push(buffer);
                at = to;
            }
        }
    }

    private static void answer(IncomingMessage request, ServerResponse response) {
        Reactor reactor = request.reactor();
        Representation.Opener opener = (offset, bytes) -> part(reactor, request, offset, bytes);
        boolean empty = request.path().equals("/empty");
        response.send(
                new Representation(
                        empty ? 0 : TEXT.length(), CHANGED, "\"tag\"", "text/x", opener));
    }

    private static Readable part(
            Reactor reactor, IncomingMessage request, long offset, long bytes) {
        if (request.path().equals("/unopened")) {
            throw new IllegalStateException("gone");
        }
        String text = TEXT.substring((int) offset, (int) (offset + bytes));
        int good = request.path().equals("/broken") ? 5 : Integer.MAX_VALUE;
        return new Part(reactor, text, good);
    }

    private static String get(String path, String fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    @EngineTest
    void conditionsAndRanges_asRfc9110Says(EngineKind engine) {
        Map<String, String> wanted = new TreeMap<>();
        String all = "200 16 " + TEXT;
        wanted.put("", all);
        wanted.put("If-None-Match: \"tag\"", "304");
        wanted.put("If-None-Match: \"x\", W/\"tag\"", "304");
        wanted.put("If-None-Match: *", "304");
        wanted.put("If-None-Match: \"x\"", all);
        wanted.put("If-None-Match: \"x\"\r\nIf-Modified-Since: " + DATE, all);
        wanted.put("If-Modified-Since: " + DATE, "304");
        wanted.put("If-Modified-Since: " + LATER, "304");
        wanted.put("If-Modified-Since: " + EARLIER, all);
        wanted.put("If-Modified-Since: Saturday, 03-Feb-24 04:05:06 GMT", "304");
        wanted.put("If-Modified-Since: Sat Feb  3 04:05:06 2024", "304");
        wanted.put("If-Modified-Since: yesterday", all);
        wanted.put("If-Match: \"tag\"", all);
        wanted.put("If-Match: *", all);
        wanted.put("If-Match: W/\"tag\"", "412");
        wanted.put("If-Match: \"x\"", "412");
        wanted.put("If-Unmodified-Since: " + EARLIER, "412");
        wanted.put("If-Unmodified-Since: " + DATE, all);
        wanted.put("Range: bytes=0-0", "206 1 0 bytes 0-0/16");
        wanted.put("Range: bytes=2-4", "206 3 234 bytes 2-4/16");
        wanted.put("Range: BYTES=14-", "206 2 ef bytes 14-15/16");
        wanted.put("Range: bytes=-3", "206 3 def bytes 13-15/16");
        wanted.put("Range: bytes=-99", "206 16 " + TEXT + " bytes 0-15/16");
        wanted.put("Range: bytes=10-99", "206 6 abcdef bytes 10-15/16");
        wanted.put("Range: bytes=16-", "416 bytes */16");
        wanted.put("Range: bytes=-0", "416 bytes */16");
        wanted.put("Range: bytes=20-30, 40-", "416 bytes */16");
        wanted.put("Range: bytes=20-30, 1-1", "206 1 1 bytes 1-1/16");
        wanted.put("Range: bytes=4-2", all);
        wanted.put("Range: bytes=a-b", all);
        wanted.put("Range: bytes=", all);
        wanted.put("Range: bytes=-", all);
        wanted.put("Range: bytes=1-2,", all);
        wanted.put("Range: lines=1-2", all);
        wanted.put("Range: bytes=" + "0-0,".repeat(20) + "0-0", all);
        wanted.put("Range: bytes=0-, 0-, 0-", all);
        wanted.put("Range: bytes=1-2\r\nIf-Range: \"tag\"", "206 2 12 bytes 1-2/16");
        wanted.put("Range: bytes=1-2\r\nIf-Range: W/\"tag\"", all);
        wanted.put("Range: bytes=1-2\r\nIf-Range: \"x\"", all);
        wanted.put("Range: bytes=1-2\r\nIf-Range: " + DATE, "206 2 12 bytes 1-2/16");
        wanted.put("Range: bytes=1-2\r\nIf-Range: " + LATER, all);
        wanted.put("Range: bytes=1-2\r\nIf-None-Match: \"tag\"", "304");
        Map<String, String> seen = new TreeMap<>();
        Serving.run(
                engine,
                SendTest::answer,
                port -> {
                    for (String fields : wanted.keySet()) {
                        String sent = get("/", fields.isEmpty() ? "" : fields + "\r\n");
                        seen.put(fields, describe(Wire.exchange(port, sent)));
                    }
                });
        assertEquals(wanted, seen);
    }

    private static String describe(String text) {
        Wire.Response response = Wire.responses(text).getFirst();
        String range = response.header("Content-Range");
        boolean content = response.status() == 200 || response.status() == 206;
        if (response.status() != 416 && response.status() != 412) {
            assertEquals("\"tag\"", response.header("ETag"));
            assertEquals(DATE, response.header("Last-Modified"));
        }
        return response.status()
                + (content ? " " + response.header("Content-Length") : "")
                + (content ? " " + response.content() : "")
                + (range == null ? "" : " " + range);
    }

    @EngineTest
    void severalRanges_areParts(EngineKind engine) {
        Serving.run(
                engine,
                SendTest::answer,
                port -> {
                    String sent = get("/", "Range: bytes=1-2, -2\r\n") + get("/", "");
                    List<Wire.Response> came = Wire.responses(Wire.exchange(port, sent));
                    Wire.Response parts = came.getFirst();
                    assertEquals(206, parts.status());
                    assertNull(parts.header("Content-Range"));
                    String boundary = parts.header("Content-Type").split("boundary=")[1];
                    String between = "\r\n--" + boundary;
                    assertEquals(
                            between
                                    + "\r\nContent-Type: text/x\r\nContent-Range: bytes 1-2/16\r\n\r\n12"
                                    + between
                                    + "\r\nContent-Type: text/x\r\nContent-Range: bytes 14-15/16\r\n\r\nef"
                                    + between
                                    + "--\r\n",
                            parts.content());
                    assertEquals(TEXT, came.get(1).content());
                });
    }

    @EngineTest
    void otherCases_areTruthful(EngineKind engine) {
        List<String> closed = new CopyOnWriteArrayList<>();
        Serving.run(
                engine,
                (request, response) -> {
                    response.onClose(err -> closed.add(err == null ? "ok" : err.code()));
                    answer(request, response);
                },
                port -> {
                    String head = Wire.exchange(port, get("/", "").replace("GET", "HEAD"));
                    assertTrue(head.contains("Content-Length: 16\r\n"), head);
                    assertTrue(head.endsWith("\r\n\r\n"), head);
                    String post = Wire.exchange(port, get("/", "").replace("GET", "POST"));
                    assertEquals("GET, HEAD", Wire.responses(post).getFirst().header("Allow"));
                    assertEquals("200 ", Wire.summary(Wire.exchange(port, get("/empty", ""))));
                    assertEquals("500", Wire.summary(Wire.exchange(port, get("/unopened", ""))));
                    String broken = Wire.exchange(port, get("/broken", ""));
                    assertTrue(broken.endsWith("\r\n\r\n012345"), broken);
                });
        assertEquals(List.of("ok", "ok", "ok", "ok"), closed.subList(0, 4));
        assertTrue(closed.size() == 5 && !closed.get(4).equals("ok"), closed::toString);
    }

    @Test
    void mediaTypes_goByTheEndOfTheName() {
        assertEquals("text/html; charset=utf-8", MediaTypes.ofName("a.b/index.HTML"));
        assertEquals("application/gzip", MediaTypes.ofName("x.tar.gz"));
        assertEquals(MediaTypes.UNKNOWN, MediaTypes.ofName("html"));
        assertEquals(MediaTypes.UNKNOWN, MediaTypes.ofName("a.html/b"));
        assertEquals(MediaTypes.UNKNOWN, MediaTypes.ofName("x."));
    }
}
