package dev.chime.reactor.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

class LinesTest {
    private static List<String> lines(
            EngineKind engine, byte[] content, Charset charset, int most) {
        List<String> lines = new ArrayList<>();
        List<ReactorException> done = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, content, 1, most);
                    spring.lines(charset).forEach(lines::add, done::add);
                    assertEquals(0, lines.size(), "inside the call");
                });
        assertEquals(1, done.size());
        assertNull(done.getFirst());
        return lines;
    }

    private static List<String> lines(EngineKind engine, String content) {
        List<String> whole = lines(engine, content.getBytes(UTF_8), UTF_8, 100_000);
        assertEquals(whole, lines(engine, content.getBytes(UTF_8), UTF_8, 1), "byte by byte");
        return whole;
    }

    @EveryEngine
    void bothKindsOfLineEnd_areRecognised(EngineKind engine) {
        assertEquals(List.of("a", "b", "", "c"), lines(engine, "a\nb\r\n\nc\n"));
        assertEquals(List.of("", ""), lines(engine, "\r\n\n"));
    }

    @EveryEngine
    void theLastLine_needsNoEnd(EngineKind engine) {
        assertEquals(List.of("a", "b"), lines(engine, "a\nb"));
        assertEquals(List.of("alone"), lines(engine, "alone"));
        assertEquals(List.of(), lines(engine, ""));
    }

    @EveryEngine
    void aCarriageReturnAlone_belongsToTheLine(EngineKind engine) {
        assertEquals(List.of("a\rb", "c\r\r"), lines(engine, "a\rb\nc\r\r"));
    }

    @EveryEngine
    void charactersSplitOverPieces_stayWhole(EngineKind engine) {
        String text = "grüße\n漢字\n😀😀\nend €";
        assertEquals(List.of(text.split("\n")), lines(engine, text));
        for (Charset charset : List.of(UTF_16BE, ISO_8859_1)) {
            String plain = "one\r\ntwö\nthree";
            List<String> expected = List.of("one", "twö", "three");
            assertEquals(expected, lines(engine, plain.getBytes(charset), charset, 1));
        }
    }

    @EveryEngine
    void brokenBytes_becomeReplacements(EngineKind engine) {
        byte[] cut = {'a', (byte) 0xff, '\n', (byte) 0xe2, (byte) 0x82};
        assertEquals(List.of("a\ufffd", "\ufffd"), lines(engine, cut, UTF_8, 1));
    }

    @EveryEngine
    void longLines_areWhole(EngineKind engine) {
        String text = "x".repeat(300_000) + "\n" + "y".repeat(200_000);
        assertEquals(
                List.of(300_000, 200_000),
                lines(engine, text.getBytes(UTF_8), UTF_8, 10_000).stream()
                        .map(String::length)
                        .toList());
    }

    @EveryEngine
    void pause_stopsAtTheNextLine(EngineKind engine) {
        List<String> lines = new ArrayList<>();
        List<ReactorException> done = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    byte[] content = "1\n2\n3\n4".getBytes(UTF_8);
                    Lines all = new Spring(reactor, content, 1, 100).lines(UTF_8);
                    boolean[] pausing = {false};
                    all.forEach(
                            line -> {
                                assertFalse(pausing[0], "a line during a pause");
                                lines.add(line);
                                all.pause();
                                pausing[0] = true;
                                reactor.setTimeout(
                                        2,
                                        () -> {
                                            assertEquals(0, done.size());
                                            pausing[0] = false;
                                            all.resume();
                                        });
                            },
                            done::add);
                });
        assertEquals(List.of("1", "2", "3", "4"), lines);
        assertEquals(1, done.size());
        assertNull(done.getFirst());
    }

    @EveryEngine
    void cancel_destroysTheStream(EngineKind engine) {
        List<String> lines = new ArrayList<>();
        List<String> done = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, "a\nb\nc\n".repeat(50_000).getBytes(UTF_8));
                    Operation[] operation = new Operation[1];
                    operation[0] =
                            spring.lines(UTF_8)
                                    .forEach(
                                            line -> {
                                                lines.add(line);
                                                if (lines.size() == 5) {
                                                    operation[0].cancel();
                                                }
                                            },
                                            err -> {
                                                done.add(err.code());
                                                assertTrue(spring.isClosed());
                                            });
                });
        assertEquals(List.of("ECANCELED"), done);
    }

    @EveryEngine
    void anErrorOfTheStream_comesInsteadOfTheEnd(EngineKind engine) {
        List<String> done = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, "a\nb\nc".getBytes(UTF_8));
                    spring.failAt = 4;
                    Lines lines = spring.lines(UTF_8);
                    lines.forEach(line -> {}, err -> done.add(err.code()));
                    assertThrows(
                            IllegalStateException.class,
                            () -> lines.forEach(line -> {}, err -> {}));
                });
        assertEquals(List.of("ERR_SPRING"), done);
    }

    @EveryEngine
    void aHandlerThatThrows_losesNoOtherLine(EngineKind engine) {
        List<String> lines = new ArrayList<>();
        int[] thrown = {0};
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> thrown[0]++);
                    new Spring(reactor, "1\n2\n3\n".getBytes(UTF_8))
                            .lines(UTF_8)
                            .forEach(
                                    line -> {
                                        lines.add(line);
                                        throw new Exception(line);
                                    },
                                    err -> assertNull(err));
                });
        assertEquals(List.of("1", "2", "3"), lines);
        assertEquals(3, thrown[0]);
    }

    @EveryEngine
    void onText_givesWholeCharacters(EngineKind engine) {
        String text = "grüße 漢字 😀😀 €".repeat(1000);
        for (int most : new int[] {1, 3, 10_000}) {
            StringBuilder got = new StringBuilder();
            boolean[] ended = new boolean[1];
            Reactors.run(
                    engine,
                    reactor -> {
                        Spring spring = new Spring(reactor, text.getBytes(UTF_8), 1, most);
                        spring.onText(
                                UTF_8,
                                piece -> {
                                    assertFalse(piece.isEmpty());
                                    assertFalse(piece.contains("\ufffd"), piece);
                                    got.append(piece);
                                });
                        spring.onEnd(() -> ended[0] = true);
                    });
            assertEquals(text, got.toString());
            assertTrue(ended[0]);
        }
        StringBuilder cut = new StringBuilder();
        byte[] broken = {'a', (byte) 0xe2, (byte) 0x82};
        Reactors.run(engine, reactor -> new Spring(reactor, broken).onText(UTF_8, cut::append));
        assertEquals("a\ufffd", cut.toString());
    }
}
