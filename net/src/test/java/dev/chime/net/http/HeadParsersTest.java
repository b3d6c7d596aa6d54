package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Parsers that connections share: nobody gets what another one's head said. */
class HeadParsersTest {
    private final HeadParsers parsers = HeadParsers.ofRequests(1000);

    private HeadParser connection() {
        return new HeadParser(parsers, 100, 1000);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(int i) {
        String framing = i % 2 == 0 ? "Content-Length: " + i : "Transfer-Encoding: chunked";
        return "GET /"
                + i
                + " HTTP/1.1\r\nHost: h"
                + i % 3
                + "\r\n"
                + framing
                + "\r\nX-Number: "
                + i
                + "\r\n\r\n";
    }

    private static void check(HeadParser head, int i) {
        assertTrue(head.isComplete(), head.failureText());
        assertEquals("/" + i, head.target());
        assertEquals("h" + i % 3, head.fields().get("Host"));
        assertEquals("" + i, head.fields().get("X-Number"));
        assertEquals(i % 2 != 0, head.isChunked());
        if (i % 2 == 0) {
            assertEquals(i, head.contentLength());
        }
    }

    @Test
    void headsThatComeByteByByte_onFiftyConnectionsByTurns_areEachTheirOwn() {
        int count = 50;
        List<HeadParser> heads = new ArrayList<>();
        List<ByteBuffer> texts = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            heads.clear();
            texts.clear();
            for (int i = 0; i < count; i++) {
                heads.add(connection());
                texts.add(bytes(head(i)));
            }
            boolean any = true;
            while (any) {
                any = false;
                for (int i = 0; i < count; i++) {
                    ByteBuffer text = texts.get(i);
                    if (text.hasRemaining()) {
                        heads.get(i).parse(bytes("" + (char) text.get()));
                        any = true;
                    }
                }
            }
            IntStream.range(0, count).forEach(i -> check(heads.get(i), i));
        }
    }

    @Test
    void wholeHeads_takeTurnsWithOneParser() {
        HeadParsers.Loan first = parsers.lend(connection());
        first.giveBack();
        for (int i = 0; i < 100; i++) {
            HeadParser head = connection();
            head.parse(bytes(head(i)));
            check(head, i);
            head.reset();
        }
        assertSame(first, parsers.lend(connection()));
    }

    @Test
    void whatFollowsTheHead_isLeftAlone() {
        ByteBuffer two = bytes(head(2) + "ab" + head(3));
        HeadParser head = connection();
        head.parse(two);
        check(head, 2);
        assertEquals('a', two.get());
        assertEquals('b', two.get());
        head.reset();
        head.parse(two);
        check(head, 3);
        assertFalse(two.hasRemaining());
    }

    @Test
    void aParserThatFoundAnError_isNotUsedAgain() {
        HeadParsers.Loan first = parsers.lend(connection());
        first.giveBack();
        HeadParser bad = connection();
        bad.parse(bytes("GET / HTTP/1.1\r\nHost : h\r\n\r\n"));
        assertEquals(400, bad.failure());
        assertNotSame(first, parsers.lend(connection()));

        HeadParser good = connection();
        good.parse(bytes(head(4)));
        check(good, 4);
    }

    @Test
    void connectionsThatEndWithinAHead_takeNoParserAway() {
        for (int i = 0; i < 1000; i++) {
            HeadParser head = connection();
            head.parse(bytes("GET / HT"));
            assertTrue(head.isStarted());
            head.abandon();
        }
        HeadParsers.Loan loan = parsers.lend(connection());
        assertTrue(loan.parser.getHeaderCacheSize() > 0, "it still remembers fields");
    }

    @Test
    void onlyTheFirstFew_haveTables() {
        List<HeadParsers.Loan> loans =
                IntStream.range(0, 50).mapToObj(i -> parsers.lend(connection())).toList();
        long tables = loans.stream().filter(loan -> loan.parser.getHeaderCacheSize() > 0).count();
        assertEquals(4, tables);
    }
}
