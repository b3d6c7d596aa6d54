package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import java.util.concurrent.CountDownLatch;

/** 64 MiB to a peer that reads nothing for a while, then slowly. */
class BackpressureTest {
    private static final int PIECE = 64 << 10;
    private static final long MUCH = 64 << 20;

    /** Native memory that a sender may hold, whatever is queued behind it. */
    private static final long NATIVE_BOUND = 4 << 20;

    private static final int CHUNK_BOUND = 20;

    /** Takes a piece of the content and writes it. */
    private interface Write {
        boolean write(Reactor reactor, Socket socket, Content content, int bytes);
    }

    private static boolean array(Reactor reactor, Socket socket, Content content, int bytes) {
        return socket.write(content.take(bytes));
    }

    private static boolean buffer(Reactor reactor, Socket socket, Content content, int bytes) {
        Buffer buffer = reactor.buffer(bytes);
        buffer.put(0, content.take(bytes), 0, bytes);
        boolean below = socket.write(buffer);
        buffer.release();
        return below;
    }

    /** Writes until write says false, goes on when drained, keeps count. */
    private static final class Source {
        final Reactor reactor;
        final Socket socket;
        final Write write;
        final Content content = new Content(1);
        int falses;
        int drains;
        boolean writing;
        boolean flushed;
        long mostQueued;
        int mostChunks;
        long mostMapped;

        Source(Reactor reactor, Socket socket, Write write) {
            this.reactor = reactor;
            this.socket = socket;
            this.write = write;
            socket.onDrain(() -> {
                drains++;
                assertEquals(falses, drains, "one drain for each run of false");
                assertEquals(0, socket.queuedBytes());
                gauge();
                pour();
            });
        }

        void pour() {
            assertFalse(writing, "drain came inside write");
            writing = true;
            boolean below = true;
            while (below && content.position() < MUCH) {
                below = write.write(reactor, socket, content, PIECE);
                assertEquals(below, socket.queuedBytes() < SocketOptions.HIGH_WATER_MARK);
                gauge();
            }
            writing = false;
            if (!below) {
                falses++;
            }
            if (content.position() == MUCH) {
                socket.flush(err -> {
                    assertNull(err);
                    flushed = true;
                });
                socket.end();
            }
        }

        void gauge() {
            mostQueued = Math.max(mostQueued, socket.queuedBytes());
            mostChunks = Math.max(mostChunks, Inside.chunksInUse(reactor));
            mostMapped = Math.max(mostMapped, Inside.mappedBytes(reactor));
        }
    }

    private static void slowReader(java.net.Socket client, CountDownLatch stuck) throws Exception {
        Peers.await(stuck);
        Content content = new Content(1);
        for (int i = 0; i < 50; i++) {
            Peers.read(client, content, 10_000);
            Thread.sleep(1); // slow is what it is about
        }
        Peers.readToEnd(client, content);
        assertEquals(MUCH, content.position());
    }

    private static void obeying(EngineKind engine, Write write) {
        Source[] source = new Source[1];
        CountDownLatch stuck = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    source[0] = new Source(reactor, socket, write);
                    source[0].pour();
                    reactor.setTimeout(
                            200,
                            () -> {
                                assertEquals(source[0].falses, source[0].drains + 1, "stuck");
                                assertTrue(socket.bytesWritten() < MUCH / 2);
                                stuck.countDown();
                            });
                },
                client -> slowReader(client, stuck));
        Source done = source[0];
        assertTrue(done.flushed);
        assertEquals(done.falses, done.drains);
        assertTrue(
                done.mostQueued < SocketOptions.HIGH_WATER_MARK + PIECE,
                "queued " + done.mostQueued);
        assertTrue(done.mostChunks <= CHUNK_BOUND, done.mostChunks + " chunks");
        assertTrue(done.mostMapped <= NATIVE_BOUND, "mapped " + done.mostMapped);
    }

    @EngineTest
    void piecesAsArrays_memoryIsBoundedAndAllArrives(EngineKind engine) {
        obeying(engine, BackpressureTest::array);
    }

    @EngineTest
    void piecesAsBuffers_memoryIsBoundedAndAllArrives(EngineKind engine) {
        obeying(engine, BackpressureTest::buffer);
    }

    @EngineTest
    void oneArray_isSentFromWhereItLiesAndDrainsOnce(EngineKind engine) {
        ignoring(engine, (int) MUCH);
    }

    @EngineTest
    void piecesOfOneTurn_areSentFromWhereTheyLieAndDrainOnce(EngineKind engine) {
        ignoring(engine, PIECE);
    }

    /** Writes everything at once, whatever write says. */
    private static void ignoring(EngineKind engine, int piece) {
        int[] drains = {0};
        long[] mostMapped = {0};
        int[] mostChunks = {0};
        boolean[] flushed = {false};
        CountDownLatch stuck = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    socket.onDrain(() -> {
                        drains[0]++;
                        assertEquals(MUCH, socket.bytesWritten());
                    });
                    Content content = new Content(1);
                    while (content.position() < MUCH) {
                        assertEquals(
                                content.position() + piece < SocketOptions.HIGH_WATER_MARK,
                                array(reactor, socket, content, piece));
                    }
                    assertEquals(MUCH, socket.queuedBytes());
                    socket.flush(err -> flushed[0] = err == null);
                    socket.end();
                    reactor.setTimeout(
                            200,
                            () -> {
                                assertEquals(0, drains[0]);
                                assertFalse(flushed[0]);
                                assertTrue(socket.bytesWritten() < MUCH / 2);
                                stuck.countDown();
                            });
                    reactor.setInterval(
                                    5,
                                    () -> {
                                        mostMapped[0] =
                                                Math.max(
                                                        mostMapped[0], Inside.mappedBytes(reactor));
                                        mostChunks[0] =
                                                Math.max(
                                                        mostChunks[0], Inside.chunksInUse(reactor));
                                    })
                            .unref();
                },
                client -> slowReader(client, stuck));
        assertEquals(1, drains[0]);
        assertTrue(flushed[0]);
        assertTrue(mostMapped[0] <= NATIVE_BOUND, "mapped " + mostMapped[0]);
        assertTrue(mostChunks[0] <= CHUNK_BOUND, mostChunks[0] + " chunks");
    }
}
