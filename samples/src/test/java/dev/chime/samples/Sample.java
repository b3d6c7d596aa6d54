package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A sample in a JVM of its own, as the launcher starts it. */
final class Sample implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path out;
    private final Path err;

    private Sample(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What a sample that has ended left behind. */
    record Ended(int code, String out, String err) {}

    static Sample start(Path folder, EngineKind engine, String... arguments) throws IOException {
        return start(folder, List.of(), engine, arguments);
    }

    /** Starts one below {@code wrapper}, such as strace. */
    static Sample start(Path folder, List<String> wrapper, EngineKind engine, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1"); // programs of a second start cheaper so
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Dchime.engine=" + engine.name().toLowerCase(Locale.ROOT));
        // The samples' own configuration, not that of the tests, which is silent.
        command.add("-Dlogback.configurationFile=" + Path.of("target/classes/logback.xml").toUri());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        process.getOutputStream().close();
        return new Sample(process, out, err);
    }

    /** Runs one to its end. */
    static Ended run(Path folder, EngineKind engine, String... arguments) throws Exception {
        try (Sample sample = start(folder, engine, arguments)) {
            return sample.await();
        }
    }

    Ended await() throws Exception {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the sample has not ended: " + text(out) + text(err));
        }
        return new Ended(process.exitValue(), text(out), text(err));
    }

    /** Waits for a line on the error stream, where logs go, that contains {@code words}. */
    String awaitLog(String words) throws Exception {
        return await(err, words);
    }

    /** Waits for a line on the standard output that contains {@code words}. */
    String awaitOut(String words) throws Exception {
        return await(out, words);
    }

    private String await(Path file, String words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            for (String line : text(file).lines().toList()) {
                if (line.contains(words)) {
                    return line;
                }
            }
            if (!process.isAlive()) {
                throw new AssertionError("the sample ended: " + text(out) + text(err));
            }
            Thread.sleep(20);
        }
        throw new AssertionError("no '" + words + "' in: " + text(file));
    }

    /** What it has printed until now. */
    String printed() {
        return text(out);
    }

    /** The port of a server whose log line starts with {@code words}. */
    int awaitPort(String words) throws Exception {
        String line = awaitLog(words);
        Matcher port = Pattern.compile(":(\\d+)(,| to)").matcher(line);
        if (!port.find()) {
            throw new AssertionError("no port in: " + line);
        }
        return Integer.parseInt(port.group(1));
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Sends SIGINT, as Ctrl-C does. */
    void interrupt() throws Exception {
        signal("INT");
    }

    /** Sends a signal to the JVM, which may have a wrapper around it. */
    void signal(String name) throws Exception {
        long pid =
                Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                        .filter(each -> each.info().command().orElse("").endsWith("/java"))
                        .findFirst()
                        .orElseThrow()
                        .pid();
        assertEquals(0, new ProcessBuilder("kill", "-" + name, pid + "").start().waitFor());
    }

    /** Sends SIGKILL, and waits until it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
