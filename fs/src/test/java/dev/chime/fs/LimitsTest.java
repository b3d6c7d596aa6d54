package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What needs a process of its own: with a small heap, or a limit to the size of files. */
class LimitsTest {
    private static final int KILOBYTES = 200;
    private static final int LIMIT = KILOBYTES * 1024;

    @TempDir Path directory;

    /** Runs the program in a JVM of its own; what it prints, line by line. */
    private List<String> run(EngineKind engine, String limit, String task) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath =
                Stream.of(
                                LimitsProgram.class,
                                Fs.class,
                                Reactor.class,
                                EngineTest.class,
                                LoggerFactory.class,
                                LoggerFactory.getILoggerFactory().getClass(),
                                LoggerFactory.getILoggerFactory().getClass().getSuperclass())
                        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                        .map(location -> Path.of(URI.create(location.toString())).toString())
                        .distinct()
                        .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of("sh", "-c", limit + "exec \"$@\"", "sh"));
        command.addAll(List.of(java, "-Xmx64m", "--enable-native-access=ALL-UNNAMED", "-ea"));
        command.addAll(List.of("-XX:-UsePerfData", "-cp", classPath));
        command.addAll(List.of(LimitsProgram.class.getName(), engine.name(), task));
        command.add(directory.toString());
        Process child =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(child.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, child.waitFor(), output);
        return output.lines().toList();
    }

    @EngineTest
    void moreThanTheHeapHolds_isEnomemAndTheLoopGoesOn(EngineKind engine) throws Exception {
        assertEquals(
                List.of("ENOMEM: not enough memory, read", "then 3 bytes"),
                run(engine, "", "heap"));
    }

    @EngineTest
    void shortWrites_goOnUntilTheErrorThatCausedThem(EngineKind engine) throws Exception {
        String error = "EFBIG: file too large, write";
        assertEquals(
                List.of(
                        "buffer at 1000: " + error + " after " + (LIMIT - 1000),
                        "buffer: " + error + " after " + LIMIT,
                        "array: " + error + " after " + LIMIT,
                        "writeFile: " + error),
                run(engine, "ulimit -f " + 2 * KILOBYTES + "; ", "size"));
        assertEquals(LIMIT, Files.size(directory.resolve("w")));
    }
}
