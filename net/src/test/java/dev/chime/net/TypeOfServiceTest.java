package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.chime.net.testing.Servers;
import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** How sockets mark what they send for routers. */
class TypeOfServiceTest {
    /** Expedited forwarding (RFC 3246), and the two bits of congestion control. */
    private static final int EXPEDITED = 0xb8;

    private static final int CONGESTION_BITS = 3;

    @TempDir Path folder;

    @EveryEngine
    void ofTcp_isSetAndTold_overBothFamilies_butForTwoBits(EngineKind engine) {
        for (String host : List.of("127.0.0.1", "::1")) {
            List<Object> told = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] listening = new Server[1];
                        Servers.listen(
                                reactor,
                                host,
                                socket -> {
                                    Servers.close(listening[0]);
                                    socket.resume();
                                },
                                (server, port) -> {
                                    listening[0] = server;
                                    Net.of(reactor)
                                            .connect(
                                                    port,
                                                    host,
                                                    (err, socket) -> {
                                                        told.add(socket.typeOfService());
                                                        socket.typeOfService(EXPEDITED);
                                                        told.add(socket.typeOfService());
                                                        socket.typeOfService(
                                                                EXPEDITED | CONGESTION_BITS);
                                                        told.add(socket.typeOfService());
                                                        socket.destroy();
                                                        told.add(socket.typeOfService(0));
                                                        told.add(socket.typeOfService());
                                                        told.set(3, "chained");
                                                    });
                                });
                    });
            assertEquals(List.of(0, EXPEDITED, EXPEDITED, "chained", 0), told, host);
        }
    }

    @EveryEngine
    void ofOptions_isThatOfBothEnds_fromTheStart(EngineKind engine) {
        SocketOptions marked = SocketOptions.defaults().typeOfService(EXPEDITED);
        for (String host : List.of("127.0.0.1", "::1")) {
            List<String> told = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .createServer(
                                            ServerOptions.defaults().socket(marked),
                                            socket -> {
                                                told.add("accepted " + socket.typeOfService());
                                                socket.resume().end();
                                            })
                                    .listen(
                                            0,
                                            host,
                                            (err, server) -> {
                                                int port = server.address().getPort();
                                                connectMarked(reactor, host, port, server, told);
                                            }));
            told.sort(null);
            assertEquals(List.of("accepted " + EXPEDITED, "connected " + 0x48), told, host);
        }
    }

    private static void connectMarked(
            Reactor reactor, String host, int port, Server server, List<String> told) {
        Net.of(reactor)
                .connect(
                        ConnectOptions.port(port).host(host).typeOfService(0x48),
                        (err, socket) -> {
                            told.add("connected " + socket.typeOfService());
                            socket.resume().end();
                            Servers.close(server);
                        });
    }

    @EveryEngine
    void ofUdp_isSetAndTold_onBothFamilies(EngineKind engine) {
        for (UdpOptions options : List.of(UdpOptions.ip4(), UdpOptions.ip6())) {
            List<Integer> told = new ArrayList<>();
            UdpServers.bound(
                    engine,
                    options,
                    (reactor, udp, address) -> {
                        told.add(udp.typeOfService());
                        udp.setTypeOfService(EXPEDITED);
                        told.add(udp.typeOfService());
                        // What leaves to an IPv4 address is an IPv4 packet.
                        int fd = udp.openFd();
                        told.add(
                                Sockaddr.get(Core.of(reactor), fd, Const.IPPROTO_IP, Const.IP_TOS));
                        udp.setTypeOfService(0);
                        told.add(udp.typeOfService());
                        udp.close();
                    });
            assertEquals(List.of(0, EXPEDITED, EXPEDITED, 0), told);
        }
    }

    @EngineTest
    void ofAUnixSocket_isIgnored(EngineKind engine) {
        String path = folder.resolve("s").toString();
        int[] told = {-1};
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> socket.end())
                                .listen(
                                        ListenOptions.path(path),
                                        (err, server) ->
                                                Net.of(reactor)
                                                        .connect(
                                                                ConnectOptions.path(path),
                                                                (failed, socket) -> {
                                                                    socket.typeOfService(EXPEDITED);
                                                                    told[0] =
                                                                            socket.typeOfService();
                                                                    socket.resume().end();
                                                                    Servers.close(server);
                                                                })));
        assertEquals(0, told[0]);
    }

    @EveryEngine
    void whatIsNoMark_isRefusedAtTheCall(EngineKind engine) {
        UdpServers.bound(
                engine,
                (reactor, udp, address) -> {
                    for (int wrong : new int[] {-1, 256}) {
                        IllegalArgumentException thrown =
                                assertThrows(
                                        IllegalArgumentException.class,
                                        () -> udp.setTypeOfService(wrong));
                        assertEquals("mark is " + wrong + ": use 0 to 255", thrown.getMessage());
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> Sockaddr.checkTypeOfService(wrong));
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> SocketOptions.defaults().typeOfService(wrong));
                    }
                    udp.close();
                    assertThrows(IllegalStateException.class, () -> udp.setTypeOfService(0));
                    assertThrows(IllegalStateException.class, udp::typeOfService);
                });
    }
}
