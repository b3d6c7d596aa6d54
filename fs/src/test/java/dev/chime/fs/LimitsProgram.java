package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.nio.file.Path;

/** What {@link LimitsTest} runs in another process. */
final class LimitsProgram {
    private LimitsProgram() {}

    /** Arguments: engine, task, directory. */
    public static void main(String[] args) throws Exception {
        EngineKind engine = EngineKind.valueOf(args[0]);
        Path directory = Path.of(args[2]);
        Reactor.run(
                ReactorOptions.defaults().engine(engine),
                reactor -> {
                    if (args[1].equals("heap")) {
                        heap(Fs.of(reactor), directory);
                    } else {
                        size(reactor, Fs.of(reactor), directory);
                    }
                });
    }

    private static void say(String text) {
        System.out.println(text);
    }

    private static void heap(Fs fs, Path directory) throws IOException {
        Path small = Fixtures.file(directory, "small", new byte[3]);
        fs.readFile(
                Fixtures.sparse(directory, 1L << 30),
                (err, content) -> {
                    say(err.getMessage());
                    fs.readFile(small, (e, bytes) -> say("then " + bytes.length + " bytes"));
                });
    }

    private static void size(Reactor reactor, Fs fs, Path directory) {
        byte[] bytes = new byte[1 << 20];
        Buffer buffer = reactor.buffer(bytes.length);
        fs.open(
                directory.resolve("b"),
                "w",
                (e, file) ->
                        file.write(
                                buffer,
                                1000,
                                (err, n) -> {
                                    say("buffer at 1000: " + err.getMessage() + " after " + n);
                                    sequential(fs, directory, buffer, bytes);
                                }));
    }

    private static void sequential(Fs fs, Path directory, Buffer buffer, byte[] bytes) {
        fs.open(
                directory.resolve("s"),
                "w",
                (e, file) ->
                        file.write(
                                buffer,
                                (err, n) -> {
                                    say("buffer: " + err.getMessage() + " after " + n);
                                    buffer.release();
                                    array(fs, directory, file, bytes);
                                }));
    }

    private static void array(Fs fs, Path directory, FileHandle file, byte[] bytes) {
        file.write(
                bytes,
                0,
                (err, n) -> {
                    say("array: " + err.getMessage() + " after " + n);
                    Path path = directory.resolve("w");
                    fs.writeFile(path, bytes, e -> say("writeFile: " + e.getMessage()));
                });
    }
}
