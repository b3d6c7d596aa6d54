package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.samples.Examples.Example;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the guides run, end by themselves, and print what the page says. */
class GuideTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String MARK = "---- ";

    /** Where the examples of each page lie, compiled once for both engines. */
    private static final Map<String, Path> COMPILED = new HashMap<>();

    @TempDir static Path compiled;

    @TempDir Path folder;

    @EngineTest
    void reactor(EngineKind engine) throws Exception {
        run(engine, "reactor/README.md");
    }

    @EngineTest
    void files(EngineKind engine) throws Exception {
        run(engine, "fs/README.md");
    }

    @EngineTest
    void sockets(EngineKind engine) throws Exception {
        run(engine, "net/README.md");
    }

    @EngineTest
    void fromNode(EngineKind engine) throws Exception {
        run(engine, "reactor/FROM-NODE.md");
    }

    @EngineTest
    void fromNetty(EngineKind engine) throws Exception {
        run(engine, "reactor/FROM-NETTY.md");
    }

    private void run(EngineKind engine, String page) throws Exception {
        List<Example> examples = new ArrayList<>(Examples.of(PROJECT.resolve(page)));
        Path classes = COMPILED.get(page);
        if (classes == null) {
            classes = Files.createDirectory(compiled.resolve("page" + COMPILED.size()));
            Examples.compile(examples, classes);
            COMPILED.put(page, classes);
        }
        if (engine != EngineKind.URING) {
            examples.removeIf(example -> example.code().contains("Ring.open"));
        }
        String output = output(engine, classes, examples);

        for (Example example : examples) {
            String start = MARK + example.name() + "\n";
            int from = output.indexOf(start);
            assertTrue(from >= 0, () -> page + ": " + example.name() + " did not run\n" + output);
            int to = output.indexOf(MARK, from + start.length());
            String printed = output.substring(from + start.length(), to);
            if (example.output() != null) {
                assertEquals(example.output(), printed, page + "\n" + example.code());
            }
        }
    }

    /** All in one JVM, in a folder of their own. */
    private String output(EngineKind engine, Path classes, List<Example> examples)
            throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dchime.engine=" + engine.name().toLowerCase(Locale.ROOT),
                                "-XX:TieredStopAtLevel=1",
                                "-Dchime.stallMillis=0", // a loaded machine is no stall
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classes
                                        + File.pathSeparator
                                        + System.getProperty("java.class.path"),
                                Program.class.getName()));
        examples.forEach(example -> command.add(example.name()));
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .directory(Files.createDirectory(folder.resolve("here")).toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(2, TimeUnit.MINUTES);
            assertTrue(ended, () -> "an example does not end:\n" + text(output));
            assertEquals(0, process.exitValue(), () -> text(output));
        } finally {
            process.destroyForcibly();
        }
        return text(output);
    }

    private static String text(Path output) {
        try {
            return Files.readString(output);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Runs one example after the other, between marks. */
    static final class Program {
        private Program() {}

        /** Takes the names of the examples' classes. */
        public static void main(String[] names) throws ReflectiveOperationException {
            for (String name : names) {
                System.out.print(MARK + name + "\n");
                Constructor<?> made = Class.forName(name).getDeclaredConstructor();
                Method main = made.getDeclaringClass().getDeclaredMethod("main");
                made.setAccessible(true);
                main.setAccessible(true);
                main.invoke(made.newInstance());
            }
            System.out.print(MARK + "\n");
        }
    }
}
