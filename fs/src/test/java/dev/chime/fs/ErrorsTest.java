package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** What failing calls say: message, which begins with the code, then syscall, path and dest. */
class ErrorsTest {
    /** In the order of the first word; D is the directory. */
    private static final String EXPECTED =
            """
            access: ENOENT: no such file or directory, access 'D/none' | access | D/none | null
            access file/x: ENOTDIR: not a directory, access 'D/file/x' | access | D/file/x | null
            access to run: EACCES: permission denied, access 'D/file' | access | D/file | null
            appendFile: EISDIR: illegal operation on a directory, open 'D' | open | D | null
            appendFile full: ENOSPC: no space left on device, write | write | null | null
            atomic: EISDIR: illegal operation on a directory, open 'D/dir' | open | D/dir | null
            atomic long: ENAMETOOLONG: name too long, open 'D/L' | open | D/L | null
            chmod: ENOENT: no such file or directory, chmod 'D/none' | chmod | D/none | null
            chown: ENOENT: no such file or directory, chown 'D/none' | chown | D/none | null
            fallocate: EBADF: bad file descriptor, fallocate | fallocate | null | null
            fchmod closed: EBADF: bad file descriptor, fchmod | fchmod | null | null
            ftruncate: EINVAL: invalid argument, ftruncate | ftruncate | null | null
            futimes closed: EBADF: bad file descriptor, futime | futime | null | null
            getxattr: ENODATA: no data available, getxattr 'D/file' | getxattr | D/file | null
            lchown: ENOENT: no such file or directory, lchown 'D/none' | lchown | D/none | null
            link: EEXIST: file already exists, link 'D/file' -> 'D/dir' | link | D/file | D/dir
            lock: EBADF: bad file descriptor, fcntl | fcntl | null | null
            lstat: ENOTDIR: not a directory, lstat 'D/file/x' | lstat | D/file/x | null
            lutimes: ENOENT: no such file or directory, lutime 'D/none' | lutime | D/none | null
            mkdir: EEXIST: file already exists, mkdir 'D/dir' | mkdir | D/dir | null
            mkdir none/x: ENOENT: no such file or directory, mkdir 'D/none/x' | mkdir | D/none/x | null
            open: ENOENT: no such file or directory, open 'D/none' | open | D/none | null
            open loop: ELOOP: too many symbolic links encountered, open 'D/loop' | open | D/loop | null
            open wx: EEXIST: file already exists, open 'D/file' | open | D/file | null
            readFile: EISDIR: illegal operation on a directory, read | read | null | null
            readFile of it: EISDIR: illegal operation on a directory, read | read | null | null
            readlink: EINVAL: invalid argument, readlink 'D/file' | readlink | D/file | null
            readv: EISDIR: illegal operation on a directory, read | read | null | null
            rename: EISDIR: illegal operation on a directory, rename 'D/file' -> 'D/dir' | rename | D/file | D/dir
            rename keep: EEXIST: file already exists, rename 'D/file' -> 'D/loop' | rename | D/file | D/loop
            rename self: EINVAL: invalid argument, rename 'D/dir' -> 'D/dir/x' | rename | D/dir | D/dir/x
            rmdir: ENOTEMPTY: directory not empty, rmdir 'D' | rmdir | D | null
            rmdir file: ENOTDIR: not a directory, rmdir 'D/file' | rmdir | D/file | null
            setxattr: ENOTSUP: operation not supported on socket, setxattr 'D/file' | setxattr | D/file | null
            stat: ENOENT: no such file or directory, stat 'D/none' | stat | D/none | null
            statfs: ENOENT: no such file or directory, statfs 'D/none' | statfs | D/none | null
            symlink: EEXIST: file already exists, symlink 'x' -> 'D/file' | symlink | x | D/file
            truncate: EISDIR: illegal operation on a directory, open 'D/dir' | open | D/dir | null
            truncate device: EINVAL: invalid argument, ftruncate | ftruncate | null | null
            unlink: EISDIR: illegal operation on a directory, unlink 'D/dir' | unlink | D/dir | null
            utimes: ELOOP: too many symbolic links encountered, utime 'D/loop' | utime | D/loop | null
            writeFile none/x: ENOENT: no such file or directory, open 'D/none/x' | open | D/none/x | null
            writev: ENOSPC: no space left on device, write | write | null | null
            """;

    private static final Path NULL = Path.of("/dev/null");
    private static final Path FULL = Path.of("/dev/full");

    @TempDir Path directory;
    private final TreeMap<String, String> lines = new TreeMap<>();

    private Path d(String name) {
        return directory.resolve(name);
    }

