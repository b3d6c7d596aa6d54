package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.xbill.DNS.Rcode;

/** What is made of answers: aliases, short names, what is remembered and what is shared. */
class AnswersTest {
    private static final String SOA = "test 3600 SOA ns.test. admin.test. 7 3600 600 86400 60";

    /** Runs with a clock that a test puts forward, by seconds. */
    private static Resolves run(
            EngineKind engine,
            AtomicLong seconds,
            UnaryOperator<DnsOptions> options,
            NameServer.Script script,
            Resolves.Body body) {
        ReactorOptions clocked =
                Reactors.options(engine)
                        .clock(() -> System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds.get()));
        return Resolves.run(
                clocked, asked -> options.apply(asked.timeout(Duration.ofDays(30))), script, body);
    }

    // ---- aliases

    private static void aliases(NameServer.Query query) throws Exception {
        switch (query.name()) {
            case "whole.test" ->
                    query.records(
                            "whole.test 60 CNAME b.test.",
                            "c.test 50 A 192.0.2.1",
                            "b.test 40 CNAME c.test.");
            case "part.test" -> query.records("part.test 30 CNAME next.test.");
            case "next.test" -> query.records("next.test 60 CNAME last.test.");
            case "last.test" -> query.records("last.test 60 A 192.0.2.2");
            case "circle.test" ->
                    query.records(
                            "circle.test 60 CNAME round.test.", "round.test 60 CNAME circle.test.");
            case "wide.test" -> query.records("wide.test 60 CNAME wider.test.");
            case "wider.test" -> query.records("wider.test 60 CNAME wide.test.");
            case "known.test" ->
                    query.send(
                            withRecords(query, query.error(Rcode.NOERROR, SOA), "nothing.test."));
            default -> {
                if (query.name().startsWith("n")) { // a chain that grows with each question
                    int number = Integer.parseInt(query.name().substring(1, 3));
                    query.records(query.name() + " 60 CNAME n" + (number + 1) + ".test.");
                } else {
                    query.nameError();
                }
            }
        }
    }

    private static org.xbill.DNS.Message withRecords(
            NameServer.Query query, org.xbill.DNS.Message message, String target) throws Exception {
        message.addRecord(
                NameServer.record(query.name() + " 60 CNAME " + target),
                org.xbill.DNS.Section.ANSWER);
        return message;
    }

    @EveryEngine
    void aliases_areFollowed_andBoundTheTime(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        AnswersTest::aliases,
                        asked ->
                                asked.resolve(
                                        "whole.test",
                                        RecordType.A,
                                        () -> asked.resolve("part.test", RecordType.A)));
        assertEquals(
                List.of("[[address=192.0.2.1, ttl=PT40S]]", "[[address=192.0.2.2, ttl=PT30S]]"),
                resolves.results());
        assertEquals(
                List.of("whole.test A", "part.test A", "next.test A", "last.test A"),
                resolves.server().log());
    }

    @EveryEngine
    void aliasesThatLeadNowhere_areAnError(EngineKind engine) {
        String circle = ": its aliases go in a circle, or are too many";
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.attempts(1),
                        AnswersTest::aliases,
                        asked -> {
                            asked.resolve("circle.test", RecordType.A);
                            asked.resolve("wide.test", RecordType.A);
                            asked.resolve("n10.test", RecordType.A);
                            asked.resolve("known.test", RecordType.A);
                        });
        List<String> results = resolves.results();
        Collections.sort(results);
        assertEquals(
                List.of(
                        "queryA EBADRESP circle.test" + circle,
                        "queryA EBADRESP n10.test" + circle,
                        "queryA EBADRESP wide.test" + circle,
                        "queryA ENODATA known.test"),
                results);
    }

    // ---- memory

    @EngineTest
    void answers_areRememberedForTheirTime_andGrowOld(EngineKind engine) {
        AtomicLong seconds = new AtomicLong();
        Resolves resolves =
                run(
                        engine,
                        seconds,
                        options -> options,
                        query -> query.records(query.name() + " 300 A 192.0.2.1"),
                        asked ->
                                asked.resolve(
                                        "a.test",
                                        RecordType.A,
                                        () -> {
                                            seconds.set(100);
                                            later(
                                                    asked,
                                                    "A.test",
                                                    () -> {
                                                        seconds.set(301);
                                                        later(asked, "a.test", () -> {});
                                                    });
                                        }));
        assertEquals("[[address=192.0.2.1, ttl=PT5M]]", resolves.results().get(0));
        String older = resolves.results().get(1);
        Duration left = Duration.parse(older.substring(older.indexOf("PT"), older.indexOf("]]")));
        assertTrue(left.compareTo(Duration.ofSeconds(200)) <= 0, older);
        assertTrue(left.compareTo(Duration.ofSeconds(170)) >= 0, older); // a busy machine
        assertEquals("[[address=192.0.2.1, ttl=PT5M]]", resolves.results().get(2));
        assertEquals(List.of("a.test A", "a.test A"), resolves.server().log());
    }

    /** Asks when the loop has looked at the clock again. */
    private static void later(Resolves asked, String name, Runnable then) {
        asked.net()
                .reactor()
                .setImmediate(() -> {
                    asked.net().reactor().updateNow();
                    asked.resolve(name, RecordType.A, then);
                });
    }

    @EngineTest
    void thatThereIsNothing_isRememberedAsLongAsTheZoneSays(EngineKind engine) {
        AtomicLong seconds = new AtomicLong();
        Resolves resolves =
                run(
                        engine,
                        seconds,
                        options -> options,
                        query -> query.send(query.error(Rcode.NXDOMAIN, SOA)),
                        asked ->
                                asked.resolve(
                                        "no.test",
                                        RecordType.A,
                                        () -> {
                                            seconds.set(30);
                                            later(
                                                    asked,
                                                    "no.test",
                                                    () -> {
                                                        seconds.set(61);
                                                        later(asked, "no.test", () -> {});
                                                    });
                                        }));
        assertEquals(List.of("no.test A", "no.test A"), resolves.server().log());
        assertEquals(Collections.nCopies(3, "queryA ENOTFOUND no.test"), resolves.results());
    }

    @EveryEngine
    void failuresAndAnswersWithoutTime_areNotRemembered(EngineKind engine) {
        List<String> names = List.of("zero.test", "fail.test", "unknown.test", "huge.test");
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            switch (query.name()) {
                                case "zero.test" -> query.records("zero.test 0 A 192.0.2.1");
                                case "huge.test" -> query.send(hugeTtl(query));
                                case "fail.test" -> query.send(query.error(Rcode.SERVFAIL));
                                default -> query.nameError(); // no zone says for how long
                            }
                        },
                        asked ->
                                names.forEach(name ->
                                        asked.resolve(
                                                name,
                                                RecordType.A,
                                                () -> asked.resolve(name, RecordType.A))));
        assertEquals(8, resolves.results().size());
        assertEquals(8, resolves.server().log().size(), resolves.server().log()::toString);
    }

    /** A time of 2^31 seconds, which is none (RFC 2181, section 8). */
    private static byte[] hugeTtl(NameServer.Query query) throws Exception {
        byte[] bytes = query.answer("huge.test " + Integer.MAX_VALUE + " A 192.0.2.1").toWire();
        int ttlAt = bytes.length - 10; // before a length and an address
        assertEquals(0x7f, bytes[ttlAt]);
        bytes[ttlAt] = (byte) 0x80;
        bytes[ttlAt + 1] = 0;
        bytes[ttlAt + 2] = 0;
        bytes[ttlAt + 3] = 0;
        return bytes;
    }

    @EveryEngine
    void memoryIsBounded_andCanBeCleared(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.cacheEntries(2),
                        query -> query.records(query.name() + " 300 A 192.0.2.1"),
                        asked ->
                                inTurn(
                                        asked,
                                        List.of("a.test", "b.test", "a.test", "c.test", "a.test"),
                                        () ->
                                                inTurn(
                                                        asked,
                                                        List.of("b.test"),
                                                        () -> {
                                                            asked.dns().clearCache();
                                                            inTurn(
                                                                    asked,
                                                                    List.of("b.test"),
                                                                    () -> {});
                                                        })));
        assertEquals(
                List.of("a.test A", "b.test A", "c.test A", "b.test A", "b.test A"),
                resolves.server().log());
    }

    private static void inTurn(Resolves asked, List<String> names, Runnable then) {
        if (names.isEmpty()) {
            then.run();
        } else {
            asked.resolve(
                    names.getFirst(),
                    RecordType.A,
                    () -> inTurn(asked, names.subList(1, names.size()), then));
        }
    }

    // ---- one question for all

    @EveryEngine
    void equalQuestionsAtOnce_areOne(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.cacheEntries(0),
                        query -> query.records(query.name() + " 60 A 192.0.2.1"),
                        asked -> {
                            for (int i = 0; i < 200; i++) {
                                asked.resolve("a.test", RecordType.A);
                            }
                        });
        assertEquals(List.of("a.test A"), resolves.server().log());
        assertEquals(
                Collections.nCopies(200, "[[address=192.0.2.1, ttl=PT1M]]"), resolves.results());
    }

    @EveryEngine
    void manyQuestions_areAllAnswered_aBoundedNumberAtOnce(EngineKind engine) {
        int questions = 3 * Questions.MOST_AT_ONCE;
        List<NameServer.Query> held = new ArrayList<>();
        int[] atOnce = {0};
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            held.add(query);
                            if (atOnce[0] > 0) {
                                answerAll(held);
                            }
                        },
                        asked -> {
                            for (int i = 0; i < questions; i++) {
                                asked.resolve("a" + i + ".test", RecordType.A);
                            }
                            whenAsked(
                                    asked,
                                    () -> {
                                        atOnce[0] = held.size();
                                        answerAll(held);
                                    });
                        });
        assertEquals(Questions.MOST_AT_ONCE, atOnce[0]);
        assertEquals(questions, resolves.results().size());
        assertEquals(questions, resolves.server().log().size());
    }

    private static void answerAll(List<NameServer.Query> held) throws Exception {
        for (NameServer.Query query : held) {
            query.records(query.name() + " 60 A 192.0.2.1");
        }
        held.clear();
    }

    /** Goes on when as many questions have come as may, and no further ones have for a while. */
    private static void whenAsked(Resolves asked, Task then) {
        if (asked.server().log().size() < Questions.MOST_AT_ONCE) {
            asked.net().reactor().setImmediate(() -> whenAsked(asked, then));
        } else {
            asked.net().reactor().setTimeout(30, then);
        }
    }

    // ---- short names

    @EveryEngine
    void shortNames_areLookedForInTheSearchList(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.search(List.of("one.test", "two.test.")).ndots(2),
                        query -> {
                            switch (query.name()) {
                                case "host.two.test", "a.b" ->
                                        query.records(query.name() + " 60 A 192.0.2.1");
                                case "mail.one.test" -> query.send(query.error(Rcode.NOERROR));
                                default -> query.nameError();
                            }
                        },
                        asked ->
                                inTurn(
                                        asked,
                                        List.of("host", "a.b", "mail", "x.y.z", "absolute."),
                                        () -> {}));
        assertEquals(
                List.of(
                        "host.one.test A", // too few dots: the list first
                        "host.two.test A",
                        "a.b.one.test A",
                        "a.b.two.test A",
                        "a.b A",
                        "mail.one.test A",
                        "mail.two.test A",
                        "mail A",
                        "x.y.z A", // dots enough: as it is first
                        "x.y.z.one.test A",
                        "x.y.z.two.test A",
                        "absolute A"),
                resolves.server().log());
        assertEquals(
                List.of(
                        "[[address=192.0.2.1, ttl=PT1M]]",
                        "[[address=192.0.2.1, ttl=PT1M]]",
                        "queryA ENODATA mail", // the name is there in one of the domains
                        "queryA ENOTFOUND x.y.z",
                        "queryA ENOTFOUND absolute."),
                resolves.results());
    }
}
