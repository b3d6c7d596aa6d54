package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Timer;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Datagrams between sockets of one loop: whole, in order, from whom, and how sockets end. */
class UdpTest {
    private static final String HOST = "127.0.0.1";

    @EveryEngine
    void datagrams_comeWholeWithTheirSender_andGoBackToIt(EngineKind engine) {
        List<String> events = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        events.add("server " + data.toString(UTF_8));
                        assertFalse(truncated);
                        assertEquals(client.address().getPort(), from.getPort());
                        assertEquals(HOST, from.getAddress().getHostAddress());
                        server.sendTo(data, from, err -> assertNull(err));
                    });
                    client.onMessage((data, from, truncated) -> {
                        events.add("client " + data.toString(UTF_8));
                        assertEquals(address, from);
                        server.onClose(() -> events.add("server closed"));
                        client.onClose(() -> events.add("client closed"));
                        client.close();
                        server.close();
                        assertFalse(client.isClosed());
                    });
                    client.send(
                            "héllo",
                            address.getPort(),
                            HOST,
                            err -> {
                                assertNull(err);
                                events.add("sent");
                            });
                    assertEquals(1, client.sendQueueCount());
                    assertEquals(6, client.sendQueueBytes());
                    assertNull(client.address(), "bound inside the call");
                });
        assertEquals("sent", events.getFirst());
        assertEquals(List.of("server héllo", "client héllo"), events.subList(1, 3));
        assertTrue(events.containsAll(List.of("server closed", "client closed")), events::toString);
        assertEquals(5, events.size());
    }

    @EveryEngine
    void thousandRoundTrips_areByteExact(EngineKind engine) {
        int[] done = {0};
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    server.onMessage(
                            (data, from, truncated) -> server.sendTo(data, from, err -> {}));
                    Udp client = Net.of(reactor).createUdp();
                    client.onMessage((data, from, truncated) -> {
                        assertArrayEquals(content(done[0]), data.toArray());
                        if (++done[0] == 1000) {
                            client.close();
                            server.close();
                        } else {
                            client.sendTo(content(done[0]), address, err -> assertNull(err));
                        }
                    });
                    client.sendTo(content(0), address, err -> assertNull(err));
                });
        assertEquals(1000, done[0]);
    }

    /** Bytes that tell which datagram they are, of many lengths. */
    private static byte[] content(int number) {
        byte[] bytes = new byte[number * 37 % 1500];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    @EveryEngine
    void emptyAndLongestDatagram_arriveWhole(EngineKind engine) {
        List<Integer> lengths = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        assertFalse(truncated);
                        lengths.add(data.length());
                        if (data.length() > 0) {
                            assertEquals(7, data.get(data.length() - 1));
                            server.close();
                        }
                    });
                    byte[] longest = new byte[65507];
                    longest[65506] = 7;
                    client.sendTo(new byte[0], address, err -> assertNull(err));
                    client.sendTo(
                            longest,
                            address,
                            err -> {
                                assertNull(err);
                                client.close();
                            });
                });
        assertEquals(List.of(0, 65507), lengths);
    }

    @EveryEngine
    void pieces_areOneDatagram_toAnAddressAndToThePeer(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    byte[] one = "one ".getBytes(UTF_8);
                    List<byte[]> pieces = List.of(one, new byte[0], "two".getBytes(UTF_8));
                    server.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        if (heard.size() == 2) {
                            client.close();
                            server.close();
                        }
                    });
                    assertThrows(
                            IllegalStateException.class,
                            () -> client.sendPieces(pieces, null, err -> {}));
                    client.sendPieces(
                            pieces,
                            address,
                            err ->
                                    client.connect(
                                            address,
                                            (failed, connected) ->
                                                    client.sendPieces(
                                                            pieces, null, e -> assertNull(e))));
                    assertEquals(7, client.sendQueueBytes());
                    one[0] = 'x';
                });
        assertEquals("one two", heard.getFirst());
        assertEquals("xne two", heard.getLast());
    }

    @EveryEngine
    void aBurst_keepsItsOrder_andCallsBackInIt(EngineKind engine) {
        List<Integer> arrived = new ArrayList<>();
        List<Integer> sent = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        arrived.add((int) data.get(0));
                        if (arrived.size() == 100) {
                            server.close();
                        }
                    });
                    for (int i = 0; i < 100; i++) {
                        int number = i;
                        // Arrays of both sizes and buffers, so that every way of sending is mixed.
                        byte[] bytes = new byte[i % 3 == 0 ? 1000 : 10];
                        bytes[0] = (byte) i;
                        if (i % 3 == 1) {
                            Buffer buffer = reactor.buffer(bytes.length);
                            buffer.put(0, bytes, 0, bytes.length);
                            client.sendTo(buffer, address, err -> sent.add(number));
                            buffer.release();
                        } else {
                            client.sendTo(bytes, address, err -> sent.add(number));
                        }
                    }
                    client.close();
                });
        List<Integer> all = IntStream.range(0, 100).boxed().toList();
        assertEquals(all, sent);
        assertEquals(all, arrived);
    }

    @EveryEngine
    void tooLong_isEmsgsize_andThoseBehindItAreSent(EngineKind engine) {
        List<String> events = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        events.add("got " + data.toString(UTF_8));
                        if (data.toString(UTF_8).equals("three")) {
                            server.close();
                        }
                    });
                    client.sendTo("one", address, err -> events.add("one " + err));
                    client.sendTo(
                            new byte[65508],
                            address,
                            err -> {
                                assertEquals("EMSGSIZE", err.code());
                                events.add(err.getMessage());
                            });
                    client.sendTo("two", address, err -> events.add("two " + err));
                    client.sendTo("three", address, err -> events.add("three " + err));
                    client.close();
                });
        events.removeIf(event -> event.startsWith("got"));
        assertEquals("one null", events.get(0));
        assertTrue(events.get(1).startsWith("send EMSGSIZE 127.0.0.1:"), events.get(1));
        assertEquals(List.of("two null", "three null"), events.subList(2, 4));
    }

    @EveryEngine
    void longerThanTheBound_isTruncatedAndSaysSo(EngineKind engine) {
        List<String> events = new ArrayList<>();
        UdpServers.bound(
                engine,
                UdpOptions.ip4().maxMessageBytes(10),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        events.add(data.toString(UTF_8) + " " + truncated);
                        if (events.size() == 3) {
                            server.close();
                        }
                    });
                    client.sendTo("0123456789", address, err -> assertNull(err));
                    client.sendTo("0123456789x", address, err -> assertNull(err));
                    client.sendTo("short", address, err -> assertNull(err));
                    client.close();
                });
        assertEquals(List.of("0123456789 false", "0123456789 true", "short false"), events);
    }

    @EveryEngine
    void retainedDatagrams_stayWhatTheyAre_andStopNobody(EngineKind engine) {
        int count = 400; // more than the engine has buffers
        List<Buffer> kept = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        kept.add(data.retain());
                        int next = kept.size();
                        if (next < count) {
                            client.sendTo("datagram " + next, address, err -> assertNull(err));
                            return;
                        }
                        for (int i = 0; i < count; i++) {
                            assertEquals("datagram " + i, kept.get(i).toString(UTF_8));
                            kept.get(i).release();
                        }
                        client.close();
                        server.close();
                    });
                    client.sendTo("datagram 0", address, err -> assertNull(err));
                });
        assertEquals(count, kept.size());
    }

    @EveryEngine
    void sendFromItsOwnCallback_leavesOthersTheirTurn(EngineKind engine) {
        int[] sends = {0};
        boolean[] stop = {false};
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    sendAgain(client, address, sends, stop);
                    reactor.setTimeout(
                            20,
                            () -> {
                                stop[0] = true;
                                server.close();
                            });
                });
        assertTrue(sends[0] > 1);
    }

    private static void sendAgain(Udp client, InetSocketAddress to, int[] sends, boolean[] stop) {
        client.sendTo(
                "x",
                to,
                err -> {
                    sends[0]++;
                    if (stop[0]) {
                        client.close();
                    } else {
                        sendAgain(client, to, sends, stop);
                    }
                });
    }

    @EveryEngine
    void names_areLookedUp(EngineKind engine) {
        List<String> events = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        events.add(data.toString(UTF_8));
                        if (events.size() == 2) {
                            server.close();
                        }
                    });
                    client.send(
                            "to a name",
                            address.getPort(),
                            "localhost",
                            err -> {
                                assertNull(err);
                            });
                    client.sendTo("behind it", address, err -> assertNull(err));
                    client.send(
                            "x",
                            9,
                            "no-such-name.invalid",
                            err -> {
                                assertNotEquals("ECANCELED", err.code());
                                assertTrue(
                                        err.getMessage().startsWith("getaddrinfo"),
                                        err.getMessage());
                            });
                    client.close();
                });
        assertEquals(List.of("to a name", "behind it"), events);
    }

    @EveryEngine
    void ip6Socket_speaksBothFamilies(EngineKind engine) {
        List<String> senders = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp server = Net.of(reactor).createUdp(UdpOptions.ip6());
                    server.bind(
                            0,
                            (err, bound) -> {
                                assertNull(err);
                                int port = server.address().getPort();
                                Udp v4 = Net.of(reactor).createUdp();
                                Udp v6 = Net.of(reactor).createUdp(UdpOptions.ip6());
                                server.onMessage((data, from, truncated) -> {
                                    senders.add(from.getAddress().getHostAddress());
                                    server.sendTo(data, from, sent -> assertNull(sent));
                                });
                                v4.onMessage((data, from, truncated) -> {
                                    v4.close();
                                    v6.send("six", port, "::1", sent -> assertNull(sent));
                                });
                                v6.onMessage((data, from, truncated) -> {
                                    v6.close();
                                    server.close();
                                });
                                v4.send("four", port, HOST, sent -> assertNull(sent));
                            });
                });
        assertEquals(List.of(HOST, "0:0:0:0:0:0:0:1"), senders);
    }

    @EveryEngine
    void ip6AddressOnAnIp4Socket_isEafnosupport(EngineKind engine) {
        String[] message = {null};
        Reactors.run(
                engine,
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp();
                    udp.send("x", 9, "::1", err -> message[0] = err.getMessage());
                    udp.close();
                });
        assertEquals("send EAFNOSUPPORT [::1]:9", message[0].replace("::1:9", "[::1]:9"));
    }

    @EveryEngine
    void wrongArguments_throwAtTheCall(EngineKind engine) {
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Class<IllegalArgumentException> wrong = IllegalArgumentException.class;
                    assertThrows(wrong, () -> server.send("x", 0, HOST, err -> {}));
                    assertThrows(wrong, () -> server.send("x", 65536, HOST, err -> {}));
                    assertThrows(wrong, () -> server.send("x", 1, "", err -> {}));
                    assertThrows(wrong, () -> server.send((String) null, 1, HOST, err -> {}));
                    assertThrows(wrong, () -> server.sendTo("x", null, err -> {}));
                    assertThrows(wrong, () -> server.sendTo("x", address, null));
                    assertThrows(wrong, () -> server.onMessage(null));
                    assertThrows(wrong, () -> server.setTtl(0));
                    assertThrows(wrong, () -> UdpOptions.ip4().maxMessageBytes(0));
                    server.close();
                });
    }

    @EveryEngine
    void withoutMemory_theSocketWaits_untilSomebodyReleasesSome(EngineKind engine) {
        List<Buffer> kept = new ArrayList<>();
        int[] total = {0};
        int[] starved = {0};
        Reactors.run(
                Reactors.options(engine).maxNativeBytes(4 << 20),
                reactor ->
                        Net.of(reactor)
                                .createUdp()
                                .bind(
                                        0,
                                        HOST,
                                        (bindErr, server) -> {
                                            Udp client = Net.of(reactor).createUdp();
                                            InetSocketAddress address = server.address();
                                            byte[] bytes = new byte[400];
                                            Timer[] look = {null};
                                            int[] seen = {0};
                                            look[0] =
                                                    reactor.setInterval(
                                                            20,
                                                            () -> {
                                                                if (total[0] > seen[0]) {
                                                                    seen[0] = total[0];
                                                                    return;
                                                                }
                                                                starved[0] = kept.size(); // nothing
                                                                // came for
                                                                // a while
                                                                kept.forEach(Buffer::release);
                                                                kept.clear();
                                                            });
                                            server.onMessage((data, from, truncated) -> {
                                                assertEquals(400, data.length());
                                                total[0]++;
                                                if (starved[0] > 100) {
                                                    look[0].clear();
                                                    client.close();
                                                    server.close();
                                                    return;
                                                }
                                                kept.add(data.retain());
                                                client.sendTo(
                                                        bytes, address, err -> assertNull(err));
                                            });
                                            client.sendTo(bytes, address, err -> assertNull(err));
                                        }));
        assertTrue(starved[0] > 100 && total[0] > starved[0]);
    }
}
