package dev.chime.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples do what their line in the list says, on both engines. */
class SamplesTest {
    @TempDir Path folder;

    private static String name(EngineKind engine) {
        return engine.name().toLowerCase(Locale.ROOT);
    }

    /** Runs one in this JVM: only for command lines at which nothing is started. */
    private static Sample.Ended runHere(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(30),
                        () ->
                                Main.run(
                                        arguments,
                                        new PrintStream(out, true, UTF_8),
                                        new PrintStream(err, true, UTF_8)));
        return new Sample.Ended(code, out.toString(UTF_8), err.toString(UTF_8));
    }

    @Test
    void noArgument_listsWhatTheReadmeLists_andEachHasHelp() throws Exception {
        Sample.Ended ended = Sample.run(folder, EngineKind.AUTO);

        assertEquals(0, ended.code());
        assertEquals(ended, runHere("--help"));
        String readme = Files.readString(Path.of("../README.md"));
        List<String> lines = ended.out().lines().skip(1).toList();
        assertEquals(26, lines.size());
        for (String line : lines) {
            String sample = line.strip().split(" ")[0];
            assertTrue(
                    Pattern.compile("(?m)^\\|[^|]*`" + sample + "[ `]").matcher(readme).find(),
                    sample);
            Sample.Ended help = runHere(sample, "--help");
            assertEquals(0, help.code());
            assertTrue(help.out().contains("\nusage: samples/run " + sample), help.out());
            assertEquals("", help.err());
        }
    }

    @Test
    void exitCode_tellsOfWrongUsage() throws Exception {
        Sample.Ended ended = Sample.run(folder, EngineKind.AUTO, "echo", "--port", "seven");

        assertEquals(2, ended.code());
        assertEquals(
                "echo: --port is not a number: seven\n"
                        + "usage: samples/run echo --port N [--host H] [--cert PEM --key PEM]\n",
                ended.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nosuch",
                "readfile",
                "readfile --color red x",
                "cp",
                "cp one",
                "cp one two three",
                "find",
                "find . --type q",
                "find . extra",
                "echo",
                "echo --port",
                "echo --port 65536",
                "echo --port seven",
                "echo --port 0 extra",
                "tail",
                "tail -f one two",
                "tail one --lines -1",
                "watch",
                "watch one two",
                "chat --port",
                "proxy --port 0",
                "proxy --port 0 --to nowhere",
                "proxy --port 0 --to :80",
                "proxy --port 0 --to host:99999",
                "udp-echo",
                "http-hello",
                "static --port 0",
                "caching-proxy --port 0",
                "caching-proxy --port 0 --dir . --upstream ftp://a",
                "caching-proxy --port 0 --dir . --max-bytes 0",
                "udp-ping --port 0",
                "generations --file nofile",
                "generations --file .",
                "generations --file /proc/version",
                "generations --bytes 4095",
                "generations --reads 0",
                "generations --depth 5000",
                "generations --svg /nofolder/x.svg",
                "kv --port 0",
                "dashboard",
                "kv --dir . --port -1",
                "lab-nop --batch 0 --seconds 1",
                "lab-randread --file nofile",
                "lab-append --dir . --concurrency 0 --seconds 1",
                "lab-udp --warmup 0 --seconds 1 --inflight 0",
                "lab-echo --warmup 0 --seconds 1",
                "lab-idle --connections 1"
            })
    void wrongUsage_saysSo(String line) {
        Sample.Ended ended = runHere(line.split(" ", -1));

        assertEquals(2, ended.code(), ended.err());
        assertTrue(
                ended.err().contains("usage: samples/run")
                        || ended.err().startsWith("unknown sample"),
                ended.err());
    }

    @EngineTest
    void hello_showsTheOrder(EngineKind engine) throws Exception {
        Sample.Ended ended = Sample.run(folder, engine, "hello");

        assertEquals(
                List.of(
                        "hello from the engine " + name(engine),
                        "hello from a tick",
                        "hello from an immediate",
                        "hello from a timer"),
                ended.out().lines().toList());
    }

    @EngineTest
    void readfile_printsSizesAndFailsForMissingOnes(EngineKind engine) throws Exception {
        Path file = Files.write(folder.resolve("five"), new byte[] {1, 2, 3, 4, 5});
        Path missing = folder.resolve("missing");

        Sample.Ended ended =
                Sample.run(folder, engine, "readfile", file.toString(), missing.toString());

        assertEquals(1, ended.code());
        assertEquals(file + ": 5 bytes by the engine " + name(engine), ended.out().strip());
        assertEquals(
                "ENOENT: no such file or directory, open '" + missing + "'", ended.err().strip());
    }

    @EngineTest
    void cat_copiesFilesInOrder(EngineKind engine) throws Exception {
        String lines = "0123456789abcde\n".repeat(20_000);
        Path first = Files.writeString(folder.resolve("first"), lines);
        Path second = Files.writeString(folder.resolve("second"), "the end\n");

        Sample.Ended ended = Sample.run(folder, engine, "cat", first.toString(), second.toString());

        assertEquals(0, ended.code());
        assertEquals(lines + "the end\n", ended.out());
    }

    @EngineTest
    void cp_copiesTreesAndFiles_andSaysHowMuch(EngineKind engine) throws Exception {
        Path from = Files.createDirectories(folder.resolve("from/sub"));
        Files.write(from.resolve("f"), new byte[3 << 20]);
        Path to = folder.resolve("to");

        Sample.Ended tree =
                Sample.run(folder, engine, "cp", from.getParent().toString(), to.toString());
        Sample.Ended again =
                Sample.run(folder, engine, "cp", to.toString(), to.resolve("x").toString());
        Sample.Ended missing =
                Sample.run(folder, engine, "cp", folder.resolve("none").toString(), "x");

        assertEquals("copied 3 entries, 3.0 MiB", tree.out().strip(), tree.err());
        assertEquals(3 << 20, Files.size(to.resolve("sub/f")));
        assertEquals(1, again.code());
        assertTrue(again.err().contains("to a subdirectory of self"), again.err());
        assertEquals(1, missing.code());
        assertTrue(missing.err().startsWith("ENOENT: "), missing.err());
    }

    @EngineTest
    void find_printsWhatMatches(EngineKind engine) throws Exception {
        Path sub = Files.createDirectories(folder.resolve("tree/.hidden/sub"));
        Files.createFile(sub.resolve("a.java"));
        Files.createFile(sub.resolve("b.txt"));
        Files.createDirectory(sub.resolve("c.java"));
        String root = folder.resolve("tree").toString();

        Sample.Ended byName = Sample.run(folder, engine, "find", root, "--name", "*.java");
        Sample.Ended byType = Sample.run(folder, engine, "find", root, "--type", "d");

        assertEquals(
                List.of(sub.resolve("a.java") + "", sub.resolve("c.java") + ""),
                byName.out().lines().sorted().toList());
        assertEquals(
                List.of(sub.getParent() + "", sub + "", sub.resolve("c.java") + ""),
                byType.out().lines().sorted().toList());
        assertEquals(0, byName.code() + byType.code());
    }

    @EngineTest
    void echo_serves500ConnectionsByteForByte_andEndsOnSigterm(EngineKind engine) throws Exception {
        try (Sample echo = Sample.start(folder, engine, "echo", "--port", "0")) {
            int port = echo.awaitPort("echo on");
            echo.awaitLog("engine " + name(engine));

            long bytes = EchoLoad.run(port, 500, 40, 3000);

            assertEquals(500L * 40 * 3000, bytes);
            echo.terminate();
            assertEquals(128 + 15, echo.await().code());
        }
    }

    @EngineTest
    void udpPing_hearsEveryEcho_andThatNobodyListensAfterwards(EngineKind engine) throws Exception {
        String port;
        try (Sample echo = Sample.start(folder, engine, "udp-echo", "--port", "0")) {
            port = Integer.toString(echo.awaitPort("echo on"));
            Sample.Ended ping = Sample.run(folder, engine, "udp-ping", "--port", port);
            assertEquals(0, ping.code(), ping.err());
            assertEquals(4, ping.out().lines().filter(line -> line.endsWith(" us")).count());
            echo.terminate();
            echo.await();
        }
        Sample.Ended alone = Sample.run(folder, engine, "udp-ping", "--port", port, "--count", "1");
        assertEquals(1, alone.code());
        assertEquals("echo 1: recvmsg ECONNREFUSED 127.0.0.1:" + port, alone.out().strip());
    }

    @EngineTest
    void echo_portTaken_namesIt(EngineKind engine) throws Exception {
        try (java.net.ServerSocket taken =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            Sample.Ended ended = Sample.run(folder, engine, "echo", "--port", port);

            assertEquals(1, ended.code());
            assertEquals(
                    "listen EADDRINUSE: address already in use 127.0.0.1:" + port,
                    ended.err().strip());
        }
    }

    @EngineTest
    void generations_printsARowForEach_andDrawsThem(EngineKind engine) throws Exception {
        Path plot = folder.resolve("plot.svg");
        String line = "generations --bytes 1048576 --reads 200 --depth 4 --svg " + plot;

        Sample.Ended ended = Sample.run(folder, engine, line.split(" ", -1));

        assertEquals(0, ended.code(), ended.err());
        for (String generation : List.of("pread, 1 thread ", "POSIX aio", "io_uring (Chime) ")) {
            assertEquals(
                    3,
                    ended.out().lines().filter(row -> row.startsWith(generation)).count(),
                    ended.out());
        }
        assertTrue(Files.readString(plot).startsWith("<svg "));
        Matcher file = Pattern.compile(" of (/\\S+),").matcher(ended.out());
        assertTrue(file.find(), ended.out());
        assertTrue(Files.notExists(Path.of(file.group(1))), "it deletes its own file");
    }

    @Test
    void generations_fileTooSmall_saysHowSmall() throws Exception {
        Path file = Files.write(folder.resolve("small"), new byte[4095]);

        Sample.Ended ended =
                Sample.run(folder, EngineKind.AUTO, "generations", "--file", file.toString());

        assertEquals(2, ended.code());
        assertTrue(ended.err().contains("of 4095 bytes: use one of 4096 or more"), ended.err());
    }

    @EngineTest
    void labCommands_printTheLabsJson(EngineKind engine) throws Exception {
        for (int i = 0; i < 3; i++) {
            Files.write(folder.resolve("f" + i), new byte[4096]);
        }
        Pattern json =
                Pattern.compile(
                        "\\{\"ops\":[1-9]\\d*,\"seconds\":\\d+\\.\\d+,\"cpu_seconds\":\\d+\\.\\d+}");
        String dir = folder.toString();
        List<Sample> started = new ArrayList<>();
        for (String line :
                List.of(
                        "lab-nop --batch 8 --seconds 0.1",
                        "lab-loop --op timer_setclear --n 1000",
                        "lab-randread --depth 4 --direct 0 --warmup 0.1 --seconds 0.1 --file "
                                + folder.resolve("f0"),
                        "lab-readfiles --count 3 --bytes 4096 --concurrency 2 --warmup 0.1"
                                + " --seconds 0.1 --dir "
                                + dir,
                        "lab-udp --warmup 0.1 --seconds 0.1",
                        "lab-append --concurrency 2 --seconds 0.1 --dir " + dir)) {
            started.add(Sample.start(folder, engine, line.split(" ", -1)));
        }
        for (Sample each : started) {
            try (Sample sample = each) {
                Sample.Ended ended = sample.await();
                assertEquals(0, ended.code(), ended.err());
                assertTrue(json.matcher(ended.out().strip()).matches(), ended.out());
            }
        }
    }

    @EngineTest
    void labEcho_loadsAServer_andSaysThatNobodyIsThere(EngineKind engine) throws Exception {
        String load =
                "lab-echo --warmup 0 --seconds 0.1 --connections 3 --inflight 2 --bytes 9 --port ";
        String port;
        try (Sample echo = Sample.start(folder, engine, "echo", "--port", "0")) {
            port = "" + echo.awaitPort("echo on");
            Sample.Ended ended = Sample.run(folder, engine, (load + port).split(" "));
            assertEquals(0, ended.code(), ended.err());
            assertTrue(ended.out().startsWith("{\"ops\":"), ended.out());
            assertFalse(ended.out().startsWith("{\"ops\":0,"), ended.out());
        }
        Sample.Ended alone = Sample.run(folder, engine, (load + port).split(" "));
        assertEquals(1, alone.code());
        assertTrue(alone.err().startsWith("connect ECONNREFUSED 127.0.0.1:"), alone.err());
    }

    @EngineTest
    void labIdle_tellsWhatAConnectionCosts(EngineKind engine) throws Exception {
        Sample.Ended ended = Sample.run(folder, engine, "lab-idle", "--connections", "400");

        assertEquals(0, ended.code(), ended.err());
        assertTrue(
                ended.out()
                        .matches(
                                "\\{\"connections\":400,\"resident_bytes_each\":-?\\d+,"
                                        + "\"heap_bytes_each\":-?\\d+,\"native_bytes_each\":\\d+}\n"),
                ended.out() + ended.err());
    }

    @EngineTest
    void labAppend_leavesWholeBlocks(EngineKind engine) throws Exception {
        String line = "lab-append --concurrency 2 --seconds 0.1 --dir " + folder;

        Sample.Ended ended = Sample.run(folder, engine, line.split(" ", -1));

        Matcher operations = Pattern.compile("\"ops\":(\\d+)").matcher(ended.out());
        assertTrue(operations.find(), ended.out() + ended.err());
        long bytes = Files.size(folder.resolve("chime0")) + Files.size(folder.resolve("chime1"));
        assertEquals(4096 * Long.parseLong(operations.group(1)), bytes);
    }

    @Test
    void labReadfiles_wrongLength_fails() throws Exception {
        Files.write(folder.resolve("f0"), "short".getBytes(UTF_8));

        Sample.Ended ended =
                Sample.run(
                        folder,
                        EngineKind.AUTO,
                        ("lab-readfiles --count 1 --bytes 4096 --concurrency 1 --warmup 0 --seconds"
                                        + " 0 --dir "
                                        + folder)
                                .split(" ", -1));

        assertEquals(1, ended.code());
        assertTrue(ended.err().contains("read 5 bytes"), ended.err());
    }
}
