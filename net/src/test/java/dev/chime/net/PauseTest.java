package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;

/** pause and resume: nothing comes meanwhile, and nothing is lost. */
class PauseTest {
    private static final int MUCH = 32 << 20;

    @EngineTest
    void whilePaused_noByteComesAndThePeerIsHeldBack(EngineKind engine) {
        Content received = new Content(1);
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        assertFalse(journal[0].events().getLast().equals("paused"));
                        journal[0].data();
                        received.check(data);
                        if (received.position() < 1 << 20) {
                            return;
                        }
                        if (journal[0].count("paused") == 0) {
                            journal[0].add("paused");
                            socket.pause();
                            reactor.setTimeout(
                                    200,
                                    () -> {
                                        long kept = socket.bytesRead() - received.position();
                                        assertTrue(kept < 8 << 20, "keeps " + kept);
                                        int chunks = Inside.chunksInUse(reactor);
                                        assertTrue(chunks < 100, chunks + " in use");
                                        journal[0].add("resumed");
                                        socket.resume();
                                    });
                        }
                    });
                    journal[0].add("connected");
                },
                client -> client.getOutputStream().write(new Content(1).take(MUCH)));
        assertEquals(MUCH, received.position());
        assertEquals(
                List.of("connected", "data", "paused", "resumed", "data", "end", "close"),
                journal[0].events());
    }

    @EngineTest
    void insideEveryOnData_deliversOneBufferAtATime(EngineKind engine) {
        Content received = new Content(2);
        boolean[] paused = {false};
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        assertFalse(paused[0], "data while paused");
                        received.check(data);
                        paused[0] = true;
                        socket.pause();
                        reactor.setImmediate(() -> {
                            paused[0] = false;
                            socket.resume();
                        });
                    });
                },
                client -> client.getOutputStream().write(new Content(2).take(5_000_000)));
        assertEquals(5_000_000, received.position());
        assertEquals(List.of("end", "close"), journal[0].events());
    }

    @EngineTest
    void pauseAndResumeAtRandom_losesNothing(EngineKind engine) {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        Content received = new Content(seed);
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    boolean[] paused = {false};
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        assertFalse(paused[0], "data while paused");
                        received.check(data);
                    });
                    reactor.setInterval(
                                    1,
                                    () -> {
                                        for (int i = random.nextInt(4); i > 0; i--) {
                                            paused[0] = random.nextBoolean();
                                            if (paused[0]) {
                                                socket.pause();
                                            } else {
                                                socket.resume();
                                            }
                                        }
                                    })
                            .unref();
                },
                client -> client.getOutputStream().write(new Content(seed).take(MUCH)));
        assertEquals(MUCH, received.position(), "seed " + seed);
        assertEquals(List.of("end", "close"), journal[0].events());
    }

    @EngineTest
    void resumedByTheOthersData_keepsTheOrder(EngineKind engine) {
        // Kept data and data of the same batch meet when the resume comes between them.
        Socket[] sockets = new Socket[2];
        Content[] received = {new Content(6), new Content(6)};
        boolean[] ended = new boolean[2];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] server = new Server[1];
                        Servers.listen(
                                reactor,
                                socket -> {
                                    int me = sockets[0] == null ? 0 : 1;
                                    sockets[me] = socket;
                                    if (me == 1) {
                                        Servers.close(server[0]);
                                        alternate(sockets, received, ended);
                                    }
                                },
                                (listening, port) -> {
                                    server[0] = listening;
                                    peers.start(reactor, () -> send(port));
                                    peers.start(reactor, () -> send(port));
                                });
                    });
        }
        assertEquals(MUCH, received[0].position());
        assertEquals(MUCH, received[1].position());
    }

    private static void alternate(Socket[] sockets, Content[] received, boolean[] ended) {
        for (int i = 0; i < 2; i++) {
            int me = i;
            Socket other = sockets[1 - me];
            sockets[me].onData(data -> {
                received[me].check(data);
                if (!ended[1 - me]) {
                    sockets[me].pause();
                    other.resume();
                }
            });
            sockets[me].onEnd(() -> {
                ended[me] = true;
                other.resume();
            });
        }
    }

    private static void send(int port) throws Exception {
        try (var socket = Peers.connect(port)) {
            Content content = new Content(6);
            while (content.position() < MUCH) {
                socket.getOutputStream().write(content.take(4096));
            }
        }
    }

    @EngineTest
    void endWhilePaused_comesAfterTheResume(EngineKind engine) {
        Content received = new Content(3);
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, received);
                    socket.pause();
                    reactor.setTimeout(
                            100,
                            () -> {
                                assertEquals(List.of(), journal[0].events());
                                journal[0].add("resumed");
                                socket.resume();
                            });
                },
                client -> client.getOutputStream().write(new Content(3).take(1000)));
        assertEquals(1000, received.position());
        assertEquals(List.of("resumed", "data", "end", "close"), journal[0].events());
    }

    @EngineTest
    void endAlone_whilePaused_comesAfterTheResume(EngineKind engine) {
        Journal[] journal = new Journal[1];
        CountDownLatch paused = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, new Content(0));
                    reactor.setTimeout(
                            5,
                            () -> {
                                socket.pause();
                                paused.countDown();
                            });
                    reactor.setTimeout(
                            100,
                            () -> {
                                assertEquals(List.of(), journal[0].events());
                                journal[0].add("resumed");
                                socket.resume();
                            });
                },
                client -> paused.await());
        assertEquals(List.of("resumed", "end", "close"), journal[0].events());
    }

    @EngineTest
    void dataBeforeTheHandler_isNotLost(EngineKind engine) {
        Content received = new Content(4);
        Journal[] journal = new Journal[1];
        CountDownLatch sent = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    Peers.await(sent); // all of it is here before anybody asks
                    reactor.setTimeout(20, () -> journal[0] = Journal.reading(socket, received));
                },
                client -> {
                    client.getOutputStream().write(new Content(4).take(100_000));
                    client.shutdownOutput();
                    sent.countDown();
                    client.getInputStream().readAllBytes();
                });
        assertEquals(100_000, received.position());
        assertEquals(List.of("data", "end", "close"), journal[0].events());
    }

    @EngineTest
    void anotherHandler_takesOverWithoutAGap(EngineKind engine) {
        Content received = new Content(5);
        int[] calls = new int[2];
        Foreign.run(
                engine,
                (reactor, socket) ->
                        socket.onData(data -> {
                            calls[0]++;
                            received.check(data);
                            socket.onData(more -> {
                                calls[1]++;
                                received.check(more);
                            });
                        }),
                client -> client.getOutputStream().write(new Content(5).take(1_000_000)));
        assertEquals(1_000_000, received.position());
        assertEquals(1, calls[0]);
        assertTrue(calls[1] > 0);
    }

    @EveryEngine
    void whatAResumedHandlerWrites_leavesAtOnce(EngineKind engine) {
        // The data was kept; nothing else happens that could wake the loop.
        boolean[] echoed = {false};
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                ours -> {
                                    Servers.echo(ours);
                                    reactor.nextTick(ours::pause);
                                    reactor.setTimeout(50, ours::resume);
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                client -> {
                                                    client.onData(data -> {
                                                        echoed[0] = true;
                                                        client.end();
                                                    });
                                                    client.write("ping");
                                                })));
        assertTrue(echoed[0]);
    }

    @EngineTest
    void resumedWithoutAHandler_dropsWhatComes(EngineKind engine) {
        Journal[] journal = new Journal[1];
        long[] read = new long[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.resume();
                    socket.onEnd(() -> read[0] = socket.bytesRead());
                },
                client -> client.getOutputStream().write(new byte[3_000_000]));
        assertEquals(3_000_000, read[0]);
        assertEquals(List.of("end", "close"), journal[0].events());
    }
}
