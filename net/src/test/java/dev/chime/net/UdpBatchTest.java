package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Datagrams that go and come together are those that would go and come one by one. */
class UdpBatchTest {
    private static final int ROUNDS = 12;

    /** Few enough for what a socket holds by default. */
    private static final int EACH_ROUND = 40;

    /** What one round sends: runs of one length, and single ones among them. */
    private static List<byte[]> round(Random random, Content content) {
        List<byte[]> round = new ArrayList<>();
        while (round.size() < EACH_ROUND) {
            int length = 1 + random.nextInt(700);
            for (int run = 1 + random.nextInt(10); run > 0; run--) {
                round.add(content.take(length));
            }
            if (random.nextInt(4) == 0) {
                round.add(new byte[0]);
            }
        }
        return round;
    }

    /** All four: neither side with batches, one of them, both. */
    @EveryEngine
    void everyDatagram_arrivesTheSame_withAndWithout(EngineKind engine) {
        for (int both = 0; both < 4; both++) {
            exchange(engine, UdpOptions.ip4(), (both & 1) != 0, (both & 2) != 0);
        }
        exchange(engine, UdpOptions.ip6(), true, true);
    }

    private static void exchange(
            EngineKind engine, UdpOptions options, boolean sends, boolean receives) {
        Random random = new Random(11);
        Content content = new Content(3);
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> received = new ArrayList<>();
        int[] calledBack = {0};
        UdpServers.bound(
                engine,
                options.batches(receives),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(options.batches(sends));
                    int[] rounds = {0};
                    server.onMessage((data, from, truncated) -> {
                        assertTrue(!truncated);
                        received.add(data.toArray());
                        if (received.size() < sent.size()) {
                            return;
                        }
                        if (rounds[0] == ROUNDS) {
                            client.close();
                            server.close();
                        } else {
                            send(rounds, client, address, sent, random, content, calledBack);
                        }
                    });
                    send(rounds, client, address, sent, random, content, calledBack);
                });
        assertEquals(sent.size(), received.size());
        assertEquals(sent.size(), calledBack[0]);
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i), received.get(i), "datagram " + i);
        }
    }

    private static void send(
            int[] rounds,
            Udp client,
            InetSocketAddress address,
            List<byte[]> sent,
            Random random,
            Content content,
            int[] calledBack) {
        rounds[0]++;
        for (byte[] data : round(random, content)) {
            sent.add(data);
            client.sendTo(
                    data,
                    address,
                    err -> {
                        assertNull(err);
                        calledBack[0]++;
                    });
        }
    }

    /**
     * A peer that knows of no batches gets each datagram, in order, also from two targets' runs.
     */
    @EngineTest
    void foreignPeers_getTheirOwn(EngineKind engine) throws Exception {
        int count = 60;
        InetAddress local = InetAddress.ofLiteral(Peers.LOCAL);
        try (DatagramSocket one = new DatagramSocket(0, local);
                DatagramSocket other = new DatagramSocket(0, local);
                Peers peers = new Peers()) { // closed first: it waits for them
            UdpServers.bound(
                    engine,
                    UdpOptions.ip4().batches(true),
                    (reactor, udp, address) -> {
                        int[] left = {count};
                        for (int i = 0; i < count; i++) {
                            DatagramSocket to = i % 20 < 13 ? one : other;
                            udp.sendTo(
                                    bytes(i),
                                    (InetSocketAddress) to.getLocalSocketAddress(),
                                    err -> {
                                        assertNull(err);
                                        if (--left[0] == 0) {
                                            udp.close();
                                        }
                                    });
                        }
                        peers.start(reactor, () -> receive(one, count, true));
                        peers.start(reactor, () -> receive(other, count, false));
                    });
        }
    }

    private static byte[] bytes(int number) {
        byte[] bytes = new byte[300];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private static void receive(DatagramSocket socket, int count, boolean first) throws Exception {
        socket.setSoTimeout(30_000);
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        for (int i = 0; i < count; i++) {
            if (i % 20 < 13 == first) {
                packet.setLength(2000);
                socket.receive(packet);
                assertEquals(300, packet.getLength());
                assertEquals((byte) i, packet.getData()[0]);
                assertEquals((byte) i, packet.getData()[299]);
            }
        }
    }

    /** What one turn sends takes fewer system calls and operations: they do go together. */
    @EveryEngine
    void oneTurnsDatagrams_areFewSends(EngineKind engine) {
        long[] sends = {0};
        int[] received = {0};
        UdpServers.bound(
                engine,
                UdpOptions.ip4().batches(true),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(UdpOptions.ip4().batches(true));
                    server.onMessage((data, from, truncated) -> {
                        assertEquals(500, data.length());
                        if (++received[0] == EACH_ROUND) {
                            sends[0] = sends(reactor);
                            client.close();
                            server.close();
                        }
                    });
                    for (int i = 0; i < EACH_ROUND; i++) {
                        client.sendTo(new byte[500], address, err -> assertNull(err));
                    }
                });
        assertEquals(EACH_ROUND, received[0]);
        assertTrue(sends[0] <= 2, sends[0] + " sends");
    }

    private static long sends(Reactor reactor) {
        return reactor.metrics().operations().get("SENDMSG").completed();
    }

    @EveryEngine
    void cutAtMaxMessageBytes_eachByItself(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        UdpServers.bound(
                engine,
                UdpOptions.ip4().batches(true).maxMessageBytes(100),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(UdpOptions.ip4().batches(true));
                    server.onMessage((data, from, truncated) -> {
                        heard.add(data.length() + " " + truncated);
                        if (heard.size() == 4) {
                            client.close();
                            server.close();
                        }
                    });
                    for (int length : new int[] {120, 120, 120, 50}) {
                        client.sendTo(new byte[length], address, err -> assertNull(err));
                    }
                });
        assertEquals(List.of("100 true", "100 true", "100 true", "50 false"), heard);
    }

    /** The socket closes, or the handler throws its messages away, in the middle of a batch. */
    @EveryEngine
    void closeInTheMiddleOfABatch_endsIt(EngineKind engine) {
        int[] received = {0};
        UdpServers.bound(
                engine,
                UdpOptions.ip4().batches(true),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(UdpOptions.ip4().batches(true));
                    server.onMessage((data, from, truncated) -> {
                        if (++received[0] == 5) {
                            server.close();
                            client.close();
                        }
                    });
                    for (int i = 0; i < EACH_ROUND; i++) {
                        client.sendTo(new byte[200], address, err -> {});
                    }
                });
        assertEquals(5, received[0]);
    }

    /** Nobody listens: each of a batch has its own outcome, once. */
    @EveryEngine
    void refusedBatch_isSentOneByOne(EngineKind engine) throws Exception {
        int dead;
        try (DatagramSocket gone = new DatagramSocket(0, InetAddress.ofLiteral(Peers.LOCAL))) {
            dead = gone.getLocalPort();
        }
        int[] outcomes = {0};
        int[] refusals = {0};
        int count = 20;
        UdpServers.bound(
                engine,
                UdpOptions.ip4().batches(true).icmpErrors(true),
                (reactor, udp, address) -> {
                    udp.onError(err -> {
                        assertEquals("ECONNREFUSED", err.code());
                        refusals[0]++;
                    });
                    int[] rounds = {0};
                    new Object() {
                        void round() {
                            for (int i = 0; i < count; i++) {
                                udp.sendTo(
                                        new byte[100],
                                        new InetSocketAddress(Peers.LOCAL, dead),
                                        err -> {
                                            if (++outcomes[0] % count == 0) {
                                                next();
                                            }
                                        });
                            }
                        }

                        void next() {
                            if (++rounds[0] < 5) {
                                reactor.setTimeout(5, this::round);
                            } else {
                                reactor.setTimeout(50, udp::close);
                            }
                        }
                    }.round();
                });
        assertEquals(5 * count, outcomes[0]);
        assertTrue(refusals[0] > 0);
    }

    @EveryEngine
    void cancelledDatagram_leavesTheOthersOfItsBatch(EngineKind engine) {
        List<String> outcomes = new ArrayList<>();
        int[] received = {0};
        UdpServers.bound(
                engine,
                UdpOptions.ip4().batches(true),
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(UdpOptions.ip4().batches(true));
                    server.onMessage((data, from, truncated) -> {
                        if (++received[0] == 9) {
                            client.close();
                            server.close();
                        }
                    });
                    for (int i = 0; i < 10; i++) {
                        var sending =
                                client.sendTo(
                                        new byte[200],
                                        address,
                                        err -> outcomes.add(err == null ? "sent" : err.code()));
                        if (i == 4) {
                            sending.cancel();
                        }
                    }
                });
        assertEquals(9, outcomes.stream().filter("sent"::equals).count());
        assertEquals(1, outcomes.stream().filter("ECANCELED"::equals).count());
    }
}
