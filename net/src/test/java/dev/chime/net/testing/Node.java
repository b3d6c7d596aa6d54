package dev.chime.net.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that Node runs beside a test; where there is no Node, the test is skipped. */
public final class Node implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final BufferedReader out;

    /** Starts a program with arguments, which begin at {@code process.argv[1]}. */
    public Node(String program, String... arguments) throws IOException {
        this(List.of(), program, arguments);
    }

    /** Starts a program with options of Node's own. */
    public Node(List<String> options, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(options);
        command.addAll(List.of("-e", program));
        command.add("--");
        command.addAll(List.of(arguments));
        Process started;
        try {
            started =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "no node");
            throw e;
        }
        process = started;
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The next line that it prints. */
    public String line() throws IOException {
        String line = out.readLine();
        assertTrue(line != null, "node has ended");
        return line;
    }

    /** All it prints until it ends by itself, which it must do well. */
    public String rest() throws IOException, InterruptedException {
        String text = out.readAllAsString();
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "node hangs");
        assertTrue(process.exitValue() == 0, text);
        return text;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        out.close();
        process.getOutputStream().close();
    }
}
