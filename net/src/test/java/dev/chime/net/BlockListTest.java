package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses that are not to be dealt with. */
class BlockListTest {
    @Test
    void anAddress_isInItsOwnRuleAlone() {
        BlockList list = new BlockList().addAddress("10.0.0.1").addAddress("2001:db8::1");
        assertTrue(list.check("10.0.0.1"));
        assertTrue(list.check("2001:DB8:0:0:0:0:0:1"));
        assertFalse(list.check("10.0.0.2"));
        assertFalse(list.check("2001:db8::2"));
    }

    @Test
    void aRange_includesBothEnds() {
        BlockList list = new BlockList().addRange("10.0.0.250", "10.0.1.5");
        assertTrue(list.check("10.0.0.250"));
        assertTrue(list.check("10.0.0.255"));
        assertTrue(list.check("10.0.1.5"));
        assertFalse(list.check("10.0.0.249"));
        assertFalse(list.check("10.0.1.6"));
    }

    @Test
    void aSubnet_goesByItsPrefix() {
        BlockList list = new BlockList().addSubnet("192.168.77.9", 22).addSubnet("2001:db8::", 33);
        assertTrue(list.check("192.168.76.0"));
        assertTrue(list.check("192.168.79.255"));
        assertFalse(list.check("192.168.80.0"));
        assertFalse(list.check("192.168.75.255"));
        assertTrue(list.check("2001:db8:7fff::1"));
        assertFalse(list.check("2001:db8:8000::"));
        assertTrue(new BlockList().addSubnet("0.0.0.0", 0).check("255.255.255.255"));
        assertFalse(new BlockList().addSubnet("0.0.0.0", 0).check("::1"));
    }

    @Test
    void anIPv4AddressMappedIntoIPv6_isTheIPv4Address() {
        BlockList v4 = new BlockList().addSubnet("10.0.0.0", 8);
        assertTrue(v4.check("::ffff:10.1.2.3"));
        assertTrue(v4.check("::ffff:a01:203"));
        assertFalse(v4.check("::ffff:11.1.2.3"));
        BlockList mapped = new BlockList().addSubnet("::ffff:10.0.0.0", 104);
        assertTrue(mapped.check("10.1.2.3"));
        assertFalse(mapped.check("11.1.2.3"));
    }

