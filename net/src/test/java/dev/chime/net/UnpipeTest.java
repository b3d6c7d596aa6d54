package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Hook;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.stream.Transform;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A socket whose pipe is taken away, and laid anew. */
class UnpipeTest {
    private static final byte[] CONTENT = new byte[1 << 20];

    static {
        new SplittableRandom(1).nextBytes(CONTENT);
    }

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<String> events = new ArrayList<>();

    private interface Use {
        void of(Socket socket) throws Exception;
    }

    private static void run(EngineKind engine, Use served, Use connected) {
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Server server = net.createServer(served::of);
                    server.listen(0, (err, open) -> connect(net, open, connected));
                });
    }

    private static void connect(Net net, Server server, Use connected) {
        net.connect(
                server.address().getPort(),
                (err, client) -> {
                    client.onClose(e -> server.close(closed -> {}));
                    connected.of(client);
                });
    }

    @EveryEngine
    void aSocketThatIsUnpipedAndPipedAgain_losesNoByte(EngineKind engine) {
        run(
                engine,
                socket -> {
                    socket.pipe(socket);
                    unpipeOnce(socket);
                },
                client -> {
                    client.onData(data -> received.writeBytes(data.toArray()));
                    client.write(CONTENT);
                    client.end();
                });
        assertEquals(List.of("paused", "again"), events);
        assertArrayEquals(CONTENT, received.toByteArray());
    }

    private void unpipeOnce(Socket socket) {
        Reactor reactor = socket.reactor();
        Hook hook =
                reactor.onCheck(() -> {
                    if (socket.bytesRead() > 0 && events.isEmpty()) {
                        socket.unpipe(socket);
                        assertTrue(socket.isPaused());
                        events.add("paused");
                        reactor.setTimeout(
                                20,
                                () -> {
                                    assertFalse(socket.isEnding());
                                    events.add("again");
                                    socket.pipe(socket);
                                });
                    }
                });
        hook.unref();
    }

    @EveryEngine
    void aSocketThatIsNoDestinationAnyMore_outlivesTheSource(EngineKind engine) {
        run(
                engine,
                socket -> socket.onData(data -> received.writeBytes(data.toArray())),
                client -> {
                    Transform source = Transform.passThrough(client.reactor());
                    source.pipe(client);
                    source.unpipe(client);
                    source.destroy();
                    client.reactor()
                            .setTimeout(
                                    10,
                                    () -> {
                                        assertTrue(source.isClosed());
                                        assertFalse(client.isDestroyed());
                                        client.write(CONTENT);
                                        client.end();
                                        client.resume();
                                    });
                });
        assertArrayEquals(CONTENT, received.toByteArray());
    }
}
