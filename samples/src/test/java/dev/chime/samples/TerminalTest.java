package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples at a terminal, and in pipes whose other end is closed. */
class TerminalTest {
    @TempDir Path folder;

    /** On a pseudoterminal of 50 columns, by script(1) of util-linux. */
    private static List<String> terminal(String environment) {
        boolean there =
                Stream.of("/bin", "/usr/bin")
                        .map(bin -> Path.of(bin, "script"))
                        .anyMatch(Files::isExecutable);
        assumeTrue(there, "there is no script(1) here");
        String shell = "stty cols 50; exec env " + environment + " $*";
        return List.of("bash", "-c", "exec script -qefc \"" + shell + "\" /dev/null", "bash");
    }

    /** Pipes the output to another program. */
    private static List<String> pipedTo(String program) {
        return List.of("bash", "-c", "set -o pipefail; \"$@\" | " + program, "bash");
    }

    private static Sample.Ended run(
            Path folder, List<String> wrapper, EngineKind engine, String... arguments)
            throws Exception {
        try (Sample sample = Sample.start(folder, wrapper, engine, arguments)) {
            return sample.await();
        }
    }

    /** A directory with so many names of one file of 4 KiB. */
    private Path tree(int files) throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Path one = Files.write(folder.resolve("one"), new byte[4096]);
        for (int i = 0; i < files; i++) {
            Files.createLink(tree.resolve("f" + i), one);
        }
        return tree;
    }

    // ---- the bar of cp

    @Test
    void bar_isAsWideAsTheTerminal_andFullAtTheEnd() {
        assertEquals("[..........] text", Bar.line(0, "text", 18));
        assertEquals("[#####.....] text", Bar.line(0.5, "text", 18));
        assertEquals("[##########] text", Bar.line(1.2, "text", 18));
        assertEquals("[" + "#".repeat(60) + "] text", Bar.line(1, "text", 1000));
        assertEquals("[....] text", Bar.line(0, "text", 12));
        assertEquals("text", Bar.line(0, "text", 11));
        assertEquals("te", Bar.line(0, "text", 3));
        assertEquals("", Bar.line(0, "text", 0));
    }

    @EngineTest
    void cp_drawsABarOnATerminal(EngineKind engine) throws Exception {
        Path tree = tree(3);
        String to = folder.resolve("to").toString();

        Sample.Ended ended = run(folder, terminal(""), engine, "cp", tree.toString(), to);

        assertEquals(0, ended.code(), ended.out());
        String text = "4 entries, 0.0 MiB";
        String last = "\r[" + "#".repeat(50 - text.length() - 4) + "] " + text + "\u001b[K\r\n";
        assertTrue(ended.out().endsWith(last), ended.out());
    }

    @EngineTest
    void cp_columnsOfTheEnvironmentCount(EngineKind engine) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[1]);
        String to = folder.resolve("to").toString();

        Sample.Ended ended = run(folder, terminal("COLUMNS=30"), engine, "cp", file.toString(), to);

        assertTrue(
                ended.out().endsWith("\r[##########] 1 entry, 0.0 MiB\u001b[K\r\n"), ended.out());
    }

    @EngineTest
    void cp_interrupted_leavesNoHalfFile(EngineKind engine) throws Exception {
        Path tree = tree(40_000);
        Path to = folder.resolve("to");
        Sample.Ended ended;
        try (Sample cp =
                Sample.start(folder, terminal(""), engine, "cp", tree.toString(), to.toString())) {
            cp.awaitOut("[");
            cp.interrupt();
            ended = cp.await();
        }
        assertEquals(130, ended.code(), ended.out());
        try (Stream<Path> copies = Files.list(to)) {
            List<Path> left = copies.toList();
            assertTrue(left.size() < 40_000, "all were copied");
            for (Path copy : left) {
                assertEquals(4096, Files.size(copy), copy::toString);
            }
        }
    }

    @EngineTest
    void cp_inAPipe_drawsNoBar(EngineKind engine) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[1]);
        String to = folder.resolve("to").toString();

        Sample.Ended ended = run(folder, pipedTo("cat"), engine, "cp", file.toString(), to);

        assertEquals("copied 1 entry, 0.0 MiB\n", ended.out());
    }

    // ---- strangers

    @EngineTest
    void find_missingDirectoryOrAFile_saysSoAndExits1(EngineKind engine) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path path : List.of(folder.resolve("none"), file)) {
            Sample.Ended ended = Sample.run(folder, engine, "find", path.toString());

            assertEquals(1, ended.code(), path::toString);
            assertTrue(ended.err().contains(", opendir '" + path + "'"), ended.err());
        }
    }

    /** Only the first line is read: the program must notice, and end without a word. */
    private void endsQuietly(EngineKind engine, String first, String... arguments)
            throws Exception {
        Sample.Ended ended = run(folder, pipedTo("head -n 1"), engine, arguments);

        assertEquals(first, ended.out());
        assertEquals("", ended.err());
        assertEquals(0, ended.code());
    }

    @EngineTest
    void closedOutput_endsCatTailAndFind(EngineKind engine) throws Exception {
        Path lines = Files.writeString(folder.resolve("lines"), "line\n".repeat(100_000));
        tree(3_000);
        endsQuietly(engine, "line\n", "cat", lines.toString(), "/dev/zero");
        endsQuietly(engine, "line\n", "tail", "--lines", "100000", lines.toString());
        String found = folder.resolve("tree").toString();
        Sample.Ended ended = run(folder, pipedTo("head -n 1"), engine, "find", found);
        assertTrue(ended.out().startsWith(found + "/f"), ended.out());
        assertEquals("", ended.err());
        assertEquals(0, ended.code());
    }

    @EngineTest
    void closedOutput_endsWatchAndTailF_whenTheyHaveMoreToSay(EngineKind engine) throws Exception {
        Path tree = Files.createDirectory(folder.resolve("watched"));
        try (Sample watch =
                Sample.start(folder, pipedTo("head -n 1"), engine, "watch", tree.toString())) {
            watch.awaitLog("watching");
            Files.createFile(tree.resolve("a"));
            watch.awaitOut("created  a");
            Files.createFile(tree.resolve("b"));
            assertEquals(0, watch.await().code());
        }
        Path log = Files.writeString(folder.resolve("log"), "one\n");
        try (Sample tail =
                Sample.start(folder, pipedTo("head -n 1"), engine, "tail", "-f", log.toString())) {
            tail.awaitOut("one");
            Files.writeString(log, "one\ntwo\n");
            assertEquals(0, tail.await().code());
        }
    }
}
