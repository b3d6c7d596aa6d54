package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What calls give here and in Node: one line each, by name. */
final class Node {
    /** Its file system calls are what ours are compared with; another major has its own. */
    private static final String MAJOR = "20";

    /** {@code p} makes a path of a name, {@code out} a callback of a line. */
    private static final String PRELUDE =
            """
            const fs = require('fs');
            const p = name => process.argv[1] + '/' + name;
            const errno = (err, key) => (err.code.startsWith('ERR_') ? undefined : err[key]) ?? '-';
            const out = (name, show) => (err, value) => console.log(
                err ? [name, err.code, errno(err, 'syscall'), errno(err, 'path'), errno(err, 'dest'),
                       err.message].join('|')
                    : name + '|ok|' + (show ? show(value) : ''));
            """;

    private final Path directory;
    private final Map<String, String> ours = new TreeMap<>();

    /** Compares calls on the names of a directory. */
    Node(Path directory) {
        this.directory = directory;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** What Node says to a script, which finds the directory's path in its argument. */
    static Map<String, String> run(String script, Path directory)
            throws IOException, InterruptedException {
        assumeTrue(
                output("-p", "process.versions.node").startsWith(MAJOR + "."), "no Node 20 here");
        Map<String, String> lines = new TreeMap<>();
        output("-e", PRELUDE + script, directory.toString())
                .lines()
                .forEach(line -> lines.put(line.split("\\|")[0], line));
        return lines;
    }

    private static String output(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        builder.command().addFirst("node");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return "";
        }
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return text;
    }

    /** Notes what a call gives; the value as text. */
    <T> Heard<T> heard(String name) {
        return new Heard<>() {
            @Override
            void heard() {
                note(name, err, value);
            }
        };
    }

    void note(String name, ReactorException err, Object value) {
        if (err == null) {
            ours.put(name, name + "|ok|" + (value == null ? "" : value));
            return;
        }
        ErrnoException errno = err instanceof ErrnoException of ? of : null;
        String syscall = errno == null ? "-" : errno.syscall();
        String path = errno == null || errno.path() == null ? "-" : errno.path();
        String message = err.getMessage();
        if (syscall.equals("mkdtemp")) { // which ends in what nobody knows
            path = path.replaceFirst(".{6}$", "XXXXXX");
            message = message.replaceFirst(".{6}'$", "XXXXXX'");
        }
        String dest = errno == null || errno.dest() == null ? "-" : errno.dest();
        ours.put(name, String.join("|", name, err.code(), syscall, path, dest, message));
    }

    /** Every line is in both, and the same. */
    void assertSame(Map<String, String> nodes) {
        assertEquals(String.join("\n", nodes.values()), String.join("\n", ours.values()));
    }
}
