package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Streams of files whose pipe is taken away before the file's end. */
class UnpipeTest {
    @TempDir Path directory;

    @EngineTest
    void aFileGoesOnIntoAnother_whereItsPipeWasTakenAway(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(3_000_000);
        Path from = Fixtures.file(directory, "from", content);
        List<Path> parts = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    next(fs, fs.createReadStream(from), parts);
                });
        assertTrue(parts.size() > 2, "parts: " + parts.size());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path part : parts) {
            all.writeBytes(Files.readAllBytes(part));
        }
        assertArrayEquals(content, all.toByteArray());
        assertEquals(0, Fixtures.openIn(directory));
    }

    /** Pipes to a new file until that has waited for once. */
    private void next(Fs fs, ReadStream source, List<Path> parts) {
        Path part = directory.resolve("part" + parts.size());
        parts.add(part);
        WriteStream to = source.pipe(fs.createWriteStream(part));
        to.onDrain(() -> {
            if (!to.isEnding() && !source.isEnded()) {
                source.unpipe(to);
                to.end();
                to.onClose(err -> next(fs, source, parts));
            }
        });
    }
}
