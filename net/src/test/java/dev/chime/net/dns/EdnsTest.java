package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Longer datagrams by EDNS (RFC 6891), and servers that do not know it. */
class EdnsTest {
    private static final String A = "[[address=192.0.2.1, ttl=PT1M]]";

    private static String opt(NameServer.Query query) {
        OPTRecord opt = query.message.getOPT();
        return opt == null
                ? "plain"
                : opt.getPayloadSize() + " v" + opt.getVersion() + " flags " + opt.getFlags();
    }

    private static void answer(NameServer.Query query) throws Exception {
        query.records(query.name() + " 60 A 192.0.2.1");
    }

    @EveryEngine
    void queries_sayHowLongAnAnswerMayBe_overTcpAsWell(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            heard.add((query.tcp ? "tcp " : "") + opt(query));
                            if (query.tcp) {
                                answer(query);
                            } else {
                                query.send(query.cut());
                            }
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(List.of("1232 v0 flags 0", "tcp 1232 v0 flags 0"), heard);
        assertEquals(List.of(A), resolves.results());
    }

    @EveryEngine
    void answerOf1232Bytes_comesInOneDatagram(EngineKind engine) {
        List<Integer> lengths = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            List<String> records = new ArrayList<>();
                            Message answer = query.answer();
                            while (answer.toWire().length + 16 <= 1232) {
                                records.add("a.test 60 A 192.0.2." + records.size());
                                answer = query.answer(records.toArray(String[]::new));
                            }
                            answer.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
                            lengths.add(answer.toWire().length);
                            query.send(answer);
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertTrue(lengths.getFirst() > 1200, lengths::toString);
        assertEquals(List.of("a.test A"), resolves.server().log());
        assertTrue(resolves.results().getFirst().contains("192.0.2.70"));
    }

    @EveryEngine
    void serverThatRefusesEdns_isAskedWithout_andSoFromThenOn(EngineKind engine) {
        for (int rcode : new int[] {Rcode.FORMERR, Rcode.NOTIMP}) {
            List<String> heard = new ArrayList<>();
            List<Integer> ids = new ArrayList<>();
            Resolves resolves =
                    Resolves.run(
                            engine,
                            query -> {
                                heard.add(query.name() + " " + opt(query));
                                ids.add(query.message.getHeader().getID());
                                if (query.message.getOPT() == null) {
                                    answer(query);
                                    return;
                                }
                                Message refusal = query.error(rcode);
                                // Servers of old send no more than the header back.
                                refusal.removeAllRecords(Section.QUESTION);
                                query.send(refusal);
                            },
                            asked ->
                                    asked.resolve(
                                            "a.test",
                                            RecordType.A,
                                            () -> asked.resolve("b.test", RecordType.A)));
            assertEquals(List.of("a.test 1232 v0 flags 0", "a.test plain", "b.test plain"), heard);
            assertNotEquals(ids.get(0), ids.get(1), "one chance in 65,536");
            assertEquals(List.of(A, A), resolves.results());
        }
    }

    @EveryEngine
    void serverThatRefusesEverything_isNotTakenForOneWithoutEdns(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            heard.add(query.name() + " " + opt(query));
                            query.send(query.error(Rcode.FORMERR));
                        },
                        asked ->
                                asked.resolve(
                                        "a.test",
                                        RecordType.A,
                                        () -> asked.resolve("b.test", RecordType.A)));
        assertEquals(
                List.of(
                        "a.test 1232 v0 flags 0",
                        "a.test plain",
                        "b.test 1232 v0 flags 0",
                        "b.test plain"),
                heard);
        assertEquals(
                List.of("queryA EFORMERR a.test", "queryA EFORMERR b.test"), resolves.results());
    }

    @EveryEngine
    void longerErrorsThatEdnsHas_areNoAnswers(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            Message answer = query.answer();
                            answer.addRecord(new OPTRecord(1232, 1, 0), Section.ADDITIONAL);
                            query.send(answer); // BADVERS: an error of 16, of which 0 is below
                        },
                        asked -> asked.resolve("a.test", RecordType.A));
        assertEquals(List.of("queryA ESERVFAIL a.test"), resolves.results());
    }

    @EveryEngine
    void cancelBetweenTheTwoTries_endsTheSecond(EngineKind engine) {
        dev.chime.reactor.Operation[] asking = new dev.chime.reactor.Operation[1];
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options,
                        query -> {
                            if (query.message.getOPT() == null) {
                                asking[0].cancel();
                            } else {
                                query.send(query.error(Rcode.NOTIMP));
                            }
                        },
                        asked -> asking[0] = asked.resolve("a.test", RecordType.A));
        assertEquals(List.of("queryA ECANCELED a.test"), resolves.results());
    }
}
