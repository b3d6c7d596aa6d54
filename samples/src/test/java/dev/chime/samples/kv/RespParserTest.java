package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands come out of bytes however these are cut, and what is no command is named. */
class RespParserTest {
    /** What comes in, and what comes out: commands, then perhaps an error. */
    private record Case(String in, List<String> out) {
        Case(String in, String... out) {
            this(in, List.of(out));
        }
    }

    private static final List<Case> CASES =
            List.of(
                    new Case("*1\r\n$4\r\nPING\r\n", "[PING]"),
                    new Case(
                            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\nPING\r\n",
                            "[SET, k, a\r\nbc]",
                            "[PING]"),
                    new Case("*2\r\n$3\r\nGET\r\n$0\r\n\r\n*0\r\n*-1\r\nx\n", "[GET, ]", "[x]"),
                    new Case("\r\n\n  \r\nset  k\tv \r\nget k\n", "[set, k, v]", "[get, k]"),
                    new Case(
                            "set k \"a \\\"b\\\" \\x41\\n\\z\" 'c\\'d\\n'\r\n",
                            "[set, k, a \"b\" A\nz, c'd\\n]"),
                    new Case("set k \"\" ''\r\n", "[set, k, , ]"),
                    new Case("set k a\"b c\"\r\n", "[set, k, ab c]"),
                    new Case("ok\r\nset \"a\r\n", "[ok]", "unbalanced quotes in request"),
                    new Case("set \"a\"b\r\n", "unbalanced quotes in request"),
                    new Case("set 'a\\\r\n", "unbalanced quotes in request"),
                    new Case("*x\r\n", "invalid multibulk length"),
                    new Case(
                            "*1025\r\n", "invalid multibulk length: it is 1025, the limit is 1024"),
                    new Case("*1\r\n:3\r\n", "expected '$', got ':'"),
                    new Case("*1\r\n\r\n", "expected '$', got ''"),
                    new Case(
                            "*1\r\n$-1\r\n", "invalid bulk length: it is -1, the limit is 1048576"),
                    new Case(
                            "*1\r\n$1048577\r\n",
                            "invalid bulk length: it is 1048577, the limit is 1048576"),
                    new Case("*1\r\n$99999999999999999999\r\n", "invalid bulk length"),
                    new Case("*1\r\n$2\r\nabcd\r\n", "expected CRLF behind a bulk string"));

    /** Feeds pieces of the given lengths, the last one being the rest. */
    private static List<String> parse(Reactor reactor, String in, int... lengths) {
        RespParser parser = new RespParser();
        List<String> out = new ArrayList<>();
        try {
            int from = 0;
            for (int length : lengths) {
                feed(reactor, parser, in.substring(from, from + length), out);
                from += length;
            }
            feed(reactor, parser, in.substring(from), out);
        } catch (ProtocolException e) {
            out.add(e.getMessage().substring("Protocol error: ".length()));
        }
        return out;
    }

    private static void feed(Reactor reactor, RespParser parser, String piece, List<String> out)
            throws ProtocolException {
        if (piece.isEmpty()) {
            return;
        }
        byte[] bytes = piece.getBytes(ISO_8859_1);
        Buffer buffer = reactor.buffer(bytes.length);
        buffer.put(0, bytes, 0, bytes.length);
        parser.feed(buffer);
        buffer.release();
        for (List<byte[]> words = parser.next(); words != null; words = parser.next()) {
            out.add(words.stream().map(word -> new String(word, ISO_8859_1)).toList().toString());
        }
    }

    @Test
    void everyCase_howeverItIsCut_givesTheSame() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    for (Case one : CASES) {
                        assertEquals(one.out(), parse(reactor, one.in()), one.in());
                        for (int cut = 1; cut < one.in().length(); cut++) {
                            assertEquals(one.out(), parse(reactor, one.in(), cut), one.in());
                        }
                        int[] ones = new int[one.in().length()];
                        Arrays.fill(ones, 1);
                        assertEquals(one.out(), parse(reactor, one.in(), ones), one.in());
                    }
                });
    }

    @Test
    void whatIsTooLong_isRefusedBeforeItHasAllCome() {
        String line = "x".repeat(RespParser.MAX_LINE_BYTES + 1);
        String bulk = "$1048576\r\n" + "v".repeat(1 << 20) + "\r\n";
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    assertEquals(
                            List.of("too big inline request: the limit is 65536 bytes"),
                            parse(reactor, line, 1000));
                    assertEquals(
                            List.of("too big command: the limit is 2097152 bytes"),
                            parse(reactor, "*3\r\n" + bulk + bulk + "$1\r\n", 70_000, 70_000));
                });
    }

    @Test
    void manyCommandsInOnePiece_comeInOrder() {
        StringBuilder in = new StringBuilder();
        List<String> out = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            in.append("*2\r\n$3\r\nGET\r\n$").append(("k" + i).length()).append("\r\nk");
            in.append(i).append("\r\n");
            out.add("[GET, k" + i + "]");
        }
        Reactors.run(
                EngineKind.POOL,
                reactor -> assertEquals(out, parse(reactor, in.toString(), 10_000, 3, 20_000)));
    }
}
