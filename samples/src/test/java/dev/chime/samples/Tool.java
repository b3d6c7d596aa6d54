package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of the machine's, such as curl or wrk, in a process. */
final class Tool implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 90;

    private final Process process;
    private final Path out;
    private final Path err;

    private Tool(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static boolean isThere(String name) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, name)));
    }

    static Tool start(Path folder, List<String> command) throws IOException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        return new Tool(process, out, err);
    }

    /** Runs one to its end, which must be a good one; gives its output. */
    static String run(Path folder, String... command) throws Exception {
        try (Tool tool = start(folder, List.of(command))) {
            return tool.await();
        }
    }

    /** What wrk is called with for {@code connections} that ask for a second. */
    static List<String> wrk(int connections, String url) {
        return List.of("wrk", "-t1", "-c" + connections, "-d1s", "--timeout", "30s", url);
    }

    /** Checks that wrk has had answers, and none but good ones. */
    static void assertGood(String wrkReport) {
        assertTrue(wrkReport.contains("Requests/sec"), wrkReport);
        assertFalse(wrkReport.contains("Socket errors"), wrkReport);
        assertFalse(wrkReport.contains("Non-2xx"), wrkReport);
    }

    /** Waits for its end, which must be a good one; gives its output. */
    String await() throws Exception {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it does not end");
        assertEquals(0, process.exitValue(), Files.readString(err));
        return Files.readString(out);
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Ends it as Ctrl-C does; gives its output. */
    String interrupt() throws Exception {
        new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();
        return await();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
