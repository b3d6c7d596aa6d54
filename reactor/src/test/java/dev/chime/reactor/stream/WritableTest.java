package dev.chime.reactor.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

class WritableTest {
    @EveryEngine
    void everyKindOfData_isTakenInCallOrder(EngineKind engine) {
        long seed = new SplittableRandom().nextLong();
        byte[] content = Bytes.random(seed, 2_000_000);
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    drain[0] = new Drain(reactor, seed, 16 << 10, Long.MAX_VALUE);
                    int at = 0;
                    while (at < content.length) {
                        int length =
                                Math.min(
                                        random.nextInt(1 << random.nextInt(18)),
                                        content.length - at);
                        byte[] piece = new byte[length];
                        System.arraycopy(content, at, piece, 0, length);
                        at += length;
                        switch (random.nextInt(3)) {
                            case 0 -> drain[0].write(piece);
                            case 1 -> {
                                ByteBuffer bytes = ByteBuffer.wrap(piece.clone());
                                drain[0].write(bytes);
                                bytes.clear().put(new byte[length]);
                            }
                            default -> {
                                Buffer buffer = Bytes.buffer(reactor, piece);
                                drain[0].write(buffer);
                                buffer.release();
                            }
                        }
                    }
                    drain[0].end();
                });
        assertArrayEquals(content, drain[0].content.toByteArray(), "seed " + seed);
        assertEquals(content.length, drain[0].bytesWritten());
    }

    @EveryEngine
    void smallWritesOfATurn_areGathered(EngineKind engine) {
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    for (int i = 0; i < 1000; i++) {
                        drain[0].write("0123456789");
                    }
                    drain[0].end();
                });
        assertEquals("0123456789".repeat(1000), drain[0].content.toString(UTF_8));
        assertEquals(1, drain[0].pieces);
    }

    @EveryEngine
    void write_saysFalseAtTheMark_andDrainFollowsOnce(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor, 1, 1000, Long.MAX_VALUE);
                    log.of(drain);
                    assertTrue(drain.write(new byte[999]));
                    drain.flush(err -> {
                        log.add("flushed");
                        assertFalse(drain.write(new byte[1000]));
                        assertFalse(drain.write(new byte[1]));
                        drain.flush(again -> {
                            assertTrue(drain.write(new byte[1]));
                            drain.end();
                        });
                    });
                });
        assertEquals(List.of("flushed", "drain", "finish", "close"), log.events);
    }

    @EveryEngine
    void completions_comeInOrder_neverInsideTheCall(EngineKind engine) {
        List<Integer> order = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    for (int i = 0; i < 50; i++) {
                        int number = i;
                        drain.write(
                                new byte[i * 997],
                                err -> {
                                    assertNull(err);
                                    order.add(number);
                                });
                    }
                    Buffer buffer = reactor.buffer(70_000);
                    drain.write(buffer, err -> order.add(50));
                    buffer.release();
                    drain.write("text", err -> order.add(51));
                    assertEquals(List.of(), order);
                    drain.end();
                });
        assertEquals(IntStream.range(0, 52).boxed().toList(), order);
    }

    @EveryEngine
    void end_flushesFinishesAndCloses(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    log.of(drain[0]);
                    drain[0].write("some ", err -> log.add("written"));
                    drain[0].end("more");
                    drain[0].end();
                    assertTrue(drain[0].isEnding());
                    assertEquals(List.of(), log.events);
                });
        assertEquals(List.of("written", "finish", "close"), log.events);
        assertEquals("some more", drain[0].content.toString(UTF_8));
    }

    @EveryEngine
    void endWithoutData_finishes(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    log.of(drain);
                    drain.end();
                });
        assertEquals(List.of("finish", "close"), log.events);
    }

    @EveryEngine
    void writeAfterEnd_fails(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.end("x");
                    IllegalStateException thrown =
                            assertThrows(IllegalStateException.class, () -> drain.write("y"));
                    assertTrue(thrown.getMessage().contains("ERR_STREAM_WRITE_AFTER_END"));
                    assertFalse(drain.write("z", err -> heard.add(err.code())));
                    assertEquals(List.of(), heard);
                    drain.onClose(err -> heard.add("close " + err));
                });
        assertEquals(List.of("ERR_STREAM_WRITE_AFTER_END", "close null"), heard);
    }

    @EveryEngine
    void writeAfterDestroy_isRefusedAndTold(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.stuck = true;
                    drain.write(new byte[100_000], err -> heard.add("queued " + err.code()));
                    drain.destroy();
                    assertFalse(drain.write("x"));
                    drain.write("y", err -> heard.add("late " + err.code()));
                    drain.onClose(err -> {
                        heard.add("close " + err);
                        drain.flush(gone -> heard.add("closed " + gone.code()));
                    });
                });
        assertEquals(
                List.of(
                        "queued ERR_STREAM_DESTROYED",
                        "late ERR_STREAM_DESTROYED",
                        "close null",
                        "closed ERR_STREAM_DESTROYED"),
                heard);
    }

    @EveryEngine
    void failure_endsTheStream_andNothingIsTakenBehindIt(EngineKind engine) {
        Drain[] drain = new Drain[1];
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    drain[0].failAt = 150_000;
                    for (int i = 0; i < 10; i++) {
                        drain[0].write(
                                new byte[40_000],
                                err -> heard.add(err == null ? "ok" : err.code()));
                    }
                    drain[0].onClose(err -> heard.add("close " + err.code()));
                });
        assertEquals("close ERR_DRAIN", heard.getLast());
        assertEquals(11, heard.size());
        assertEquals(7, heard.stream().filter("ERR_DRAIN"::equals).count());
        assertEquals(0, drain[0].takenAfterFailure);
        assertEquals(1, drain[0].closes);
    }

    @EveryEngine
    void failingFinish_isTheErrorOfTheClose(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.failFinish = true;
                    log.of(drain);
                    drain.end("x");
                });
        assertEquals(List.of("close ERR_FINISH"), log.events);
    }

    @EveryEngine
    void aWriteBeyondTheLimit_destroysTheStream(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor, 1, 100, 1000);
                    drain.stuck = true;
                    log.of(drain);
                    drain.write(new byte[600]);
                    drain.write(new byte[400]);
                    assertFalse(drain.isDestroyed(), "up to the limit");
                    assertFalse(drain.write(new byte[1]));
                    assertTrue(drain.isDestroyed());
                });
        assertEquals(List.of("close ERR_BUFFER_FULL"), log.events);
    }

    @EveryEngine
    void drainIsNotForThoseWhoNeverGotAFalse(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    log.of(drain);
                    drain.write(new byte[100], err -> drain.end());
                });
        assertEquals(List.of("finish", "close"), log.events);
    }

    @EveryEngine
    void whatIsQueuedAtTheReactorsEnd_isToldOnce(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.stuck = true;
                    drain.write(new byte[100_000], err -> heard.add(err.code()));
                    drain.onClose(err -> heard.add("close " + err));
                });
        assertEquals(List.of("ERR_STREAM_DESTROYED", "close null"), heard);
    }

    @EveryEngine
    void aReleasedBuffer_isRefused(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    Buffer buffer = reactor.buffer(10);
                    buffer.release();
                    assertThrows(IllegalStateException.class, () -> drain.write(buffer));
                    assertEquals(0, drain.queuedBytes());
                    drain.end();
                });
    }

    @EveryEngine
    void destroyWithAnError_isWhatPendingWritesHear(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    drain.stuck = true;
                    drain.write("x", err -> heard.add(err.code()));
                    drain.destroy(new ReactorException("ERR_TEST", "enough"));
                    drain.onClose(err -> heard.add("close " + err.code()));
                });
        assertEquals(List.of("ERR_TEST", "close ERR_TEST"), heard);
    }

    @EveryEngine
    void drain_comesNotBehindTheEnd(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Drain drain = new Drain(reactor);
                    log.of(drain);
                    assertFalse(drain.write(new byte[100_000]));
                    drain.end();
                });
        assertEquals(List.of("finish", "close"), log.events);
    }
}
