package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Servers;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Connections of a simulated network: errors that no kernel gives on demand, and repeatable runs.
 */
class SimulatedNetworkTest {
    private static final int BYTES = 300_000;
    private static final int CLIENTS = 5;

    private static String code(ReactorException err) {
        return err == null ? "ok" : err.code();
    }

    /** A64: what a socket, a bind or a listen meets arrives at the callback of listen. */
    @ParameterizedTest
    @EnumSource(names = {"EINTR", "EACCES", "ENOSPC", "EMFILE", "EIO"})
    void errnosOfListening_reachTheCallback(Errno errno) {
        for (Target target : List.of(Target.SOCKET, Target.BIND, Target.LISTEN)) {
            Simulation simulation = Simulation.seeded(1).fail(target, errno, When.always());
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Net.of(reactor)
                                    .createServer(socket -> {})
                                    .listen(0, "127.0.0.1", (err, server) -> heard.add(code(err))));
            assertEquals(List.of(errno.name()), heard, target.name());
        }
    }

    @Test
    void machineWithoutIpv6_listensOnEveryAddressOfIpv4() {
        Simulation simulation =
                Simulation.seeded(1).fail(Target.SOCKET, Errno.EAFNOSUPPORT, When.nth(1));
        List<Object> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        7000,
                                        (err, server) -> {
                                            heard.add(server.address());
                                            Servers.close(server);
                                        }));
        assertEquals(List.of(new InetSocketAddress("0.0.0.0", 7000)), heard);
    }

    /** A64: what a socket or a connect meets arrives at the callback of connect. */
    @ParameterizedTest
    @EnumSource(names = {"EINTR", "ETIMEDOUT", "ENETUNREACH", "EMFILE", "EIO"})
    void errnosOfConnecting_reachTheCallback(Errno errno) {
        for (Target target : List.of(Target.SOCKET, Target.CONNECT)) {
            Simulation simulation = Simulation.seeded(1).fail(target, errno, When.always());
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            80,
                                            "127.0.0.1",
                                            (err, socket) -> heard.add(code(err))));
            assertEquals(List.of(errno.name()), heard, target.name());
        }
    }

    /** A64: what a receive or a send meets ends the connection, and its close says so. */
    @ParameterizedTest
    @EnumSource(names = {"EINTR", "ECONNRESET", "ETIMEDOUT", "ENOBUFS", "EIO"})
    void errnosOfTransfers_reachTheClose(Errno errno) {
        for (Target target : List.of(Target.RECEIVE, Target.SEND)) {
            Simulation simulation = Simulation.seeded(1).fail(target, errno, When.nth(1));
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    simulation.options(),
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> {}, // neither reads nor writes
                                    (server, port) ->
                                            Servers.connect(
                                                    reactor,
                                                    port,
                                                    socket -> {
                                                        socket.onClose(err -> {
                                                            heard.add(code(err));
                                                            reactor.stop();
                                                        });
                                                        if (target == Target.SEND) {
                                                            socket.write("text");
                                                        } else {
                                                            socket.onData(data -> {});
                                                        }
                                                    })));
            assertEquals(List.of(errno.name()), heard, target.name());
        }
    }

    @Test
    void failedAccept_isTriedAgain_afterAWhile() {
        Simulation simulation = Simulation.seeded(1).fail(Target.ACCEPT, Errno.EMFILE, When.nth(1));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                simulation.options(),
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    heard.add("accepted");
                                    socket.end("hello");
                                    socket.resume();
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(
                                                            data -> heard.add(data.length() + ""));
                                                    socket.onClose(err -> heard.add(code(err)));
                                                })));
        assertEquals(List.of("accepted", "5", "ok"), heard);
        assertTrue(simulation.nanoTime() >= Duration.ofMillis(100).toNanos());
    }

    @Test
    void everythingArrives_howeverShortTheTransfers() {
        Simulation simulation = Simulation.seeded(1);
        simulation.shorten(Target.SEND, When.chance(0.5)).shorten(Target.RECEIVE, When.chance(0.1));
        assertEquals(CLIENTS * (long) BYTES, echoed(simulation));
    }

    @Test
    void sameSeed_sameRun() {
        Simulation[] runs = {Simulation.seeded(9), Simulation.seeded(9), Simulation.seeded(10)};
        for (Simulation simulation : runs) {
            simulation.shorten(Target.SEND, When.chance(0.2));
            echoed(simulation);
        }
        assertEquals(runs[0].fingerprint(), runs[1].fingerprint());
        assertTrue(runs[0].fingerprint() != runs[2].fingerprint());
    }

    /** Clients send to an echo server and read all of it back; how many bytes that was. */
    private static long echoed(Simulation simulation) {
        long[] received = {0};
        Reactors.run(
                simulation.options(),
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) -> {
                                    int[] open = {CLIENTS};
                                    for (int i = 0; i < CLIENTS; i++) {
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(
                                                            data -> received[0] += data.length());
                                                    socket.onClose(err -> {
                                                        assertEquals("ok", code(err));
                                                        if (--open[0] == 0) {
                                                            Servers.close(server);
                                                        }
                                                    });
                                                    socket.write(new byte[BYTES]);
                                                    socket.end();
                                                });
                                    }
                                }));
        return received[0];
    }
}
