package dev.chime.net.testing;

import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.net.Net;
import dev.chime.net.Udp;
import dev.chime.net.UdpOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;

/** UDP sockets that are bound to a port of the loopback address. */
public final class UdpServers {
    /** What a test does with a bound socket. */
    @FunctionalInterface
    public interface Bound {
        /** Runs when the socket is bound, to {@code address}. */
        void use(Reactor reactor, Udp server, InetSocketAddress address) throws Exception;
    }

    private UdpServers() {}

    /** Runs a loop with a socket bound. */
    public static void bound(EngineKind engine, Bound body) {
        bound(engine, UdpOptions.ip4(), body);
    }

    /** Runs a loop with a socket bound that these options make. */
    public static void bound(EngineKind engine, UdpOptions options, Bound body) {
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createUdp(options)
                                .bind(
                                        0,
                                        options.ipv6() ? "::1" : "127.0.0.1",
                                        (err, server) -> {
                                            assertNull(err);
                                            body.use(reactor, server, server.address());
                                        }));
    }
}
