package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.Net;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** How questions and answers travel: what is lost, cut, forged or broken on the way. */
class TransportTest {
    private static final String A = "[[address=192.0.2.1, ttl=PT1M]]";

    private static void answer(NameServer.Query query) throws Exception {
        query.records(query.name() + " 60 A 192.0.2.1");
    }

    @EveryEngine
    void cutAnswer_isAskedForOverTcp(EngineKind engine) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            text.append(" \"").append("x".repeat(250)).append('"');
        }
        List<String> found = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            if (query.tcp) {
                                query.records("big.test 60 TXT" + text);
                            } else {
                                query.send(query.cut());
                            }
                        },
                        asked ->
                                asked.dns()
                                        .resolve(
                                                "big.test",
                                                RecordType.TXT,
                                                (err, records) ->
                                                        found.add(records.getFirst().text())));
        assertEquals(List.of("x".repeat(50_000)), found);
        assertEquals(List.of("big.test TXT", "tcp big.test TXT"), resolves.server().log());
    }

    @EveryEngine
    void overTcp_nothingIsTakenForAnAnswerThatIsNone(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.attempts(1),
                        query -> {
                            if (!query.tcp) {
                                query.send(query.cut());
                                return;
                            }
                            Message answer = query.answer("x.test 60 A 192.0.2.9");
                            switch (query.name()) {
                                case "id.test" ->
                                        answer.getHeader().setID(answer.getHeader().getID() ^ 1);
                                case "cut.test" -> answer = query.cut();
                                default -> {
                                    query.send(new byte[0]); // a length of 0, then the end
                                    return;
                                }
                            }
                            query.send(answer);
                        },
                        asked ->
                                asked.resolve(
                                        "id.test",
                                        RecordType.A,
                                        () ->
                                                asked.resolve(
                                                        "cut.test",
                                                        RecordType.A,
                                                        () ->
                                                                asked.resolve(
                                                                        "empty.test",
                                                                        RecordType.A))));
        assertEquals(
                List.of(
                        "queryA EBADRESP id.test: it answers another question",
                        "queryA EBADRESP cut.test: the answer is cut off, over TCP as well",
                        "queryA EBADRESP empty.test: it answers another question"),
                resolves.results());
    }

    @EveryEngine
    void lostDatagrams_areSentAgain(EngineKind engine) {
        int[] lost = {0};
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.timeout(Duration.ofMillis(200)).attempts(50),
                        query -> {
                            if (++lost[0] > 3) {
                                answer(query);
                            }
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(List.of(A), resolves.results());
        assertTrue(lost[0] >= 4, () -> lost[0] + " questions");
    }

    @EveryEngine
    void silence_isETIMEOUT_afterAllAttempts(EngineKind engine) {
        long[] nanos = new long[2];
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.timeout(Duration.ofMillis(20)).attempts(3),
                        query -> {},
                        asked -> {
                            Reactor reactor = asked.net().reactor();
                            nanos[0] = reactor.now();
                            asked.resolve("a.test", RecordType.A, () -> nanos[1] = reactor.now());
                        });
        assertEquals(List.of("queryA ETIMEOUT a.test"), resolves.results());
        assertTrue(nanos[1] - nanos[0] >= 60_000_000, "three times 20 ms");
    }

    @EveryEngine
    void serverThatFails_isFollowedByTheNext(EngineKind engine) {
        List<String> results = new ArrayList<>();
        int[] failing = {0};
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                query -> {
                                    failing[0]++;
                                    query.send(query.error(Rcode.SERVFAIL));
                                },
                                bad ->
                                        NameServer.start(
                                                reactor,
                                                TransportTest::answer,
                                                good ->
                                                        Dns.of(Net.of(reactor), servers(bad, good))
                                                                .resolve(
                                                                        "a.test",
                                                                        RecordType.A,
                                                                        (err, found) ->
                                                                                results.add(
                                                                                        found.getFirst()
                                                                                                .address()
                                                                                                .getHostAddress())))));
        assertEquals(List.of("192.0.2.1"), results);
        assertEquals(1, failing[0]);
    }

    private static DnsOptions servers(NameServer... servers) {
        InetSocketAddress[] addresses = new InetSocketAddress[servers.length];
        for (int i = 0; i < servers.length; i++) {
            addresses[i] = servers[i].address();
        }
        return DnsOptions.defaults().servers(addresses).timeout(Duration.ofSeconds(30));
    }

    @EveryEngine
    void rotate_beginsWithEachServerInTurn(EngineKind engine) {
        List<String> log = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                noting(log, "1"),
                                one ->
                                        NameServer.start(
                                                reactor,
                                                noting(log, "2"),
                                                two -> {
                                                    Dns dns =
                                                            Dns.of(
                                                                    Net.of(reactor),
                                                                    servers(one, two).rotate(true));
                                                    askFor(dns, 4);
                                                })));
        assertEquals(List.of("1 n4.test", "2 n3.test", "1 n2.test", "2 n1.test"), log);
    }

    @EveryEngine
    void setServers_countsForTheNextQuestion_andForgetsWhatWasSaid(EngineKind engine) {
        List<String> log = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                noting(log, "1"),
                                one ->
                                        NameServer.start(
                                                reactor,
                                                noting(log, "2"),
                                                two -> {
                                                    Dns dns = Dns.of(Net.of(reactor), servers(one));
                                                    dns.resolve(
                                                            "a.test",
                                                            RecordType.A,
                                                            (err, found) -> {
                                                                dns.setServers(two.address());
                                                                assertEquals(
                                                                        List.of(two.address()),
                                                                        dns.servers());
                                                                dns.resolve(
                                                                        "a.test",
                                                                        RecordType.A,
                                                                        (e, f) -> log.add("end"));
                                                            });
                                                    assertThrows(
                                                            IllegalArgumentException.class,
                                                            () ->
                                                                    dns.setServers(
                                                                            new InetSocketAddress(
                                                                                    "127.0.0.1",
                                                                                    0)));
                                                })));
        assertEquals(List.of("1 a.test", "2 a.test", "end"), log);
    }

    @EveryEngine
    void setServers_whileAQuestionIsUnderWay_itsAnswerIsForThoseWhoWait(EngineKind engine) {
        List<String> log = new ArrayList<>();
        Dns[] dns = new Dns[1];
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                noting(log, "2"),
                                two ->
                                        NameServer.start(
                                                reactor,
                                                query -> {
                                                    dns[0].setServers(two.address());
                                                    resolve(dns[0], () -> log.add("new"));
                                                    reactor.setTimeout(40, () -> answer(query));
                                                },
                                                one -> {
                                                    dns[0] = Dns.of(Net.of(reactor), servers(one));
                                                    resolve(
                                                            dns[0],
                                                            () -> {
                                                                log.add("old");
                                                                resolve(
                                                                        dns[0],
                                                                        () -> log.add("known"));
                                                            });
                                                })));
        assertEquals(List.of("2 a.test", "new", "old", "known"), log);
    }

    private static void resolve(Dns dns, Runnable then) {
        dns.resolve("a.test", RecordType.A, (err, found) -> then.run());
    }

    private static NameServer.Script noting(List<String> log, String server) {
        return query -> {
            log.add(server + " " + query.name());
            answer(query);
        };
    }

    private static void askFor(Dns dns, int left) {
        if (left > 0) {
            dns.resolve("n" + left + ".test", RecordType.A, (err, found) -> askFor(dns, left - 1));
        }
    }

    @EveryEngine
    void forgedAnswers_areDropped(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            Message id = query.answer("a.test 60 A 192.0.2.66");
                            id.getHeader().setID(id.getHeader().getID() ^ 0x0100);
                            query.send(id);
                            Message question = query.answer("a.test 60 A 192.0.2.66");
                            question.removeAllRecords(Section.QUESTION);
                            query.send(question);
                            question.addRecord(
                                    query.message
                                            .getQuestion()
                                            .withName(Name.fromString("b.test.")),
                                    Section.QUESTION);
                            query.send(question);
                            query.send(query.message); // no answer at all
                            query.send(new byte[1]);
                            query.send(new byte[0]);
                            answer(query);
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(List.of(A), resolves.results());
    }

    @EveryEngine
    void answersFromElsewhere_areDropped(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query ->
                                query.server.sendFromElsewhere(
                                        query.answer("a.test 60 A 192.0.2.66").toWire(),
                                        query.from,
                                        () -> answer(query)),
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(List.of(A), resolves.results());
    }

    @EveryEngine
    void serversOfIPv6_areAskedAsWell(EngineKind engine) {
        List<String> results = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                "::1",
                                query -> {
                                    if (query.tcp) {
                                        answer(query);
                                    } else {
                                        query.send(query.cut());
                                    }
                                },
                                server ->
                                        Dns.of(Net.of(reactor), servers(server))
                                                .resolve(
                                                        "a.test",
                                                        RecordType.A,
                                                        (err, found) ->
                                                                results.add(String.valueOf(err)))));
        assertEquals(List.of("null"), results);
    }

    @EveryEngine
    void eachTry_hasAnIdOfItsOwn(EngineKind engine) {
        Set<Integer> ids = new HashSet<>();
        Resolves.run(
                Reactors.options(engine),
                UnaryOperator.identity(),
                query -> {
                    ids.add(query.message.getHeader().getID());
                    answer(query);
                },
                asked -> askFor(asked.dns(), 20));
        assertNotEquals(1, ids.size());
        assertTrue(ids.size() > 15, ids::toString);
    }

    @EveryEngine
    void answerThatCannotBeRead_isNoAnswer(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.attempts(2),
                        query -> {
                            byte[] bytes = query.answer("a.test 60 A 192.0.2.1").toWire();
                            query.send(java.util.Arrays.copyOf(bytes, bytes.length - 2));
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(
                List.of("queryA EBADRESP a.test: the answer cannot be read"), resolves.results());
        assertEquals(2, resolves.server().log().size());
    }
}
