package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What {@link DiskFullTest} runs in another process: its files may not grow beyond a size. */
final class DiskFullProgram {
    private static final int RLIMIT_FSIZE = 1;
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] CONTENT = Fixtures.pattern(600_000);

    private final Path directory;
    private final Fs fs;
    private final Reactor reactor;
    private final int limit;

    private DiskFullProgram(Reactor reactor, Path directory, int limit) {
        this.reactor = reactor;
        this.directory = directory;
        this.limit = limit;
        fs = Fs.of(reactor);
    }

    /** Arguments: engine, directory, and sizes. */
    public static void main(String[] args) throws Exception {
        EngineKind engine = EngineKind.valueOf(args[0]);
        Path directory = Path.of(args[1]);
        for (String size : List.of(args).subList(2, args.length)) {
            int limit = Integer.parseInt(size);
            Path old = Files.write(directory.resolve("atomic"), OLD);
            Path short1 = Files.write(directory.resolve("append"), OLD);
            Fixtures.limit(RLIMIT_FSIZE, limit);
            Reactor.run(
                    ReactorOptions.defaults().engine(engine),
                    reactor -> new DiskFullProgram(reactor, directory, limit).write());
            Fixtures.limit(RLIMIT_FSIZE, -1);
            Files.delete(old);
            Files.delete(short1);
        }
    }

    private void write() {
        fs.writeFile(
                directory.resolve("file"),
                CONTENT,
                err -> {
                    say("writeFile", err, size("file"));
                    fs.writeFileAtomic(
                            directory.resolve("atomic"),
                            CONTENT,
                            failed -> {
                                say("atomic", failed, size("atomic"));
                                append();
                            });
                });
    }

    private void append() {
        byte[] more = Arrays.copyOf(CONTENT, CONTENT.length - OLD.length);
        fs.appendFile(
                directory.resolve("append"),
                more,
                err -> {
                    say("append", err, size("append"));
                    fs.open(directory.resolve("vector"), "w", (e, file) -> vector(file));
                });
    }

    private void vector(FileHandle file) {
        List<Buffer> buffers =
                Stream.of(0, 1, 2)
                        .map(i -> {
                            Buffer buffer = reactor.buffer(200_000);
                            buffer.put(0, CONTENT, i * 200_000, 200_000);
                            return buffer;
                        })
                        .toList();
        file.writev(
                buffers,
                (err, n, given) -> {
                    say("writev", err, n);
                    say("at", null, file.position());
                    file.close(closed -> say("files", closed, count()));
                });
        buffers.forEach(Buffer::release);
    }

    private void say(String what, ReactorException err, long number) {
        System.out.println(
                limit + " " + what + " " + (err == null ? "ok" : err.getMessage()) + " " + number);
    }

    /** How long a file is, and that its content is a beginning of the new one. */
    private long size(String name) {
        try {
            byte[] bytes = Files.readAllBytes(directory.resolve(name));
            int from = name.equals("append") ? OLD.length : 0;
            for (int i = from; i < bytes.length && bytes.length != OLD.length; i++) {
                if (bytes[i] != CONTENT[i - from]) {
                    return -1;
                }
            }
            return bytes.length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long count() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
