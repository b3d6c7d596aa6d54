package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Fifty connections at a time that write, pause, end, break off and get reset at random. {@code
 * -Dchime.seed} repeats the choices of a run, {@code -Dchime.soakMillis} sets its length.
 */
class SoakTest {
    private static final int CONNECTIONS = 50;
    private static final long MILLIS = Long.getLong("chime.soakMillis", 1500);

    @EngineTest
    void randomUse_keepsEveryPromise(EngineKind engine) {
        long seed = Long.getLong("chime.seed", new SplittableRandom().nextLong());
        System.out.println("soak on " + engine + ": -Dchime.seed=" + seed);
        Soak[] soak = new Soak[1];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.listen(
                                    reactor,
                                    socket -> soak[0].accepted(socket),
                                    (server, port) -> {
                                        soak[0] = new Soak(reactor, peers, server, port, seed);
                                        soak[0].start();
                                    }));
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed, t);
        }
        assertEquals(soak[0].opened, soak[0].ended);
        assertEquals(soak[0].sides, soak[0].closed);
        assertTrue(soak[0].opened > CONNECTIONS, soak[0].opened + " connections");
    }

    private static final class Soak {
        final Reactor reactor;
        final Peers peers;
        final Server server;
        final int port;
        final SplittableRandom random;
        final long end = System.nanoTime() + MILLIS * 1_000_000;
        final Map<Integer, SoakLink> links = new HashMap<>();
        int opened;
        int ended;
        int sides;
        int closed;

        Soak(Reactor reactor, Peers peers, Server server, int port, long seed) {
            this.reactor = reactor;
            this.peers = peers;
            this.server = server;
            this.port = port;
            random = new SplittableRandom(seed);
        }

        void start() {
            for (int i = 0; i < CONNECTIONS; i++) {
                open();
            }
        }

        void open() {
            SoakLink link = new SoakLink(opened++, random.nextLong());
            links.put(link.id, link);
            if (random.nextBoolean()) {
                Servers.connect(reactor, port, socket -> connected(socket, link));
            } else {
                peers.start(
                        reactor,
                        () -> {
                            link.foreign(port);
                            reactor.execute(this::done);
                        });
            }
        }

        /** A client has come to its end: another takes its place, or all of them are done. */
        void done() {
            ended++;
            if (System.nanoTime() < end) {
                open();
            } else if (ended == opened) {
                Servers.close(server);
            }
        }

        void connected(Socket socket, SoakLink link) {
            sides++;
            socket.write(link.greeting());
            SoakSide side = new SoakSide(reactor, socket, link, true);
            side.start(() -> {
                closed++;
                done();
            });
        }

        /** Learns from the first bytes which connection it is; one that is reset may not say. */
        void accepted(Socket socket) {
            ByteBuffer greeting = ByteBuffer.allocate(SoakLink.GREETING_BYTES);
            socket.onData(data -> {
                int more = Math.min(greeting.remaining(), data.length());
                greeting.put(data.asByteBuffer().limit(more));
                if (greeting.hasRemaining()) {
                    return;
                }
                sides++;
                SoakLink link = links.remove(greeting.getInt(0));
                SoakSide side = new SoakSide(reactor, socket, link, false);
                side.start(() -> closed++);
                Buffer rest = data.slice(more, data.length() - more);
                side.data(rest);
                rest.release();
            });
        }
    }
}
