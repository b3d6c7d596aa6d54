package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.LookupOptions;
import dev.chime.net.Net;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import dev.chime.reactor.testing.Stacks;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.xbill.DNS.Rcode;

/** What name servers say, and how it reaches the program: Node's values, codes and messages. */
class DnsTest {
    private static final String SOA = "test 3600 SOA ns.test. admin.test. 7 3600 600 86400 60";

    private static void serve(NameServer.Query query) throws Exception {
        switch (query.name() + " " + query.type()) {
            case "a.test A" -> query.records("a.test 60 A 192.0.2.1", "a.test 60 A 192.0.2.2");
            case "a.test AAAA" -> query.records("a.test 60 AAAA ::ffff:192.0.2.1");
            case "a.test MX" -> query.records("a.test 60 MX 10 m1.test.", "a.test 60 MX 20 .");
            case "a.test TXT" -> query.records("a.test 60 TXT \"one \\195\" \"\\164 two\"");
            case "a.test SRV" -> query.records("a.test 60 SRV 1 2 443 s.test.");
            case "a.test NS" -> query.records("a.test 60 NS ns.test.");
            case "a.test SOA" -> query.records("a.test 60 " + SOA.split(" ", 3)[2]);
            case "a.test CAA" -> query.records("a.test 60 CAA 128 issue \"ca.test\"");
            case "a.test NAPTR" -> query.records("a.test 60 NAPTR 1 2 \"s\" \"SIP\" \"\" r.test.");
            case "alias.test CNAME" -> query.records("alias.test 60 CNAME a.test.");
            case "1.2.0.192.in-addr.arpa PTR" ->
                    query.records("1.2.0.192.in-addr.arpa 60 PTR a.test.");
            case "xn--bcher-kva.test A" -> query.records("xn--bcher-kva.test 60 A 192.0.2.3");
            case "mixed.test ANY" ->
                    query.records(
                            "mixed.test 60 A 192.0.2.1",
                            "mixed.test 60 MX 10 m1.test.",
                            "mixed.test 60 HINFO \"RFC8482\" \"\"",
                            "mixed.test 60 TXT \"text\"",
                            "mixed.test 60 AAAA 2001:db8::1",
                            "other.test 60 A 192.0.2.9");
            case "little.test ANY" -> query.records("little.test 60 HINFO \"RFC8482\" \"\"");
            case "none.test MX" -> query.send(query.error(Rcode.NOERROR, SOA));
            default -> query.nameError();
        }
    }

