package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.LaneMetrics;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Both ends ours: content, events and their order. */
class TlsEchoTest {
    private static final int TOTAL = 5 << 20;

    @EveryEngine
    void aMessageComesBack_andBothSidesEnd(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.once(
                                reactor,
                                TlsPeers.server(),
                                socket -> {
                                    assertEquals("localhost", socket.serverName());
                                    socket.pipe(socket)
                                            .onClose(err -> {
                                                assertNull(err);
                                                events.add("server closed");
                                            });
                                },
                                (server, port) ->
                                        TlsPeers.connect(
                                                reactor,
                                                port,
                                                TlsPeers.client(),
                                                socket -> {
                                                    assertEquals(
                                                            TlsProtocol.TLS_1_3, socket.protocol());
                                                    assertFalse(socket.isResumed());
                                                    socket.onData(d ->
                                                                    events.add(
                                                                            d.toString(
                                                                                    StandardCharsets
                                                                                            .UTF_8)))
                                                            .onEnd(() -> events.add("end"))
                                                            .onFinish(() -> events.add("finish"))
                                                            .onClose(err -> {
                                                                assertNull(err);
                                                                events.add("closed");
                                                            });
                                                    socket.end("hello");
                                                })));
        assertEquals(
                List.of("hello", "end", "closed"),
                events.stream().filter(e -> e.matches("hello|end|closed")).toList());
        assertEquals(5, events.size(), events.toString());
    }

    /** Signatures and the check of certificates are the blocking lane's, not the loop's. */
    @EngineTest
    void handshakes_computeOnTheBlockingLane(EngineKind engine) {
        List<Long> completed = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onExit(() -> {
                        LaneMetrics lane = reactor.lanes().getFirst();
                        assertEquals("blocking", lane.name());
                        completed.add(lane.completed());
                    });
                    TlsPeers.once(
                            reactor,
                            TlsPeers.server(),
                            socket -> socket.pipe(socket),
                            (server, port) ->
                                    TlsPeers.connect(
                                            reactor,
                                            port,
                                            TlsPeers.client(),
                                            socket -> {
                                                socket.resume();
                                                socket.end();
                                            }));
                });
        assertTrue(completed.getFirst() >= 2, () -> "tasks of both sides: " + completed);
    }

    @EveryEngine
    void megabytesInBothDirections_byteByByte(EngineKind engine) {
        for (TlsProtocol version : TlsProtocol.values()) {
            Content sent = new Content(1);
            Content back = new Content(1);
            Reactors.run(
                    engine,
                    reactor ->
                            TlsPeers.once(
                                    reactor,
                                    TlsPeers.server().versions(version, version),
                                    socket -> socket.pipe(socket),
                                    (server, port) ->
                                            TlsPeers.connect(
                                                    reactor,
                                                    port,
                                                    TlsPeers.client(),
                                                    socket -> {
                                                        assertEquals(version, socket.protocol());
                                                        socket.onData(back::check);
                                                        socket.onClose(err -> assertNull(err));
                                                        TlsPeers.fill(socket, sent, TOTAL, 50_000);
                                                    })));
            assertTrue(sent.position() >= TOTAL);
            assertEquals(sent.position(), back.position());
        }
    }
}
