package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** Datagrams to many: broadcast and multicast, on the loopback interface. */
class UdpMulticastTest {
    private static final InetAddress GROUP = InetAddress.ofLiteral("239.255.7.7");
    private static final InetAddress SOURCE_GROUP = InetAddress.ofLiteral("232.7.7.7");
    private static final InetAddress GROUP6 = InetAddress.ofLiteral("ff01::7777");
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private static NetworkInterface loopback() throws Exception {
        NetworkInterface found = NetworkInterface.getByInetAddress(HERE);
        assertNotNull(found);
        return found;
    }

    private static String codeOf(Executable call) {
        return assertThrows(ErrnoException.class, call).code();
    }

    @EveryEngine
    void broadcast_needsToBeAllowed(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp sender = Net.of(reactor).createUdp();
                    Net.of(reactor)
                            .createUdp()
                            .bind(
                                    0,
                                    (err, receiver) -> {
                                        int port = receiver.address().getPort();
                                        receiver.onMessage((data, from, truncated) -> {
                                            events.add(data.toString(UTF_8));
                                            receiver.close();
                                        });
                                        sender.send(
                                                "no",
                                                port,
                                                "127.255.255.255",
                                                denied -> {
                                                    events.add(denied.code());
                                                    sender.setBroadcast(true);
                                                    sender.send(
                                                            "yes",
                                                            port,
                                                            "127.255.255.255",
                                                            sent -> {
                                                                assertNull(sent);
                                                                sender.close();
                                                            });
                                                });
                                    });
                });
        assertEquals(List.of("EACCES", "yes"), events);
    }

    @EveryEngine
    void members_hearTheirGroup_untilTheyLeave(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp sender = Net.of(reactor).createUdp();
                    Net.of(reactor)
                            .createUdp()
                            .bind(
                                    0,
                                    (err, receiver) -> {
                                        NetworkInterface here = loopback();
                                        String group = GROUP.getHostAddress();
                                        int port = receiver.address().getPort();
                                        receiver.multicast().addMembership(GROUP, here);
                                        assertEquals(
                                                "EADDRINUSE",
                                                codeOf(() ->
                                                        receiver.multicast()
                                                                .addMembership(GROUP, here)));
                                        receiver.onMessage((data, from, truncated) -> {
                                            events.add(data.toString(UTF_8));
                                            if (events.size() == 1) {
                                                receiver.multicast().dropMembership(GROUP, here);
                                                sender.send(
                                                        "unheard",
                                                        port,
                                                        group,
                                                        sent -> assertNull(sent));
                                                sender.send(
                                                        "direct",
                                                        port,
                                                        "127.0.0.1",
                                                        sent -> sender.close());
                                            } else {
                                                receiver.close();
                                            }
                                        });
                                        assertEquals(
                                                "EADDRNOTAVAIL",
                                                codeOf(() ->
                                                        receiver.multicast()
                                                                .dropMembership(
                                                                        SOURCE_GROUP, here)));
                                        sender.bind(
                                                0,
                                                (bindErr, bound) -> {
                                                    sender.multicast().setInterface(here);
                                                    sender.multicast().setTtl(0);
                                                    sender.multicast().setLoopback(true);
                                                    sender.setTtl(255);
                                                    sender.send(
                                                            "heard",
                                                            port,
                                                            group,
                                                            sent -> assertNull(sent));
                                                });
                                    });
                });
        assertEquals(List.of("heard", "direct"), events);
    }

    @EveryEngine
    void sourceSpecificMembers_hearThatSource(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp sender = Net.of(reactor).createUdp();
                    Net.of(reactor)
                            .createUdp()
                            .bind(
                                    0,
                                    (err, receiver) -> {
                                        NetworkInterface here = loopback();
                                        String group = SOURCE_GROUP.getHostAddress();
                                        int port = receiver.address().getPort();
                                        InetAddress other = InetAddress.ofLiteral("127.0.0.9");
                                        receiver.multicast()
                                                .addSourceSpecificMembership(
                                                        other, SOURCE_GROUP, here);
                                        receiver.onMessage((data, from, truncated) -> {
                                            events.add(data.toString(UTF_8));
                                            if (events.size() == 1) {
                                                receiver.multicast()
                                                        .addSourceSpecificMembership(
                                                                HERE, SOURCE_GROUP, here);
                                                sender.send(
                                                        "heard",
                                                        port,
                                                        group,
                                                        sent -> assertNull(sent));
                                            } else {
                                                receiver.multicast()
                                                        .dropSourceSpecificMembership(
                                                                HERE, SOURCE_GROUP, here);
                                                assertEquals(
                                                        "EADDRNOTAVAIL",
                                                        codeOf(() ->
                                                                receiver.multicast()
                                                                        .dropSourceSpecificMembership(
                                                                                HERE,
                                                                                SOURCE_GROUP,
                                                                                here)));
                                                sender.close();
                                                receiver.close();
                                            }
                                        });
                                        sender.bind(
                                                0,
                                                "127.0.0.1",
                                                (bindErr, bound) -> {
                                                    sender.multicast().setInterface(here);
                                                    sender.send(
                                                            "wrong source",
                                                            port,
                                                            group,
                                                            sent -> assertNull(sent));
                                                    sender.send(
                                                            "direct",
                                                            port,
                                                            "127.0.0.1",
                                                            sent -> assertNull(sent));
                                                });
                                    });
                });
        assertEquals(List.of("direct", "heard"), events);
    }

    @EveryEngine
    void membershipsThatCannotBe_areRefusedByTheirErrors(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, udp, address) -> {
                    NetworkInterface here = loopback();
                    Multicast groups = udp.multicast();
                    InetAddress other = InetAddress.ofLiteral("127.0.0.9");
                    codes.add(codeOf(() -> groups.addMembership(HERE, here)));
                    groups.addSourceSpecificMembership(HERE, SOURCE_GROUP, here);
                    codes.add(
                            codeOf(() ->
                                    groups.addSourceSpecificMembership(HERE, SOURCE_GROUP, here)));
                    codes.add(codeOf(() -> groups.addMembership(SOURCE_GROUP, here)));
                    codes.add(
                            codeOf(() ->
                                    groups.dropSourceSpecificMembership(
                                            other, SOURCE_GROUP, here)));
                    groups.dropSourceSpecificMembership(HERE, SOURCE_GROUP, here);
                    codes.add(
                            codeOf(() ->
                                    groups.dropSourceSpecificMembership(HERE, SOURCE_GROUP, here)));
                    codes.add(codeOf(() -> groups.addMembership(GROUP6, here)));
                    groups.addMembership(GROUP, here);
                    groups.addSourceSpecificMembership(HERE, GROUP, here);
                    groups.dropMembership(GROUP, here);
                    udp.close();
                });
        assertEquals(
                List.of(
                        "EINVAL",
                        "EADDRNOTAVAIL",
                        "EADDRINUSE",
                        "EADDRNOTAVAIL",
                        "EINVAL",
                        "ENOPROTOOPT"),
                codes);
    }

    @EveryEngine
    void whoIsBoundToTheGroupsPort_hearsWhatAnotherMemberBrings(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    UdpOptions shared = UdpOptions.ip4().reuseAddr(true);
                    Udp member = net.createUdp(shared);
                    Udp guest = net.createUdp(shared);
                    Udp sender = net.createUdp();
                    member.bind(
                            0,
                            (err, bound) ->
                                    guest.bind(
                                            bound.address().getPort(),
                                            (err2, bound2) -> {
                                                member.multicast().addMembership(GROUP, loopback());
                                                sendToGroup(sender, bound.address().getPort());
                                            }));
                    for (Udp each : List.of(member, guest)) {
                        each.onMessage((data, from, truncated) -> {
                            heard.add(
                                    (each == member ? "member " : "guest ") + data.toString(UTF_8));
                            each.close();
                        });
                    }
                });
        assertEquals(List.of("guest hello", "member hello"), heard.stream().sorted().toList());
    }

    private static void sendToGroup(Udp sender, int port) {
        sender.bind(
                0,
                (err, bound) -> {
                    sender.multicast().setInterface(loopback());
                    sender.send("hello", port, GROUP.getHostAddress(), sent -> sender.close());
                });
    }

    @EveryEngine
    void ip6Members_hearTheirGroup_untilTheyLeave(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp(UdpOptions.ip6());
                    udp.bind(0, (err, bound) -> joinFirst(udp, interfaces(), events));
                });
        assumeFalse(events.equals(List.of("no way")), "no route for IPv6 multicast here");
        assertEquals(List.of("six", "direct"), events);
    }

    /** The interfaces that may have a route for groups; that of the loopback seldom has. */
    private static ArrayDeque<NetworkInterface> interfaces() throws Exception {
        ArrayDeque<NetworkInterface> found = new ArrayDeque<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (each.isUp() && each.supportsMulticast() && !each.isLoopback()) {
                found.add(each);
            }
        }
        found.add(loopback());
        return found;
    }

    private static void joinFirst(
            Udp udp, ArrayDeque<NetworkInterface> interfaces, List<String> events)
            throws Exception {
        NetworkInterface by = interfaces.poll();
        if (by == null) {
            events.add("no way");
            udp.close();
            return;
        }
        try {
            udp.multicast().addMembership(GROUP6, by);
        } catch (ErrnoException e) {
            joinFirst(udp, interfaces, events);
            return;
        }
        udp.multicast().setInterface(by);
        udp.multicast().setTtl(0); // not beyond this machine
        udp.multicast().setLoopback(true);
        int port = udp.address().getPort();
        udp.onMessage((data, from, truncated) -> {
            events.add(data.toString(UTF_8));
            if (events.size() == 2) {
                udp.close();
                return;
            }
            udp.multicast().dropMembership(GROUP6, by);
            assertEquals("EADDRNOTAVAIL", codeOf(() -> udp.multicast().dropMembership(GROUP6, by)));
            udp.send("unheard", port, GROUP6.getHostAddress(), sent -> assertNull(sent));
            udp.send("direct", port, "::1", sent -> assertNull(sent));
        });
        udp.send(
                "six",
                port,
                GROUP6.getHostAddress(),
                sent -> {
                    if (sent != null) {
                        udp.multicast().dropMembership(GROUP6, by);
                        joinFirst(udp, interfaces, events);
                    }
                });
    }
}
