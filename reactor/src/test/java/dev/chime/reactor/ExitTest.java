package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** A process ends promptly, however much is in flight. */
class ExitTest {
    /** A second is what users get; a loaded machine gets this. */
    private static final int PATIENCE_SECONDS = 20;

    @TempDir private Path directory;

    @EngineTest
    void systemExitInACallback_thousandInFlight_endsAtOnce(EngineKind engine) throws Exception {
        assertEquals(7, exitCode(engine, "callback"));
    }

    @EngineTest
    void systemExitOnAnotherThread_thousandInFlight_endsAtOnce(EngineKind engine) throws Exception {
        assertEquals(7, exitCode(engine, "thread"));
    }

    @EngineTest
    void sigterm_thousandInFlight_endsAtOnce(EngineKind engine) throws Exception {
        assertEquals(128 + 15, exitCode(engine, "signal"));
    }

    private int exitCode(EngineKind engine, String way) throws Exception {
        Process process =
                ChildJvm.start(
                        List.of("-Xmx128m"),
                        ShutdownProgram.class,
                        engine.name(),
                        way,
                        fifo().toString());
        try (BufferedReader output = process.inputReader()) {
            assertEquals("ready", output.readLine());
            if (way.equals("signal")) {
                process.destroy();
            }
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it does not end");
            return process.exitValue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private Path fifo() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(List.of("exit 0"), ChildJvm.run(List.of("mkfifo", fifo.toString())));
        assertTrue(Files.exists(fifo));
        return fifo;
    }

    @EngineTest
    void stop_thousandInFlight_reportSaysWhatWasCut(EngineKind engine) throws Exception {
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        // Reads go to threads on every engine: four of them hang in the FIFO.
                        List.of("-Xmx128m", "-Dchime.deny=READ"),
                        ShutdownProgram.class,
                        engine.name(),
                        "stop",
                        fifo().toString());
        assertEquals("exit 0", lines.getLast(), lines::toString);
        String report = lines.get(lines.size() - 2);
        assertTrue(report.startsWith("ended ShutdownReport["), lines::toString);
        assertTrue(report.contains("cancelled=996, finished=0"), report);
        assertTrue(report.contains("unfinished=4, unfinishedOperations=READ#"), report);
        assertTrue(
                lines.stream().anyMatch(line -> line.contains("not all of it")), lines::toString);
    }
}
