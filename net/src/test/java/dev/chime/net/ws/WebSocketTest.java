package dev.chime.net.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Chopped;
import dev.chime.net.testing.Content;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Both ends of a WebSocket, upon sockets and upon streams in pieces. */
class WebSocketTest {
    private static final WebSocketOptions OPTIONS = WebSocketOptions.defaults();

    private interface Both {
        void ready(Reactor reactor, WebSocket client, WebSocket server) throws Exception;
    }

    private static void chopped(EngineKind engine, int largest, Both then) {
        Reactors.run(
                engine,
                reactor -> {
                    Random random = new Random(Long.getLong("chime.seed", 1));
                    Chopped[] ends = Chopped.pair(reactor, random, largest);
                    then.ready(
                            reactor,
                            WebSocket.client(ends[0], null, OPTIONS),
                            WebSocket.server(ends[1], null, OPTIONS));
                });
    }

    private static void sockets(EngineKind engine, WebSocketOptions options, Both then) {
        WebSocket[] sockets = new WebSocket[2];
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    sockets[1] = WebSocket.server(socket, null, options);
                                    if (sockets[0] != null) {
                                        then.ready(reactor, sockets[0], sockets[1]);
                                    }
                                },
                                (listening, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    sockets[0] =
                                                            WebSocket.client(socket, null, options);
                                                    if (sockets[1] != null) {
                                                        then.ready(reactor, sockets[0], sockets[1]);
                                                    }
                                                })));
    }

    private static String told(String who, int code, String reason, ReactorException err) {
        return who + " " + code + " " + reason + (err == null ? "" : " " + err.code());
    }

    @EveryEngine
    void messagesComeBack_inOrder_andTheCloseIsAnswered(EngineKind engine) {
        for (int largest : new int[] {1, 7, 5000}) {
            List<String> heard = new ArrayList<>();
            List<String> ends = new ArrayList<>();
            chopped(
                    engine,
                    largest,
                    (reactor, client, server) -> {
                        server.onText(server::send);
                        server.onBinary(server::send);
                        server.onClose((code, why, err) -> ends.add(told("s", code, why, err)));
                        client.onClose((code, why, err) -> ends.add(told("c", code, why, err)));
                        client.onBinary(bytes -> {
                            new Content(1).check(bytes);
                            heard.add("binary " + bytes.length);
                            client.close(4000, "enough");
                            assertFalse(client.send("late"));
                            assertFalse(client.isOpen());
                        });
                        client.onText(heard::add);
                        client.onPong(data -> heard.add("pong " + new String(data)));
                        client.send("one");
                        client.ping("beat".getBytes());
                        client.send("");
                        client.send("two \u00e4\u20ac\ud83d\ude00");
                        client.send(new Content(1).take(3000));
                    });
            assertEquals(
                    List.of("one", "pong beat", "", "two \u00e4\u20ac\ud83d\ude00", "binary 3000"),
                    heard);
            assertEquals(List.of("c 4000 ", "s 4000 enough"), ends.stream().sorted().toList());
        }
    }

    @EveryEngine
    void aServerThatCloses_isAnswered(EngineKind engine) {
        List<String> ends = new ArrayList<>();
        sockets(
                engine,
                OPTIONS,
                (reactor, client, server) -> {
                    server.onClose((code, why, err) -> ends.add(told("s", code, why, err)));
                    client.onClose((code, why, err) -> ends.add(told("c", code, why, err)));
                    client.resume();
                    server.close();
                });
        assertEquals(List.of("c 1000 ", "s 1000 "), ends.stream().sorted().toList());
    }

    @EveryEngine
    void megabytes_withPauses_andBackpressure(EngineKind engine) {
        int messages = 400;
        Content heard = new Content(2);
        Content sent = new Content(2);
        int[] count = new int[2];
        sockets(
                engine,
                OPTIONS,
                (reactor, client, server) -> {
                    server.onBinary(bytes -> {
                        heard.check(bytes);
                        if (++count[1] % 3 == 0) {
                            server.pause();
                            reactor.setImmediate(server::resume);
                        }
                    });
                    Runnable more =
                            () -> {
                                while (count[0] < messages) {
                                    count[0]++;
                                    int length = count[0] * 97 % 40_000;
                                    if (!client.send(sent.take(length))) {
                                        return;
                                    }
                                }
                                client.close();
                            };
                    client.onDrain(more::run);
                    more.run();
                });
        assertEquals(messages, count[1]);
        assertEquals(sent.position(), heard.position());
    }

    /** Each peer hears the close code of what it did wrong. */
    @EveryEngine
    void whatMustNotBe_endsTheConnection(EngineKind engine) {
        String[][] cases = {
            {"8100", "WS_ERR_EXPECTED_MASK", "880203ea"},
            {"818100000000ff", "WS_ERR_INVALID_UTF8", "880203ef"},
            {"82fe03e900000000", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "880203f1"},
        };
        for (String[] row : cases) {
            List<String> ends = new ArrayList<>();
            StringBuilder answer = new StringBuilder();
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket ->
                                            WebSocket.server(
                                                            socket,
                                                            null,
                                                            OPTIONS.maxMessageBytes(1000))
                                                    .onClose((code, why, err) ->
                                                            ends.add(told("s", code, why, err)))
                                                    .resume(),
                                    (listening, port) ->
                                            Servers.connect(
                                                    reactor,
                                                    port,
                                                    socket -> {
                                                        socket.onData(data ->
                                                                answer.append(
                                                                        HexFormat.of()
                                                                                .formatHex(
                                                                                        data
                                                                                                .toArray())));
                                                        socket.write(
                                                                HexFormat.of().parseHex(row[0]));
                                                    })));
            assertEquals(List.of("s 1006  " + row[1]), ends);
            assertEquals(row[2], answer.toString());
        }
    }

    @EveryEngine
    void aPeerThatGoesWithoutAWord_is1006(EngineKind engine) {
        List<String> ends = new ArrayList<>();
        sockets(
                engine,
                OPTIONS,
                (reactor, client, server) -> {
                    server.onClose((code, why, err) -> ends.add(told("s", code, why, err)));
                    server.resume();
                    client.stream().end();
                    client.resume();
                });
        assertEquals(List.of("s 1006 "), ends);
    }

    @EveryEngine
    void aPeerThatDoesNotAnswerTheClose_isLeft(EngineKind engine) {
        List<String> ends = new ArrayList<>();
        sockets(
                engine,
                OPTIONS.closeTimeout(Duration.ofMillis(50)),
                (reactor, client, server) -> {
                    client.onClose((code, why, err) -> ends.add(told("c", code, why, err)));
                    server.onClose((code, why, err) -> {});
                    client.close();
                    reactor.setTimeout(200, server::destroy);
                });
        assertEquals(List.of("c 1006 "), ends);
    }

    @EveryEngine
    void aFloodOfPings_isAnsweredWithinBounds(EngineKind engine) {
        long[] most = new long[1];
        int[] pings = new int[1];
        chopped(
                engine,
                4000,
                (reactor, client, server) -> {
                    server.onPing(data -> {
                        pings[0]++;
                        most[0] = Math.max(most[0], server.queuedBytes());
                    });
                    server.resume();
                    for (int i = 0; i < 5000; i++) {
                        client.ping(new byte[125]);
                    }
                    client.flush(err -> {
                        client.destroy();
                        server.destroy();
                    });
                });
        assertTrue(pings[0] > 4000, "pings " + pings[0]);
        assertTrue(most[0] < 70_000, "queued " + most[0]);
    }

    @EveryEngine
    void argumentsThatAreNone(EngineKind engine) {
        chopped(
                engine,
                10,
                (reactor, client, server) -> {
                    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
                        assertThrows(IllegalArgumentException.class, () -> client.close(code, ""));
                    }
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> client.close(1000, "\u20ac".repeat(42)));
                    assertThrows(IllegalArgumentException.class, () -> client.ping(new byte[126]));
                    client.destroy();
                    server.destroy();
                });
    }
}
