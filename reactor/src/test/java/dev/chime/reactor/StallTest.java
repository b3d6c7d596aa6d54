package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The watchdog: what it says of a loop that hangs, and of one that does not. */
class StallTest {
    /** So long that a loaded machine hardly holds a thread up as long. */
    private static final Duration THRESHOLD = Duration.ofSeconds(1);

    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final String DURING = "and still is";
    private static final String AFTER = "goes on";

    private static List<String> lines(LogCapture log, String part) {
        return log.lines().stream().filter(line -> line.contains(part)).toList();
    }

    /** Hangs until the log says so: were that only said afterwards, this would never end. */
    private static void hangUntilReported(LogCapture log, int reports) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (lines(log, DURING).size() < reports && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @EngineTest
    void stalls_areReportedWhileTheyLast_andCountedExactly(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    Reactors.options(engine).stallThreshold(THRESHOLD),
                    reactor -> {
                        kept.set(reactor);
                        reactor.setTimeout(
                                1,
                                () -> {
                                    hangUntilReported(log, 1);
                                    reactor.setTimeout(1, () -> hangUntilReported(log, 2));
                                });
                    });
            List<String> during = lines(log, DURING);
            assertEquals(2, during.size(), during::toString);
            for (String line : during) {
                assertTrue(line.startsWith("WARN the loop of "), line);
                assertTrue(line.contains(Thread.currentThread().toString()), line);
                assertTrue(line.contains("StallTest.hangUntilReported"), line);
            }
            assertEquals(2, lines(log, AFTER).size(), () -> log.lines().toString());
        }
        LoopMetrics metrics = kept.get().metrics();
        assertEquals(2, metrics.stalls());
        assertTrue(metrics.stalledNanos() >= 2 * THRESHOLD.toNanos(), metrics::toString);
        assertTrue(metrics.stalledNanos() <= metrics.busyNanos(), metrics::toString);
    }

    @EngineTest
    void programThatHangsBeforeTheFirstTurn_isReported(EngineKind engine) {
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    Reactors.options(engine).stallThreshold(THRESHOLD),
                    reactor -> hangUntilReported(log, 1));
            assertEquals(1, lines(log, DURING).size());
            assertEquals(1, lines(log, AFTER).size());
        }
    }

    @EngineTest
    void sleepingLoop_isNotStalled(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    Reactors.options(engine).stallThreshold(THRESHOLD),
                    reactor -> {
                        kept.set(reactor);
                        reactor.setTimeout(THRESHOLD.plusMillis(300), () -> {});
                    });
            assertEquals(List.of(), log.lines());
        }
        assertEquals(0, kept.get().metrics().stalls());
    }

    @EngineTest
    void loopThatIsNotRun_isNotStalled(EngineKind engine) throws InterruptedException {
        try (LogCapture log = LogCapture.of(Reactor.class);
                Reactor reactor =
                        Reactor.open(
                                Reactors.options(engine).stallThreshold(Duration.ofMillis(500)))) {
            reactor.nop(err -> {});
            reactor.run(RunMode.UNTIL_DONE);
            Thread.sleep(1200);
            reactor.nop(err -> {});
            reactor.run(RunMode.UNTIL_DONE);
            assertEquals(List.of(), log.lines());
        }
    }

    @EngineTest
    void hangingLoop_isTheOneThatIsReported(EngineKind engine) throws InterruptedException {
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Thread hanging =
                    Thread.ofPlatform()
                            .name("hanging")
                            .start(() ->
                                    Reactor.run(
                                            Reactors.options(engine).stallThreshold(THRESHOLD),
                                            reactor ->
                                                    reactor.setTimeout(
                                                            1, () -> hangUntilReported(log, 1))));
            Reactors.run(
                    Reactors.options(engine).stallThreshold(THRESHOLD),
                    reactor -> {
                        Timer[] look = new Timer[1];
                        look[0] =
                                reactor.setInterval(
                                        5,
                                        () -> {
                                            if (!hanging.isAlive()) {
                                                look[0].clear();
                                            }
                                        });
                    });
            hanging.join();
            List<String> during = lines(log, DURING);
            assertEquals(1, during.size(), during::toString);
            assertTrue(during.getFirst().contains("hanging"), during::toString);
        }
    }

    @EngineTest
    void zeroThreshold_startsNoWatchdog_andReportsNothing(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    Reactors.options(engine).stallThreshold(Duration.ZERO),
                    reactor -> {
                        kept.set(reactor);
                        Thread.sleep(50);
                        assertFalse(
                                Thread.getAllStackTraces().keySet().stream()
                                        .anyMatch(t -> t.getName().equals("chime-watchdog")));
                    });
            assertEquals(List.of(), log.lines());
        }
        assertEquals(0, kept.get().metrics().stalls());
    }
}
