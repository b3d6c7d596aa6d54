package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.stream.Pipeline;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.io.TempDir;

/** Files whose metadata say nothing of their content, or too much: every way of reading them. */
class LyingSizesTest {
    @TempDir Path directory;

    /** Files that do not change: of size 0 in proc, of a page in sysfs. */
    private static List<Path> liars() throws IOException {
        List<Path> paths =
                List.of(
                        Path.of("/proc/version"),
                        Path.of("/proc/filesystems"),
                        Path.of("/sys/devices/system/cpu/online"));
        for (Path path : paths) {
            byte[] content = Files.readAllBytes(path);
            assertFalse(content.length == 0 || content.length == Files.size(path), path::toString);
        }
        return paths;
    }

    private static void read(EngineKind engine, Path path, byte[] expected) {
        Heard<byte[]> whole = new Heard<>();
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        Heard<Void> end = new Heard<>();
        byte[][] mapped = {null};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.readFile(path, whole);
                    fs.readBuffer(
                            path,
                            (err, buffer) -> {
                                assertNull(err);
                                mapped[0] = buffer.toArray();
                            });
                    fs.createReadStream(path)
                            .onClose(end)
                            .onData(data -> streamed.writeBytes(data.toArray()));
                });
        end.ok();
        assertArrayEquals(expected, whole.ok(), path::toString);
        assertArrayEquals(expected, mapped[0], path::toString);
        assertArrayEquals(expected, streamed.toByteArray(), path::toString);
    }

    @EngineTest
    void reads_findTheEnd(EngineKind engine) throws IOException {
        for (Path path : liars()) {
            read(engine, path, Files.readAllBytes(path));
        }
        read(engine, Path.of("/dev/null"), new byte[0]);
    }

    @EngineTest
    void copies_findTheEnd(EngineKind engine) throws IOException {
        for (Path path : liars()) {
            List<Path> copies =
                    List.of(
                            directory.resolve("copyFile"),
                            directory.resolve("cp"),
                            directory.resolve("stream"));
            List<Heard<Void>> heard = Fixtures.heards(copies.size());
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        fs.copyFile(path, copies.get(0), heard.get(0));
                        fs.cp(path, copies.get(1), heard.get(1));
                        Pipeline.run(
                                fs.createReadStream(path),
                                fs.createWriteStream(copies.get(2)),
                                heard.get(2));
                    });
            heard.forEach(Heard::ok);
            for (Path copy : copies) {
                assertArrayEquals(
                        Files.readAllBytes(path), Files.readAllBytes(copy), path + " " + copy);
            }
        }
    }

    @EngineTest
    void deviceWithoutEnd_isStreamedAsFarAsAsked(EngineKind engine) throws IOException {
        ReadStreamOptions part = ReadStreamOptions.defaults().end(299_999);
        Path copy = directory.resolve("zeros");
        long[] streamed = {0};
        Heard<Void> end = new Heard<>();
        Heard<Void> copied = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.createReadStream(Path.of("/dev/zero"), part)
                            .onClose(end)
                            .onData(data -> streamed[0] += data.length());
                    Pipeline.run(
                            fs.createReadStream(Path.of("/dev/zero"), part),
                            fs.createWriteStream(copy),
                            copied);
                });
        end.ok();
        copied.ok();
        assertEquals(300_000, streamed[0]);
        assertArrayEquals(new byte[300_000], Files.readAllBytes(copy));
    }

    /** Two readers of a FIFO would share the content, so each has its own. */
    @EngineTest
    void fifo_isReadAndCopiedToItsEnd(EngineKind engine) throws Exception {
        Path fifo = Fixtures.fifo(directory);
        byte[] content = Fixtures.pattern(200_000);
        byte[][] read = {null};
        FutureTask<Void> first = writer(fifo, content);
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .readBuffer(
                                        fifo,
                                        (err, buffer) -> {
                                            assertNull(err);
                                            read[0] = buffer.toArray();
                                        }));
        first.get();
        assertArrayEquals(content, read[0]);

        Path copy = directory.resolve("copy");
        Heard<Void> copied = new Heard<>();
        FutureTask<Void> second = writer(fifo, content);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Pipeline.run(fs.createReadStream(fifo), fs.createWriteStream(copy), copied);
                });
        second.get();
        copied.ok();
        assertArrayEquals(content, Files.readAllBytes(copy));
    }

    private static FutureTask<Void> writer(Path fifo, byte[] content) {
        FutureTask<Void> writer =
                new FutureTask<>(() -> {
                    try (OutputStream out = Files.newOutputStream(fifo)) {
                        out.write(content);
                    }
                    return null;
                });
        Thread.ofPlatform().start(writer);
        return writer;
    }
}
