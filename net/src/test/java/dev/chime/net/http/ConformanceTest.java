package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Requests as bytes, and what the server makes of them: RFC 9112, by the section, and smuggling.
 */
class ConformanceTest {
    /** Bytes of a client that then ends its side, and the answers of an echo server. */
    record Case(String section, String name, String sent, String answers) {}

    private static final String HOST = "Host: a\r\n";
    private static final String POST = "POST /p HTTP/1.1\r\n" + HOST;
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\n" + HOST + "\r\n";

    private static final int AT_ONCE = 20;
    private static final List<Case> CASES = new ArrayList<>();
    private static String section = "";

    private static void add(String name, String sent, String answers) {
        CASES.add(new Case(section, name, sent, answers));
    }

    /** A head that is refused; what follows is never answered. */
    private static void bad(String name, String head) {
        add(name, head + NEXT, "400");
    }

    private static void head(String name, String fields, String answers) {
        add(name, "GET / HTTP/1.1\r\n" + fields + "\r\n", answers);
    }

    static {
        requestLines();
        fields();
        lengths();
        codings();
        chunks();
        sequences();
    }

    private static void requestLines() {
        section = "3: request lines, their ends and forms";
        add("simple", "GET / HTTP/1.1\r\n" + HOST + "\r\n", "200 GET / []");
        add("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "200 GET / []");
        add("HTTP/1.0 ends the connection", "GET / HTTP/1.0\r\n\r\n" + NEXT, "200 GET / []");
        add(
                "HTTP/1.0 keep-alive",
                "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + NEXT,
                "200 GET / []; 200 GET /next []");
        add("absolute form", "GET http://b/x?y HTTP/1.1\r\n" + HOST + "\r\n", "200 GET /x?y []");
        add("asterisk form", "OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n", "200 OPTIONS * []");
        add("empty lines before", "\r\n\r\n" + NEXT, "200 GET /next []");
        add("method of one's own", "FOO /f HTTP/1.1\r\n" + HOST + "\r\n", "200 FOO /f []");
        add("methods have case", "get /f HTTP/1.1\r\n" + HOST + "\r\n", "200 get /f []");
        add("CONNECT", "CONNECT a:1 HTTP/1.1\r\n" + HOST + "\r\n", "501");
        bad("asterisk of GET", "GET * HTTP/1.1\r\n" + HOST + "\r\n");
        bad("no form", "GET foo HTTP/1.1\r\n" + HOST + "\r\n");
        bad("fragment", "GET /a#b HTTP/1.1\r\n" + HOST + "\r\n");
        bad("target beyond ASCII", "GET /\u00e9 HTTP/1.1\r\n" + HOST + "\r\n");
        bad("control in target", "GET /\u0001 HTTP/1.1\r\n" + HOST + "\r\n");
        bad("no target", "GET\r\n" + HOST + "\r\n");
        bad("space before the method", " GET / HTTP/1.1\r\n" + HOST + "\r\n");
        bad("method is no token", "G@T / HTTP/1.1\r\n" + HOST + "\r\n");
        bad("tab for a space", "GET\t/ HTTP/1.1\r\n" + HOST + "\r\n");
        bad("space behind the version", "GET / HTTP/1.1 \r\n" + HOST + "\r\n");
        bad("bare LF ends the line", "GET / HTTP/1.1\n" + HOST + "\r\n");
        bad("bare CR ends the line", "GET / HTTP/1.1\r" + HOST + "\r\n");
        bad("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
        add("HTTP/0.9", "GET /\r\n", "505");
        add("HTTP/1.2", "GET / HTTP/1.2\r\n" + HOST + "\r\n", "505");
        add("HTTP/2 by preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505");
        add("HTTP/1.10", "GET / HTTP/1.10\r\n" + HOST + "\r\n", "505");
        add("no HTTP", "GET / HTCPCP/1.0\r\n" + HOST + "\r\n", "505");
        add("long target", "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n", "414");
        add("endless target", "GET /" + "a".repeat(20000), "414");
        add("unfinished line", "GET / HT", "");
        add("nothing", "", "");
    }

    private static void fields() {
        section = "3.2: Host";
        head("no Host", "", "400");
        head("empty Host", "Host:\r\n", "200 GET / []");
        head("two Hosts", HOST + HOST, "400");
        head("two different Hosts", HOST + "Host: b\r\n", "400");
        head("Host with a space", "Host: a b\r\n", "400");
        head("Host with a path", "Host: a/b\r\n", "400");
        head("Host with a user", "Host: u@b\r\n", "400");
        head("Host with a great port", "Host: a:99999\r\n", "400");
        section = "5: fields, folded lines, limits";
        head("names have no case", "hOST: a\r\n", "200 GET / []");
        head("no space behind the colon", "Host:a\r\nX:y\r\n", "200 GET / []");
        head("bytes beyond ASCII", HOST + "X: \u00e9\r\n", "200 GET / []");
        head("space before the colon", "Host : a\r\n", "400");
        head("space before the first name", " " + HOST, "400");
        head("folded line", HOST + "X: y\r\n z\r\n", "400");
        head("folded by a tab", HOST + "X: y\r\n\tz\r\n", "400");
        head("no colon", HOST + "X\r\n", "400");
        head("no name", HOST + ": y\r\n", "400");
        head("name is no token", HOST + "X(: y\r\n", "400");
        head("NUL in a value", HOST + "X: y\u0000z\r\n", "400");
        head("DEL in a value", HOST + "X: y\u007fz\r\n", "400");
        head("bare CR in a value", HOST + "X: y\rz\r\n", "400");
        head("bare LF ends a field", HOST + "X: y\n", "400");
        head("too large", HOST + "X: " + "y".repeat(17000) + "\r\n", "431");
        head("too many", HOST + "X: y\r\n".repeat(2000), "431");
        head("unknown expectation", HOST + "Expect: more\r\n", "417");
        add("bare LF ends the head", "GET / HTTP/1.1\r\n" + HOST + "\n" + NEXT, "400");
        head("Connection: close", HOST + "Connection: close\r\n", "200 GET / []");
        add(
                "nothing behind close",
                "GET / HTTP/1.1\r\n" + HOST + "Connection: x, Close\r\n\r\n" + NEXT,
                "200 GET / []");
        head("unfinished head", HOST + "X: y", "");
    }

    private static void length(String name, String value, String answers) {
        add(name, POST + "Content-Length:" + value + "\r\n\r\nabc" + NEXT, answers);
    }

    private static void lengths() {
        section = "6.2: Content-Length";
        length("length", " 3", "200 POST /p [abc]; 200 GET /next []");
        length("length with spaces", "  3 ", "200 POST /p [abc]; 200 GET /next []");
        length("length with a zero", " 03", "200 POST /p [abc]; 200 GET /next []");
        length("plus", " +3", "400");
        length("minus", " -3", "400");
        length("hexadecimal", " 0x3", "400");
        length("no number", "", "400");
        length("list of equals", " 3, 3", "400");
        length("two numbers", " 3 3", "400");
        length("fraction", " 3.0", "400");
        length("beyond a long", " 99999999999999999999", "400");
        length("beyond the limit", " 2000000", "413");
        length("twice the same", " 3\r\nContent-Length: 3", "400");
        length("twice different", " 3\r\nContent-Length: 4", "400");
        length("digit of another script", " \u00b3", "400");
        add(
                "body of GET",
                "GET /g HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nxy" + NEXT,
                "200 GET /g [xy]; 200 GET /next []");
        add(
                "length of zero",
                POST + "Content-Length: 0\r\n\r\n" + NEXT,
                "200 POST /p []; 200 GET /next []");
        add("no length is no body", POST + "\r\n" + NEXT, "200 POST /p []; 200 GET /next []");
        add("short body", POST + "Content-Length: 4\r\n\r\nabc", "400");
    }

    private static void coding(String name, String fields, String answers) {
        add(name, POST + fields + "\r\n3\r\nabc\r\n0\r\n\r\n" + NEXT, answers);
    }

    private static void codings() {
        section = "6.1: Transfer-Encoding, alone and beside a length";
        String both = "200 POST /p [abc]; 200 GET /next []";
        coding("chunked", "Transfer-Encoding: chunked\r\n", both);
        coding("chunked without case", "transfer-encoding: ChunKed\r\n", both);
        coding("length and chunked", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "400");
        coding("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "400");
        coding("space before the colon of a coding", "Transfer-Encoding : chunked\r\n", "400");
        coding("coding with a prefix", "Transfer-Encoding: xchunked\r\n", "400");
        coding("coding with a tab of its own", "Transfer-Encoding: \u000bchunked\r\n", "400");
        coding("quoted coding", "Transfer-Encoding: \"chunked\"\r\n", "400");
        coding("coding with a parameter", "Transfer-Encoding: chunked;q=1\r\n", "400");
        coding("empty coding", "Transfer-Encoding:\r\n", "400");
        coding("identity", "Transfer-Encoding: identity\r\n", "400");
        coding(
                "identity and length",
                "Transfer-Encoding: identity\r\nContent-Length: 3\r\n",
                "400");
        coding("chunked is not last", "Transfer-Encoding: chunked, gzip\r\n", "400");
        coding("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "400");
        coding(
                "chunked in two fields",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "400");
        coding(
                "chunked, then identity",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "400");
        coding("another coding", "Transfer-Encoding: gzip, chunked\r\n", "501");
        coding("folded coding", "Transfer-Encoding:\r\n chunked\r\n", "400");
        coding("coding behind a bare CR", "X: y\rTransfer-Encoding: chunked\r\n", "400");
        add(
                "chunked of HTTP/1.0",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "400");
    }

    private static void chunk(String name, String body, String answers) {
        add(name, CHUNKED + body + NEXT, answers);
    }

    private static void chunks() {
        section = "7.1: chunks, extensions, trailers";
        String both = "200 POST /p [abc]; 200 GET /next []";
        chunk("chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", both);
        chunk("leading zeros", "0003\r\nabc\r\n000\r\n\r\n", both);
        chunk(
                "upper case size",
                "A\r\n0123456789\r\n0\r\n\r\n",
                "200 POST /p [0123456789]; 200 GET /next []");
        chunk("extension", "3;a=b\r\nabc\r\n0;c\r\n\r\n", both);
        chunk("extension behind a space", "3 ;a=\"b;c\"\r\nabc\r\n0\r\n\r\n", both);
        chunk(
                "trailer",
                "3\r\nabc\r\n0\r\nT: u\r\n\r\n",
                "200 POST /p [abc] T=u; 200 GET /next []");
        chunk("trailer of framing is dropped", "3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n", both);
        chunk("no size", "\r\nabc\r\n0\r\n\r\n", "400");
        chunk("size of spaces", " 3\r\nabc\r\n0\r\n\r\n", "400");
        chunk("space behind the size", "3 \r\nabc\r\n0\r\n\r\n", "400");
        chunk("size with a sign", "+3\r\nabc\r\n0\r\n\r\n", "400");
        chunk("negative size", "-1\r\nabc\r\n0\r\n\r\n", "400");
        chunk("size with 0x", "0x3\r\nabc\r\n0\r\n\r\n", "400");
        chunk("size is no number", "g\r\nabc\r\n0\r\n\r\n", "400");
        chunk("size beyond a long", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", "400");
        chunk("endless zeros", "0".repeat(100) + "3\r\nabc\r\n0\r\n\r\n", "400");
        chunk("chunk is longer", "2\r\nabc\r\n0\r\n\r\n", "400");
        chunk("chunk is shorter", "4\r\nabc\r\n0\r\n\r\n", "400");
        chunk("no end of a chunk", "3\r\nabc0\r\n\r\n", "400");
        chunk("bare LF behind a size", "3\nabc\r\n0\r\n\r\n", "400");
        chunk("bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n", "400");
        chunk("bare CR behind a size", "3\rabc\r\n0\r\n\r\n", "400");
        chunk("bare LF in an extension", "3;a\nabc\r\n0\r\n\r\n", "400");
        chunk("control in an extension", "3;a\u0000b\r\nabc\r\n0\r\n\r\n", "400");
        chunk("endless extension", "3;" + "a".repeat(17000) + "\r\nabc\r\n0\r\n\r\n", "400");
        chunk("bare LF ends the trailers", "3\r\nabc\r\n0\r\n\n", "400");
        chunk("trailer without a colon", "3\r\nabc\r\n0\r\nT\r\n\r\n", "400");
        chunk("folded trailer", "3\r\nabc\r\n0\r\nT: u\r\n v\r\n\r\n", "400");
        chunk("endless trailers", "0\r\n" + "T: u\r\n".repeat(4000) + "\r\n", "400");
        add("no last chunk", CHUNKED + "3\r\nabc\r\n", "400");
        chunk(
                "more than the limit",
                ("10000\r\n" + "x".repeat(65536) + "\r\n").repeat(17) + "0\r\n\r\n",
                "413");
    }

    private static void sequences() {
        section = "9.3: several requests on a connection";
        add(
                "pipelined",
                NEXT + NEXT + NEXT,
                "200 GET /next []; 200 GET /next []; 200 GET /next []");
        add("empty line between", NEXT + "\r\n" + NEXT, "200 GET /next []; 200 GET /next []");
        add("garbage behind", NEXT + "garbage\r\n\r\n" + NEXT, "200 GET /next []; 400");
        add(
                "garbage behind a body",
                POST + "Content-Length: 3\r\n\r\nabcdefgh " + NEXT,
                "200 POST /p [abc]; 400");
        add(
                "nobody reads the body",
                "POST /unread HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc" + NEXT,
                "200 unread; 200 GET /next []");
        add(
                "nobody reads the chunks",
                "POST /unread HTTP/1.1\r\n"
                        + HOST
                        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                        + NEXT,
                "200 unread; 200 GET /next []");
    }

    /** Answers with what came. */
    private static void echo(IncomingMessage request, ServerResponse response) {
        if (request.target().equals("/unread")) {
            response.end("unread");
            return;
        }
        request.text(
                1 << 20,
                StandardCharsets.ISO_8859_1,
                (err, content) -> {
                    if (err != null) {
                        response.status(500).end();
                        return;
                    }
                    String target =
                            request.target().startsWith("http")
                                    ? request.path() + "?" + request.query()
                                    : request.target();
                    StringBuilder text = new StringBuilder();
                    text.append(request.method()).append(' ').append(target);
                    text.append(" [").append(content).append(']');
                    request.trailers()
                            .forEach((n, v) -> text.append(' ').append(n).append('=').append(v));
                    response.end(text.toString());
                });
    }

    @Test
    void theGuide_countsTheCases() throws Exception {
        Map<String, Integer> counts = new LinkedHashMap<>();
        CASES.forEach(one -> counts.merge(one.section(), 1, Integer::sum));
        StringBuilder table = new StringBuilder("| RFC 9112 | cases |\n| --- | --- |\n");
        counts.forEach((name, count) -> table.append("| " + name + " | " + count + " |\n"));
        String guide = Files.readString(Path.of("README.md"));
        assertTrue(guide.contains(table), table::toString);
    }

    private static HttpServer server(Reactor reactor) {
        return Http.of(reactor)
                .createServer(
                        HttpServerOptions.defaults().maxBodyBytes(1 << 20), ConformanceTest::echo);
    }

    @EngineTest
    void casesFromARawSocket(EngineKind engine) {
        assertTrue(CASES.size() > 100, CASES.size() + " cases");
        List<String> wrong = new ArrayList<>();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            server(reactor)
                                    .listen(
                                            0,
                                            Peers.LOCAL,
                                            (err, server) -> {
                                                int port = server.address().getPort();
                                                peers.start(
                                                        reactor,
                                                        () -> {
                                                            askAll(port, wrong);
                                                            reactor.execute(reactor::stop);
                                                        });
                                            }));
        }
        assertEquals(List.of(), wrong);
    }

    private static void askAll(int port, List<String> wrong) throws Exception {
        for (Case one : CASES) {
            compare(one, "", Wire.exchange(port, one.sent()), wrong);
        }
    }

    private static void compare(Case one, String how, String output, List<String> wrong) {
        String answers = Wire.summary(output);
        if (!answers.equals(one.answers())) {
            wrong.add(
                    one.section()
                            + ", "
                            + one.name()
                            + how
                            + ": "
                            + answers
                            + " and not "
                            + one.answers());
        }
    }

    /** Each case in two pieces, cut everywhere by the engines together, and in many. */
    @EveryEngine
    void casesCutAtEachByte(EngineKind engine) {
        List<String> wrong = new ArrayList<>();
        ArrayDeque<Run> runs = runs(engine.ordinal());
        Reactors.run(
                engine,
                reactor -> {
                    HttpServer server = server(reactor);
                    for (int i = 0; i < AT_ONCE; i++) {
                        startNext(reactor, server, runs, wrong);
                    }
                });
        assertEquals(List.of(), wrong);
        assertEquals(0, runs.size());
    }

    /** A case and the pieces in which it comes. */
    private record Run(Case one, String how, List<byte[]> pieces) {}

    private static ArrayDeque<Run> runs(int shift) {
        ArrayDeque<Run> runs = new ArrayDeque<>();
        SplittableRandom random = new SplittableRandom(7);
        for (Case one : CASES) {
            byte[] sent = Wire.bytes(one.sent());
            // Every third byte here; the other engines have the others.
            int step = sent.length < 500 ? 3 : sent.length / 20;
            for (int cut = 1 + shift % 3; cut < sent.length && sent.length < 2000; cut += step) {
                List<byte[]> pieces =
                        List.of(
                                Arrays.copyOf(sent, cut),
                                Arrays.copyOfRange(sent, cut, sent.length));
                runs.add(new Run(one, " cut at " + cut, pieces));
            }
            for (int most : new int[] {1, 5, 50, 5000}) {
                if (sent.length / most < 2000) {
                    runs.add(new Run(one, " by " + most, pieces(sent, most, random)));
                }
            }
        }
        return runs;
    }

    private static void startNext(
            Reactor reactor, HttpServer server, ArrayDeque<Run> runs, List<String> wrong) {
        Run run = runs.poll();
        if (run != null) {
            server.accept(
                    new MemoryDuplex(
                            reactor,
                            run.pieces(),
                            output -> {
                                compare(run.one(), run.how(), output, wrong);
                                reactor.setImmediate(() -> startNext(reactor, server, runs, wrong));
                            }));
        }
    }

    private static List<byte[]> pieces(byte[] sent, int most, SplittableRandom random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < sent.length; ) {
            int to = Math.min(sent.length, at + 1 + random.nextInt(most));
            pieces.add(Arrays.copyOfRange(sent, at, to));
            at = to;
        }
        return pieces;
    }
}
