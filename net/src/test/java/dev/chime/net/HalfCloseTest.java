package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.function.Executable;

/** How the two directions end: data, end, close, each once and in this order. */
class HalfCloseTest {
    private static final int MANY = 5_000_000;

    @EngineTest
    void peerShutsDownItsOutput_ourDataStillReachesIt(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    Content received = new Content(1);
                    journal[0] = Journal.reading(socket, received);
                    socket.onEnd(() -> {
                        assertEquals(1000, received.position());
                        assertFalse(socket.write(new Content(2).take(MANY)));
                        socket.flush(err -> {
                            assertNull(err);
                            journal[0].add("flushed");
                        });
                    });
                },
                client -> {
                    client.getOutputStream().write(new Content(1).take(1000));
                    client.shutdownOutput();
                    assertEquals(MANY, Peers.readToEnd(client, new Content(2)));
                });
        assertEquals(List.of("data", "end", "drain", "flushed", "close"), journal[0].events());
        assertNull(journal[0].error());
    }

    @EngineTest
    void serverEndsFirst_clientCanStillSendUntilItsEnd(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Content received = new Content(3);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, received);
                    socket.end("bye");
                },
                client -> {
                    byte[] bye = client.getInputStream().readAllBytes();
                    assertEquals("bye", new String(bye, UTF_8));
                    Content sent = new Content(3);
                    for (int i = 0; i < 100; i++) {
                        client.getOutputStream().write(sent.take(10_000));
                    }
                });
        assertEquals(1_000_000, received.position());
        assertEquals(List.of("data", "end", "close"), journal[0].events());
        assertNull(journal[0].error());
    }

    @EngineTest
    void endedWithoutADataHandler_closesWhenThePeerEnds(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.end("bye");
                },
                client -> assertEquals(3, client.getInputStream().readAllBytes().length));
        assertEquals(List.of("end", "close"), journal[0].events());
    }

    @EngineTest
    void endedWithoutADataHandler_keepsWhatArrivesForALaterOne(EngineKind engine) {
        Content received = new Content(3);
        Journal[] journal = new Journal[1];
        CountDownLatch sent = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.end("bye");
                    socket.flush(err -> {
                        assertNull(err);
                        Peers.await(sent); // the loop stands still meanwhile
                        reactor.setImmediate(() -> {
                            journal[0].add("reading");
                            socket.onData(received::check);
                        });
                    });
                },
                client -> {
                    client.getOutputStream().write(new Content(3).take(100_000));
                    client.shutdownOutput();
                    sent.countDown();
                    client.getInputStream().readAllBytes();
                });
        assertEquals(100_000, received.position());
        assertEquals(List.of("reading", "end", "close"), journal[0].events());
    }

    @EngineTest
    void peerEndsFirst_theCloseIsOurEnd(EngineKind engine) {
        long[] shutdowns = {-1};
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, new Content(5));
                    socket.onEnd(() -> {
                        socket.write(new Content(6).take(MANY));
                        socket.flush(err -> journal[0].add("flushed"));
                    });
                    reactor.onExit(() -> shutdowns[0] = submitted(reactor, "SHUTDOWN"));
                },
                client -> {
                    client.getOutputStream().write(new Content(5).take(1000));
                    client.shutdownOutput();
                    assertEquals(MANY, Peers.readToEnd(client, new Content(6)));
                });
        assertEquals(List.of("data", "end", "drain", "flushed", "close"), journal[0].events());
        assertNull(journal[0].error());
        assertEquals(0, shutdowns[0], "an operation that serves nothing");
    }

    private static long submitted(Reactor reactor, String operation) {
        return reactor.metrics().operation(operation).submitted();
    }

    @EngineTest
    void end_goesBehindWhatIsQueued(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, new Content(0));
                    socket.write(new Content(4).take(MANY));
                    socket.end();
                    socket.end();
                    socket.flush(err -> {
                        assertNull(err);
                        journal[0].add("flushed");
                    });
                },
                client -> assertEquals(MANY, Peers.readToEnd(client, new Content(4))));
        assertEquals(List.of("drain", "flushed", "end", "close"), journal[0].events());
    }

    @EngineTest
    void writeAfterEnd_throws(EngineKind engine) {
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    socket.write("last");
                    socket.end();
                    assertAfterEnd(() -> socket.write("x"));
                    assertAfterEnd(() -> socket.write(new byte[1]));
                    assertAfterEnd(() -> socket.write(ByteBuffer.allocate(1)));
                    assertAfterEnd(() -> socket.end("x"));
                    socket.onEnd(() -> assertAfterEnd(() -> socket.write("x")));
                },
                client -> assertEquals(4, client.getInputStream().readAllBytes().length));
    }

    private static void assertAfterEnd(Executable call) {
        String message = assertThrows(IllegalStateException.class, call).getMessage();
        assertTrue(message.contains("write after end"), message);
    }

    @EngineTest
    void writeAfterThePeersEnd_isRefusedAndFlushSaysSo(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    socket.onEnd(() -> {
                        socket.write(new Content(5).take(MANY));
                        socket.flush(err -> calls.add("in time " + err));
                        reactor.setImmediate(() -> late(socket, calls));
                    });
                    socket.onClose(err -> calls.add("close " + err));
                },
                client -> {
                    client.shutdownOutput();
                    assertEquals(MANY, Peers.readToEnd(client, new Content(5)));
                });
        assertEquals(List.of("in time null", "late EPIPE", "close null"), calls);
    }

    private static void late(Socket socket, List<String> calls) {
        assertFalse(socket.write("too late"));
        socket.flush(err -> {
            calls.add("late " + err.code());
            assertTrue(
                    err.getMessage().endsWith(": This socket has been ended by the other party"),
                    err.getMessage());
        });
    }

    @EngineTest
    void endAndClose_comeOnceThoughDataAndEndArriveTogether(EngineKind engine) {
        for (int size : new int[] {0, 1, 100, 70_000, 1_000_000}) {
            Journal[] journal = new Journal[1];
            Content received = new Content(size);
            Foreign.run(
                    engine,
                    (reactor, socket) -> journal[0] = Journal.reading(socket, received),
                    client -> client.getOutputStream().write(new Content(size).take(size)));
            assertEquals(size, received.position());
            List<String> expected = new ArrayList<>(List.of("data", "end", "close"));
            if (size == 0) {
                expected.removeFirst();
            }
            assertEquals(expected, journal[0].events(), "size " + size);
        }
    }

    @EngineTest
    void peerReset_comesOnceAsTheError(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Content received = new Content(6);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, received);
                    socket.write("go");
                },
                client -> {
                    client.getOutputStream().write(new Content(6).take(1000));
                    client.getInputStream().readNBytes(2);
                    Peers.reset(client);
                });
        assertEquals("close ECONNRESET", journal[0].events().getLast());
        assertEquals(1, journal[0].events().stream().filter(e -> e.startsWith("close")).count());
        assertEquals(0, journal[0].count("end"));
        String message = journal[0].error().getMessage();
        assertTrue(message.startsWith("read ECONNRESET"), message);
    }

    @EngineTest
    void peerResetWhilePausedAndEnded_isTheError(EngineKind engine) {
        Journal[] journal = new Journal[1];
        CountDownLatch paused = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.reading(socket, new Content(0));
                    socket.pause();
                    reactor.setTimeout(
                            50, // by now the byte has come, and nobody receives any more
                            () -> {
                                paused.countDown();
                                Peers.await(reset); // end() finds no connection to shut down
                                socket.end();
                            });
                },
                client -> {
                    client.getOutputStream().write(1);
                    Peers.await(paused);
                    Peers.reset(client);
                    reset.countDown();
                });
        assertEquals(List.of("close ECONNRESET"), journal[0].events());
    }

    @EngineTest
    void peerResetWithoutACloseHandler_isNobodysBusiness(EngineKind engine) {
        int[] served = {0};
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.listen(
                                    reactor,
                                    Servers::echo,
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        for (int i = 0; i < 20; i++) {
                                                            served[0] += resetAndEcho(port);
                                                        }
                                                        reactor.execute(
                                                                () -> Servers.close(server));
                                                    })));
        }
        assertEquals(20, served[0]);
    }

    private static int resetAndEcho(int port) throws Exception {
        try (var bad = Peers.connect(port);
                var good = Peers.connect(port)) {
            bad.getOutputStream().write(new byte[50_000]);
            Peers.reset(bad);
            good.getOutputStream().write(new Content(7).take(100));
            Peers.read(good, new Content(7), 100);
        }
        return 1;
    }

    @EngineTest
    void writeAfterThePeersReset_isRefusedAndFlushSaysSo(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    socket.onClose(err -> {
                        calls.add("close " + err.code());
                        assertFalse(socket.write("too late"));
                        assertFalse(socket.write(new byte[0]));
                        socket.flush(error -> {
                            ReactorException gone = assertInstanceOf(ReactorException.class, error);
                            calls.add("flush " + gone.code());
                        });
                        assertEquals(List.of("close ECONNRESET"), calls);
                        socket.pause();
                        socket.resume();
                        socket.end();
                        socket.destroy();
                        socket.unref();
                        socket.ref();
                    });
                },
                Peers::reset);
        assertEquals(List.of("close ECONNRESET", "flush ECONNRESET"), calls);
    }

    @EngineTest
    void peerResetWithWritesQueued_failsTheirFlushesBeforeTheClose(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    for (int i = 0; i < 4; i++) {
                        int number = i;
                        socket.write(new byte[8 << 20]);
                        socket.flush(err -> calls.add(number + ok(err)));
                    }
                    socket.onClose(err -> calls.add("close" + ok(err)));
                },
                client -> {
                    client.getInputStream().readNBytes(1000);
                    Peers.reset(client);
                });
        assertEquals(
                List.of("0 failed", "1 failed", "2 failed", "3 failed", "close failed"), calls);
    }

    private static String ok(ReactorException err) {
        if (err != null) {
            assertTrue(List.of("ECONNRESET", "EPIPE").contains(err.code()), err::toString);
        }
        return err == null ? " ok" : " failed";
    }
}
