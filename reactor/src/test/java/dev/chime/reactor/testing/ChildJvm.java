package dev.chime.reactor.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** A program of the tests in a JVM of its own: under a tracer, with other options, unwarmed. */
public final class ChildJvm {
    private static final int PATIENCE_SECONDS = 120;

    private ChildJvm() {}

    /**
     * Runs {@code program}'s main to its end.
     *
     * @param prefix what starts the JVM, such as {@code strace -f}; may be empty
     * @param options of the JVM
     * @return the lines of both outputs, and {@code exit N} as the last
     */
    public static List<String> run(
            List<String> prefix, List<String> options, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        return run(prefix, options, List.of(), program, arguments);
    }

    /** As above, with the classes of a module, which {@code besides} names by one of them. */
    public static List<String> run(
            List<String> prefix,
            List<String> options,
            List<Class<?>> besides,
            Class<?> program,
            String... arguments)
            throws IOException, InterruptedException {
        return run(command(prefix, options, besides, program, arguments));
    }

    /** Starts {@code program}'s main, both outputs in one; the caller ends it. */
    public static Process start(List<String> options, Class<?> program, String... arguments)
            throws IOException {
        return start(options, List.of(), program, arguments);
    }

    /** As above, with the classes of a module, which {@code besides} names by one of them. */
    public static Process start(
            List<String> options, List<Class<?>> besides, Class<?> program, String... arguments)
            throws IOException {
        return new ProcessBuilder(command(List.of(), options, besides, program, arguments))
                .redirectErrorStream(true)
                .start();
    }

    private static List<String> command(
            List<String> prefix,
            List<String> options,
            List<Class<?>> besides,
            Class<?> program,
            String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath(program, besides)));
        command.add(program.getName());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** True when there is an strace, and it may trace. */
    public static boolean straceWorks() throws InterruptedException {
        try {
            return run(List.of("strace", "-o", "/dev/null", "true")).contains("exit 0");
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs any command to its end. */
    public static List<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        Thread reaper = // its output ends with it, so a hang here is a hang there
                Thread.ofPlatform().daemon().start(() -> endInTime(process));
        byte[] output = process.getInputStream().readAllBytes();
        int exit = process.waitFor();
        reaper.join();
        List<String> lines =
                new ArrayList<>(new String(output, StandardCharsets.UTF_8).lines().toList());
        lines.add("exit " + exit);
        return lines;
    }

    private static void endInTime(Process process) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts the reaper", e);
        }
    }

    /** Where the classes come from, also when the module system has them. */
    private static String classPath(Class<?> program, List<Class<?>> besides) {
        Set<String> places = new LinkedHashSet<>();
        List<Class<?>> types = new ArrayList<>(besides);
        types.addAll(
                List.of(
                        program,
                        ChildJvm.class,
                        dev.chime.reactor.Reactor.class,
                        LoggerFactory.class,
                        ch.qos.logback.classic.Logger.class,
                        ch.qos.logback.core.Context.class));
        for (Class<?> type : types) {
            String name = type.getName().replace('.', '/') + ".class";
            String url = String.valueOf(type.getResource("/" + name));
            String place = url.substring(0, url.length() - name.length());
            if (place.startsWith("jar:")) {
                place = place.substring("jar:".length(), place.lastIndexOf("!/"));
            }
            places.add(Path.of(URI.create(place)).toString());
        }
        return String.join(":", places);
    }
}
