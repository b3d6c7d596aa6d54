package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.Allocation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What a message costs when everything is warm: no allocation, at most two enters a turn. */
class SteadyStateTest {
    private static final int WARM_UP = 30_000;
    private static final int MEASURED = 5000;

    /** Behind a warm-up with our own clients, which takes less time. */
    private static final int FOREIGN_WARM_UP = 12_000;

    /** System calls are the same from the first message on. */
    private static final int COUNTED = 3000;

    /** For the first use of the measuring itself, and classes that load late. */
    private static final long SLACK_BYTES = 4096;

    private static final int MESSAGE = 64;

    private String poison;

    /** Poison mode makes new buffers on purpose. */
    @BeforeEach
    void withoutPoison() {
        poison = System.setProperty("chime.poison", "false");
    }

    @AfterEach
    void withPoison() {
        if (poison == null) {
            System.clearProperty("chime.poison");
        } else {
            System.setProperty("chime.poison", poison);
        }
    }

    /** Reads a gauge when warm and again at the end. */
    private static final class Gauge {
        private final LongSupplier gauge;
        private final int warmUp;
        private final int measured;
        private long count;
        private long before;
        long spent = -1;

        /** For what is to be compiled before it is measured. */
        Gauge(LongSupplier gauge) {
            this(gauge, WARM_UP, MEASURED);
        }

        Gauge(LongSupplier gauge, int warmUp, int measured) {
            this.gauge = gauge;
            this.warmUp = warmUp;
            this.measured = measured;
        }

        int messages() {
            return warmUp + measured;
        }

        void message() {
            count++;
            if (count == warmUp) {
                before = gauge.getAsLong();
            } else if (count == warmUp + measured) {
                spent = gauge.getAsLong() - before;
            }
        }

        boolean done() {
            return spent >= 0;
        }
    }

    @EngineTest
    void echoToAForeignClient_allocatesNothing(EngineKind engine) {
        Reactors.run(engine, reactor -> bothOurs(reactor, new Gauge(() -> 0, WARM_UP, 1), 50));
        Gauge allocated = new Gauge(Allocation::ofThisThread, FOREIGN_WARM_UP, MEASURED);
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> {
                                        socket.noDelay(true);
                                        socket.onData(data -> {
                                            allocated.message();
                                            socket.write(data);
                                        });
                                    },
                                    (server, port) ->
                                            peers.start(reactor, () -> pingPong(port, allocated))));
        }
        assertTrue(allocated.done());
        assertTrue(allocated.spent <= SLACK_BYTES, allocated.spent + " bytes");
    }

    private static void pingPong(int port, Gauge gauge) throws Exception {
        try (var socket = Peers.connect(port)) {
            Content out = new Content(1);
            Content in = new Content(1);
            byte[] sent = new byte[MESSAGE];
            byte[] received = new byte[MESSAGE];
            for (int i = 0; i < gauge.messages(); i++) {
                out.fill(sent);
                socket.getOutputStream().write(sent);
                assertEquals(MESSAGE, socket.getInputStream().readNBytes(received, 0, MESSAGE));
                in.check(received);
            }
            assertTrue(gauge.done(), "each message came as one");
        }
    }

    @EngineTest
    void pingPongOfTwoOfOurs_allocatesNothing(EngineKind engine) {
        Gauge allocated = new Gauge(Allocation::ofThisThread);
        Reactors.run(engine, reactor -> bothOurs(reactor, allocated, 1));
        assertTrue(allocated.done());
        assertTrue(allocated.spent <= SLACK_BYTES, allocated.spent + " bytes");
    }

    @EngineTest
    void manyConnections_allocateNothing(EngineKind engine) {
        Gauge allocated = new Gauge(Allocation::ofThisThread);
        Reactors.run(engine, reactor -> bothOurs(reactor, allocated, 50));
        assertTrue(allocated.done());
        assertTrue(allocated.spent <= SLACK_BYTES, allocated.spent + " bytes");
    }

    /** Array there, received buffer back, into an array of the client's. */
    private static void bothOurs(Reactor reactor, Gauge gauge, int connections) {
        List<Socket> clients = new ArrayList<>();
        byte[] message = new Content(1).take(MESSAGE);
        Servers.listen(
                reactor,
                Servers::echo,
                (server, port) -> {
                    for (int i = 0; i < connections; i++) {
                        Servers.connect(
                                reactor,
                                port,
                                client -> {
                                    clients.add(client);
                                    client.onRead(
                                            new byte[MESSAGE],
                                            bytes -> {
                                                assertEquals(MESSAGE, bytes);
                                                gauge.message();
                                                if (gauge.done()) {
                                                    end(clients, server);
                                                } else {
                                                    client.write(message);
                                                }
                                                return true;
                                            });
                                    client.write(message);
                                });
                    }
                });
    }

    private static void end(List<Socket> clients, Server server) {
        if (!clients.isEmpty()) {
            clients.forEach(Socket::destroy);
            clients.clear();
            Servers.close(server);
        }
    }

    @EngineTest
    void aMessageOfAForeignClient_costsAtMostTwoEnters(EngineKind engine) {
        String denied = System.getProperty("chime.deny", "");
        assumeTrue(denied.isBlank(), "operations by the pool cost other calls: " + denied);
        Gauge[] enters = new Gauge[1];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        enters[0] = new Gauge(() -> Inside.enters(reactor), 500, COUNTED);
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.noDelay(true);
                                    socket.onData(data -> {
                                        enters[0].message();
                                        socket.write(data);
                                    });
                                },
                                (server, port) ->
                                        peers.start(reactor, () -> pingPong(port, enters[0])));
                    });
        }
        assertTrue(enters[0].spent <= 2.05 * COUNTED, enters[0].spent + " enters");
    }

    @EngineTest
    void manyConnections_shareTheEntersOfATurn(EngineKind engine) {
        Gauge[] enters = new Gauge[1];
        Reactors.run(
                engine,
                reactor -> {
                    enters[0] = new Gauge(() -> Inside.enters(reactor));
                    bothOurs(reactor, enters[0], 50);
                });
        assertTrue(enters[0].done());
        // A queue that holds less than a turn's work is emptied by enters of its own.
        assumeTrue(ReactorOptions.defaults().sqEntries() >= 100);
        assertTrue(enters[0].spent <= MEASURED / 4, enters[0].spent + " enters");
    }
}
