package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.net.Net;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What resolv.conf(5) says, and who has the last word. */
class ResolvConfTest {
    @TempDir Path folder;

    private static InetSocketAddress server(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 53);
    }

    @Test
    void file_isReadAsTheCLibraryDoes() {
        ResolvConf conf =
                ResolvConf.parse(
                        """
                        # comment
                        ;nameserver 192.0.2.9
                         nameserver 192.0.2.8
                        nameserver 192.0.2.1
                        nameserver\t2001:db8::1   trailing
                        nameserver no.address
                        nameserver
                        nameserver 192.0.2.3
                        nameserver 192.0.2.4
                        domain old.test
                        search one.test two.test
                        options timeout:3 attempts:4
                        options rotate ndots:2 use-vc edns0 timeout:x unknown:7
                        sortlist 130.155.160.0/255.255.240.0
                        """,
                        Map.of());
        assertEquals(
                new ResolvConf(
                        List.of(server("192.0.2.1"), server("2001:db8::1"), server("192.0.2.3")),
                        Duration.ofSeconds(3),
                        4,
                        true,
                        List.of("one.test", "two.test"),
                        2,
                        true),
                conf);
    }

    @Test
    void emptyFile_meansThisMachine_andValuesHaveBounds() {
        assertEquals(ResolvConf.DEFAULTS, ResolvConf.parse("", Map.of()));
        assertEquals(List.of(server("127.0.0.1")), ResolvConf.DEFAULTS.servers());
        ResolvConf conf = ResolvConf.parse("options timeout:99 attempts:99 ndots:99", Map.of());
        assertEquals(Duration.ofSeconds(30), conf.timeout());
        assertEquals(5, conf.attempts());
        assertEquals(15, conf.ndots());
        conf = ResolvConf.parse("options timeout:0 attempts:-1 ndots:0", Map.of());
        assertEquals(Duration.ofSeconds(1), conf.timeout());
        assertEquals(1, conf.attempts());
        assertEquals(0, conf.ndots());
    }

    @Test
    void environment_andOptions_comeAfterTheFile() {
        ResolvConf conf =
                ResolvConf.parse(
                        "search one.test\noptions ndots:2 timeout:3",
                        Map.of("LOCALDOMAIN", "two.test", "RES_OPTIONS", "ndots:3 attempts:1"));
        assertEquals(List.of("two.test"), conf.search());
        assertEquals(3, conf.ndots());
        assertEquals(1, conf.attempts());
        assertEquals(Duration.ofSeconds(3), conf.timeout());

        ResolvConf with =
                conf.with(
                        DnsOptions.defaults()
                                .servers(server("192.0.2.1"))
                                .timeout(Duration.ofMillis(7))
                                .attempts(9)
                                .rotate(true)
                                .search(List.of())
                                .ndots(0));
        assertEquals(
                new ResolvConf(
                        List.of(server("192.0.2.1")),
                        Duration.ofMillis(7),
                        9,
                        true,
                        List.of(),
                        0,
                        false),
                with);
        assertEquals(conf, conf.with(DnsOptions.defaults()));
    }

    @EngineTest
    void file_isReadBehindTheLoop_andAgainAfterFiveSeconds(EngineKind engine) throws Exception {
        Path file = folder.resolve("resolv.conf" + engine);
        Files.writeString(file, "search one.test");
        List<List<String>> domains = new ArrayList<>();
        long[] ahead = {0};
        Reactors.run(
                Reactors.options(engine).clock(() -> System.nanoTime() + ahead[0]),
                reactor -> {
                    Net net = Net.of(reactor);
                    DnsOptions options = DnsOptions.defaults().resolvConf(file);
                    Questions questions = new Questions(net, options);
                    Task broken =
                            () -> {
                                Files.delete(file);
                                Files.createDirectory(file);
                                ahead[0] = Duration.ofSeconds(20).toNanos();
                                configure(net, questions, domains, () -> {});
                            };
                    Task changed =
                            () -> {
                                Files.writeString(file, "search two.test");
                                ahead[0] = Duration.ofSeconds(10).toNanos();
                                configure(net, questions, domains, broken);
                            };
                    configure(net, questions, domains, changed);
                    assertEquals(List.of(), domains, "no file is read on the loop");
                });
        assertEquals(
                List.of(List.of("one.test"), List.of("two.test"), List.of("two.test")), domains);
    }

    private static void configure(
            Net net, Questions questions, List<List<String>> domains, Task then) {
        net.reactor().updateNow();
        questions.configure((err, conf) -> {
            domains.add(conf.search());
            net.reactor().setImmediate(then);
        });
    }

    @EngineTest
    void file_isTrustedForAWhile(EngineKind engine) throws Exception {
        Path file = folder.resolve("resolv.conf" + engine);
        Files.writeString(file, "search one.test");
        List<Boolean> same = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Questions questions =
                            new Questions(Net.of(reactor), DnsOptions.defaults().resolvConf(file));
                    questions.configure((err, first) -> {
                        same.add(err == null);
                        questions.configure((none, second) -> same.add(first == second));
                        assertEquals(2, same.size(), "at once");
                    });
                    questions.configure((err, third) -> same.add(third.search().size() == 1));
                });
        assertEquals(List.of(true, true, true), same);
    }
}
