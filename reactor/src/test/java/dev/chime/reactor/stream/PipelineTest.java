package dev.chime.reactor.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class PipelineTest {
    private static final byte[] CONTENT = Bytes.random(1, 1_000_000);

    /** Source, joint and destination, and what the callback heard. */
    private static final class Line {
        final Spring source;
        final Transform joint;
        final Drain destination;
        final List<ReactorException> heard = new ArrayList<>();
        final List<Boolean> allClosed = new ArrayList<>();

        Line(Reactor reactor) {
            source = new Spring(reactor, CONTENT);
            joint = Transform.passThrough(reactor);
            destination = new Drain(reactor);
        }

        Operation start() {
            return Pipeline.from(source)
                    .through(joint)
                    .to(
                            destination,
                            err -> {
                                heard.add(err);
                                allClosed.add(
                                        source.isClosed()
                                                && joint.isClosed()
                                                && destination.isClosed());
                            });
        }

        void assertFailed(String code) {
            assertEquals(1, heard.size(), "calls");
            assertEquals(code, heard.getFirst().code());
            assertEquals(List.of(true), allClosed, "all are closed when the callback comes");
            assertEquals(1, source.closes);
            assertEquals(1, destination.closes);
        }
    }

    /** What a test does with a line. */
    private interface Use {
        void with(Reactor reactor, Line line) throws Exception;
    }

    private static Line run(EngineKind engine, Use use) {
        Line[] line = new Line[1];
        Reactors.run(
                engine,
                reactor -> {
                    line[0] = new Line(reactor);
                    use.with(reactor, line[0]);
                });
        return line[0];
    }

    @EveryEngine
    void allGoesThrough_andTheCallbackComesOnce(EngineKind engine) {
        Line line = run(engine, (reactor, it) -> it.start());
        assertEquals(1, line.heard.size());
        assertNull(line.heard.getFirst());
        assertEquals(List.of(true), line.allClosed);
        assertArrayEquals(CONTENT, line.destination.content.toByteArray());
    }

    @EveryEngine
    void failingSource_bringsAllDown(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            it.source.failAt = 400_000;
                            it.start();
                        });
        line.assertFailed("ERR_SPRING");
        assertEquals("ERR_SPRING", line.destination.error().code());
    }

    @EveryEngine
    void failingDestination_bringsAllDown(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            it.destination.failAt = 400_000;
                            it.start();
                        });
        line.assertFailed("ERR_DRAIN");
        assertEquals(0, line.destination.takenAfterFailure);
    }

    @EveryEngine
    void failingMiddle_bringsAllDown(EngineKind engine) {
        List<ReactorException> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Spring source = new Spring(reactor, CONTENT);
                    Drain destination = new Drain(reactor);
                    Pipeline.from(source)
                            .through(Transform.gunzip(reactor))
                            .to(
                                    destination,
                                    err -> {
                                        heard.add(err);
                                        assertTrue(source.isClosed() && destination.isClosed());
                                    });
                });
        assertEquals("Z_DATA_ERROR", heard.getFirst().code());
        assertEquals(1, heard.size());
    }

    @EveryEngine
    void failingFinish_isReported(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            it.destination.failFinish = true;
                            it.start();
                        });
        line.assertFailed("ERR_FINISH");
    }

    @EveryEngine
    void prematureClose_ofAnyStage_isReported(EngineKind engine) {
        for (int stage = 0; stage < 3; stage++) {
            int number = stage;
            Line line =
                    run(
                            engine,
                            (reactor, it) -> {
                                it.start();
                                ByteStream victim =
                                        List.of(it.source, it.joint, it.destination).get(number);
                                reactor.setImmediate(() -> reactor.setImmediate(victim::destroy));
                            });
            line.assertFailed("ERR_STREAM_PREMATURE_CLOSE");
        }
    }

    @EveryEngine
    void aStageThatIsGoneAtTheStart_bringsAllDown(EngineKind engine) {
        for (int stage = 0; stage < 3; stage++) {
            int number = stage;
            Line line =
                    run(
                            engine,
                            (reactor, it) -> {
                                List.of(it.source, it.joint, it.destination).get(number).destroy();
                                reactor.setTimeout(
                                        1,
                                        () -> {
                                            it.start();
                                            assertEquals(0, it.heard.size(), "inside the call");
                                        });
                            });
            line.assertFailed("ERR_STREAM_PREMATURE_CLOSE");
        }
    }

    @EveryEngine
    void aDestinationThatWasEnded_isAnError(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            it.destination.end();
                            it.start();
                        });
        line.assertFailed("ERR_STREAM_WRITE_AFTER_END");
    }

    @EveryEngine
    void failingSetUp_leavesNothingOpen(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            Pipeline pipeline = Pipeline.from(it.source).through(it.joint);
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> pipeline.to(null, err -> {}));
                            assertTrue(it.source.isDestroyed() && it.joint.isDestroyed());
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            Pipeline.run(
                                                    new Spring(reactor, CONTENT),
                                                    it.destination,
                                                    null));
                            assertTrue(it.destination.isDestroyed());
                        });
        assertTrue(line.source.isClosed() && line.destination.isClosed());
    }

    @EveryEngine
    void cancel_deadlineAndAbort_endIt(EngineKind engine) {
        run(engine, (reactor, it) -> it.start().cancel()).assertFailed("ECANCELED");
        Line late =
                run(
                        engine,
                        (reactor, it) -> {
                            it.destination.stuck = true;
                            it.start().deadline(Duration.ofMillis(5));
                            reactor.setTimeout(2000, () -> {}).unref();
                            keepAlive(reactor, it);
                        });
        late.assertFailed("ETIMEDOUT");
        Line aborted =
                run(
                        engine,
                        (reactor, it) -> {
                            AbortController controller = new AbortController(reactor);
                            it.start().abortOn(controller.signal());
                            reactor.setImmediate(controller::abort);
                        });
        aborted.assertFailed("ECANCELED");
    }

    private static void keepAlive(Reactor reactor, Line line) {
        if (line.heard.isEmpty()) {
            reactor.setTimeout(1, () -> keepAlive(reactor, line));
        }
    }

    @EveryEngine
    void cancelAfterTheEnd_doesNothing(EngineKind engine) {
        Operation[] operation = new Operation[1];
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            operation[0] = it.start();
                            it.destination.onClose(
                                    err -> reactor.setTimeout(5, operation[0]::cancel));
                        });
        assertEquals(1, line.heard.size());
        assertNull(line.heard.getFirst());
    }

    @EveryEngine
    void theReactorsEnd_isHeardOnce(EngineKind engine) {
        Line line =
                run(
                        engine,
                        (reactor, it) -> {
                            it.destination.stuck = true;
                            it.start();
                        });
        line.assertFailed("ERR_STREAM_PREMATURE_CLOSE");
    }

    @EveryEngine
    void anEmptySource_finishesTheDestination(EngineKind engine) {
        Drain[] drain = new Drain[1];
        List<ReactorException> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    drain[0] = new Drain(reactor);
                    Spring source = new Spring(reactor, new byte[0]);
                    Pipeline.run(source, drain[0], heard::add);
                });
        assertEquals(1, heard.size());
        assertNull(heard.getFirst());
        assertTrue(drain[0].isFinished());
        assertFalse(drain[0].error() != null);
    }
}
