package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.UdpServers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** How UDP sockets begin and end: bind, close, destroy, cancel, options. */
class UdpLifecycleTest {
    private static final String HOST = "127.0.0.1";

    @EveryEngine
    void bindTwice_isNodesError(EngineKind engine) {
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    assertMessage("ERR_SOCKET_ALREADY_BOUND", () -> server.bind(0, (e, u) -> {}));
                    Udp other = Net.of(reactor).createUdp();
                    other.bind(
                            address.getPort(),
                            HOST,
                            (err, none) -> {
                                assertNull(none);
                                assertEquals(
                                        "bind EADDRINUSE: address already in use 127.0.0.1:"
                                                + address.getPort(),
                                        err.getMessage());
                                other.bind(
                                        0,
                                        (again, bound) -> {
                                            assertNull(again);
                                            other.close();
                                            server.close();
                                        });
                            });
                    assertMessage("ERR_SOCKET_ALREADY_BOUND", () -> other.bind(0, (e, u) -> {}));
                });
    }

    private static void assertMessage(String code, org.junit.jupiter.api.function.Executable call) {
        String message = assertThrows(IllegalStateException.class, call).getMessage();
        assertTrue(message.startsWith(code), message);
    }

    @EveryEngine
    void afterTheClose_everyCallSaysSo_andCloseMayBeRepeated(EngineKind engine) {
        int[] closed = {0};
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    server.onClose(() -> closed[0]++);
                    server.close();
                    server.close();
                    String code = "ERR_SOCKET_DGRAM_NOT_RUNNING";
                    assertMessage(code, () -> server.sendTo("x", address, err -> {}));
                    assertMessage(code, () -> server.bind(0, (e, u) -> {}));
                    assertMessage(code, () -> server.connect(address, (e, u) -> {}));
                    assertMessage(code, () -> server.setTtl(1));
                    assertNull(server.address());
                });
        assertEquals(1, closed[0]);
    }

    @EveryEngine
    void close_handsNothingOutAnyMore(EngineKind engine) {
        int[] messages = {0};
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        messages[0]++;
                        server.close();
                    });
                    for (int i = 0; i < 20; i++) {
                        client.sendTo("x", address, err -> assertNull(err));
                    }
                    client.close();
                });
        assertEquals(1, messages[0]);
    }

    @EveryEngine
    void closeWhileBinding_bindsNothing(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Udp udp = Net.of(reactor).createUdp();
                    udp.bind(0, (err, none) -> events.add(err.getMessage()));
                    udp.onClose(() -> events.add("close"));
                    udp.close();
                    Udp unused = Net.of(reactor).createUdp();
                    unused.onClose(() -> events.add("close"));
                    unused.close();
                });
        assertTrue(
                events.contains("bind ECANCELED: operation canceled 0.0.0.0:0"), events::toString);
        assertEquals(2, events.stream().filter("close"::equals).count());
    }

    @EveryEngine
    void destroy_endsWhatIsQueued(EngineKind engine) {
        List<String> events = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    client.onClose(() -> events.add("close"));
                    for (int i = 0; i < 3; i++) {
                        client.sendTo("x", address, err -> events.add(err.code()));
                    }
                    client.connect(9, HOST, (err, none) -> {});
                    client.destroy();
                    server.close();
                });
        assertEquals(List.of("ECANCELED", "ECANCELED", "ECANCELED", "close"), events);
    }

    @EveryEngine
    void cancelledSend_isNotSent_theOthersAre(EngineKind engine) {
        List<String> sent = new ArrayList<>();
        List<String> arrived = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    Udp client = Net.of(reactor).createUdp();
                    server.onMessage((data, from, truncated) -> {
                        arrived.add(data.toString(UTF_8));
                        if (arrived.size() == 2) {
                            server.close();
                        }
                    });
                    client.sendTo("a", address, err -> sent.add("a " + err));
                    Operation second =
                            client.sendTo("b", address, err -> sent.add("b " + err.code()));
                    client.sendTo("c", address, err -> sent.add("c " + err));
                    second.cancel();
                    assertEquals(List.of(), sent);
                    client.close();
                });
        assertEquals(List.of("a", "c"), arrived);
        sent.sort(null);
        assertEquals(List.of("a null", "b ECANCELED", "c null"), sent);
    }

    @EveryEngine
    void unref_letsTheLoopEnd(EngineKind engine) {
        int[] closed = {0};
        UdpServers.bound(
                engine,
                (reactor, server, address) -> {
                    server.onClose(() -> closed[0]++);
                    server.ref().unref().ref().unref();
                });
        assertEquals(1, closed[0], "the reactor's end closes it");
    }

    @EveryEngine
    void ttl_isTheKernels(EngineKind engine) {
        List<Integer> hops = new ArrayList<>();
        UdpServers.bound(
                engine,
                (reactor, udp, address) -> {
                    Core core = Core.of(reactor);
                    udp.setTtl(7);
                    hops.add(Sockaddr.get(core, udp.openFd(), Const.IPPROTO_IP, Const.IP_TTL));
                    udp.close();
                });
        assertEquals(List.of(7), hops);
    }

    @EveryEngine
    void bufferSizes_areTheOptions(EngineKind engine) {
        UdpServers.bound(
                engine,
                UdpOptions.ip4().receiveBufferBytes(16384).sendBufferBytes(8192),
                (reactor, server, address) -> {
                    assertEquals(2 * 16384, server.receiveBufferBytes());
                    assertEquals(2 * 8192, server.sendBufferBytes());
                    assertNotNull(server.toString());
                    server.close();
                });
    }

    @EveryEngine
    void reusePort_sharesAPort_reuseAddrToo(EngineKind engine) {
        for (UdpOptions options :
                List.of(UdpOptions.ip4().reusePort(true), UdpOptions.ip4().reuseAddr(true))) {
            UdpServers.bound(
                    engine,
                    options,
                    (reactor, server, address) -> {
                        Udp other = Net.of(reactor).createUdp(options);
                        other.bind(
                                address.getPort(),
                                HOST,
                                (err, bound) -> {
                                    assertNull(err);
                                    other.close();
                                    server.close();
                                });
                    });
        }
    }
}
