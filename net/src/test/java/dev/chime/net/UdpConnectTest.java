package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** UDP sockets with a peer: what they may do, what they hear, how they lose it again. */
class UdpConnectTest {
    private static final String HOST = "127.0.0.1";

    private static void assertMessage(String code, Executable call) {
        String message = assertThrows(IllegalStateException.class, call).getMessage();
        assertTrue(message.startsWith(code), message);
    }

    @EveryEngine
    void connected_sendsToItsPeer_andHearsNobodyElse(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Udp stranger = net.createUdp();
                    Udp client = net.createUdp();
                    net.createUdp()
                            .bind(
                                    0,
                                    HOST,
                                    (err, server) -> {
                                        server.onMessage((data, from, truncated) ->
                                                // The stranger's datagram is on its way before the
                                                // answer.
                                                stranger.sendTo(
                                                        "no",
                                                        from,
                                                        sent ->
                                                                server.sendTo(
                                                                        "yes",
                                                                        from,
                                                                        done -> server.close())));
                                        client.onMessage((data, from, truncated) -> {
                                            heard.add(data.toString(UTF_8));
                                            stranger.close();
                                            client.close();
                                        });
                                        InetSocketAddress address = server.address();
                                        client.connect(
                                                address.getPort(),
                                                HOST,
                                                (failed, connected) -> {
                                                    assertNull(failed);
                                                    assertEquals(address, client.remoteAddress());
                                                    assertMessage(
                                                            "ERR_SOCKET_DGRAM_IS_CONNECTED",
                                                            () ->
                                                                    client.sendTo(
                                                                            "x",
                                                                            address,
                                                                            done -> {}));
                                                });
                                        assertMessage(
                                                "ERR_SOCKET_DGRAM_IS_CONNECTED",
                                                () -> client.connect(address, (e, u) -> {}));
                                        client.sendToPeer(
                                                "queued before there is a peer",
                                                done -> {
                                                    assertNull(done);
                                                });
                                    });
                });
        assertEquals(List.of("yes"), heard);
    }

    @EveryEngine
    void refusedByThePeer_isReported_andTheSocketGoesOn(EngineKind engine) throws Exception {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getByName(HOST))) {
            port = free.getLocalPort();
        }
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp client = Net.of(reactor).createUdp();
                    client.onError(err -> {
                        events.add(err.getMessage());
                        if (events.size() == 2) {
                            client.close();
                        } else {
                            client.sendToPeer("again", sent -> assertNull(sent));
                        }
                    });
                    client.connect(
                            port,
                            HOST,
                            (err, connected) -> {
                                assertNull(err);
                                client.sendToPeer("anybody?", sent -> assertNull(sent));
                            });
                });
        String refused = "recvmsg ECONNREFUSED 127.0.0.1:" + port;
        assertEquals(List.of(refused, refused), events);
    }

    @EveryEngine
    void disconnected_keepsItsPort_andHearsEverybody(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Udp client = net.createUdp();
                    Udp other = net.createUdp();
                    client.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        client.close();
                    });
                    client.bind(
                            0,
                            HOST,
                            (bindErr, bound) -> {
                                int port = client.address().getPort();
                                assertMessage(
                                        "ERR_SOCKET_DGRAM_NOT_CONNECTED",
                                        () -> client.disconnect());
                                assertMessage(
                                        "ERR_SOCKET_DGRAM_NOT_CONNECTED",
                                        () -> client.sendToPeer("x", err -> {}));
                                client.connect(
                                        9,
                                        HOST,
                                        (err, connected) -> {
                                            client.disconnect();
                                            assertNull(client.remoteAddress());
                                            assertEquals(port, client.address().getPort());
                                            other.send("hello", port, HOST, sent -> other.close());
                                        });
                            });
                });
        assertEquals(List.of("hello"), heard);
    }

    @EveryEngine
    void connectThatIsCanceledOrFails_leavesTheSocketUnconnected(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp();
                    Operation connect =
                            udp.connect(
                                    9,
                                    HOST,
                                    (err, none) -> {
                                        assertNull(none);
                                        events.add(err.getMessage());
                                        udp.connect(
                                                9,
                                                "no-such-name.invalid",
                                                (unknown, nobody) -> {
                                                    events.add(unknown.getMessage().split(" ")[0]);
                                                    assertNull(udp.remoteAddress());
                                                    udp.connect(
                                                            9,
                                                            HOST,
                                                            (again, connected) -> {
                                                                assertNull(again);
                                                                udp.close();
                                                            });
                                                });
                                    });
                    connect.cancel();
                    assertEquals(List.of(), events);
                });
        assertEquals(List.of("connect ECANCELED 127.0.0.1:9", "getaddrinfo"), events);
    }

    @EveryEngine
    void refusedWithoutAPeer_isReportedWithItsAddress_andStopsNoOtherDatagram(EngineKind engine)
            throws Exception {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getByName(HOST))) {
            port = free.getLocalPort();
        }
        InetSocketAddress nobody = new InetSocketAddress(HOST, port);
        int rounds = 20;
        List<String> errors = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp(UdpOptions.ip4().icmpErrors(true));
                    client.onError(err -> {
                        assertEquals(nobody, ((ErrnoException) err).address());
                        errors.add(err.getMessage());
                        if (errors.size() + heard.size() == 2 * rounds) {
                            client.close();
                            server.close();
                        }
                    });
                    server.onMessage((data, from, truncated) -> {
                        heard.add(data.toString(UTF_8));
                        if (errors.size() + heard.size() == 2 * rounds) {
                            client.close();
                            server.close();
                        }
                    });
                    for (int i = 0; i < rounds; i++) {
                        client.sendTo("lost", nobody, err -> assertNull(err));
                        client.sendTo("good " + i, address, err -> assertNull(err));
                    }
                });
        assertEquals(rounds, errors.size());
        assertEquals("recvmsg ECONNREFUSED 127.0.0.1:" + port, errors.getFirst());
        assertEquals(rounds, heard.size());
    }
}
