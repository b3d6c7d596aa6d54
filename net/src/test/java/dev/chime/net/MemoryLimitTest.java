package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Hoard;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** Sockets at the limit of native memory: they wait or become slow, and lose nothing. */
class MemoryLimitTest {
    /** One connection to a server whose reactor may have 4 MiB; what is left is hoarded. */
    private static void run(EngineKind engine, Foreign.Ours ours, Foreign.Theirs theirs) {
        Foreign.run(Reactors.options(engine).maxNativeBytes(4 << 20), ours, theirs);
    }

    @EngineTest
    void arraysWithoutMemory_areSentLittleByLittle(EngineKind engine) {
        int bytes = 300_000;
        boolean[] flushed = {false};
        run(
                engine,
                (reactor, socket) -> {
                    Content content = new Content(1);
                    Hoard hoard = new Hoard(reactor);
                    socket.write(content.take(100));
                    socket.write(content.take(bytes - 100));
                    socket.flush(err -> {
                        assertNull(err);
                        assertEquals(4L << 20, reactor.memory().usedBytes());
                        flushed[0] = true;
                        hoard.release();
                        socket.write(content.take(bytes));
                        socket.end();
                        socket.resume();
                    });
                },
                client -> assertEquals(2L * bytes, Peers.readToEnd(client, new Content(1))));
        assertTrue(flushed[0]);
    }

    /** Else a program that releases its memory when its sockets are gone would wait for ever. */
    @EngineTest
    void theEndAndAReset_areHeardWithoutMemory(EngineKind engine) {
        for (boolean reset : new boolean[] {false, true}) {
            List<String> story = new ArrayList<>();
            run(
                    engine,
                    (reactor, socket) -> {
                        Hoard hoard = new Hoard(reactor);
                        socket.onEnd(() -> story.add("end"));
                        socket.onClose(err -> {
                            story.add("close " + (err == null ? "" : err.code()));
                            hoard.release();
                        });
                        socket.resume();
                    },
                    client -> {
                        if (reset) {
                            client.setSoLinger(true, 0);
                        }
                    });
            assertEquals(reset ? List.of("close ECONNRESET") : List.of("end", "close "), story);
        }
    }

    @EngineTest
    void receivingWithoutMemory_waitsUntilBuffersAreReleased(EngineKind engine) {
        int bytes = 24 << 20;
        Content received = new Content(2);
        int[] stalls = {0};
        boolean[] ended = {false};
        run(
                engine,
                (reactor, socket) -> {
                    Hoard hoard = new Hoard(reactor);
                    List<Buffer> held = new ArrayList<>();
                    socket.onData(data -> {
                        received.check(data);
                        held.add(data.retain());
                    });
                    socket.onEnd(() -> {
                        ended[0] = true;
                        held.forEach(Buffer::release);
                        held.clear();
                    });
                    long[] before = {-1};
                    int[] quiet = {0};
                    reactor.setInterval(
                                    10,
                                    () -> {
                                        boolean same = received.position() == before[0];
                                        quiet[0] = same ? quiet[0] + 1 : 0;
                                        before[0] = received.position();
                                        if (quiet[0] == 20 && !ended[0]) {
                                            quiet[0] = 0;
                                            stalls[0]++;
                                            held.forEach(Buffer::release);
                                            held.clear();
                                            hoard.release();
                                        }
                                    })
                            .unref();
                },
                client -> client.getOutputStream().write(new Content(2).take(bytes)));
        assertEquals(bytes, received.position());
        assertTrue(ended[0]);
        assertTrue(stalls[0] > 1, () -> stalls[0] + " stalls");
    }
}
