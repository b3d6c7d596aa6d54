package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events that Flight Recorder shows. */
class FlightTest {
    @TempDir Path directory;

    private List<RecordedEvent> record(String event, Runnable program) throws Exception {
        Path file = directory.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.chime." + event).withoutStackTrace();
            recording.enable("dev.chime.SlowCallback").withThreshold(Duration.ofMillis(30));
            recording.start();
            program.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(found -> found.getEventType().getName().equals("dev.chime." + event))
                .toList();
    }

    private static Task sleep(long millis) {
        return () -> Thread.sleep(millis);
    }

    @EngineTest
    void slowCallbacks_areEvents(EngineKind engine) throws Exception {
        List<RecordedEvent> events =
                record(
                        "SlowCallback",
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            reactor.nop(err -> Thread.sleep(40));
                                            reactor.nop(err -> reactor.nextTick(sleep(41)));
                                            reactor.setImmediate(sleep(42));
                                        }));
        List<String> kinds = events.stream().map(event -> event.getString("kind")).toList();
        assertTrue(kinds.containsAll(List.of("NOP", "tick", "task")), kinds::toString);
        for (RecordedEvent event : events) {
            assertTrue(event.getDuration().toMillis() >= 30, event::toString);
            assertFalse(event.getString("callback").isEmpty(), event::toString);
        }
    }

    @EngineTest
    void stalls_areEvents(EngineKind engine) throws Exception {
        List<RecordedEvent> events =
                record(
                        "Stall",
                        () ->
                                Reactors.run(
                                        Reactors.options(engine)
                                                .stallThreshold(Duration.ofMillis(700)),
                                        reactor -> reactor.setTimeout(1, sleep(900))));
        assertEquals(1, events.size(), events::toString);
        RecordedEvent event = events.getFirst();
        assertTrue(event.getDuration("length").toMillis() >= 900, event::toString);
        assertEquals(
                Thread.currentThread().getName(), event.getThread().getJavaName(), event::toString);
    }

    @Test
    void fullCompletionQueue_isAnEvent_andCounted() throws Exception {
        Assumptions.assumeFalse(Settings.DENIED.contains(Op.NOP), "NOPs do not use the ring");
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        LoopMetrics[] metrics = new LoopMetrics[1];
        List<RecordedEvent> events =
                record(
                        "Overflow",
                        () ->
                                Reactors.run(
                                        Reactors.options(EngineKind.URING).entries(8, 16),
                                        reactor -> {
                                            for (int i = 0; i < 200; i++) {
                                                reactor.nop(err -> metrics[0] = reactor.metrics());
                                            }
                                        }));
        assertEquals(200, metrics[0].operation("NOP").completed());
        assertTrue(metrics[0].overflows() >= 1, metrics[0]::toString);
        assertEquals(metrics[0].overflows(), events.size());
        assertEquals(16, events.getFirst().getInt("entries"));
        assertEquals(1, events.getFirst().getLong("times"));
    }
}
