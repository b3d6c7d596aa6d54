package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Census;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** What the end of a loop does to what is open, and that nothing is left behind. */
class EndOfLoopTest {
    private static final int CONNECTIONS = 100;
    private static final byte[] MUCH = new byte[4 << 20];

    @EveryEngine
    void stopWithConnectionsAndWritesInFlight_callsEverybodyOnce(EngineKind engine) {
        int[] flushes = new int[2 * CONNECTIONS];
        int[] closes = new int[2 * CONNECTIONS];
        int[] opened = {0};
        List<String> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> busy(socket, opened[0]++, flushes, closes),
                                (server, port) -> {
                                    for (int i = 0; i < CONNECTIONS; i++) {
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket ->
                                                        busy(socket, opened[0]++, flushes, closes));
                                    }
                                    stopWhenOpen(reactor, opened, order);
                                }));
        assertEquals(2 * CONNECTIONS, opened[0]);
        assertEquals(List.of("stop"), order);
        for (int i = 0; i < 2 * CONNECTIONS; i++) {
            assertEquals(1, flushes[i], "flush of " + i);
            assertEquals(1, closes[i], "close of " + i);
        }
    }

    private static void busy(Socket socket, int number, int[] flushes, int[] closes) {
        socket.onData(data -> assertTrue(data.length() > 0));
        if (number % 3 == 0) {
            socket.pause();
        }
        socket.onClose(err -> {
            assertEquals(1, flushes[number], "flush comes before close");
            closes[number]++;
        });
        socket.write(MUCH);
        socket.write(MUCH);
        socket.flush(err -> flushes[number]++);
    }

    private static void stopWhenOpen(Reactor reactor, int[] opened, List<String> order) {
        if (opened[0] < 2 * CONNECTIONS) {
            reactor.setImmediate(() -> stopWhenOpen(reactor, opened, order));
        } else {
            order.add("stop");
            reactor.stop();
        }
    }

    @EveryEngine
    void stop_callsTheCloseOfAServerThatWaitsForItsConnections(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onClose(err -> calls.add("connection"));
                                    reactor.setTimeout(20, reactor::stop);
                                },
                                (server, port) -> {
                                    Servers.connect(
                                            reactor,
                                            port,
                                            socket -> socket.onClose(err -> calls.add("client")));
                                }));
        assertEquals(2, calls.size());
        assertTrue(calls.containsAll(List.of("connection", "client")));

        calls.clear();
        Reactors.run(
                engine,
                reactor -> {
                    Server[] server = new Server[1];
                    Servers.listen(
                            reactor,
                            socket -> {
                                socket.onClose(err -> calls.add("connection"));
                                server[0].close(err -> calls.add("server " + err));
                                reactor.setTimeout(20, reactor::stop);
                            },
                            (listening, port) -> {
                                server[0] = listening;
                                Servers.connect(reactor, port, socket -> {});
                            });
                });
        assertEquals(List.of("connection", "server null"), calls);
    }

    @EveryEngine
    void aCallbackThatThrows_endsTheLoopAndClosesEverything(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Reactor.Main main =
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {
                                    socket.onClose(err -> calls.add("server's " + err));
                                    socket.onData(data -> {
                                        throw new IllegalStateException("on purpose");
                                    });
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onClose(
                                                            err -> calls.add("client's " + err));
                                                    socket.write("x");
                                                }));
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            IllegalStateException thrown =
                    assertThrows(IllegalStateException.class, () -> Reactors.run(engine, main));
            assertEquals("on purpose", thrown.getMessage());
            assertEquals(1, log.lines().size());
        }
        assertEquals(2, calls.size());
        assertTrue(calls.containsAll(List.of("server's null", "client's null")));
    }

    @EngineTest
    void twoThousandConnections_leaveNothing(EngineKind engine) {
        int each = 1000;
        int[] closed = {0};
        int[] descriptors = new int[2];
        long[] bytes = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.listen(
                                    reactor,
                                    socket -> {
                                        Servers.echo(socket);
                                        socket.onClose(err -> {
                                            closed[0]++;
                                            if (closed[0] == 100 || closed[0] == 1900) {
                                                descriptors[closed[0] / 1900] =
                                                        Census.descriptors().size();
                                            }
                                            bytes[0] += socket.bytesRead();
                                        });
                                    },
                                    (server, port) -> {
                                        int[] running = {each + 1};
                                        Runnable done =
                                                () -> {
                                                    if (--running[0] == 0) {
                                                        Servers.close(server);
                                                    }
                                                };
                                        int[] left = {each};
                                        for (int i = 0; i < 20; i++) {
                                            ourChurn(reactor, port, left, done);
                                        }
                                        peers.start(
                                                reactor,
                                                () -> {
                                                    foreignChurn(port, each);
                                                    reactor.execute(done);
                                                });
                                    }));
        }
        assertEquals(2 * each, closed[0]);
        assertTrue(
                descriptors[1] <= descriptors[0] + 30,
                descriptors[0] + " and later " + descriptors[1]);
        assertTrue(bytes[0] >= each * 10L);
    }

    /** One connection after the other: every third is destroyed, the others end. */
    private static void ourChurn(Reactor reactor, int port, int[] left, Runnable done) {
        if (left[0] == 0) {
            return;
        }
        int number = left[0]--;
        Servers.connect(
                reactor,
                port,
                socket -> {
                    Content content = new Content(number);
                    socket.onData(data -> {
                        content.check(data);
                        if (number % 3 == 0) {
                            socket.destroy();
                        } else {
                            socket.end();
                        }
                    });
                    socket.onClose(err -> {
                        assertNull(err);
                        assertEquals(10, content.position());
                        done.run();
                        ourChurn(reactor, port, left, done);
                    });
                    socket.write(new Content(number).take(10));
                });
    }

    /** Resets, so that none of them lingers in TIME_WAIT. */
    private static void foreignChurn(int port, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            java.net.Socket socket = Peers.connect(port);
            try {
                if (i % 2 == 1 || i == count - 1) { // the last is known to have been accepted
                    socket.getOutputStream().write(new Content(i).take(10));
                    Peers.read(socket, new Content(i), 10);
                }
            } finally {
                Peers.reset(socket);
            }
        }
    }
}
