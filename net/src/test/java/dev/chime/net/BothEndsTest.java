package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What holds for a connection of which both ends are ours, and so on every engine. */
class BothEndsTest {
    private static final int MUCH = 8 << 20;

    /** One connection: its server's and its client's end. */
    private static void connection(
            EngineKind engine, ConnectionHandler server, ConnectionHandler client) {
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                server,
                                (listening, port) -> Servers.connect(reactor, port, client)));
    }

    private static String code(ReactorException err) {
        return err == null ? "ok" : err.code();
    }

    @EveryEngine
    void flushes_comeInCallOrder_andOnDestroyTheRestFailsBeforeTheClose(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Content in = new Content(1);
        long[] sent = {0};
        Socket[] reader = {null};
        connection(
                engine,
                socket -> {
                    socket.onData(data -> {
                        in.check(data);
                        if (in.position() > 105_700) {
                            socket.pause();
                        }
                    });
                    reader[0] = socket;
                },
                socket -> {
                    Content out = new Content(1);
                    socket.resume();
                    for (int i = 0; i < 3; i++) {
                        String name = "flush " + i + " ";
                        socket.write(out.take(100 << (5 * i)), err -> events.add(name + code(err)));
                    }
                    socket.write(out.take(4 * MUCH), err -> events.add("rest " + code(err)));
                    socket.write(new byte[1], err -> events.add("last " + code(err)));
                    socket.flush(err -> events.add("behind " + code(err)));
                    socket.onClose(err -> {
                        events.add("close");
                        sent[0] = socket.bytesWritten();
                        reader[0].destroy();
                    });
                    socket.flush(err -> assertEquals("ECANCELED", code(err)));
                    destroyAt(socket, events);
                });
        assertEquals(
                List.of(
                        "flush 0 ok",
                        "flush 1 ok",
                        "flush 2 ok",
                        "rest ECANCELED",
                        "last ECANCELED",
                        "behind ECANCELED",
                        "close"),
                events);
        assertTrue(sent[0] < 4L * MUCH);
    }

    /** As soon as the third flush has come. */
    private static void destroyAt(Socket socket, List<String> events) {
        if (events.size() == 3) {
            socket.destroy();
        } else {
            socket.reactor().setImmediate(() -> destroyAt(socket, events));
        }
    }

    @EveryEngine
    void resetWithWritesQueued_failsThemBeforeTheClose_andThePeerHearsECONNRESET(
            EngineKind engine) {
        List<String> ours = new ArrayList<>();
        List<String> theirs = new ArrayList<>();
        connection(
                engine,
                socket -> {
                    socket.onClose(err -> theirs.add("close " + code(err)));
                    socket.onData(data -> {});
                    socket.onEnd(() -> theirs.add("end"));
                },
                socket -> {
                    socket.onClose(err -> ours.add("close " + code(err)));
                    for (int i = 0; i < 4; i++) {
                        socket.write(new byte[4 * MUCH], err -> ours.add(code(err)));
                    }
                    socket.reactor().setImmediate(socket::resetAndDestroy);
                });
        assertEquals(List.of("ECANCELED", "ECANCELED", "ECANCELED", "ECANCELED", "close ok"), ours);
        assertEquals(List.of("close ECONNRESET"), theirs);
    }

    @EveryEngine
    void endIsNoClose_theEchoStillArrives_thenTheEnd(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Content in = new Content(3);
        Journal[] journal = new Journal[1];
        connection(
                engine,
                socket -> {
                    socket.allowHalfOpen(true);
                    socket.pipe(socket);
                },
                socket -> {
                    journal[0] = Journal.reading(socket, in);
                    socket.onFinish(() -> events.add("finished at " + in.position()));
                    socket.write(new Content(3).take(MUCH));
                    socket.end();
                    socket.end();
                    assertThrows(IllegalStateException.class, () -> socket.write("late"));
                });
        assertEquals(MUCH, in.position());
        assertEquals(1, events.size());
        assertEquals("end", journal[0].events().get(journal[0].events().size() - 2));
        assertEquals("close", journal[0].events().getLast());
        assertNull(journal[0].error());
    }

    @EveryEngine
    void peersEnd_bringsOurs_behindWhatIsQueued_unlessHalfOpenIsAllowed(EngineKind engine) {
        for (boolean halfOpen : List.of(false, true)) {
            Content in = new Content(4);
            List<String> events = new ArrayList<>();
            connection(
                    engine,
                    socket -> {
                        socket.allowHalfOpen(halfOpen);
                        socket.write(new Content(4).take(MUCH));
                        socket.onFinish(() -> events.add("finish"));
                        socket.onClose(err -> events.add("close " + code(err)));
                        socket.onEnd(() -> {
                            events.add("end");
                            Task late =
                                    () -> {
                                        assertEquals(!halfOpen, socket.isDestroyed());
                                        socket.end();
                                    };
                            socket.reactor().setTimeout(200, late).unref();
                            assertFalse(socket.isFinished());
                        });
                        socket.resume();
                    },
                    socket -> {
                        socket.onData(in::check);
                        socket.end();
                        socket.onEnd(() -> events.add("their end"));
                    });
            assertEquals(MUCH, in.position());
            events.remove("their end");
            assertEquals(List.of("end", "finish", "close ok"), events);
        }
    }

    @EveryEngine
    void pausedReader_getsNothing_andTheWriterKeepsWhatItWrote(EngineKind engine) {
        Content in = new Content(5);
        Content out = new Content(5);
        boolean[] resting = {false};
        int[] drains = {0};
        connection(
                engine,
                socket -> {
                    socket.onData(data -> {
                        assertFalse(resting[0], "data while paused");
                        in.check(data);
                    });
                    resting[0] = true;
                    socket.pause();
                    socket.reactor()
                            .setTimeout(
                                    100,
                                    () -> {
                                        resting[0] = false;
                                        socket.resume();
                                    });
                },
                socket -> {
                    socket.resume();
                    while (socket.write(out.take(10_000))) {
                        assertTrue(socket.queuedBytes() < socket.highWaterMark());
                    }
                    assertFalse(socket.write(out.take(MUCH)));
                    assertFalse(socket.write(out.take(MUCH)));
                    socket.onDrain(() -> {
                        drains[0]++;
                        assertEquals(0, socket.queuedBytes());
                        socket.end();
                    });
                });
        assertEquals(out.position(), in.position());
        assertEquals(1, drains[0]);
    }

    @EveryEngine
    void piecesOfRandomSizes_pausesAtRandom_bothWays_loseNoByte(EngineKind engine) {
        for (int seed = 0; seed < 5; seed++) {
            Content[] in = {new Content(1), new Content(2)};
            Random random = new Random(seed);
            connection(
                    engine,
                    socket -> talk(socket, random, new Content(2), in[0]),
                    socket -> talk(socket, random, new Content(1), in[1]));
            assertEquals(MUCH / 8, in[0].position());
            assertEquals(MUCH / 8, in[1].position());
        }
    }

    private static void talk(Socket socket, Random random, Content out, Content in) {
        socket.allowHalfOpen(true);
        socket.onData(data -> {
            in.check(data);
            if (random.nextInt(4) == 0) {
                socket.pause();
                socket.reactor().setTimeout(1 + random.nextInt(3), socket::resume);
            }
        });
        Task[] write = new Task[1];
        write[0] =
                () -> {
                    boolean below = true;
                    while (below && out.position() < MUCH / 8) {
                        int most = 1 << random.nextInt(17);
                        long left = MUCH / 8 - out.position();
                        below = socket.write(out.take((int) Math.min(left, most)));
                    }
                    if (below) {
                        socket.end();
                    }
                };
        socket.onDrain(write[0]);
        socket.reactor().setImmediate(write[0]);
    }

    @EveryEngine
    void destroyInsideAnyEvent_isFollowedByTheCloseAlone(EngineKind engine) {
        List<BiConsumer<Socket, Task>> events =
                List.of(
                        (socket, task) -> socket.reactor().nextTick(task),
                        (socket, task) -> socket.onData(data -> task.run()),
                        (socket, task) -> socket.resume().onEnd(task),
                        (socket, task) -> socket.onDrain(task),
                        (socket, task) -> socket.flush(err -> task.run()),
                        (socket, task) -> {
                            socket.onFinish(task);
                            socket.end();
                        });
        for (int i = 0; i < events.size(); i++) {
            List<String> heard = new ArrayList<>();
            BiConsumer<Socket, Task> event = events.get(i);
            connection(
                    engine,
                    socket -> {
                        socket.onData(data -> heard.add("data"));
                        socket.onEnd(() -> heard.add("end"));
                        socket.onClose(err -> heard.add("close " + code(err)));
                        socket.write(new byte[MUCH]);
                        event.accept(
                                socket,
                                () -> {
                                    heard.clear();
                                    heard.add("destroy");
                                    socket.destroy();
                                    assertTrue(socket.isDestroyed());
                                    assertFalse(socket.isClosed());
                                });
                    },
                    socket -> {
                        socket.allowHalfOpen(false);
                        socket.resume();
                        socket.write(new byte[1000]);
                        socket.reactor().setTimeout(20, socket::end).unref();
                    });
            assertEquals(List.of("destroy", "close ok"), heard, "event " + i);
        }
    }

    @EveryEngine
    void buffersOnTheirWay_areKept_whateverIsReleasedOrCollected(EngineKind engine) {
        Content in = new Content(6);
        connection(
                engine,
                socket -> socket.onData(in::check),
                socket -> {
                    Content out = new Content(6);
                    socket.resume();
                    for (int i = 0; i < 40; i++) {
                        Buffer buffer = socket.reactor().buffer(60_000);
                        buffer.put(0, out.take(60_000), 0, 60_000);
                        socket.write(buffer);
                        buffer.release();
                        socket.write(out.take(1000));
                    }
                    socket.reactor().setImmediate(System::gc);
                    socket.end();
                });
        assertEquals(40 * 61_000, in.position());
    }

    @EveryEngine
    void text_isWhole_thoughItsBytesComeOneByOne(EngineKind engine) {
        String text = "añ€😀 end";
        StringBuilder heard = new StringBuilder();
        connection(
                engine,
                socket -> socket.onText(UTF_8, heard::append),
                socket -> {
                    socket.noDelay(true).resume();
                    byte[] bytes = text.getBytes(UTF_8);
                    oneByOne(socket, bytes, 0);
                });
        assertEquals(text, heard.toString());
    }

    private static void oneByOne(Socket socket, byte[] bytes, int at) {
        if (at == bytes.length) {
            socket.end();
        } else {
            socket.write(
                    new byte[] {bytes[at]},
                    err -> socket.reactor().setTimeout(1, () -> oneByOne(socket, bytes, at + 1)));
        }
    }

    @EveryEngine
    void everyCallback_comesOnAFreshStack_onceEach(EngineKind engine) {
        List<String> events = new ArrayList<>();
        boolean[] inside = {false};
        connection(
                engine,
                Servers::echo,
                socket -> {
                    Consumer<String> heard =
                            event -> {
                                assertFalse(inside[0], event);
                                events.add(event);
                            };
                    inside[0] = true;
                    socket.reactor().setTimeout(1, () -> heard.accept("timer"));
                    socket.onFinish(() -> heard.accept("finish"));
                    socket.onEnd(() -> heard.accept("end"));
                    socket.onClose(err -> heard.accept("close"));
                    socket.onData(data -> {
                        heard.accept("data");
                        inside[0] = true;
                        socket.pause();
                        socket.resume();
                        socket.end();
                        socket.flush(err -> heard.accept("flush"));
                        inside[0] = false;
                    });
                    socket.write("x", err -> heard.accept("write"));
                    inside[0] = false;
                });
        assertEquals(
                List.of("close", "data", "end", "finish", "flush", "timer", "write"),
                events.stream().sorted().toList());
    }

    @EveryEngine
    void connectionThatNobodyReads_leavesItsBytesInTheKernel(EngineKind engine) {
        Content in = new Content(9);
        connection(
                engine,
                socket ->
                        socket.reactor()
                                .setTimeout(
                                        30,
                                        () -> {
                                            assertTrue(socket.isPaused());
                                            assertEquals(0, socket.bytesRead());
                                            socket.onData(in::check);
                                        }),
                socket -> {
                    socket.resume();
                    socket.end(new Content(9).take(1000));
                });
        assertEquals(1000, in.position());
    }

    @EveryEngine
    void idleTimer_survivesRefAndUnref(EngineKind engine) {
        List<String> events = new ArrayList<>();
        connection(
                engine,
                Socket::resume,
                socket -> {
                    socket.setTimeout(
                            Duration.ofMillis(30),
                            () -> {
                                events.add("idle");
                                socket.end();
                            });
                    socket.resume();
                    socket.unref();
                    socket.ref();
                    socket.unref().ref();
                });
        assertEquals(List.of("idle"), events);
    }

    @EveryEngine
    void connections_areAcceptedInTheirOrder(EngineKind engine) {
        List<Integer> accepted = new ArrayList<>();
        List<Integer> connected = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {
                                    accepted.add(socket.remoteAddress().getPort());
                                    socket.end();
                                    socket.resume();
                                },
                                (server, port) -> oneByOne(reactor, server, port, connected)));
        assertEquals(20, accepted.size());
        assertEquals(connected, accepted);
    }

    private static void oneByOne(
            Reactor reactor, Server server, int port, List<Integer> connected) {
        if (connected.size() == 20) {
            Servers.close(server);
            return;
        }
        Net.of(reactor)
                .connect(
                        port,
                        "127.0.0.1",
                        (err, socket) -> {
                            connected.add(socket.localAddress().getPort());
                            socket.resume();
                            oneByOne(reactor, server, port, connected);
                        });
    }

    @EveryEngine
    void closingServer_refusesNewOnes_andWaitsForTheOpenOnes(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(data ->
                                                            refused(server, port, socket, events));
                                                    socket.write("x");
                                                })));
        assertEquals("ECONNREFUSED", events.removeFirst());
        assertEquals(List.of("client", "closed"), events.stream().sorted().toList());
    }

    private static void refused(Server server, int port, Socket socket, List<String> events) {
        Net net = Net.of(socket.reactor());
        server.close(err -> events.add("closed"));
        socket.onClose(err -> events.add("client"));
        socket.reactor()
                .setTimeout(
                        50,
                        () ->
                                net.connect(
                                        port,
                                        "127.0.0.1",
                                        (err, none) -> {
                                            events.add(code(err));
                                            socket.end();
                                        }));
    }

    @EveryEngine
    void withoutAHost_bothFamiliesAreServed_withIpv6OnlyOne(EngineKind engine) {
        for (boolean ipv6Only : List.of(false, true)) {
            List<String> events = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Net net = Net.of(reactor);
                        Server server = net.createServer(socket -> socket.end("hello"));
                        ListenOptions options = ListenOptions.port(0);
                        server.listen(
                                ipv6Only ? options.host("::").ipv6Only(true) : options,
                                (err, listening) -> visitBoth(net, server, events));
                    });
            assertEquals(
                    ipv6Only
                            ? List.of("127.0.0.1 ECONNREFUSED", "::1 ok")
                            : List.of("127.0.0.1 ok", "::1 ok"),
                    events.stream().sorted().toList());
        }
    }

    private static void visitBoth(Net net, Server server, List<String> events) {
        for (String host : List.of("127.0.0.1", "::1")) {
            net.connect(
                    server.address().getPort(),
                    host,
                    (err, socket) -> {
                        events.add(host + " " + code(err));
                        if (socket != null) {
                            assertEquals(
                                    InetAddress.ofLiteral(host),
                                    socket.remoteAddress().getAddress());
                            socket.resume();
                        }
                        if (events.size() == 2) {
                            Servers.close(server);
                        }
                    });
        }
    }
}
