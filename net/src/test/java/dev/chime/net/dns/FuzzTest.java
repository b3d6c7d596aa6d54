package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;

/** Answers whose bytes are not what they should be: no crash, no hang, no made-up result. */
class FuzzTest {
    private static final long SEED = Long.getLong("chime.seed", System.nanoTime());
    private static final int MUTATIONS = 10_000;

    private static final List<RecordType<? extends DnsRecord>> TYPES =
            List.of(
                    RecordType.A,
                    RecordType.AAAA,
                    RecordType.MX,
                    RecordType.TXT,
                    RecordType.SRV,
                    RecordType.CNAME,
                    RecordType.NS,
                    RecordType.PTR,
                    RecordType.SOA,
                    RecordType.CAA,
                    RecordType.NAPTR);

    private static final List<String> DATA =
            List.of(
                    "192.0.2.1",
                    "2001:db8::1",
                    "10 m.a.test.",
                    "\"some text\" \"more\"",
                    "1 2 443 s.a.test.",
                    "c.a.test.",
                    "ns.a.test.",
                    "p.a.test.",
                    "ns.a.test. admin.a.test. 1 2 3 4 5",
                    "0 issue \"ca.test\"",
                    "1 2 \"s\" \"SIP\" \"!a!b!\" r.a.test.");

    @Test
    void mutatedMessages_areReadOrRefused() throws Exception {
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            int kind = i % TYPES.size();
            Question question = new Question(Name.fromString("a.test."), TYPES.get(kind));
            NameServer.Query query =
                    new NameServer.Query(null, Wire.write(question, 7, true), null, bytes -> {});
            String record = "b.test 60 " + question.type() + " " + DATA.get(kind);
            Message message = query.answer("a.test 60 CNAME b.test.", record);
            message.addRecord(
                    NameServer.record("test 9 SOA ns.test. admin.test. 7 36 60 86400 60"),
                    Section.AUTHORITY);
            byte[] bytes = message.toWire();
            assertTrue(kind == 5 || records(bytes, question) == 1, "the canary " + record);
            read += records(mutated(random, bytes), question) > 0 ? 1 : 0;
        }
        System.out.println("seed " + SEED + ": " + read + " of " + MUTATIONS + " had records");
        assertTrue(read > 0 && read < MUTATIONS, () -> "seed " + SEED);
    }

    private static int records(byte[] bytes, Question question) {
        Wire.Reply reply = Wire.isFor(bytes, 7) ? Wire.read(bytes, question) : null;
        if (reply == null || reply.answer().code() != null) {
            return 0;
        }
        return reply.answer().read(question.type(), java.time.Duration.ZERO).size();
    }

    private static byte[] mutated(Random random, byte[] bytes) {
        byte[] changed = bytes.clone();
        int changes = 1 + random.nextInt(8);
        for (int i = 0; i < changes; i++) {
            int at = 3 + random.nextInt(bytes.length - 3);
            switch (random.nextInt(4)) {
                case 0 -> changed[at] = (byte) random.nextInt(256);
                case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> changed[at] = (byte) 0xc0; // a pointer to somewhere
                default -> changed = java.util.Arrays.copyOf(changed, at + 1);
            }
            if (changed.length < bytes.length) {
                break;
            }
        }
        return changed;
    }

    @EveryEngine
    void mutatedDatagrams_endEachQuestionOnce(EngineKind engine) {
        Random random = new Random(SEED);
        int questions = 1000;
        Resolves resolves =
                Resolves.run(
                        Reactors.options(engine),
                        options -> options.cacheEntries(0),
                        query -> {
                            Message answer = query.answer(query.name() + " 60 A 192.0.2.1");
                            query.send(mutated(random, answer.toWire()));
                            query.send(answer);
                        },
                        asked -> next(asked, questions));
        assertEquals(questions, resolves.results().size(), () -> "seed " + SEED);
    }

    private static void next(Resolves asked, int left) {
        if (left > 0) {
            asked.resolve("a" + left + ".test", RecordType.A, () -> next(asked, left - 1));
        }
    }
}
