package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Foreign;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.Pipeline;
import dev.chime.reactor.stream.ReadableBase;
import dev.chime.reactor.stream.Transform;
import dev.chime.reactor.testing.EngineTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;

/** A socket as what it is to others: a stream to read from and to write to. */
class StreamTest {
    private static final int MUCH = 4 << 20;

    /** A readable of known content that never ends, or does. */
    private static final class Spring extends ReadableBase {
        final Content content = new Content(1);
        final long bytes;

        Spring(Reactor reactor, long bytes) {
            super(reactor, 64 << 10);
            this.bytes = bytes;
        }

        @Override
        protected void pull(int room) {
            int length = (int) Math.min(room, bytes - content.position());
            if (length == 0) {
                pushEnd();
                return;
            }
            Buffer buffer = reactor().buffer(length);
            buffer.put(0, content.take(length), 0, length);
            push(buffer);
        }
    }

    @EngineTest
    void aPipelineToASocket_isDoneWhenAllIsSent_thoughThePeerGoesOn(EngineKind engine) {
        List<String> events = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    Content answer = new Content(2);
                    socket.onFinish(() -> events.add("finish"));
                    Pipeline.run(
                            new Spring(reactor, MUCH),
                            socket,
                            err -> {
                                events.add("done " + err);
                                assertEquals(MUCH, socket.bytesWritten());
                                assertTrue(socket.isFinished());
                                assertFalse(socket.isDestroyed());
                                socket.onData(answer::check);
                                done.countDown();
                            });
                    socket.onClose(err -> events.add("close " + answer.position()));
                },
                client -> {
                    assertEquals(MUCH, Peers.readToEnd(client, new Content(1)));
                    done.await();
                    client.getOutputStream().write(new Content(2).take(1000));
                });
        assertEquals(List.of("finish", "done null", "close 1000"), events);
    }

    @EngineTest
    void aPipelineFromASocketToItself_isAnEcho(EngineKind engine) {
        List<ReactorException> heard = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> Pipeline.run(socket, socket, heard::add),
                client -> {
                    Thread writer =
                            Thread.ofPlatform()
                                    .start(() -> {
                                        try {
                                            client.getOutputStream()
                                                    .write(new Content(3).take(MUCH));
                                            client.shutdownOutput();
                                        } catch (java.io.IOException e) {
                                            throw new AssertionError(e);
                                        }
                                    });
                    assertEquals(MUCH, Peers.readToEnd(client, new Content(3)));
                    writer.join();
                });
        assertEquals(1, heard.size());
        assertNull(heard.getFirst());
    }

    @EngineTest
    void packedOnTheWay_itArrives(EngineKind engine) {
        List<ReactorException> heard = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.resume();
                    Pipeline.from(new Spring(reactor, MUCH))
                            .through(Transform.gzip(reactor, 1))
                            .to(socket, heard::add);
                },
                client -> {
                    Content content = new Content(1);
                    byte[] all = new GZIPInputStream(client.getInputStream()).readAllBytes();
                    content.check(all, all.length);
                    assertEquals(MUCH, all.length);
                });
        assertEquals(1, heard.size());
        assertNull(heard.getFirst());
    }

    @EngineTest
    void aResetOfThePeer_bringsThePipelineDown(EngineKind engine) {
        List<ReactorException> heard = new ArrayList<>();
        Spring[] spring = new Spring[1];
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    spring[0] = new Spring(reactor, Long.MAX_VALUE);
                    Pipeline.run(
                            spring[0],
                            socket,
                            err -> {
                                heard.add(err);
                                assertTrue(socket.isClosed() && spring[0].isClosed());
                            });
                },
                client -> {
                    Peers.read(client, new Content(1), 100_000);
                    Peers.reset(client);
                });
        assertEquals(1, heard.size());
        assertNotNull(heard.getFirst());
        assertTrue(
                List.of("EPIPE", "ECONNRESET").contains(heard.getFirst().code()),
                heard.getFirst().code());
    }

    @EngineTest
    void finished_hearsOfTheWholeSocket(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.finished(err -> {
                        heard.add("finished " + err);
                        assertTrue(socket.isClosed() && socket.isEnded() && socket.isFinished());
                        socket.finished(again -> heard.add("again " + again));
                        socket.onClose(late -> heard.add("closed " + late));
                    });
                    socket.resume();
                    socket.write("some", err -> heard.add("written " + err));
                    socket.end();
                    socket.write("more", err -> heard.add(err.code()));
                },
                client -> assertEquals(4, client.getInputStream().readAllBytes().length));
        assertEquals("ERR_STREAM_WRITE_AFTER_END", heard.getFirst());
        assertEquals("written null", heard.get(1));
        assertEquals("finished null", heard.get(2));
        assertEquals(5, heard.size());
        assertTrue(heard.containsAll(List.of("again null", "closed null")));
    }

    @EngineTest
    void finished_hearsOfACloseTooEarly(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.finished(err -> heard.add(err.code()));
                    socket.onFinish(() -> heard.add("finish"));
                    socket.destroy();
                },
                client -> assertEquals(-1, client.getInputStream().read()));
        assertEquals(List.of("ERR_STREAM_PREMATURE_CLOSE"), heard);
    }

    @EngineTest
    void finish_comesAlsoWhenThePeersEndBringsOurs(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Foreign.run(
                engine,
                (reactor, socket) -> {
                    socket.onEnd(() -> events.add("end"));
                    socket.onFinish(() -> events.add("finish"));
                    socket.onClose(err -> events.add("close " + err));
                    socket.resume();
                },
                client -> client.shutdownOutput());
        assertEquals(List.of("end", "finish", "close null"), events);
    }
}
