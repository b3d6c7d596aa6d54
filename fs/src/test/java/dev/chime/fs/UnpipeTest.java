package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Hook;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/**
 * Streams of files whose pipe is taken away before the file's end, also while the kernel copies.
 */
class UnpipeTest {
    private static final byte[] CONTENT = Fixtures.pattern(13_000_000);

    @TempDir Path directory;

    private interface Use {
        void of(Fs fs, ReadStream source) throws Exception;
    }

    /** Runs with a stream of a file that holds the content. */
    private void run(EngineKind engine, Path from, Use use) {
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            from.getParent(),
                            MkdirOptions.defaults().recursive(true),
                            (failure, made) ->
                                    fs.writeFile(
                                            from,
                                            CONTENT,
                                            err -> use.of(fs, fs.createReadStream(from))));
                });
    }

    @EveryEngine
    void aFileGoesOnIntoAnother_whereItsPipeWasTakenAway(EngineKind engine) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<Path> parts = new ArrayList<>();
        run(
                engine,
                directory.resolve("d/from"),
                (fs, source) -> {
                    source.onClose(err -> assertEquals(null, err));
                    next(fs, source, parts, all);
                });
        assertTrue(parts.size() > 2, "parts: " + parts.size());
        assertArrayEquals(CONTENT, all.toByteArray());
    }

    /** Pipes to a new file until that has got something. */
    private static void next(
            Fs fs, ReadStream source, List<Path> parts, ByteArrayOutputStream all) {
        Path part = Path.of(source.path() + "." + parts.size());
        parts.add(part);
        WriteStream to = source.pipe(fs.createWriteStream(part));
        Hook[] turns = new Hook[1];
        turns[0] =
                source.reactor()
                        .onCheck(() -> {
                            if (to.bytesWritten() > 0 || to.isEnding()) {
                                turns[0].clear();
                                source.unpipe(to);
                                to.end();
                            }
                        });
        to.onClose(err ->
                fs.readFile(
                        part,
                        (failure, bytes) -> {
                            all.writeBytes(bytes);
                            if (!source.isEnded()) {
                                next(fs, source, parts, all);
                            }
                        }));
    }

    @EveryEngine
    void whatIsWrittenBehindTheUnpipe_comesBehindWhatThePipeBrought(EngineKind engine) {
        for (int turns = 0; turns < 12; turns++) {
            Map<Path, byte[]> parts = new HashMap<>();
            int late = turns;
            run(
                    engine,
                    directory.resolve("d" + turns + "/from"),
                    (fs, source) -> {
                        Path one = Path.of(source.path() + ".one");
                        Path two = Path.of(source.path() + ".two");
                        WriteStream second = toRead(fs, two, parts);
                        source.reactor()
                                .setTimeout(
                                        2,
                                        () -> cross(source, toRead(fs, one, parts), second, late));
                    });
            byte[] head = parts.get(directory.resolve("d" + turns + "/from.one"));
            byte[] rest = parts.get(directory.resolve("d" + turns + "/from.two"));
            String where = "after " + turns + " turns";
            int length = head.length - "trailer".length();
            assertEquals("trailer", new String(head, length, "trailer".length(), UTF_8), where);
            assertArrayEquals(Arrays.copyOf(CONTENT, length), Arrays.copyOf(head, length), where);
            assertArrayEquals(Arrays.copyOfRange(CONTENT, length, CONTENT.length), rest, where);
        }
    }

    /** A stream whose file is read back when it is closed. */
    private static WriteStream toRead(Fs fs, Path path, Map<Path, byte[]> parts) {
        WriteStream stream = fs.createWriteStream(path);
        stream.onClose(err -> fs.readFile(path, (failure, content) -> parts.put(path, content)));
        return stream;
    }

    /** Lays the pipe of a source that is open to a destination that is not, and takes it away. */
    private static void cross(ReadStream source, WriteStream first, WriteStream second, int late)
            throws Exception {
        source.pipe(first);
        after(
                source.reactor(),
                late,
                () -> {
                    source.unpipe();
                    first.write("trailer");
                    source.pipe(second);
                    second.onFinish(first::end);
                });
    }

    private static void after(Reactor reactor, int turns, Task task) throws Exception {
        if (turns == 0) {
            task.run();
        } else {
            reactor.setImmediate(() -> after(reactor, turns - 1, task));
        }
    }
}
