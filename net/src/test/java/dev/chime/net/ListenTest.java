package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.function.Executable;

/** How a server starts to listen: addresses, errors, bad arguments. */
class ListenTest {
    @EveryEngine
    void portZero_givesTheAddressWithTheKernelsPort(EngineKind engine) {
        int[] called = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> {});
                    assertNull(server.address());
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                called[0]++;
                                assertNull(err);
                                assertEquals(server, listening);
                                InetSocketAddress address = server.address();
                                assertEquals("127.0.0.1", address.getAddress().getHostAddress());
                                assertTrue(address.getPort() > 0);
                                Servers.close(server);
                                assertEquals(address, server.address());
                            });
                    assertEquals(0, called[0], "called inside the call");
                });
        assertEquals(1, called[0]);
    }

    @EngineTest
    void withoutHost_listensOnEveryAddressOfBothFamilies(EngineKind engine) {
        Set<String> remotes = new TreeSet<>();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server server =
                                Net.of(reactor)
                                        .createServer(socket -> {
                                            remotes.add(ip(socket.remoteAddress()));
                                            Servers.echo(socket);
                                        });
                        server.listen(
                                0,
                                (err, listening) -> {
                                    assertNull(err);
                                    int port = server.address().getPort();
                                    assertEquals("0:0:0:0:0:0:0:0", ip(server.address()));
                                    peers.start(
                                            reactor,
                                            () -> {
                                                exchange("127.0.0.1", port);
                                                exchange("::1", port);
                                                reactor.execute(() -> Servers.close(server));
                                            });
                                });
                    });
        }
        assertEquals(Set.of("127.0.0.1", "0:0:0:0:0:0:0:1"), remotes);
    }

    private static String ip(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }

    private static void exchange(String host, int port) throws IOException {
        try (var socket = Peers.connect(host, port)) {
            socket.getOutputStream().write(new Content(1).take(1000));
            socket.shutdownOutput();
            assertEquals(1000, Peers.readToEnd(socket, new Content(1)));
        }
    }

    @EngineTest
    void ipv6Only_refusesIpv4(EngineKind engine) {
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server server = Net.of(reactor).createServer(Servers::echo);
                        server.listen(
                                ListenOptions.port(0).host("::").ipv6Only(true),
                                (err, listening) -> {
                                    assertNull(err);
                                    int port = server.address().getPort();
                                    peers.start(
                                            reactor,
                                            () -> {
                                                exchange("::1", port);
                                                assertThrows(
                                                        IOException.class,
                                                        () -> exchange("127.0.0.1", port));
                                                reactor.execute(() -> Servers.close(server));
                                            });
                                });
                    });
        }
    }

    @EveryEngine
    void byName_listensOnItsAddress(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                "localhost",
                                socket -> {},
                                (server, port) -> {
                                    assertTrue(server.address().getAddress().isLoopbackAddress());
                                    Servers.close(server);
                                }));
    }

    @EveryEngine
    void portInUse_isNodesErrorAndTheServerMayListenAgain(EngineKind engine) {
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {},
                                (first, port) -> {
                                    Server second = Net.of(reactor).createServer(socket -> {});
                                    second.listen(
                                            port,
                                            "127.0.0.1",
                                            (err, none) -> {
                                                order.add("in use");
                                                assertNull(none);
                                                inUse(err, "127.0.0.1:" + port);
                                                assertNull(second.address());
                                                first.close(gone -> again(second, port, order));
                                            });
                                    assertEquals(List.of(), order);
                                }));
        assertEquals(List.of("in use", "listening"), order);
    }

    private static void again(Server server, int port, List<String> order) {
        server.listen(
                port,
                "127.0.0.1",
                (err, listening) -> {
                    order.add("listening");
                    assertNull(err);
                    assertEquals(port, server.address().getPort());
                    Servers.close(server);
                });
    }

    private static void inUse(Throwable err, String where) {
        ErrnoException errno = assertInstanceOf(ErrnoException.class, err);
        assertEquals("listen EADDRINUSE: address already in use " + where, errno.getMessage());
        assertEquals("EADDRINUSE", errno.code());
        assertEquals("listen", errno.syscall());
        assertEquals(98, errno.errno().number());
        assertInstanceOf(InetSocketAddress.class, errno.address());
    }

    @EveryEngine
    void portInUseOnEveryAddress_isWrittenAsNodeWritesIt(EngineKind engine) {
        int[] called = {0};
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                "::",
                                socket -> {},
                                (first, port) ->
                                        Net.of(reactor)
                                                .createServer(socket -> {})
                                                .listen(
                                                        port,
                                                        (err, none) -> {
                                                            called[0]++;
                                                            inUse(err, ":::" + port);
                                                            Servers.close(first);
                                                        })));
        assertEquals(1, called[0]);
    }

    @EveryEngine
    void foreignAddress_isAnError(EngineKind engine) {
        int[] called = {0};
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        7,
                                        "192.0.2.1",
                                        (err, none) -> {
                                            called[0]++;
                                            assertEquals("EADDRNOTAVAIL", err.code());
                                            assertEquals(
                                                    "listen EADDRNOTAVAIL: address not available"
                                                            + " 192.0.2.1:7",
                                                    err.getMessage());
                                        }));
        assertEquals(1, called[0]);
    }

    @EveryEngine
    void unknownName_isNotFoundAndTheServerMayListenAgain(EngineKind engine) {
        int[] called = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> {});
                    server.listen(
                            0,
                            "no-such-host.invalid",
                            (err, none) -> {
                                called[0]++;
                                assertEquals("ENOTFOUND", err.code());
                                again(server, 0, "127.0.0.1", () -> called[0]++);
                            });
                });
        assertEquals(2, called[0]);
    }

    private static void again(Server server, int port, String host, Runnable then) {
        server.listen(
                port,
                host,
                (err, listening) -> {
                    assertNull(err);
                    then.run();
                    Servers.close(server);
                });
    }

    @EveryEngine
    void twice_isRefusedAtTheCall(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> {});
                    server.listen(
                            0,
                            "127.0.0.1",
                            (err, listening) -> {
                                assertAlready(server);
                                Servers.close(server);
                                assertAlready(server);
                            });
                    assertAlready(server);
                });
    }

    private static void assertAlready(Server server) {
        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> server.listen(0, (err, s) -> {}));
        assertTrue(thrown.getMessage().contains("ERR_SERVER_ALREADY_LISTEN"), thrown::getMessage);
    }

    @EveryEngine
    void portOfConnectionsThatWeEnded_canBeListenedOnAtOnce(EngineKind engine) {
        List<Integer> ports = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server[] first = new Server[1];
                    Servers.listen(
                            reactor,
                            socket -> {
                                socket.resume();
                                socket.end(); // who ends first has the port in TIME_WAIT
                                first[0].close(err -> again(reactor, ports));
                            },
                            (server, port) -> {
                                first[0] = server;
                                ports.add(port);
                                Servers.connect(reactor, port, Socket::resume);
                            });
                });
        assertEquals(2, ports.size());
        assertEquals(ports.getFirst(), ports.getLast());
    }

    private static void again(Reactor reactor, List<Integer> ports) {
        Net.of(reactor)
                .createServer(socket -> {})
                .listen(
                        ports.getFirst(),
                        Peers.LOCAL,
                        (err, server) -> {
                            assertNull(err);
                            ports.add(server.address().getPort());
                            Servers.close(server);
                        });
    }

    @EngineTest
    void backlog_isTheKernels(EngineKind engine) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ss")), "no ss");
        List<String> columns = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (ListenOptions options :
                            List.of(ListenOptions.port(0), ListenOptions.port(0).backlog(7))) {
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        options.host(Peers.LOCAL),
                                        (err, server) -> {
                                            columns.add(backlog(server.address().getPort()));
                                            Servers.close(server);
                                        });
                    }
                });
        assertEquals(List.of("511", "7"), columns);
    }

    /** What ss(8) says: state, waiting, backlog. */
    private static String backlog(int port) throws IOException, InterruptedException {
        List<String> lines = ChildJvm.run(List.of("ss", "-ltnH", "sport = :" + port));
        return lines.getFirst().trim().split("\\s+")[2];
    }

    @EveryEngine
    void reusePort_letsTwoServersShareAPort(EngineKind engine) {
        int[] listening = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Server first = net.createServer(socket -> {});
                    Server second = net.createServer(socket -> {});
                    ListenOptions shared = ListenOptions.port(0).host("127.0.0.1").reusePort(true);
                    first.listen(
                            shared,
                            (err, server) -> {
                                assertNull(err);
                                listening[0]++;
                                int port = server.address().getPort();
                                second.listen(
                                        ListenOptions.port(port).host("127.0.0.1").reusePort(true),
                                        (error, other) -> {
                                            assertNull(error);
                                            listening[0]++;
                                            Servers.close(first);
                                            Servers.close(second);
                                        });
                            });
                });
        assertEquals(2, listening[0]);
    }

    @EveryEngine
    void cancelled_callsBackOnceAndTheServerMayListenAgain(EngineKind engine) {
        for (String host : List.of("127.0.0.1", "localhost")) {
            List<String> calls = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Server server = Net.of(reactor).createServer(socket -> {});
                        Operation listening =
                                server.listen(
                                        0,
                                        host,
                                        (err, none) -> {
                                            calls.add(err.code());
                                            again(server, 0, host, () -> calls.add("again"));
                                        });
                        listening.cancel();
                        listening.cancel();
                        assertEquals(List.of(), calls, "called inside the call");
                    });
            assertEquals(List.of("ECANCELED", "again"), calls, host);
        }
    }

    @EveryEngine
    void badArguments_areNamedAtTheCallAndChangeNothing(EngineKind engine) {
        boolean[] listened = {false};
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Server server = net.createServer(socket -> {});
                    named("onConnection", () -> net.createServer(null));
                    named("port", () -> server.listen(-1, (err, s) -> {}));
                    named("port", () -> server.listen(65536, (err, s) -> {}));
                    named("port", () -> server.listen(65536, "127.0.0.1", (err, s) -> {}));
                    named("host", () -> server.listen(0, null, (err, s) -> {}));
                    named("host", () -> server.listen(0, "", (err, s) -> {}));
                    named("host", () -> server.listen(0, "a\0b", (err, s) -> {}));
                    named("callback", () -> server.listen(0, null));
                    named("callback", () -> server.listen(0, "127.0.0.1", null));
                    named("options", () -> server.listen(null, (err, s) -> {}));
                    named("host", () -> ListenOptions.port(0).host(null));
                    named("host", () -> ListenOptions.port(0).host(""));
                    named("backlog", () -> ListenOptions.port(0).backlog(0));
                    named("done", () -> server.close(null));
                    again(server, 0, "127.0.0.1", () -> listened[0] = true);
                });
        assertTrue(listened[0]);
    }

    private static void named(String argument, Executable call) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
        assertTrue(thrown.getMessage().startsWith(argument + " is "), thrown::getMessage);
    }
}
