package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams of a simulated network: what gets lost, late, doubled or cut, and how often. */
class SimulatedDatagramsTest {
    private static final String HOST = "127.0.0.1";
    private static final int COUNT = 200;

    /** What arrives of datagrams 0 to 199, in order. */
    private static List<Integer> arrived(Simulation simulation) {
        List<Integer> arrived = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Udp server = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) ->
                            arrived.add(Integer.parseInt(data.toString(UTF_8))));
                    server.bind(0, HOST, (err, bound) -> sendAll(Net.of(reactor), server));
                    reactor.setTimeout(Duration.ofMinutes(1), server::close);
                });
        return arrived;
    }

    private static void sendAll(Net net, Udp server) {
        Udp client = net.createUdp();
        for (int i = 0; i < COUNT; i++) {
            client.sendTo(String.valueOf(i), server.address(), err -> assertNull(err));
        }
        client.close();
    }

    private static List<Integer> all() {
        return IntStream.range(0, COUNT).boxed().toList();
    }

    @Test
    void withoutFaults_allArriveInOrder() {
        assertEquals(all(), arrived(Simulation.seeded(1)));
    }

    @Test
    void lostOnes_areMissing_theOthersInOrder() {
        List<Integer> arrived = arrived(Simulation.seeded(1).loseDatagrams(When.chance(0.3)));
        assertTrue(arrived.size() > 100 && arrived.size() < 180, () -> arrived.size() + "");
        assertEquals(arrived.stream().sorted().distinct().toList(), arrived);
        List<Integer> butTheThird = new ArrayList<>(all());
        butTheThird.remove(2);
        assertEquals(butTheThird, arrived(Simulation.seeded(1).loseDatagrams(When.nth(3))));
        assertEquals(List.of(), arrived(Simulation.seeded(1).loseDatagrams(When.always())));
    }

    @Test
    void lateOnes_areOvertaken() {
        Simulation simulation =
                Simulation.seeded(1).delayDatagrams(Duration.ofSeconds(1), When.nth(1));
        List<Integer> arrived = arrived(simulation);
        List<Integer> firstLast = new ArrayList<>(all().subList(1, COUNT));
        firstLast.add(0);
        assertEquals(firstLast, arrived);

        List<Integer> mixed =
                arrived(
                        Simulation.seeded(1)
                                .delayDatagrams(Duration.ofMillis(1), When.chance(0.2)));
        assertNotEquals(all(), mixed);
        assertEquals(all(), mixed.stream().sorted().toList());
    }

    @Test
    void doubledOnes_arriveTwice_andHealingEndsThat() {
        List<Integer> arrived = arrived(Simulation.seeded(1).doubleDatagrams(When.nth(2)));
        assertEquals(List.of(0, 1, 1, 2), arrived.subList(0, 4));
        assertEquals(COUNT + 1, arrived.size());
        assertEquals(all(), arrived(Simulation.seeded(1).doubleDatagrams(When.always()).heal()));
    }

    @Test
    void sameSeed_sameRun() {
        List<List<Integer>> runs = new ArrayList<>();
        HashSet<Long> fingerprints = new HashSet<>();
        for (long seed : new long[] {5, 5, 6}) {
            Simulation simulation = Simulation.seeded(seed).loseDatagrams(When.chance(0.5));
            runs.add(arrived(simulation));
            fingerprints.add(simulation.fingerprint());
        }
        assertEquals(runs.get(0), runs.get(1));
        assertNotEquals(runs.get(0), runs.get(2));
        assertEquals(2, fingerprints.size());
    }

    @Test
    void shortenedReceives_areTruncatedDatagrams() {
        Simulation simulation = Simulation.seeded(1).shorten(Target.RECEIVE, When.nth(1));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Udp server = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        heard.add((data.length() < 100) + " " + truncated);
                        if (heard.size() == 2) {
                            server.close();
                        }
                    });
                    server.bind(
                            0,
                            HOST,
                            (err, bound) -> {
                                Udp client = Net.of(reactor).createUdp();
                                client.sendTo(new byte[100], server.address(), sent -> {});
                                client.sendTo(new byte[100], server.address(), sent -> {});
                                client.close();
                            });
                });
        assertEquals(List.of("true true", "false false"), heard);
    }

    @ParameterizedTest
    @EnumSource(names = {"EPERM", "ENOBUFS", "ENOMEM", "EHOSTUNREACH"})
    void errnosOfSends_reachTheirCallbacks_andThoseBehindAreSent(Errno errno) {
        Simulation simulation = Simulation.seeded(1).fail(Target.SEND, errno, When.nth(1));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp();
                    udp.send("x", 9, HOST, err -> heard.add(err.code()));
                    udp.send("y", 9, HOST, err -> heard.add(String.valueOf(err)));
                    udp.close();
                });
        assertEquals(List.of(errno.name(), "null"), heard);
    }

    @Test
    void errnosOfReceives_reachOnError_andTheSocketGoesOn() {
        Simulation simulation =
                Simulation.seeded(1).fail(Target.RECEIVE, Errno.ENOMEM, When.nth(1));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Udp server = Net.of(reactor).createUdp();
                    server.onError(err -> heard.add(err.code()));
                    server.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        server.close();
                    });
                    server.bind(
                            0,
                            HOST,
                            (err, bound) -> {
                                Udp client = Net.of(reactor).createUdp();
                                client.sendTo("x", server.address(), sent -> client.close());
                            });
                });
        assertEquals(List.of("ENOMEM", "x"), heard);
    }

    @Test
    void buffersThatAreFull_dropWhatComes() {
        int[] heard = {0};
        Reactors.run(
                Simulation.seeded(1).options(),
                reactor -> {
                    Udp server =
                            Net.of(reactor).createUdp(UdpOptions.ip4().receiveBufferBytes(4000));
                    server.onMessage((data, from, truncated) -> heard[0]++);
                    server.bind(
                            0,
                            HOST,
                            (err, bound) -> {
                                Udp client = Net.of(reactor).createUdp();
                                client.sendTo(new byte[9000], server.address(), sent -> {});
                                client.sendTo(new byte[1000], server.address(), sent -> {});
                                client.close();
                            });
                    reactor.setTimeout(1000, server::close);
                });
        assertEquals(1, heard[0]);
    }

    @Test
    void sendBuffersThatAreFull_makeSendsWait_inOrder() {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                Simulation.seeded(1).options(),
                reactor -> {
                    Udp server = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> heard.add("got " + data.get(0)));
                    server.bind(
                            0,
                            HOST,
                            (err, bound) -> {
                                UdpOptions small = UdpOptions.ip4().sendBufferBytes(2000);
                                Udp client = Net.of(reactor).createUdp(small);
                                for (int i = 0; i < 9; i++) {
                                    byte[] bytes = new byte[1500];
                                    bytes[0] = (byte) i;
                                    String sent = "sent " + i;
                                    client.sendTo(bytes, server.address(), e -> heard.add(sent));
                                }
                                client.close();
                            });
                    reactor.setTimeout(1000, server::close);
                });
        for (String kind : List.of("sent ", "got ")) {
            assertEquals(
                    IntStream.range(0, 9).mapToObj(i -> kind + i).toList(),
                    heard.stream().filter(line -> line.startsWith(kind)).toList());
        }
        assertTrue(heard.indexOf("got 0") < heard.indexOf("sent 2"), heard::toString);
    }

    /** Nobody else is in the network: only with IP_MULTICAST_LOOP there is somebody to hear. */
    @Test
    void groupsOfTheNetwork_areHeardHereWithLoopbackOnly() {
        InetAddress group = InetAddress.ofLiteral("239.1.2.3");
        List<String> heard = new ArrayList<>();
        Reactors.run(
                Simulation.seeded(1).options(),
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp();
                    udp.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        udp.close();
                    });
                    udp.bind(
                            7000,
                            (err, bound) -> {
                                udp.multicast().addMembership(group, null);
                                udp.multicast().setLoopback(false);
                                udp.send("unheard", 7000, "239.1.2.3", sent -> assertNull(sent));
                                reactor.setTimeout(
                                        100,
                                        () -> {
                                            udp.multicast().setLoopback(true);
                                            udp.multicast().setTtl(0);
                                            udp.send(
                                                    "heard",
                                                    7000,
                                                    "239.1.2.3",
                                                    sent -> assertNull(sent));
                                        });
                            });
                });
        assertEquals(List.of("heard"), heard);
    }

    @Test
    void whatThereIsNot_isRefusedByItsError() {
        List<String> heard = new ArrayList<>();
        UdpServers.bound(
                EngineKind.SIM,
                (reactor, udp, address) -> {
                    udp.send("x", 9, "192.0.2.1", err -> heard.add(err.code()));
                    udp.send("x", 9, "255.255.255.255", err -> heard.add(err.code()));
                    udp.close();
                });
        assertEquals(List.of("ENETUNREACH", "EACCES"), heard);
    }

    @Test
    void sharedPorts_areGoneByTheSender() {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                Simulation.seeded(1).options(),
                reactor -> {
                    Udp[] servers = new Udp[2];
                    UdpOptions shared = UdpOptions.ip4().reusePort(true);
                    for (int i = 0; i < 2; i++) {
                        int number = i;
                        servers[i] = Net.of(reactor).createUdp(shared);
                        servers[i].onMessage((data, from, cut) ->
                                heard.add(number + " " + data.toString(UTF_8)));
                        servers[i].bind(7000, HOST, (err, bound) -> assertNull(err));
                    }
                    reactor.setTimeout(
                            1,
                            () -> {
                                for (int sender = 0; sender < 20; sender++) {
                                    Udp client = Net.of(reactor).createUdp();
                                    client.send(sender + "a", 7000, HOST, err -> {});
                                    client.send(sender + "b", 7000, HOST, err -> {});
                                    client.close();
                                }
                            });
                    reactor.setTimeout(
                            100,
                            () -> {
                                servers[0].close();
                                servers[1].close();
                            });
                });
        assertEquals(40, heard.size());
        for (int sender = 0; sender < 20; sender++) {
            String name = sender + "a";
            String by =
                    heard.stream()
                            .filter(line -> line.endsWith(" " + name))
                            .findFirst()
                            .orElseThrow();
            assertTrue(heard.contains(by.charAt(0) + " " + sender + "b"), "one sender, one socket");
        }
        assertEquals(2, heard.stream().map(line -> line.charAt(0)).distinct().count());
    }
}
