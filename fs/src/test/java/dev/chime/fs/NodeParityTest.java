package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.RandomAccessFile;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The same failing calls here and in Node give the same code, syscall, path and message. */
class NodeParityTest {
    /** One line for each call: name, then what the error says. */
    private static final String SCRIPT =
            """
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
            fs.access(p('none'), out('access missing'));
            fs.access(p('file'), fs.constants.X_OK, out('access not executable'));
            fs.access(p('file/x'), out('access below a file'));
            fs.chmod(p('none'), 0o600, out('chmod missing'));
            fs.chmod(p('loop'), 0o600, out('chmod loop'));
            fs.chown(p('none'), 1, 1, out('chown missing'));
            fs.lchown(p('none'), 1, 1, out('lchown missing'));
            fs.utimes(p('none'), 1, 1, out('utimes missing'));
            fs.lutimes(p('none'), 1, 1, out('lutimes missing'));
            fs.utimes(p('file/x'), 1, 1, out('utimes below a file'));
            fs.truncate(p('none'), 1, out('truncate missing'));
            fs.truncate(p('dir'), 1, out('truncate directory'));
            fs.truncate('/dev/null', 1, out('truncate device'));
            fs.readlink(p('none'), out('readlink missing'));
            fs.readlink(p('file'), out('readlink file'));
            fs.rename(p('none'), p('to'), out('rename missing'));
            fs.rename(p('file'), p('dir'), out('rename over a directory'));
            fs.rename(p('dir'), p('dir/in'), out('rename into itself'));
            fs.rename(p('file'), '/dev/shm/chime', out('rename across'));
            fs.link(p('none'), p('to'), out('link missing'));
            fs.link(p('file'), p('dir'), out('link existing'));
            fs.symlink('t', p('dir'), out('symlink existing'));
            fs.unlink(p('none'), out('unlink missing'));
            fs.unlink(p('dir'), out('unlink directory'));
            fs.rmdir(p('none'), out('rmdir missing'));
            fs.rmdir(p('file'), out('rmdir file'));
            fs.rmdir(p('full'), out('rmdir full'));
            fs.mkdir(p('dir'), out('mkdir existing'));
            fs.mkdir(p('none/x'), out('mkdir missing parent'));
            fs.mkdir(p('file/x'), out('mkdir below a file'));
            fs.appendFile(p('none/x'), 'x', out('appendFile missing parent'));
            fs.appendFile(p('dir'), 'x', out('appendFile directory'));
            fs.appendFile('/dev/full', 'x', out('appendFile full'));
            fs.statfs(p('none'), out('statfs missing'));
            fs.open(p('file'), 'r', (e, fd) => fs.ftruncate(fd, 1, out('ftruncate read-only')));
            fs.open(p('file'), 'r', (e, fd) =>
                fs.writev(fd, [Buffer.from('x')], 0, out('writev read-only')));
            fs.open(p('dir'), 'r', (e, fd) =>
                fs.readv(fd, [Buffer.alloc(1)], 0, out('readv directory')));
            fs.open(p('file'), 'r', (e, fd) =>
                fs.writeFile(fd, 'x', out('writeFile of a handle')));
            fs.fchmod(9999, 0o600, out('fchmod closed'));
            fs.fchown(9999, 1, 1, out('fchown closed'));
            fs.futimes(9999, 1, 1, out('futimes closed'));
            fs.fstat(9999, out('fstat closed'));
            """;

    @TempDir Path directory;
    private Node node;

    @EngineTest
    void failingCalls_sayWhatNodeSays(EngineKind engine) throws Exception {
        Files.createDirectory(directory.resolve("dir"));
        Files.write(directory.resolve("file"), new byte[1]);
        Files.createDirectories(directory.resolve("full/in"));
        Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        assumeTrue(Files.isWritable(Path.of("/dev/shm")), "no second file system");
        try (RandomAccessFile big = new RandomAccessFile(directory.resolve("big").toFile(), "rw")) {
            big.setLength(3L << 30);
        }
        Map<String, String> nodes = Node.run(SCRIPT, directory);
        node = new Node(directory);
        Reactors.run(engine, this::failingCalls);
        Reactors.run(engine, reactor -> failingNames(Fs.of(reactor)));
        Reactors.run(engine, this::failingHandles);
        assertEquals(64, nodes.size());
        node.assertSame(nodes);
    }