    private <T> Heard<T> heard(String name) {
        return new Heard<>() {
            @Override
            void heard() {
                ErrnoException e = errno();
                String line = e.getMessage() + " | " + e.syscall() + " | " + e.path() + " | ";
                lines.put(name, name + ": " + line + e.dest());
            }
        };
    }

    @EngineTest
    void failingCalls_sayExactlyWhatFailed(EngineKind engine) throws IOException {
        Files.createDirectory(d("dir"));
        Files.write(d("file"), new byte[1]);
        Files.createSymbolicLink(d("loop"), Path.of("loop"));
        Reactors.run(engine, reactor -> paths(Fs.of(reactor)));
        Reactors.run(engine, reactor -> names(Fs.of(reactor)));
        Reactors.run(engine, this::handles);
        String all = String.join("\n", lines.values()).replace(directory.toString(), "D");
        assertEquals(EXPECTED.strip(), all.replace("n".repeat(256), "L"));
    }

    private void paths(Fs fs) {
        fs.access(d("none"), heard("access"));
        fs.access(d("file/x"), heard("access file/x"));
        fs.access(d("file"), Set.of(AccessMode.EXECUTE), heard("access to run"));
        fs.appendFile(directory, "x", heard("appendFile"));
        fs.appendFile(FULL, "x", heard("appendFile full"));
        fs.writeFileAtomic(d("dir"), "x", heard("atomic"));
        fs.writeFileAtomic(d("n".repeat(256)), "x", heard("atomic long"));
        fs.writeFile(d("none/x"), "x", heard("writeFile none/x"));
        fs.readFile(d("dir"), this.<byte[]>heard("readFile"));
        fs.chmod(d("none"), 0600, heard("chmod"));
        fs.chown(d("none"), 1, 1, heard("chown"));
        fs.lchown(d("none"), 1, 1, heard("lchown"));
        fs.utimes(d("loop"), Instant.EPOCH, null, heard("utimes"));
        fs.lutimes(d("none"), null, Instant.EPOCH, heard("lutimes"));
        fs.truncate(d("dir"), 1, heard("truncate"));
        fs.truncate(NULL, 1, heard("truncate device"));
        fs.stat(d("none"), heard("stat"));
        fs.lstat(d("file/x"), heard("lstat"));
        fs.statfs(d("none"), heard("statfs"));
        fs.xattrs(d("file")).get("user.none", heard("getxattr"));
        fs.xattrs(d("file")).set("nonsense", new byte[1], heard("setxattr"));
    }

    private void names(Fs fs) {
        fs.open(d("none"), heard("open"));
        fs.open(d("loop"), heard("open loop"));
        fs.open(d("file"), "wx", heard("open wx"));
        fs.link(d("file"), d("dir"), heard("link"));
        fs.symlink(Path.of("x"), d("file"), heard("symlink"));
        fs.readlink(d("file"), heard("readlink"));
        fs.mkdir(d("dir"), heard("mkdir"));
        fs.mkdir(d("none/x"), heard("mkdir none/x"));
        fs.rename(d("file"), d("dir"), heard("rename"));
        fs.rename(d("file"), d("loop"), RenameFlag.NOREPLACE, heard("rename keep"));
        fs.rename(d("dir"), d("dir/x"), heard("rename self"));
        fs.rmdir(directory, heard("rmdir"));
        fs.rmdir(d("file"), heard("rmdir file"));
        fs.unlink(d("dir"), heard("unlink"));
    }

    private void handles(Reactor reactor) {
        Fs fs = Fs.of(reactor);
        List<Heard<Void>> vectors = List.of(heard("readv"), heard("writev"));
        fs.open(d("file"), (e, f) -> f.allocate(0, 1, heard("fallocate")));
        fs.open(d("file"), (e, f) -> f.truncate(0, heard("ftruncate")));
        fs.open(d("file"), (e, f) -> f.lock(LockRange.exclusive(), heard("lock")));
        fs.open(
                d("file"),
                (e, f) -> {
                    f.close(err -> {});
                    f.chmod(0600, heard("fchmod closed"));
                    f.utimes(null, null, heard("futimes closed"));
                });
        fs.open(
                d("dir"),
                (e, f) -> {
                    f.readFile(this.<byte[]>heard("readFile of it"));
                    List<Buffer> one = List.of(reactor.buffer(1));
                    f.readv(one, 0, (err, n, buffers) -> vectors.get(0).call(err));
                    one.getFirst().release();
                });
        fs.open(
                FULL,
                "w",
                (e, f) -> {
                    List<Buffer> one = List.of(reactor.buffer(1));
                    f.writev(one, 0, (err, n, buffers) -> vectors.get(1).call(err));
                    one.getFirst().release();
                });
    }
}
