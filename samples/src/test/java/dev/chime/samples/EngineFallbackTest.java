package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel sees, by strace: the ring does the user's file work; refused, the pool does. */
class EngineFallbackTest {
    @TempDir Path folder;

    @BeforeEach
    void needsStrace() throws InterruptedException {
        try {
            Process tried = new ProcessBuilder("strace", "-o", "/dev/null", "true").start();
            assumeTrue(tried.waitFor() == 0, "strace cannot trace here");
        } catch (IOException e) {
            assumeTrue(false, "there is no strace here");
        }
    }

    private Path userFile() throws IOException {
        return Files.writeString(folder.resolve("the-users-file"), "content");
    }

    private List<String> strace(Path trace, String... more) {
        java.util.ArrayList<String> command =
                new java.util.ArrayList<>(List.of("strace", "-f", "-o", trace.toString()));
        command.addAll(List.of(more));
        return command;
    }

    @Test
    void onTheRing_noFileOfTheUserIsOpenedByAPlainOpenat() throws Exception {
        Path trace = folder.resolve("trace");
        Path file = userFile();

        Sample.Ended ended;
        try (Sample sample =
                Sample.start(
                        folder,
                        strace(trace, "-e", "trace=io_uring_setup,io_uring_enter,openat,read"),
                        EngineKind.AUTO,
                        "readfile",
                        file.toString())) {
            ended = sample.await();
        }

        assumeTrue(ended.out().contains("engine uring"), "no io_uring here: " + ended.err());
        String calls = Files.readString(trace);
        assertFalse(calls.contains("the-users-file"), "a plain openat of the user's file");
        assertTrue(calls.contains("io_uring_enter("), "file operations go through io_uring_enter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPERM", "ENOSYS", "ENOMEM", "EMFILE", "EACCES", "EINVAL"})
    void setupRefused_samePoolOutput_oneLineSaysWhyAndWhatToDo(String errno) throws Exception {
        Path file = userFile();

        Sample.Ended ended;
        try (Sample sample =
                Sample.start(
                        folder,
                        strace(
                                Path.of("/dev/null"),
                                "-e",
                                "trace=io_uring_setup",
                                "-e",
                                "inject=io_uring_setup:error=" + errno),
                        EngineKind.AUTO,
                        "readfile",
                        file.toString())) {
            ended = sample.await();
        }

        assertEquals(0, ended.code(), ended.err());
        assertEquals(file + ": 7 bytes by the engine pool", ended.out().strip());
        List<String> lines = ended.err().lines().toList();
        assertEquals(1, lines.size(), ended.err());
        assertTrue(lines.getFirst().contains("INFO"), ended.err());
        assertTrue(lines.getFirst().contains(errno), ended.err());
        assertTrue(lines.getFirst().contains("io_uring_setup"), ended.err());
    }

    @Test
    void setupRefused_explicitRing_failsAndNamesErrnoCauseAndRemedy() throws Exception {
        Sample.Ended ended;
        try (Sample sample =
                Sample.start(
                        folder,
                        strace(
                                Path.of("/dev/null"),
                                "-e",
                                "trace=io_uring_setup",
                                "-e",
                                "inject=io_uring_setup:error=EPERM"),
                        EngineKind.URING,
                        "hello")) {
            ended = sample.await();
        }

        assertEquals(1, ended.code());
        assertTrue(ended.err().contains("EPERM"), ended.err());
        assertTrue(ended.err().contains("seccomp"), ended.err());
        assertTrue(ended.err().contains("kernel.io_uring_disabled"), ended.err());
    }

    @Test
    void generations_refused_haveARowThatSaysSo() throws Exception {
        Sample.Ended ended;
        try (Sample sample =
                Sample.start(
                        folder,
                        strace(
                                Path.of("/dev/null"),
                                "-e",
                                "trace=io_uring_setup,io_setup",
                                "-e",
                                "inject=io_uring_setup,io_setup:error=EPERM"),
                        EngineKind.AUTO,
                        "generations --bytes 1048576 --reads 50".split(" ", -1))) {
            ended = sample.await();
        }

        assertEquals(0, ended.code(), ended.err());
        List<String> rows = ended.out().lines().toList();
        assertEquals(
                5, rows.stream().filter(row -> row.contains("io_setup is not permitted")).count());
        assertTrue(
                rows.stream()
                        .filter(row -> row.startsWith("io_uring (Chime) "))
                        .allMatch(row -> row.endsWith("engine pool: worker threads")),
                ended.out());
    }
}
