package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fifty connections at a time that write, pause, end, break off and get reset at random.
 * {@code -Dchime.seed} repeats the choices of a run, {@code -Dchime.soakMillis} sets its length.
 */
class SoakTest {
    private static final int CONNECTIONS = 50;
    private static final long MILLIS = Long.getLong("chime.soakMillis", 5000);

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
        final Map<Integer, SoakLink> links = new ConcurrentHashMap<>();
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
            opened++;
            SoakLink link = new SoakLink(random.nextLong());
            if (random.nextBoolean()) {
                Servers.connect(reactor, port, socket -> connected(socket, link.seed));
            } else {
                peers.start(
                        reactor,
                        () -> {
                            link.foreign(port, from -> announce(from, link));
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

        /** On the client's thread, before it connects. */
        private void announce(int from, SoakLink link) {
            link.hasClient = true;
            links.put(from, link);
        }

        private SoakLink link(int clientPort, boolean client, long seed) {
            SoakLink link = links.get(clientPort);
            if (link == null || (client ? link.hasClient : link.hasServer)) {
                link = new SoakLink(seed);
                links.put(clientPort, link);
            }
            sides++;
            return link;
        }

        void connected(Socket socket, long seed) {
            SoakLink link = link(socket.localAddress().getPort(), true, seed);
            link.hasClient = true;
            new SoakSide(
                    reactor,
                    socket,
                    link.seed,
                    true,
                    link,
                    () -> {
                        closed++;
                        done();
                    });
        }

        void accepted(Socket socket) {
            InetSocketAddress remote = socket.remoteAddress();
            if (remote == null) {
                socket.destroy(); // it was reset before it was accepted: nobody knows by whom
                return;
            }
            SoakLink link = link(remote.getPort(), false, random.nextLong());
            link.hasServer = true;
            new SoakSide(reactor, socket, link.seed, false, link, () -> closed++);
        }
    }
}