    @Test
    void wrongRules_areRefused() {
        BlockList list = new BlockList();
        for (String wrong : new String[] {null, "", "localhost", "10.0.0.0/8"}) {
            assertThrows(IllegalArgumentException.class, () -> list.addAddress(wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> list.addRange("10.0.0.2", "10.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> list.addRange("10.0.0.2", "::1"));
        assertThrows(IllegalArgumentException.class, () -> list.addSubnet("10.0.0.0", 33));
        assertThrows(IllegalArgumentException.class, () -> list.addSubnet("10.0.0.0", -1));
        assertThrows(IllegalArgumentException.class, () -> list.addSubnet("::ffff:10.0.0.0", 95));
        assertEquals(List.of(), list.rules());
        list.addSubnet("10.0.0.0", 8).addRange("::1", "::2").addAddress("1.2.3.4");
        assertEquals(
                List.of("subnet 10.0.0.0/8", "range ::1-::2", "address 1.2.3.4"), list.rules());
    }

    @EveryEngine
    void connectToABlockedAddress_failsWithoutAnAttempt(EngineKind engine) {
        List<String> events = new ArrayList<>();
        BlockList blocked = new BlockList().addSubnet("127.0.0.0", 8);
        Reactors.run(
                engine,
                reactor -> {
                    ConnectOptions options =
                            ConnectOptions.port(1).host(Peers.LOCAL).blockList(blocked);
                    Net.of(reactor).connect(options, (err, none) -> events.add(describe(err)));
                    assertEquals(List.of(), events, "called inside the call");
                    reactor.onExit(() ->
                            assertEquals(0, reactor.metrics().operation("SOCKET").submitted()));
                });
        assertEquals(
                List.of("ERR_IP_BLOCKED connect ERR_IP_BLOCKED 127.0.0.1: it is in the block list"),
                events);
    }

    @Test
    void rulesAsJson_areReadAgain_alsoAsNodeWritesThem() {
        assertEquals("[]", new BlockList().toJson());
        BlockList list =
                new BlockList()
                        .addSubnet("10.0.0.0", 8)
                        .addRange("::1", "::2")
                        .addAddress("::ffff:1.2.3.4");
        String json = "[\"subnet 10.0.0.0/8\",\"range ::1-::2\",\"address ::ffff:1.2.3.4\"]";
        assertEquals(json, list.toJson());
        BlockList again = new BlockList().addJson(json).addJson(" [ ] ");
        assertEquals(list.rules(), again.rules());
        assertTrue(again.check("10.9.9.9") && again.check("::2") && again.check("1.2.3.4"));
        BlockList nodes =
                new BlockList()
                        .addJson(
                                """
                                [ "Subnet: IPv6 8592:757c:efae:4e45::/64",
                                  "Range: IPv4 10.0.0.1-10.0.0.10", "Address: IPv4 123.123.123.123" ]
                                """);
        assertTrue(nodes.check("8592:757c:efae:4e45::1") && nodes.check("10.0.0.10"));
        assertTrue(nodes.check("123.123.123.123"));
        assertFalse(nodes.check("10.0.0.11"));
        for (String wrong :
                List.of(
                        "",
                        "{}",
                        "[1]",
                        "[\"address 1.2.3.4\"",
                        "[\"address 1.2.3.4\",]",
                        "[\"address 1.2.3.4\" \"address 1.2.3.5\"]",
                        "[\"address 1.2.3.4\",\"subnet 10.0.0.0\"]",
                        "[\"address 1.2.3.4\",\"range 10.0.0.2-10.0.0.1\"]")) {
            BlockList none = new BlockList();
            assertThrows(IllegalArgumentException.class, () -> none.addJson(wrong), wrong);
            assertEquals(List.of(), none.rules(), wrong);
        }
    }

    @Test
    void manyRulesAsJson_areReadAgain_unlessTheTextIsSpoilt() {
        int many = 50_000;
        BlockList list = new BlockList();
        for (int i = 0; i < many; i++) {
            list.addAddress("10.0." + (i >> 8) + "." + (i & 0xff));
        }
        String json = list.toJson();
        BlockList again = new BlockList().addJson(json);
        assertEquals(list.rules(), again.rules());
        assertTrue(again.check("10.0.195.79"));
        assertFalse(again.check("10.0.195.80"));
        BlockList none = new BlockList();
        for (String wrong :
                List.of(
                        json.substring(0, json.length() - 1),
                        json.replaceFirst(",", ""),
                        json.replace("]", ",]"),
                        json + "x",
                        json.replace("195.79", "195.79.1"))) {
            assertThrows(IllegalArgumentException.class, () -> none.addJson(wrong));
        }
        assertEquals(List.of(), none.rules());
    }

    /** As an IPv6 look-up with V4MAPPED, or a resolver of the program's own, makes it. */
    private static InetAddress mapped(String v4) throws UnknownHostException {
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        System.arraycopy(InetAddress.ofLiteral(v4).getAddress(), 0, bytes, 12, 4);
        return Inet6Address.getByAddress(null, bytes, -1);
    }

    @Test
    void mappedAddressObject_isTheIPv4Address() throws UnknownHostException {
        BlockList list = new BlockList().addSubnet("10.0.0.0", 8).addSubnet("::", 80);
        assertTrue(list.check(mapped("10.1.2.3")));
        assertFalse(list.check(mapped("11.1.2.3")), "as the literal ::ffff:11.1.2.3");
        assertFalse(list.check("::ffff:11.1.2.3"));
    }

    @EveryEngine
    void mappedAddressOfAResolver_isRefusedByTheIPv4Rule(EngineKind engine) {
        List<String> events = new ArrayList<>();
        BlockList blocked = new BlockList().addAddress("127.0.0.9");
        HostResolver resolver =
                (host, found) -> {
                    found.call(null, List.of(mapped("127.0.0.9")));
                    return null;
                };
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    net.connect(
                            ConnectOptions.port(1)
                                    .host("name.test")
                                    .resolver(resolver)
                                    .blockList(blocked),
                            (err, none) -> events.add("tcp " + err.code()));
                    Udp udp =
                            net.createUdp(
                                    UdpOptions.ip6().sendBlockList(blocked).resolver(resolver));
                    udp.send("a", 9, "name.test", err -> events.add("udp " + err.code()));
                    udp.sendTo(
                            "b",
                            new InetSocketAddress(mapped("127.0.0.9"), 9),
                            err -> {
                                events.add("udp " + err.code());
                                udp.close();
                            });
                });
        assertEquals(
                List.of("tcp ERR_IP_BLOCKED", "udp ERR_IP_BLOCKED", "udp ERR_IP_BLOCKED"),
                events.stream().sorted().toList());
    }

    @EveryEngine
    void datagramsOfBlockedSenders_areDropped(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        BlockList blocked = new BlockList().addAddress("127.0.0.9");
        UdpServers.bound(
                engine,
                UdpOptions.ip4().receiveBlockList(blocked),
                (reactor, server, address) -> {
                    server.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        reactor.setTimeout(20, server::close); // for one that is late
                    });
                    Udp unwanted = Net.of(reactor).createUdp();
                    Udp wanted = Net.of(reactor).createUdp();
                    unwanted.bind(
                            0,
                            "127.0.0.9",
                            (err, bound) ->
                                    unwanted.sendTo(
                                            "unheard",
                                            address,
                                            sent -> {
                                                unwanted.close();
                                                wanted.sendTo(
                                                        "heard", address, done -> wanted.close());
                                            }));
                });
        assertEquals(List.of("heard"), heard);
    }

    @EveryEngine
    void datagramsAndPeersThatAreBlocked_areRefused_theOthersAreSent(EngineKind engine) {
        List<String> events = new ArrayList<>();
        BlockList blocked = new BlockList().addAddress("127.0.0.9");
        UdpOptions options =
                UdpOptions.ip4()
                        .sendBlockList(blocked)
                        .resolver((host, found) -> {
                            found.call(null, List.of(InetAddress.ofLiteral("127.0.0.9")));
                            return null;
                        });
        UdpServers.bound(
                engine,
                options,
                (reactor, udp, address) -> {
                    udp.onMessage((data, from, truncated) -> {
                        events.add(data.toString(UTF_8));
                        udp.connect(
                                9,
                                "127.0.0.9",
                                (err, none) -> {
                                    events.add(describe(err));
                                    assertNull(udp.remoteAddress());
                                    udp.close();
                                });
                    });
                    udp.send("a", 9, "127.0.0.9", err -> events.add(err.code()));
                    udp.send("b", 9, "name.test", err -> events.add(describe(err)));
                    udp.sendTo("c", address, err -> assertNull(err));
                    assertEquals(List.of(), events);
                });
        String why = " ERR_IP_BLOCKED 127.0.0.9: it is in the block list";
        assertEquals(
                List.of(
                        "ERR_IP_BLOCKED",
                        "ERR_IP_BLOCKED send" + why,
                        "c",
                        "ERR_IP_BLOCKED connect" + why),
                events);
    }

    private static String describe(ReactorException err) {
        return err.code() + " " + err.getMessage();
    }
}
