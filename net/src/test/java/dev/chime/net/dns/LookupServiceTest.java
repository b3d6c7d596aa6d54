package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;

/** What an address and a port are called: by the machine's files, then by name servers. */
class LookupServiceTest {
    private static final String HOSTS =
            """
            # 192.0.2.9 comment
            192.0.2.1   first.test  alias.test # more
              192.0.2.1 second.test
            2001:db8::1\tsix.test
            fe80::1%eth0 linklocal.test
            no.address  nonsense.test
            192.0.2.3
            """;
    private static final String SERVICES =
            """
            # service  port
            http    80/udp
            www     80/tcp  http  # the web
            other   80/tcp
            broken  x/tcp
            ssh\t22/tcp
            """;

    @TempDir Path folder;

    /** A loop with a name server and the files above. */
    private Resolves run(EngineKind engine, NameServer.Script script, Ask ask) throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts"), HOSTS);
        Path services = Files.writeString(folder.resolve("services"), SERVICES);
        return Resolves.run(
                engine,
                script,
                asked -> {
                    DnsOptions options =
                            DnsOptions.defaults()
                                    .servers(asked.server().address())
                                    .attempts(1)
                                    .timeout(Duration.ofSeconds(30));
                    ask.run(asked, Dns.of(asked.net(), options, hosts, services));
                });
    }

    private interface Ask {
        void run(Resolves asked, Dns dns) throws Exception;
    }

    private static Operation lookup(Resolves asked, Dns dns, String address, int port) {
        boolean[] inside = {true};
        Operation operation =
                dns.lookupService(
                        InetAddress.ofLiteral(address),
                        port,
                        (err, service) -> {
                            if (inside[0]) {
                                throw new AssertionError("called inside the call");
                            }
                            asked.results()
                                    .add(
                                            err != null
                                                    ? err.code() + ": " + err.getMessage()
                                                    : service.host() + " " + service.service());
                        });
        inside[0] = false;
        return operation;
    }

    @EngineTest
    void addressesOfTheFile_needNoServer_andTheFirstLineCounts(EngineKind engine) throws Exception {
        Resolves resolves =
                run(
                        engine,
                        query -> query.nameError(),
                        (asked, dns) -> {
                            lookup(asked, dns, "192.0.2.1", 80);
                            lookup(asked, dns, "::ffff:192.0.2.1", 22);
                            lookup(asked, dns, "2001:db8:0::1", 7000);
                            lookup(asked, dns, "fe80::1", 0);
                        });
        assertEquals(
                List.of("first.test www", "first.test ssh", "six.test 7000", "linklocal.test 0"),
                resolves.results());
        assertEquals(List.of(), resolves.server().log());
    }

    @EngineTest
    void otherAddresses_areAskedFor_theFirstNameCounts(EngineKind engine) throws Exception {
        Resolves resolves =
                run(
                        engine,
                        query -> {
                            String name = query.name();
                            query.records(name + " 60 PTR one.test.", name + " 60 PTR two.test.");
                        },
                        (asked, dns) -> lookup(asked, dns, "192.0.2.3", 80));
        assertEquals(List.of("one.test www"), resolves.results());
        assertEquals(List.of("3.2.0.192.in-addr.arpa PTR"), resolves.server().log());
    }

    @EngineTest
    void withoutAName_isENOTFOUND_otherErrorsAreTheServers(EngineKind engine) throws Exception {
        Resolves resolves =
                run(
                        engine,
                        query -> {
                            switch (query.name().charAt(0)) {
                                case '4' -> query.nameError();
                                case '5' -> query.records(); // no data
                                default -> query.send(query.error(Rcode.SERVFAIL));
                            }
                        },
                        (asked, dns) -> {
                            lookup(asked, dns, "192.0.2.4", 80);
                            lookup(asked, dns, "192.0.2.5", 80);
                            lookup(asked, dns, "192.0.2.6", 80);
                        });
        assertEquals(
                List.of(
                        "ENOTFOUND: getnameinfo ENOTFOUND 192.0.2.4",
                        "ENOTFOUND: getnameinfo ENOTFOUND 192.0.2.5",
                        "ESERVFAIL: getnameinfo ESERVFAIL 192.0.2.6"),
                resolves.results().stream()
                        .sorted(
                                java.util.Comparator.comparing(
                                        text -> text.substring(text.length() - 1)))
                        .toList());
    }

    @EngineTest
    void cancel_endsIt_whateverItWaitsFor(EngineKind engine) throws Exception {
        Operation[] second = new Operation[1];
        Resolves resolves =
                run(
                        engine,
                        query -> second[0].cancel(),
                        (asked, dns) -> {
                            lookup(asked, dns, "192.0.2.1", 80).cancel();
                            second[0] = lookup(asked, dns, "192.0.2.4", 80);
                        });
        assertEquals(
                List.of(
                        "ECANCELED: getnameinfo ECANCELED 192.0.2.1",
                        "ECANCELED: getnameinfo ECANCELED 192.0.2.4"),
                resolves.results());
    }

    @EngineTest
    void endOfTheReactor_isTold(EngineKind engine) throws Exception {
        Resolves resolves =
                run(
                        engine,
                        query -> {},
                        (asked, dns) -> {
                            lookup(asked, dns, "192.0.2.4", 80);
                            asked.net().reactor().setTimeout(30, asked.net().reactor()::stop);
                        });
        assertEquals(List.of("ECANCELED: getnameinfo ECANCELED 192.0.2.4"), resolves.results());
    }

    @EngineTest
    void loopback_hasANameHere(EngineKind engine) {
        List<String> services = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Dns.of(dev.chime.net.Net.of(reactor))
                                .lookupService(
                                        InetAddress.ofLiteral("127.0.0.1"),
                                        7,
                                        (err, service) -> services.add(service.host())));
        assertEquals(List.of("localhost"), services);
    }

    @EngineTest
    void wrongArguments_throwAtTheCall(EngineKind engine) throws Exception {
        run(
                engine,
                query -> {},
                (asked, dns) -> {
                    Class<IllegalArgumentException> wrong = IllegalArgumentException.class;
                    InetAddress address = InetAddress.ofLiteral("192.0.2.1");
                    assertThrows(wrong, () -> dns.lookupService(null, 1, (err, s) -> {}));
                    assertThrows(wrong, () -> dns.lookupService(address, -1, (err, s) -> {}));
                    assertThrows(wrong, () -> dns.lookupService(address, 65536, (err, s) -> {}));
                    assertThrows(wrong, () -> dns.lookupService(address, 1, null));
                });
    }

    @Test
    void filesThatAreNotThere_sayNothing() {
        LocalNames names = LocalNames.read(folder.resolve("no"), folder.resolve("neither"));
        assertEquals(0, names.hosts().size());
        assertEquals("22", names.service(22));
    }
}
