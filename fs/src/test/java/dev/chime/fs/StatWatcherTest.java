package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class StatWatcherTest {
    private static final Duration SOON = Duration.ofMillis(2);

    @TempDir Path directory;

    private Path file(EngineKind engine) {
        return engine == EngineKind.SIM ? Path.of("/tmp/watched") : directory.resolve("watched");
    }

    private static String text(Stats current, Stats previous) {
        return (previous == null ? "nothing" : previous.size())
                + " -> "
                + (current == null ? "nothing" : current.size());
    }

    @EveryEngine
    void missingThenMadeChangedAndRemoved_isToldEachTime(EngineKind engine) {
        Path path = file(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    StatWatcher[] watcher = {null};
                    watcher[0] =
                            fs.watchFile(
                                    path,
                                    SOON,
                                    (current, previous) -> {
                                        heard.add(text(current, previous));
                                        switch (heard.size()) {
                                            case 1 -> fs.writeFile(path, "", err -> {});
                                            case 2 -> fs.chmod(path, 0600, err -> {});
                                            case 3 -> fs.unlink(path, err -> {});
                                            default -> watcher[0].close();
                                        }
                                    });
                });
        assertEquals(
                List.of("nothing -> nothing", "nothing -> 0", "0 -> 0", "0 -> nothing"), heard);
    }

    @EveryEngine
    void nothingChanges_nothingIsTold_andUnrefLetsTheLoopEnd(EngineKind engine) {
        Path path = file(engine);
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.writeFile(
                            path,
                            "same",
                            err ->
                                    fs.watchFile(path, SOON, (current, previous) -> heard[0]++)
                                            .unref());
                    reactor.setTimeout(20, () -> {});
                });
        assertEquals(0, heard[0]);
    }

    @EveryEngine
    void closedWhileItAsks_tellsNothing(EngineKind engine) {
        int[] heard = {0};
        Reactors.run(
                engine,
                reactor -> {
                    StatWatcher watcher =
                            Fs.of(reactor).watchFile(file(engine), SOON, (c, p) -> heard[0]++);
                    assertTrue(watcher.isOpen());
                    watcher.close();
                });
        assertEquals(0, heard[0]);
    }

    @EveryEngine
    void wrongTime_throws(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        Fs.of(reactor)
                                                .watchFile(
                                                        file(engine),
                                                        Duration.ZERO,
                                                        (c, p) -> {})));
    }
}
