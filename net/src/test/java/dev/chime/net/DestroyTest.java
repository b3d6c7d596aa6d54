package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** destroy: at once, once, and silence afterwards. */
class DestroyTest {
    private static final int MANY = 16 << 20;

    /** Reads what comes, however the connection ends. */
    private static void readAndForgive(java.net.Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("reset"), e::getMessage);
        }
    }

    @EngineTest
    void withWritesQueued_flushesFailBeforeTheClose(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onClose(err -> {
                        calls.add("close " + err);
                        closed.countDown();
                    });
                    for (int i = 0; i < 4; i++) {
                        String name = "flush " + i + " ";
                        socket.write(new byte[MANY]);
                        socket.flush(err -> calls.add(name + err.code()));
                    }
                    reactor.setTimeout(
                            20,
                            () -> {
                                socket.destroy();
                                assertTrue(socket.isDestroyed());
                                socket.destroy();
                                assertFalse(socket.write("x"));
                                socket.flush(err -> calls.add("flush 4 " + err.code()));
                                assertEquals(List.of(), calls, "called inside the call");
                            });
                },
                client -> {
                    client.getInputStream().readNBytes(1000);
                    Peers.await(closed);
                });
        assertEquals(
                List.of(
                        "flush 0 ECANCELED",
                        "flush 1 ECANCELED",
                        "flush 2 ECANCELED",
                        "flush 3 ECANCELED",
                        "flush 4 ECANCELED",
                        "close null"),
                calls);
    }

    @EngineTest
    void withAnError_givesItToFlushesAndClose(EngineKind engine) {
        ReactorException reason = new ReactorException("ERR_BORED", "enough of this");
        List<ReactorException> heard = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onData(data -> {});
                    socket.onClose(heard::add);
                    socket.write(new byte[MANY]);
                    socket.flush(heard::add);
                    socket.destroy(reason);
                    socket.destroy(new ReactorException("ERR_LATE", "too late to count"));
                },
                DestroyTest::readAndForgive);
        assertEquals(2, heard.size());
        assertSame(reason, heard.get(0));
        assertSame(reason, heard.get(1));
    }

    @EngineTest
    void insideOnConnection_closesAtOnce(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    Journal.reading(socket, new Content(0));
                    socket.onClose(err -> calls.add("close " + err));
                    socket.destroy();
                },
                DestroyTest::readAndForgive);
        assertEquals(List.of("close null"), calls);
    }

    @EngineTest
    void insideOnData_nothingFollowsButTheClose(EngineKind engine) {
        Journal[] journal = new Journal[1];
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch all = new CountDownLatch(1);
        int[] calls = {0};
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        calls[0]++;
                        first.countDown();
                        Peers.await(all); // more data and the end have arrived by now
                        socket.destroy();
                    });
                },
                client -> {
                    client.getOutputStream().write(new byte[100]);
                    Peers.await(first);
                    client.getOutputStream().write(new byte[1000]);
                    client.shutdownOutput();
                    all.countDown();
                    readAndForgive(client);
                });
        assertEquals(1, calls[0]);
        assertEquals(List.of("close"), journal[0].events());
    }

    @EngineTest
    void insideOnData_theEndOfTheSameBatchDoesNotFollow(EngineKind engine) {
        Journal[] journal = new Journal[1];
        CountDownLatch ended = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    Peers.await(ended); // data and end are here before we ask for them
                    socket.onData(data -> socket.destroy());
                },
                client -> {
                    client.getOutputStream().write(1);
                    client.shutdownOutput();
                    ended.countDown();
                    readAndForgive(client);
                });
        assertEquals(List.of("close"), journal[0].events());
    }

    @EngineTest
    void insideOnEnd_closesOnce(EngineKind engine) {
        List<String> calls = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onData(data -> {});
                    socket.onEnd(() -> {
                        calls.add("end");
                        socket.write(new byte[MANY]);
                        socket.flush(err -> calls.add("flush " + err.code()));
                        socket.destroy();
                    });
                    socket.onClose(err -> calls.add("close " + err));
                },
                client -> {
                    client.shutdownOutput();
                    readAndForgive(client);
                });
        assertEquals(List.of("end", "flush ECANCELED", "close null"), calls);
    }

    @EngineTest
    void insideOnDrainAndInsideAFlush_closesOnce(EngineKind engine) {
        for (boolean inDrain : new boolean[] {true, false}) {
            List<String> calls = new ArrayList<>();
            Foreign.run(
                    engine,
                    (reactor, socket) -> {
                        socket.onDrain(() -> {
                            calls.add("drain");
                            if (inDrain) {
                                socket.destroy();
                            }
                        });
                        socket.onClose(err -> calls.add("close " + err));
                        socket.write(new byte[MANY]);
                        socket.flush(err -> {
                            calls.add("flush " + (err == null ? null : err.code()));
                            socket.destroy();
                        });
                        socket.flush(err -> calls.add("next " + err.code()));
                    },
                    DestroyTest::readAndForgive);
            assertEquals(
                    List.of(
                            "drain",
                            inDrain ? "flush ECANCELED" : "flush null",
                            "next ECANCELED",
                            "close null"),
                    calls);
        }
    }

    @EngineTest
    void whilePausedWithDataKept_givesTheMemoryBack(EngineKind engine) {
        Journal[] journal = new Journal[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    journal[0] = Journal.of(socket);
                    socket.onData(data -> {
                        journal[0].data();
                        socket.pause();
                        reactor.setTimeout(50, socket::destroy);
                    });
                },
                client -> {
                    try {
                        client.getOutputStream().write(new byte[MANY]);
                    } catch (IOException e) {
                        assertTrue(e.getMessage() != null);
                    }
                });
        assertEquals(List.of("data", "close"), journal[0].events());
        // That the kept buffers went back is what poison mode checks when the loop ends.
    }

    @EngineTest
    void inAResumedBacklogOfData_stopsItAtOnce(EngineKind engine) {
        int[] calls = {0};
        List<String> closes = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onClose(err -> closes.add("close " + err));
                    socket.onData(data -> {
                        calls[0]++;
                        if (calls[0] == 1) {
                            socket.pause();
                            reactor.setTimeout(50, socket::resume);
                        } else {
                            socket.destroy();
                        }
                    });
                },
                client -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            client.getOutputStream().write(new byte[10_000]);
                        }
                    } catch (IOException e) {
                        assertTrue(e.getMessage() != null);
                    }
                });
        assertEquals(2, calls[0]);
        assertEquals(List.of("close null"), closes);
    }

    @EveryEngine
    void bothSidesOfAPairAtOnce_closeOnceEach(EngineKind engine) {
        List<String> closes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                ours -> {
                                    ours.onData(data -> {}).onClose(err -> closes.add("server"));
                                    ours.write(new byte[MANY]);
                                    reactor.setTimeout(5, ours::destroy);
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                client -> {
                                                    client.onData(data -> {});
                                                    client.onClose(err -> closes.add("client"));
                                                    client.write(new byte[MANY]);
                                                    reactor.setTimeout(5, client::destroy);
                                                })));
        assertEquals(2, closes.size());
        assertTrue(closes.containsAll(List.of("server", "client")));
    }

    @EngineTest
    void tellsThePeer(EngineKind engine) {
        long[] bytes = new long[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.write(new Content(1).take(1000));
                    socket.flush(err -> {
                        assertNull(err);
                        socket.destroy();
                    });
                },
                client -> bytes[0] = Peers.readToEnd(client, new Content(1)));
        assertEquals(1000, bytes[0]);
    }
}
