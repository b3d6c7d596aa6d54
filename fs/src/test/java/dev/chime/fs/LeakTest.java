package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.LogCapture;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Handles that the program forgets to close. */
class LeakTest {
    @TempDir Path directory;

    @EngineTest
    void droppedHandle_isClosedAndReportedOnce(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        List<String> lines;
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    engine,
                    reactor ->
                            Fs.of(reactor)
                                    .open(
                                            path,
                                            (err, file) ->
                                                    file.stat((e, s) -> collect(reactor, 3))));
            lines = log.lines();
        }
        String expected =
                "WARN "
                        + path
                        + " was dropped without close(): the reactor closes it;"
                        + " -Dchime.trace=true tells who opened it";
        assertEquals(List.of(expected), lines);
    }

    /** Runs the collector in each turn until the file is closed, and a few turns more. */
    private void collect(Reactor reactor, int more) {
        System.gc();
        boolean open = Fixtures.openIn(directory) > 0;
        if (open || more > 0) {
            reactor.setImmediate(() -> collect(reactor, open ? more : more - 1));
        }
    }

    @EngineTest
    void handlesThatAreHeldOrClosed_areNotReported(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        FileHandle[] held = new FileHandle[1];
        try (LogCapture log = LogCapture.of(Reactor.class)) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        fs.open(path, (err, file) -> held[0] = file);
                        fs.open(path, (err, file) -> file.close(e -> gc(reactor, 5)));
                    });
            assertEquals(List.of(), log.lines());
        }
        assertTrue(held[0].isOpen());
    }

    private static void gc(Reactor reactor, int times) {
        System.gc();
        if (times > 0) {
            reactor.setImmediate(() -> gc(reactor, times - 1));
        }
    }

    private static List<String> traced(Class<?> program, EngineKind engine, Path path)
            throws Exception {
        return ChildJvm.run(
                List.of(),
                List.of("-Dchime.trace=true", "-ea"),
                List.of(Fs.class),
                program,
                engine.name(),
                path.toString());
    }

    @EngineTest
    void inTraceMode_whatIsLeftAtTheEnd_isReportedWithThePlace(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        List<String> lines = traced(Program.class, engine, path);
        String all = String.join("\n", lines);
        String expected = path + " is still open at the end of the reactor";
        assertEquals(1, lines.stream().filter(line -> line.endsWith(expected)).count(), all);
        assertEquals(
                1, lines.stream().filter(line -> line.contains("Program.forgets(")).count(), all);
    }

    @EngineTest
    void inTraceMode_whatWasDropped_isReportedWithThePlace(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        List<String> lines = traced(Dropping.class, engine, path);
        String all = String.join("\n", lines);
        for (Object each : List.of(path, directory)) {
            String expected = each + " was dropped without close(): the reactor closes it";
            assertEquals(1, lines.stream().filter(line -> line.endsWith(expected)).count(), all);
        }
        for (String place : List.of("Dropping.forgets(", "Dropping.forgetsDirectory(")) {
            assertEquals(1, lines.stream().filter(line -> line.contains(place)).count(), all);
        }
    }

    /** Drops a file and a directory. */
    static final class Dropping {
        private Dropping() {}

        /** Takes engine and path. */
        public static void main(String[] arguments) {
            Path path = Path.of(arguments[1]);
            Reactors.run(
                    EngineKind.valueOf(arguments[0]),
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        forgets(reactor, fs, path);
                        forgetsDirectory(reactor, fs, path.getParent());
                    });
        }

        private static void forgets(Reactor reactor, Fs fs, Path path) {
            fs.open(path, (err, file) -> gc(reactor, 10));
        }

        private static void forgetsDirectory(Reactor reactor, Fs fs, Path path) {
            fs.opendir(path, (err, open) -> gc(reactor, 10));
        }
    }

    /** Opens two files and closes one. */
    static final class Program {
        private Program() {}

        /** Takes engine and path. */
        public static void main(String[] arguments) {
            Reactors.run(
                    EngineKind.valueOf(arguments[0]),
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        forgets(fs, Path.of(arguments[1]));
                        fs.open(Path.of("/"), (err, file) -> file.close(e -> {}));
                    });
        }

        private static void forgets(Fs fs, Path path) {
            fs.open(path, (err, file) -> {});
        }
    }
}
