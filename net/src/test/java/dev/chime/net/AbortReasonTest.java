package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.dns.Dns;
import dev.chime.net.dns.DnsOptions;
import dev.chime.net.dns.RecordType;
import dev.chime.net.testing.Peers;
import dev.chime.net.tls.Tls;
import dev.chime.net.tls.TlsContext;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a signal has ended says why, whatever call it was. */
class AbortReasonTest {
    private static final int PORT = 9;
    private static final NetOptions NEVER_FOUND =
            NetOptions.defaults().resolver((host, found) -> null);

    /** By the name of the call. */
    private final Map<String, ReactorException> errors = new TreeMap<>();

    private Done heard(String call) {
        return err -> {
            if (err != null) {
                assertEquals(null, errors.put(call, err), call);
            }
        };
    }

    /** Starts each kind of call; what has come into being is closed. */
    private List<Operation> calls(Reactor reactor) {
        Net net = Net.of(reactor);
        Net nowhere = Net.of(reactor, NEVER_FOUND);
        Done connected = heard("connect");
        Done listening = heard("listen");
        Done bound = heard("bind");
        Udp udp = nowhere.createUdp(UdpOptions.ip4());
        udp.bind(0, Peers.LOCAL, (err, socket) -> {});
        Udp peer = nowhere.createUdp(UdpOptions.ip4());
        peer.bind(0, Peers.LOCAL, (err, socket) -> {});
        Runnable end =
                () -> {
                    udp.destroy();
                    peer.destroy();
                    reactor.stop();
                };
        reactor.setImmediate(() -> reactor.setTimeout(50, end::run));
        TlsOptions tls = TlsOptions.of(TlsContext.client()).serverName("a.test");
        DnsOptions servers =
                DnsOptions.defaults().servers(new InetSocketAddress(Peers.LOCAL, PORT));
        return List.of(
                net.connect(
                        PORT,
                        Peers.LOCAL,
                        (err, socket) -> {
                            connected.call(err);
                            if (socket != null) {
                                socket.destroy();
                            }
                        }),
                net.createServer(socket -> {})
                        .listen(
                                0,
                                Peers.LOCAL,
                                (err, server) -> {
                                    listening.call(err);
                                    if (server != null) {
                                        server.close(err2 -> {});
                                    }
                                }),
                net.createUdp()
                        .bind(
                                0,
                                Peers.LOCAL,
                                (err, socket) -> {
                                    bound.call(err);
                                    if (socket != null) {
                                        socket.close();
                                    }
                                }),
                peer.connect(PORT, Peers.LOCAL, (err, socket) -> heard("udp").call(err)),
                udp.send("x", PORT, Peers.LOCAL, heard("send")),
                nowhere.connect(PORT, "a.test", (err, none) -> heard("connect name").call(err)),
                nowhere.createServer(socket -> {})
                        .listen(0, "a.test", (err, none) -> heard("listen name").call(err)),
                nowhere.createUdp().bind(0, "a.test", (err, none) -> heard("bind name").call(err)),
                nowhere.createUdp()
                        .connect(PORT, "a.test", (err, none) -> heard("udp name").call(err)),
                udp.send("x", PORT, "a.test", heard("send name")),
                nowhere.lookup(
                        "a.test",
                        LookupOptions.defaults(),
                        (err, none) -> heard("lookup").call(err)),
                Dns.of(net, servers)
                        .resolve("a.test", RecordType.A, (err, none) -> heard("dns").call(err)),
                Dns.of(net, servers)
                        .lookupService(
                                InetAddress.ofLiteral(Peers.LOCAL),
                                PORT,
                                (err, none) -> heard("service").call(err)),
                Tls.of(nowhere)
                        .connect(
                                ConnectOptions.port(PORT).host("a.test"),
                                tls,
                                (err, none) -> heard("tls").call(err)));
    }

    private void assertCauses(int least, Throwable reason) {
        int ended = 0;
        for (Map.Entry<String, ReactorException> call : errors.entrySet()) {
            ReactorException err = call.getValue();
            if (err.code().equals("ECANCELED")) {
                assertSame(reason, err.getCause(), call.getKey() + " " + err);
                ended++;
            }
        }
        assertTrue(ended >= least, ended + " ended: " + errors);
    }

    @EveryEngine
    void abortedBefore_theReasonIsTheCause(EngineKind engine) {
        Exception reason = new IllegalStateException("enough");
        Reactors.run(
                engine,
                reactor -> {
                    AbortController controller = new AbortController(reactor);
                    controller.abort(reason);
                    calls(reactor).forEach(call -> call.abortOn(controller.signal()));
                });
        assertCauses(14, reason);
    }

    @EveryEngine
    void abortedInTheCallOrAfterIt_theReasonIsTheCause(EngineKind engine) {
        for (int after = 0; after < 3; after++) {
            int turns = after;
            Exception reason = new IllegalStateException("enough");
            errors.clear();
            Reactors.run(
                    engine,
                    reactor -> {
                        AbortController controller = new AbortController(reactor);
                        calls(reactor).forEach(call -> call.abortOn(controller.signal()));
                        afterTurns(reactor, turns, () -> controller.abort(reason));
                    });
            assertCauses(turns == 0 ? 14 : 5, reason);
        }
    }

    private static void afterTurns(Reactor reactor, int turns, Runnable then) {
        if (turns == 0) {
            then.run();
        } else {
            reactor.setImmediate(() -> afterTurns(reactor, turns - 1, then));
        }
    }
}
