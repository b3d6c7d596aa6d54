package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Reading into an array of one's own. */
class ReadIntoTest {
    private static final int BYTES = 200_000;

    /** A server that gets {@value #BYTES} bytes and the end, and what the test does with it. */
    private static void receive(EngineKind engine, ConnectionHandler handler) {
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                handler,
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.resume();
                                                    socket.end(new Content(2).take(BYTES));
                                                })));
    }

    @EveryEngine
    void everyByteComes_inPiecesThatFit(EngineKind engine) {
        for (int size : List.of(1000, 64 << 10, 1 << 20)) {
            Content in = new Content(2);
            List<String> events = new ArrayList<>();
            receive(
                    engine,
                    socket -> {
                        byte[] array = new byte[size];
                        socket.onRead(
                                array,
                                bytes -> {
                                    assertTrue(bytes > 0 && bytes <= size);
                                    in.check(array, bytes);
                                    return true;
                                });
                        socket.onEnd(() -> events.add("end at " + in.position()));
                    });
            assertEquals(List.of("end at " + BYTES), events);
        }
    }

    @EveryEngine
    void falseAndPause_keepTheRest_untilTheResume(EngineKind engine) {
        Content in = new Content(2);
        Random random = new Random(8);
        Journal[] journal = new Journal[1];
        receive(
                engine,
                socket -> {
                    byte[] array = new byte[3000];
                    boolean[] resting = {false};
                    journal[0] = Journal.of(socket);
                    socket.onRead(
                            array,
                            bytes -> {
                                assertFalse(resting[0], "read while paused");
                                in.check(array, bytes);
                                if (random.nextInt(3) > 0) {
                                    return true;
                                }
                                resting[0] = true;
                                boolean pauses = random.nextBoolean();
                                if (pauses) {
                                    socket.pause();
                                }
                                socket.reactor()
                                        .setImmediate(() -> {
                                            assertTrue(socket.isPaused());
                                            resting[0] = false;
                                            socket.resume();
                                        });
                                return pauses;
                            });
                });
        assertEquals(BYTES, in.position());
        assertEquals(List.of("end", "close"), journal[0].events());
    }

    @EveryEngine
    void handlerThatThrowsOrIsReplaced_losesNothing(EngineKind engine) {
        Content in = new Content(2);
        List<String> thrown = new ArrayList<>();
        receive(
                engine,
                socket -> {
                    socket.reactor().onUncaught(error -> thrown.add(error.getMessage()));
                    byte[] array = new byte[1000];
                    socket.onRead(
                            array,
                            bytes -> {
                                in.check(array, bytes);
                                if (in.position() == 2000) {
                                    throw new IllegalStateException("half way");
                                }
                                if (in.position() >= 4000) {
                                    socket.onData(in::check);
                                }
                                return true;
                            });
                });
        assertEquals(BYTES, in.position());
        assertEquals(List.of("half way"), thrown);
    }

    @EveryEngine
    void destroyInside_isTheLastCall(EngineKind engine) {
        int[] calls = {0};
        receive(
                engine,
                socket -> {
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> socket.onRead(new byte[0], bytes -> true));
                    socket.onRead(
                            new byte[1000],
                            bytes -> {
                                calls[0]++;
                                socket.destroy();
                                return true;
                            });
                });
        assertEquals(1, calls[0]);
    }
}
