package dev.chime.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.fs.Fs;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.io.TempDir;

/** Names that nobody answers for must not hold up anything but names. */
class LookupLaneTest {
    private static final int LOOKUPS = 20; // more than there are threads for them
    private static final int FILES = 50;

    @TempDir Path folder;

    @EngineTest
    void lookupsThatStall_stallNoFiles(EngineKind engine) throws Exception {
        Path file = folder.resolve("file" + engine);
        Files.write(file, new byte[100_000]);
        CountDownLatch answered = new CountDownLatch(1);
        List<String> events = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < LOOKUPS; i++) {
                        Core.of(reactor)
                                .lookup(
                                        () -> {
                                            answered.await();
                                            return "found";
                                        },
                                        (err, found) -> events.add(found));
                    }
                    whenStalled(reactor, () -> read(reactor, file, answered, events));
                });
        assertEquals(FILES + LOOKUPS, events.size());
        assertEquals(List.of("read"), events.subList(0, FILES).stream().distinct().toList());
    }

    private static void whenStalled(Reactor reactor, Runnable then) {
        if (reactor.lanes().get(1).running() < 4) {
            reactor.setImmediate(() -> whenStalled(reactor, then));
        } else {
            then.run();
        }
    }

    private static void read(
            Reactor reactor, Path file, CountDownLatch answered, List<String> events) {
        for (int i = 0; i < FILES; i++) {
            Fs.of(reactor)
                    .readFile(
                            file,
                            (err, bytes) -> {
                                assertNull(err);
                                events.add("read");
                                if (events.size() == FILES) {
                                    answered.countDown();
                                }
                            });
        }
    }
}
