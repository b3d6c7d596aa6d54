package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** The same failing calls here and in Node give the same code, syscall, path and message. */
class NodeParityTest {
    /** One line for each call: name, then what the error says. The argument is the directory. */
    private static final String SCRIPT =
            """
            const fs = require('fs');
            const p = name => process.argv[1] + '/' + name;
            const out = name => err => console.log(
                [name, err.code, err.syscall ?? '-', err.path ?? '-', err.message].join('|'));
            fs.readFile(p('none'), out('readFile missing'));
            fs.readFile(p('dir'), out('readFile directory'));
            fs.readFile(p('file/x'), out('readFile below a file'));
            fs.readFile(p('loop'), out('readFile loop'));
            fs.readFile('', out('readFile empty path'));
            fs.readFile(p('big'), out('readFile too large'));
            fs.writeFile(p('none/f'), 'x', out('writeFile missing parent'));
            fs.writeFile(p('dir'), 'x', out('writeFile directory'));
            fs.writeFile(p('file'), 'x', {flag: 'wx'}, out('writeFile exclusive'));
            fs.writeFile('/dev/full', 'x', out('writeFile full'));
            fs.writeFile(p('x'.repeat(300)), 'x', out('writeFile long name'));
            fs.open(p('none'), 'r+', out('open missing'));
            fs.open(p('dir'), 'w', out('open directory'));
            fs.open(p('grün'), 'r', out('open non-ASCII'));
            fs.stat(p('none'), out('stat missing'));
            fs.stat(p('loop'), out('stat loop'));
            fs.lstat(p('file/x'), out('lstat below a file'));
            fs.open(p('file'), 'r', (e, fd) => fs.write(fd, 'x', 0, 'utf8', out('write read-only')));
            fs.open(p('file'), 'a', (e, fd) =>
                fs.read(fd, Buffer.alloc(1), 0, 1, 0, out('read write-only')));
            fs.open(p('dir'), 'r', (e, fd) =>
                fs.read(fd, Buffer.alloc(1), 0, 1, 0, out('read directory')));
            fs.open('/dev/null', 'r', (e, fd) => fs.fsync(fd, out('fsync device')));
            fs.open('/dev/null', 'r', (e, fd) => fs.fdatasync(fd, out('fdatasync device')));
            """;

    @TempDir Path directory;
    private final Map<String, String> ours = new TreeMap<>();

    @EngineTest
    void failingCalls_sayWhatNodeSays(EngineKind engine) throws Exception {
        Files.createDirectory(directory.resolve("dir"));
        Files.write(directory.resolve("file"), new byte[1]);
        Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        try (RandomAccessFile big = new RandomAccessFile(directory.resolve("big").toFile(), "rw")) {
            big.setLength(3L << 30);
        }
        Map<String, String> nodes = node();
        Reactors.run(engine, this::failingCalls);
        assertEquals(22, nodes.size());
        assertEquals(text(nodes), text(ours));
    }

    private static String text(Map<String, String> lines) {
        return String.join("\n", lines.values());
    }

    private Map<String, String> node() throws IOException, InterruptedException {
        Process process;
        try {
            process =
                    new ProcessBuilder("node", "-e", SCRIPT, directory.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "there is no node here");
            throw e;
        }
        Map<String, String> lines = new TreeMap<>();
        new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .forEach(line -> lines.put(line.split("\\|")[0], line));
        process.waitFor();
        return lines;
    }

    private <T> Heard<T> heard(String name) {
        return new Heard<>() {
            @Override
            void heard() {
                ReactorException e = error();
                ErrnoException errno = e instanceof ErrnoException of ? of : null;
                String syscall = errno == null ? "-" : errno.syscall();
                String path = errno == null || errno.path() == null ? "-" : errno.path();
                ours.put(name, String.join("|", name, e.code(), syscall, path, e.getMessage()));
            }
        };
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private void failingCalls(Reactor reactor) {
        Fs fs = Fs.of(reactor);
        fs.readFile(path("none"), heard("readFile missing"));
        fs.readFile(path("dir"), heard("readFile directory"));
        fs.readFile(path("file/x"), heard("readFile below a file"));
        fs.readFile(path("loop"), heard("readFile loop"));
        fs.readFile(Path.of(""), heard("readFile empty path"));
        fs.readFile(path("big"), heard("readFile too large"));
        fs.writeFile(path("none/f"), "x", heard("writeFile missing parent"));
        fs.writeFile(path("dir"), "x", heard("writeFile directory"));
        WriteOptions exclusive = WriteOptions.defaults().flags("wx");
        fs.writeFile(path("file"), new byte[1], exclusive, heard("writeFile exclusive"));
        fs.writeFile(Path.of("/dev/full"), "x", heard("writeFile full"));
        fs.writeFile(path("x".repeat(300)), "x", heard("writeFile long name"));
        fs.open(path("none"), "r+", heard("open missing"));
        fs.open(path("dir"), "w", heard("open directory"));
        fs.open(path("grün"), "r", heard("open non-ASCII"));
        fs.stat(path("none"), heard("stat missing"));
        fs.stat(path("loop"), heard("stat loop"));
        fs.lstat(path("file/x"), heard("lstat below a file"));
        fs.open(
                path("file"),
                (err, file) -> file.write("x", 0, this.<Void>heard("write read-only")));
        fs.open(path("file"), "a", (err, file) -> read(reactor, file, "read write-only"));
        fs.open(path("dir"), (err, file) -> read(reactor, file, "read directory"));
        fs.open(Path.of("/dev/null"), (err, file) -> file.sync(heard("fsync device")));
        fs.open(Path.of("/dev/null"), (err, file) -> file.datasync(heard("fdatasync device")));
    }

    private void read(Reactor reactor, FileHandle file, String name) {
        Buffer buffer = reactor.buffer(1);
        file.read(buffer, 0, this.<Void>heard(name));
        buffer.release();
    }
}
