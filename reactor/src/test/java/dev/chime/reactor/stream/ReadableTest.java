package dev.chime.reactor.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

class ReadableTest {
    private static final byte[] CONTENT = Bytes.random(1, 1_000_000);

    @EveryEngine
    void data_comesInOrder_thenEnd_thenClose(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    log.reading(spring);
                    assertEquals(List.of(), log.events, "nothing inside the call");
                });
        assertEquals(List.of("data", "end", "close"), log.events);
        assertArrayEquals(CONTENT, log.bytes());
    }

    @EveryEngine
    void withoutAConsumer_nothingIsAskedFor(EngineKind engine) {
        Spring[] spring = new Spring[1];
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    spring[0] = new Spring(reactor, CONTENT);
                    log.of(spring[0]);
                    reactor.setTimeout(20, () -> assertEquals(0, spring[0].pulls));
                });
        assertEquals(0, spring[0].pulls);
        assertEquals(List.of("close"), log.events, "the reactor's end");
    }

    @EveryEngine
    void resumeWithoutAConsumer_dropsTheData(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(engine, reactor -> log.of(new Spring(reactor, CONTENT)).add("resume"));
        assertEquals(List.of("resume", "close"), log.events);
        Bytes.Log flowing = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    flowing.of(spring);
                    spring.resume();
                });
        assertEquals(List.of("end", "close"), flowing.events);
    }

    @EveryEngine
    void pause_holdsABoundedAmount_andKeepsTheOrder(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    log.of(spring);
                    int[] pauses = {0};
                    spring.onData(data -> {
                        assertFalse(spring.isPaused(), "data during a pause");
                        log.take(data);
                        spring.pause();
                        pauses[0]++;
                        reactor.setTimeout(
                                1,
                                () -> {
                                    long ahead = spring.at - log.content.size();
                                    assertTrue(ahead <= (64 << 10) + 20_000, "held " + ahead);
                                    spring.resume();
                                });
                    });
                });
        assertArrayEquals(CONTENT, log.bytes());
        assertEquals(List.of("end", "close"), log.events.subList(1, 3));
    }

    @EveryEngine
    void end_waitsUntilAllHasBeenConsumed(EngineKind engine) {
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, Bytes.random(1, 10));
                    spring.onEnd(() -> events.add("end"));
                    spring.onData(data -> {
                        events.add("data");
                        spring.pause();
                        reactor.setTimeout(
                                30,
                                () -> {
                                    assertFalse(events.contains("end"));
                                    spring.resume();
                                });
                    });
                });
        assertEquals("end", events.getLast());
    }

    @EveryEngine
    void destroy_isHeardOnce_laterAndAsTheLastEvent(EngineKind engine) {
        Bytes.Log log = new Bytes.Log();
        Spring[] spring = new Spring[1];
        ReactorException why = new ReactorException("ERR_TEST", "enough");
        Reactors.run(
                engine,
                reactor -> {
                    spring[0] = new Spring(reactor, CONTENT);
                    log.of(spring[0]);
                    spring[0].onData(data -> {
                        log.add("data");
                        spring[0].destroy(why);
                        spring[0].destroy(new ReactorException("ERR_LATER", "no"));
                        spring[0].destroy();
                        assertEquals(List.of("data"), log.events);
                        assertTrue(spring[0].isDestroyed());
                    });
                });
        assertEquals(List.of("data", "close ERR_TEST"), log.events);
        assertEquals(1, spring[0].closes);
        assertTrue(spring[0].isClosed());
        assertEquals(why, spring[0].error());
    }

    @EveryEngine
    void finished_worksWhenItAlreadyHappened(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring ended = new Spring(reactor, new byte[10]);
                    ended.resume();
                    ended.finished(err -> {
                        heard.add("ended " + err);
                        ended.finished(again -> heard.add("again " + again));
                        assertEquals(1, heard.size());
                    });
                    Spring cut = new Spring(reactor, CONTENT);
                    cut.finished(err -> heard.add(err.code()));
                    cut.onData(data -> cut.destroy());
                    cut.onClose(err -> cut.finished(late -> heard.add("late " + late.code())));
                    cut.onClose(err -> cut.onClose(after -> heard.add("closed long ago " + after)));
                });
        heard.sort(null);
        assertEquals(
                List.of(
                        "ERR_STREAM_PREMATURE_CLOSE",
                        "again null",
                        "closed long ago null",
                        "ended null",
                        "late ERR_STREAM_PREMATURE_CLOSE"),
                heard);
    }

    @EveryEngine
    void handlersOfOneEvent_areAllCalled_evenIfOneThrows(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(t -> heard.add(t.getMessage()));
                    Spring spring = new Spring(reactor, new byte[10]);
                    spring.onEnd(() -> {
                        throw new Exception("first");
                    });
                    spring.onEnd(() -> heard.add("second"));
                    spring.onClose(err -> heard.add("close"));
                    spring.resume();
                });
        assertEquals(List.of("first", "second", "close"), heard);
    }

    @EveryEngine
    void pipe_keepsPaceWithASlowDestination(EngineKind engine) {
        Drain[] drain = new Drain[1];
        Bytes.Log log = new Bytes.Log();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    drain[0] = spring.pipe(new Drain(reactor));
                    log.of(drain[0]);
                    reactor.onCheck(
                            () -> assertTrue(drain[0].queuedBytes() <= (16 << 10) + 10_000));
                    drain[0].finished(err -> reactor.stop());
                });
        assertArrayEquals(CONTENT, drain[0].content.toByteArray());
        assertEquals(
                List.of("finish", "close"),
                log.events.subList(log.events.size() - 2, log.events.size()));
    }

    @EveryEngine
    void pipe_bringsDownBothSides(EngineKind engine) {
        List<String> closes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    spring.failAt = 500_000;
                    Drain drain = spring.pipe(new Drain(reactor));
                    drain.onClose(err -> closes.add("destination " + err.code()));
                    Spring second = new Spring(reactor, CONTENT);
                    second.onClose(err -> closes.add("source " + err));
                    Drain failing = new Drain(reactor);
                    failing.failAt = 300_000;
                    second.pipe(failing);
                    Spring third = new Spring(reactor, CONTENT);
                    Drain gone = new Drain(reactor);
                    gone.destroy();
                    reactor.setTimeout(5, () -> third.pipe(gone));
                    third.onClose(err -> closes.add("late source " + err));
                });
        closes.sort(null);
        assertEquals(List.of("destination ERR_SPRING", "late source null", "source null"), closes);
    }

    @EveryEngine
    void pipeWithoutEnd_leavesTheDestinationOpen(EngineKind engine) {
        Drain[] drain = new Drain[1];
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    Spring one = new Spring(reactor, Bytes.random(1, 1000));
                    one.pipe(drain[0], false);
                    one.onClose(err -> {
                        assertFalse(drain[0].isEnding());
                        new Spring(reactor, Bytes.random(2, 1000)).pipe(drain[0]);
                    });
                });
        assertEquals(2000, drain[0].content.size());
        assertTrue(drain[0].isFinished());
    }

    @EveryEngine
    void wrongArguments_throw(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Spring spring = new Spring(reactor, CONTENT);
                    assertThrows(IllegalArgumentException.class, () -> spring.onData(null));
                    assertThrows(IllegalArgumentException.class, () -> spring.onEnd(null));
                    assertThrows(IllegalArgumentException.class, () -> spring.onClose(null));
                    assertThrows(IllegalArgumentException.class, () -> spring.pipe(null));
                    assertThrows(IllegalArgumentException.class, () -> spring.lines(null));
                    assertThrows(IllegalArgumentException.class, () -> spring.finished(null));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> new Drain(reactor, 1, 0, Long.MAX_VALUE));
                });
    }
}
