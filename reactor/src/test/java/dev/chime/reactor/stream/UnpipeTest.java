package dev.chime.reactor.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Hook;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pipe that is taken away before its stream has ended. */
class UnpipeTest {
    private static final byte[] CONTENT = Bytes.random(1, 1_000_000);

    @EveryEngine
    void unpipe_pausesTheSource_andDoesNotEndTheDestination(EngineKind engine) {
        Drain[] drain = new Drain[1];
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    drain[0] = spring.pipe(new Drain(reactor));
                    onceAtDrain(
                            drain[0],
                            () -> {
                                assertSame(spring, spring.unpipe(drain[0]));
                                assertTrue(spring.isPaused());
                                long got = drain[0].bytesWritten() + drain[0].queuedBytes();
                                drain[0].flush(err -> events.add("flushed " + err));
                                reactor.setTimeout(
                                        30,
                                        () -> {
                                            assertEquals(got, drain[0].content.size());
                                            assertTrue(spring.isPaused());
                                            assertFalse(drain[0].isEnding());
                                            assertFalse(spring.isEnded());
                                            events.add("looked");
                                        });
                            });
                });
        assertEquals(List.of("flushed null", "looked"), events);
        byte[] content = drain[0].content.toByteArray();
        assertArrayEquals(Arrays.copyOf(CONTENT, content.length), content);
    }

    @EveryEngine
    void pipedAgainAndAgain_noByteIsLost(EngineKind engine) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int[] times = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    again(spring, all, times);
                });
        assertTrue(times[0] > 3, "unpiped " + times[0] + " times");
        assertArrayEquals(CONTENT, all.toByteArray());
    }

    private static void onceAtDrain(Drain drain, Task task) {
        boolean[] seen = {false};
        drain.onDrain(() -> {
            if (!seen[0]) {
                seen[0] = true;
                task.run();
            }
        });
    }

    /** Pipes to one destination after the other. */
    private static void again(Spring spring, ByteArrayOutputStream all, int[] times) {
        Reactor reactor = spring.reactor();
        Drain drain = spring.pipe(new Drain(reactor, times[0]++, 9000, 1 << 20));
        drain.onFinish(() -> {
            all.writeBytes(drain.content.toByteArray());
            if (!spring.isEnded()) {
                again(spring, all, times);
            }
        });
        reactor.setImmediate(() ->
                reactor.setImmediate(() -> {
                    spring.unpipe();
                    drain.end();
                }));
    }

    @EveryEngine
    void unpipedWhileTheDestinationIsFull_theDrainDoesNotLetTheSourceFlow(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    Drain full = new Drain(reactor, 1, 1000, Long.MAX_VALUE);
                    full.stuck = true;
                    spring.pipe(full);
                    long[] into = {0};
                    Hook[] turns = new Hook[1];
                    turns[0] =
                            reactor.onCheck(() -> {
                                if (spring.isPaused()) {
                                    turns[0].clear();
                                    into[0] = full.queuedBytes();
                                    assertTrue(into[0] >= 1000, "full at " + into[0]);
                                    spring.unpipe(full);
                                    full.release();
                                }
                            });
                    full.onDrain(() ->
                            reactor.setTimeout(
                                    10,
                                    () -> {
                                        assertTrue(spring.isPaused());
                                        assertEquals(into[0], full.bytesWritten());
                                        full.destroy();
                                        log.reading(spring);
                                    }));
                    spring.onClose(
                            err -> assertEquals(CONTENT.length, into[0] + log.content.size()));
                });
        assertEquals(List.of("data", "end", "close"), log.events);
    }

    @EveryEngine
    void neitherGoesDownWithTheOther(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring source = new Spring(reactor, CONTENT);
                    Drain gone = source.pipe(new Drain(reactor));
                    source.unpipe(gone);
                    gone.destroy();
                    Spring failing = new Spring(reactor, CONTENT);
                    Drain left = failing.pipe(new Drain(reactor));
                    failing.unpipe(left);
                    failing.destroy(new ReactorException("ERR_TEST", "enough"));
                    Spring ending = new Spring(reactor, Bytes.random(2, 100));
                    Drain open = ending.pipe(new Drain(reactor));
                    ending.unpipe(open);
                    ending.resume();
                    ending.onEnd(() -> heard.add("end"));
                    reactor.setTimeout(
                            20,
                            () -> {
                                assertFalse(source.isDestroyed());
                                assertFalse(left.isDestroyed());
                                assertFalse(open.isEnding());
                                assertEquals(0, open.queuedBytes() + open.bytesWritten());
                                heard.add("looked");
                            });
                });
        assertEquals(List.of("end", "looked"), heard);
    }

    @EveryEngine
    void whatIsNotPiped_isLeftAlone(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    log.reading(spring);
                    spring.unpipe();
                    spring.unpipe(new Drain(reactor));
                    assertFalse(spring.isPaused());
                    assertThrows(IllegalArgumentException.class, () -> spring.unpipe(null));
                    Spring other = new Spring(reactor, CONTENT);
                    Drain drain = other.pipe(new Drain(reactor));
                    other.unpipe(new Drain(reactor));
                    assertFalse(other.isPaused());
                    drain.onFinish(() -> {
                        log.add("finish");
                        assertSame(other, other.unpipe(drain));
                        assertSame(other, other.unpipe());
                    });
                });
        assertArrayEquals(CONTENT, log.bytes());
        log.events.sort(null);
        assertEquals(List.of("close", "data", "end", "finish"), log.events);
    }

    @EveryEngine
    void theOlderOfTwoPipes_goesWithoutAPause_theNewestWithOne(EngineKind engine) {
        Drain[] newest = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    Drain older = spring.pipe(new Drain(reactor));
                    newest[0] = spring.pipe(new Drain(reactor));
                    spring.unpipe(older);
                    assertFalse(spring.isPaused());
                    spring.unpipe(newest[0]);
                    assertTrue(spring.isPaused());
                    spring.pipe(newest[0]);
                    older.destroy();
                });
        assertArrayEquals(CONTENT, newest[0].content.toByteArray());
        assertTrue(newest[0].isFinished());
    }

    @EveryEngine
    void aTransform_isUnpipedOnBothSides(EngineKind engine) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    Transform there = spring.pipe(Transform.gzip(reactor));
                    Transform back = there.pipe(Transform.gunzip(reactor));
                    Drain first = back.pipe(new Drain(reactor));
                    onceAtDrain(
                            first,
                            () -> {
                                spring.unpipe(there);
                                there.unpipe();
                                back.unpipe(first);
                                first.end();
                                first.onFinish(() -> {
                                    all.writeBytes(first.content.toByteArray());
                                    Drain second = back.pipe(new Drain(reactor));
                                    there.pipe(back);
                                    spring.pipe(there);
                                    second.onFinish(
                                            () -> all.writeBytes(second.content.toByteArray()));
                                });
                            });
                });
        assertArrayEquals(CONTENT, all.toByteArray());
    }

    @EveryEngine
    void pipedThousandsOfTimes_nothingIsKept(EngineKind engine) {
        int[] kept = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    Drain same = new Drain(reactor);
                    List<WeakReference<Drain>> gone = new ArrayList<>();
                    for (int i = 0; i < 3000; i++) {
                        spring.pipe(same);
                        spring.unpipe(same);
                        Drain drain = new Drain(reactor);
                        gone.add(new WeakReference<>(drain));
                        spring.pipe(drain);
                        spring.unpipe();
                        drain.destroy();
                    }
                    spring.pipe(same);
                    reactor.setTimeout(
                            20,
                            () -> {
                                System.gc();
                                for (WeakReference<Drain> one : gone) {
                                    kept[0] += one.get() == null ? 0 : 1;
                                }
                                spring.unpipe();
                                spring.destroy();
                            });
                });
        assertTrue(kept[0] < 10, kept[0] + " of 3000 are held");
    }

    @EveryEngine
    void aStreamThatIsClosedAlready_endsTheDestination(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    spring.resume();
                    spring.onClose(err -> log.of(spring.pipe(new Drain(reactor))));
                });
        assertEquals(List.of("finish", "close"), log.events);
    }
}