    private <T> Heard<T> heard(String name) {
        return node.heard(name);
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

    private void failingNames(Fs fs) {
        fs.access(path("none"), heard("access missing"));
        fs.access(path("file"), Set.of(AccessMode.EXECUTE), heard("access not executable"));
        fs.access(path("file/x"), heard("access below a file"));
        fs.chmod(path("none"), 0600, heard("chmod missing"));
        fs.chmod(path("loop"), 0600, heard("chmod loop"));
        fs.chown(path("none"), 1, 1, heard("chown missing"));
        fs.lchown(path("none"), 1, 1, heard("lchown missing"));
        Instant time = Instant.EPOCH;
        fs.utimes(path("none"), time, time, heard("utimes missing"));
        fs.lutimes(path("none"), time, time, heard("lutimes missing"));
        fs.utimes(path("file/x"), time, time, heard("utimes below a file"));
        fs.truncate(path("none"), 1, heard("truncate missing"));
        fs.truncate(path("dir"), 1, heard("truncate directory"));
        fs.truncate(Path.of("/dev/null"), 1, heard("truncate device"));
        fs.readlink(path("none"), heard("readlink missing"));
        fs.readlink(path("file"), heard("readlink file"));
        fs.rename(path("none"), path("to"), heard("rename missing"));
        fs.rename(path("file"), path("dir"), heard("rename over a directory"));
        fs.rename(path("dir"), path("dir/in"), heard("rename into itself"));
        fs.rename(path("file"), Path.of("/dev/shm/chime"), heard("rename across"));
        fs.link(path("none"), path("to"), heard("link missing"));
        fs.link(path("file"), path("dir"), heard("link existing"));
        fs.symlink(Path.of("t"), path("dir"), heard("symlink existing"));
        fs.unlink(path("none"), heard("unlink missing"));
        fs.unlink(path("dir"), heard("unlink directory"));
        fs.rmdir(path("none"), heard("rmdir missing"));
        fs.rmdir(path("file"), heard("rmdir file"));
        fs.rmdir(path("full"), heard("rmdir full"));
        fs.mkdir(path("dir"), heard("mkdir existing"));
        fs.mkdir(path("none/x"), heard("mkdir missing parent"));
        fs.mkdir(path("file/x"), heard("mkdir below a file"));
        fs.appendFile(path("none/x"), "x", heard("appendFile missing parent"));
        fs.appendFile(path("dir"), "x", heard("appendFile directory"));
        fs.appendFile(Path.of("/dev/full"), "x", heard("appendFile full"));
        fs.statfs(path("none"), heard("statfs missing"));
    }

    private void failingHandles(Reactor reactor) {
        Fs fs = Fs.of(reactor);
        fs.open(path("file"), (e, file) -> file.truncate(1, heard("ftruncate read-only")));
        fs.open(path("file"), (e, file) -> file.writeFile("x", heard("writeFile of a handle")));
        Heard<Void> write = heard("writev read-only");
        Heard<Void> read = heard("readv directory");
        fs.open(
                path("file"),
                (e, file) -> {
                    List<Buffer> one = List.of(reactor.buffer(1));
                    file.writev(one, 0, (err, n, buffers) -> write.call(err));
                    one.getFirst().release();
                });
        fs.open(
                path("dir"),
                (e, file) -> {
                    List<Buffer> one = List.of(reactor.buffer(1));
                    file.readv(one, 0, (err, n, buffers) -> read.call(err));
                    one.getFirst().release();
                });
        fs.open(
                path("file"),
                (e, file) -> {
                    file.close(err -> {});
                    file.chmod(0600, heard("fchmod closed"));
                    file.chown(1, 1, heard("fchown closed"));
                    file.utimes(null, null, heard("futimes closed"));
                    file.stat(heard("fstat closed"));
                });
    }

    private void read(Reactor reactor, FileHandle file, String name) {
        Buffer buffer = reactor.buffer(1);
        file.read(buffer, 0, this.<Void>heard(name));
        buffer.release();
    }
}
