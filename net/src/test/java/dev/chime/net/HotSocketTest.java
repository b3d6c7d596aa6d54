package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.Census;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Sockets with so many sends that the ring registers them. */
class HotSocketTest {
    private static final int HOT = 80;
    private static final int MANY = 16 << 20;

    /** Has so many bytes echoed, one after the other, that the other side's socket is hot. */
    private static void heat(java.net.Socket socket) throws IOException {
        Content sent = new Content(3);
        Content echoed = new Content(3);
        for (int i = 1; i <= HOT; i++) {
            socket.getOutputStream().write(sent.take(i));
            Peers.read(socket, echoed, i);
        }
    }

    @Test
    void theRingKnowsTheSocket_untilItIsClosed() {
        assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        List<String> told = new ArrayList<>();
        Foreign.run(
                EngineKind.URING,
                (reactor, socket) -> {
                    told.add(Census.rings());
                    Servers.echo(socket);
                    socket.onEnd(() -> told.add(Census.rings()));
                    socket.onClose(err -> told.add(Census.rings()));
                },
                HotSocketTest::heat);
        assertEquals(3, told.size());
        assumeTrue(told.get(1).contains("UserFiles:\t4352"), "older than Linux 6.13");
        assertFalse(told.get(0).contains("socket:"), () -> told.get(0));
        assertTrue(told.get(1).contains("socket:"), () -> told.get(1));
        assertFalse(told.get(2).contains("socket:"), () -> told.get(2));
    }

    @EngineTest
    void numbersAreUsedAgain_andNoByteGoesToAnother(EngineKind engine) {
        int rounds = 12;
        int[] left = {rounds};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] listening = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    Servers.echo(socket);
                                    if (--left[0] == 0) {
                                        Servers.close(listening[0]);
                                    }
                                },
                                (server, port) -> {
                                    listening[0] = server;
                                    peers.start(reactor, () -> oneAfterTheOther(port, rounds));
                                });
                    });
        }
        assertEquals(0, left[0]);
    }

    private static void oneAfterTheOther(int port, int rounds) throws IOException {
        for (int i = 0; i < rounds; i += 2) {
            try (var first = Peers.connect(port);
                    var second = Peers.connect(port)) {
                heat(first);
                heat(second);
            }
        }
    }

    @EngineTest
    void theEndOfOne_doesNotWaitForTheSlowPeerOfAnother(EngineKind engine) {
        List<Socket> sockets = new ArrayList<>();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] listening = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    sockets.add(socket);
                                    Servers.echo(socket);
                                    if (sockets.size() == 2) {
                                        Servers.close(listening[0]);
                                    }
                                },
                                (server, port) -> {
                                    listening[0] = server;
                                    peers.start(
                                            reactor, () -> slowAndQuick(reactor, port, sockets));
                                });
                    });
        }
        assertEquals(2, sockets.size());
    }

    private static void slowAndQuick(Reactor reactor, int port, List<Socket> sockets)
            throws Exception {
        try (var slow = Peers.connect(port)) {
            heat(slow);
            try (var quick = Peers.connect(port)) {
                heat(quick);
                CountDownLatch ended = new CountDownLatch(1);
                reactor.execute(() -> {
                    sockets.get(0).end(new Content(4).take(MANY));
                    sockets.get(1).end();
                    ended.countDown();
                });
                Peers.await(ended);
                assertEquals(-1, quick.getInputStream().read());
            }
            Peers.read(slow, new Content(4), MANY);
            assertEquals(-1, slow.getInputStream().read());
        }
    }

    @EngineTest
    void destroyedWhileASendWaits_givesTheFlushBack(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    long hot = (long) HOT * (HOT + 1) / 2;
                    socket.onClose(err -> {
                        calls.add("close " + err);
                        closed.countDown();
                    });
                    socket.onData(data -> {
                        socket.write(data);
                        if (socket.bytesRead() == hot) {
                            socket.write(new byte[MANY]);
                            socket.flush(err -> calls.add("flush " + err.code()));
                            reactor.setTimeout(20, socket::destroy);
                        }
                    });
                },
                client -> {
                    heat(client);
                    Peers.await(closed);
                });
        assertEquals(List.of("flush ECANCELED", "close null"), calls);
    }
}