    @EngineTest
    void everyType_isReadWhole(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        DnsTest::serve,
                        asked -> asked.resolve("a.test", RecordType.A, () -> everyOther(asked)));
        Duration ttl = Duration.ofMinutes(1);
        assertEquals(
                List.of(
                        "[[address=192.0.2.1, ttl=PT1M], [address=192.0.2.2, ttl=PT1M]]",
                        "[[priority=10, exchange=m1.test, ttl=PT1M],"
                                + " [priority=20, exchange=, ttl=PT1M]]",
                        "[[strings=[one \ufffd, \ufffd two], text=one ä two, ttl=PT1M]]",
                        "[[priority=1, weight=2, port=443, target=s.test, ttl=PT1M]]",
                        "[[server=ns.test, ttl=PT1M]]",
                        "[[primary=ns.test, admin=admin.test, serial=7, refresh=PT1H, retry=PT10M,"
                                + " expire=PT24H, minimum=PT1M, ttl=PT1M]]",
                        "[[critical=true, tag=issue, value=ca.test, ttl=" + ttl + "]]",
                        "[[order=1, preference=2, flags=s, service=SIP, regexp=, replacement=r.test,"
                                + " ttl=PT1M]]",
                        "[[target=a.test, ttl=PT1M]]",
                        "[[address=192.0.2.3, ttl=PT1M]]"),
                resolves.results());
    }

    private static void everyOther(Resolves asked) {
        List<RecordType<?>> types =
                List.of(
                        RecordType.MX,
                        RecordType.TXT,
                        RecordType.SRV,
                        RecordType.NS,
                        RecordType.SOA,
                        RecordType.CAA,
                        RecordType.NAPTR);
        next(asked, new ArrayList<>(types));
    }

    private static void next(Resolves asked, List<RecordType<?>> types) {
        if (types.isEmpty()) {
            asked.resolve(
                    "ALIAS.test.",
                    RecordType.CNAME,
                    () -> asked.resolve("bücher.test", RecordType.A));
        } else {
            asked.resolve("a.test", types.removeFirst(), () -> next(asked, types));
        }
    }

    @EveryEngine
    void any_isAllOfTheName_thatIsOfAKindWeKnow(EngineKind engine) {
        List<DnsRecord> found = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        DnsTest::serve,
                        asked -> {
                            asked.dns()
                                    .resolve(
                                            "mixed.test",
                                            RecordType.ANY,
                                            (err, records) -> {
                                                found.addAll(records);
                                                asked.resolve("little.test", RecordType.ANY);
                                            });
                        });
        List<Class<?>> kinds = new ArrayList<>();
        found.forEach(record -> kinds.add(record.getClass()));
        assertEquals(
                List.of(
                        DnsRecord.Address.class,
                        DnsRecord.Mx.class,
                        DnsRecord.Txt.class,
                        DnsRecord.Address.class),
                kinds);
        assertEquals("text", ((DnsRecord.Txt) found.get(2)).text());
        assertEquals(List.of("queryAny ENODATA little.test"), resolves.results());
    }

    @EngineTest
    void addressesOfIPv6_staySo(EngineKind engine) {
        List<InetAddress> found = new ArrayList<>();
        Resolves.run(
                engine,
                DnsTest::serve,
                asked ->
                        asked.dns()
                                .resolve(
                                        "a.test",
                                        RecordType.AAAA,
                                        (err, records) ->
                                                records.forEach(r -> found.add(r.address()))));
        assertInstanceOf(Inet6Address.class, found.getFirst());
        assertEquals(1, found.size());
    }

    @EngineTest
    void reverse_givesTheNamesOfAnAddress(EngineKind engine) {
        List<String> names = new ArrayList<>();
        Resolves.run(
                engine,
                DnsTest::serve,
                asked -> {
                    asked.dns()
                            .reverse(
                                    InetAddress.ofLiteral("192.0.2.1"),
                                    (err, found) -> names.add(found.getFirst().target()));
                    asked.dns()
                            .reverse(
                                    InetAddress.ofLiteral("192.0.2.9"),
                                    (err, none) -> names.add(err.getMessage()));
                });
        assertEquals(List.of("a.test", "getHostByAddr ENOTFOUND 192.0.2.9"), names);
    }

    @EngineTest
    void whatIsNotThere_hasNodesErrors(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        DnsTest::serve,
                        asked ->
                                asked.resolve(
                                        "no.test",
                                        RecordType.A,
                                        () -> asked.resolve("none.test", RecordType.MX)));
        assertEquals(
                List.of("queryA ENOTFOUND no.test", "queryMx ENODATA none.test"),
                resolves.results());
    }

    @EngineTest
    void whatIsNoName_isNotAskedFor(EngineKind engine) {
        String tooLong = "x".repeat(64) + ".test";
        List<String> bad = List.of("a..b", tooLong, "::1", "@", "x\0y", "ä".repeat(64), "a\\");
        Resolves resolves =
                Resolves.run(
                        engine,
                        DnsTest::serve,
                        asked -> bad.forEach(name -> asked.resolve(name, RecordType.AAAA)));
        assertEquals(
                bad.stream().map(name -> "queryAaaa EBADNAME " + name).toList(),
                resolves.results());
        assertEquals(List.of(), resolves.server().log());
    }

    @EveryEngine
    void serversThatRefuse_areNamedByTheirError(EngineKind engine) {
        List<Integer> rcodes =
                List.of(Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR, Rcode.NOTIMP, Rcode.NOTAUTH);
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            int number = Integer.parseInt(query.name().substring(1, 2));
                            query.send(query.error(rcodes.get(number)));
                        },
                        asked -> {
                            for (int i = 0; i < rcodes.size(); i++) {
                                asked.resolve("r" + i + ".test", RecordType.TXT);
                            }
                        });
        List<String> sorted = resolves.results().stream().sorted().toList();
        assertEquals(
                List.of(
                        "queryTxt EFORMERR r2.test",
                        "queryTxt ENOTIMP r3.test",
                        "queryTxt EREFUSED r1.test",
                        "queryTxt ESERVFAIL r0.test",
                        "queryTxt ESERVFAIL r4.test"),
                sorted);
        int withoutEdns = 2; // those that may not know EDNS: FORMERR and NOTIMP
        assertEquals(
                rcodes.size() + withoutEdns, resolves.server().log().size(), "each is asked once");
    }

    @EngineTest
    void nobodyThere_isECONNREFUSED(EngineKind engine) throws Exception {
        List<String> calls = new ArrayList<>();
        InetSocketAddress nobody;
        try (var free = new java.net.DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            nobody = new InetSocketAddress("127.0.0.1", free.getLocalPort());
        }
        Reactors.run(
                engine,
                reactor ->
                        Dns.of(Net.of(reactor), DnsOptions.defaults().servers(nobody))
                                .resolve(
                                        "a.test",
                                        RecordType.A,
                                        (err, none) -> {
                                            assertNull(none);
                                            assertEquals("ECONNREFUSED", err.code());
                                            calls.add(err.getMessage());
                                        }));
        assertEquals(List.of("queryA ECONNREFUSED a.test"), calls);
    }

    @EngineTest
    void errorsOfSockets_areTold(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        InetSocketAddress broadcast =
                new InetSocketAddress(InetAddress.ofLiteral("255.255.255.255"), 53);
        Reactors.run(
                engine,
                reactor ->
                        Dns.of(Net.of(reactor), DnsOptions.defaults().servers(broadcast))
                                .resolve(
                                        "a.test",
                                        RecordType.A,
                                        (err, none) -> calls.add(err.getMessage())));
        assertEquals(List.of("queryA EACCES a.test"), calls);
    }

    @EngineTest
    void callbackThatThrows_takesNothingFromTheOthers(EngineKind engine) {
        List<String> thrown = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        DnsTest::serve,
                        asked -> {
                            asked.net().reactor().onUncaught(t -> thrown.add(t.getMessage()));
                            for (int i = 0; i < 3; i++) {
                                asked.dns()
                                        .resolve(
                                                "no.test",
                                                RecordType.A,
                                                (err, none) -> {
                                                    throw err;
                                                });
                                asked.resolve("no.test", RecordType.A);
                            }
                        });
        List<String> three = java.util.Collections.nCopies(3, "queryA ENOTFOUND no.test");
        assertEquals(three, thrown);
        assertEquals(three, resolves.results());
    }

    @EngineTest
    void inTraceMode_errorsComeFromTheirCalls(EngineKind engine) throws Exception {
        assertEquals(
                List.of("lookup: lookup < looksUp", "resolve: resolve < asks", "exit 0"),
                ChildJvm.run(
                        List.of(),
                        // A busy machine is no news here.
                        List.of(
                                "-Dchime.trace=true",
                                "-Dchime.poison=true",
                                "-Dchime.stallMillis=0",
                                "-ea"),
                        List.of(Net.class, Rcode.class),
                        Traced.class,
                        engine.name()));
    }

    /** Fails in two ways. */
    static final class Traced {
        private static final Stacks STACKS = new Stacks();

        private Traced() {}

        /** Takes the engine. */
        public static void main(String[] arguments) {
            Resolves.run(EngineKind.valueOf(arguments[0]), DnsTest::serve, Traced::asks);
            STACKS.print();
        }

        private static void asks(Resolves asked) {
            asked.dns()
                    .resolve(
                            "no.test",
                            RecordType.A,
                            (err, none) -> {
                                STACKS.note("resolve", err);
                                looksUp(asked);
                            });
        }

        private static void looksUp(Resolves asked) {
            asked.net()
                    .lookup(
                            "192.0.2.1",
                            LookupOptions.defaults().family(StandardProtocolFamily.INET6),
                            (err, none) -> STACKS.note("lookup", err));
        }
    }

    @EveryEngine
    void badArguments_areNamedAtTheCall(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Dns dns = Dns.of(Net.of(reactor));
                    named("name is null", () -> dns.resolve(null, RecordType.A, (e, v) -> {}));
                    named("name is empty", () -> dns.resolve("", RecordType.A, (e, v) -> {}));
                    named("type is null", () -> dns.resolve("a", null, (e, v) -> {}));
                    named("callback is null", () -> dns.resolve("a", RecordType.A, null));
                    named("address is null", () -> dns.reverse(null, (e, v) -> {}));
                    named("host is empty", () -> dns.lookup("", (e, v) -> {}));
                    named("net is null", () -> Dns.of(null));
                    DnsOptions options = DnsOptions.defaults();
                    named("timeout is", () -> options.timeout(Duration.ZERO));
                    named("attempts is", () -> options.attempts(101));
                    named("ndots is", () -> options.ndots(16));
                    named("cacheEntries is", () -> options.cacheEntries(-1));
                    named(
                            "servers has",
                            () -> options.servers(InetSocketAddress.createUnresolved("a", 53)));
                });
    }

    private static void named(String start, Executable call) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
        assertTrue(thrown.getMessage().startsWith(start), thrown::getMessage);
    }
}
