package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The life of a file in one program: each engine tells the same story. */
class OneFileTest {
    private static final Instant TIME = Instant.parse("2001-09-09T01:46:40.123456789Z");

    @TempDir Path directory;
    private final List<String> story = new ArrayList<>();

    private interface Step {
        void run() throws Exception;
    }

    private final ArrayDeque<Step> steps = new ArrayDeque<>();

    private void next() throws Exception {
        Step step = steps.poll();
        if (step != null) {
            step.run();
        }
    }

    private void tell(String what, ReactorException err, Object value) throws Exception {
        String outcome = err != null ? err.code() : String.valueOf(value);
        story.add(what + ": " + outcome);
        next();
    }

    private Done done(String what) {
        return err -> tell(what, err, "ok");
    }

    private <T> Callback<T> value(String what) {
        return (err, value) -> tell(what, err, value);
    }

    private Callback<byte[]> bytes(String what) {
        return (err, value) -> tell(what, err, err == null ? new String(value, UTF_8) : "");
    }

    private Callback<Stats> stats(String what) {
        return (err, s) -> {
            String shown = "";
            if (err == null) {
                int permissions = s.mode() & 07777;
                shown = Integer.toOctalString(permissions) + " " + s.size() + " " + s.mtime();
            }
            tell(what, err, shown);
        };
    }

    @EveryEngine
    void oneFile_fromItsFirstByteToItsLastName(EngineKind engine) throws Exception {
        boolean has = Files.getFileStore(directory).supportsFileAttributeView("user");
        assumeTrue(has, "the file system has no user attributes");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    // A simulated disk is empty.
                    Path at = Path.of("/");
                    for (Path name : directory) {
                        at = at.resolve(name);
                        Path made = at;
                        steps.add(() -> fs.mkdir(made, err -> next()));
                    }
                    byPath(fs, directory);
                    names(fs, directory);
                    open(reactor, fs, directory.resolve("f"));
                    next();
                });
        assertEquals(
                """
                exists: false
                append: ok
                append: ok
                read: ab
                atomic: ok
                exists: true
                read: new content
                access: ok
                access to run: EACCES
                chmod: ok
                utimes: ok
                stat: 640 11 2001-09-09T01:46:40.123456789Z
                truncate: ok
                read: new
                xattr create: ok
                xattr create: EEXIST
                xattr get: value
                xattr list: [user.chime]
                xattr remove: ok
                xattr get: ENODATA
                symlink: ok
                readlink: f
                atomic through a link: ok
                readlink: f
                lutimes: ok
                rename keep: EEXIST
                link: ok
                rename exchange: ok
                read: linked
                unlink: ok
                unlink: ENOENT
                open: ok
                writev: 6
                position: 6
                readv: 3 cd,e
                rest: ed
                truncate: ok
                allocate: ok
                fstat: 600 100
                futimes: ok
                fchmod: ok
                advise: ok
                sync: ok
                xattr set: ok
                xattr list: [user.f]
                write: ok
                close: ok
                chmod: EBADF
                """
                        .strip(),
                String.join("\n", story));
    }

    private void byPath(Fs fs, Path dir) {
        Path f = dir.resolve("f");
        steps.add(() -> fs.exists(f, value("exists")));
        steps.add(() -> fs.appendFile(f, "a", done("append")));
        steps.add(() -> fs.appendFile(f, "b".getBytes(UTF_8), done("append")));
        steps.add(() -> fs.readFile(f, bytes("read")));
        steps.add(() -> fs.writeFileAtomic(f, "new content", done("atomic")));
        steps.add(() -> fs.exists(f, value("exists")));
        steps.add(() -> fs.readFile(f, bytes("read")));
        steps.add(() -> fs.access(f, Set.of(AccessMode.READ, AccessMode.WRITE), done("access")));
        steps.add(() -> fs.access(f, Set.of(AccessMode.EXECUTE), done("access to run")));
        steps.add(() -> fs.chmod(f, 0640, done("chmod")));
        steps.add(() -> fs.utimes(f, null, TIME, done("utimes")));
        steps.add(() -> fs.stat(f, stats("stat")));
        steps.add(() -> fs.truncate(f, 3, done("truncate")));
        steps.add(() -> fs.readFile(f, bytes("read")));
        byte[] value = "value".getBytes(UTF_8);
        String name = "user.chime";
        XattrFlag create = XattrFlag.CREATE;
        steps.add(() -> fs.xattrs(f).set(name, value, create, done("xattr create")));
        steps.add(() -> fs.xattrs(f).set(name, value, create, done("xattr create")));
        steps.add(() -> fs.xattrs(f).get(name, bytes("xattr get")));
        steps.add(() -> fs.xattrs(f).list(value("xattr list")));
        steps.add(() -> fs.xattrs(f).remove(name, done("xattr remove")));
        steps.add(() -> fs.xattrs(f).get(name, bytes("xattr get")));
    }

    private void names(Fs fs, Path dir) {
        Path f = dir.resolve("f");
        Path link = dir.resolve("link");
        Path other = dir.resolve("other");
        steps.add(() -> fs.symlink(Path.of("f"), link, done("symlink")));
        steps.add(() -> fs.readlink(link, value("readlink")));
        steps.add(() -> fs.writeFileAtomic(link, "linked", done("atomic through a link")));
        steps.add(() -> fs.readlink(link, value("readlink")));
        steps.add(() -> fs.lutimes(link, TIME, TIME, done("lutimes")));
        steps.add(() -> fs.rename(f, link, RenameFlag.NOREPLACE, done("rename keep")));
        steps.add(() -> fs.link(f, other, done("link")));
        steps.add(() -> fs.rename(other, link, RenameFlag.EXCHANGE, done("rename exchange")));
        steps.add(() -> fs.readFile(link, bytes("read")));
        steps.add(() -> fs.unlink(other, done("unlink")));
        steps.add(() -> fs.unlink(other, done("unlink")));
    }

    private static List<Buffer> buffers(Reactor reactor, String... contents) {
        List<Buffer> buffers = new ArrayList<>();
        for (String content : contents) {
            buffers.add(Fixtures.buffer(reactor, content.getBytes(UTF_8)));
        }
        return buffers;
    }

    private void open(Reactor reactor, Fs fs, Path path) {
        FileHandle[] f = new FileHandle[1];
        steps.add(() ->
                fs.open(
                        path,
                        "w+",
                        (err, file) -> {
                            f[0] = file;
                            tell("open", err, "ok");
                        }));
        steps.add(() -> {
            List<Buffer> three = buffers(reactor, "ab", "c", "ded");
            f[0].writev(three, (err, n, given) -> tell("writev", err, n));
            three.forEach(Buffer::release);
        });
        steps.add(() -> tell("position", null, f[0].position()));
        steps.add(() -> {
            List<Buffer> two = buffers(reactor, "..", ".");
            f[0].readv(
                    two,
                    2,
                    (err, n, b) ->
                            tell(
                                    "readv",
                                    err,
                                    n
                                            + " "
                                            + b.get(0).toString(UTF_8)
                                            + ","
                                            + b.get(1).toString(UTF_8)));
            two.forEach(Buffer::release);
        });
        steps.add(() ->
                fs.open(
                        path,
                        (err, again) -> {
                            Buffer four = reactor.buffer(4);
                            again.read(
                                    four,
                                    (e, n, b) ->
                                            again.readFile(
                                                    UTF_8,
                                                    (none, rest) -> {
                                                        again.close(
                                                                closed -> tell("rest", none, rest));
                                                    }));
                            four.release();
                        }));
        steps.add(() -> f[0].truncate(50, done("truncate")));
        steps.add(() -> f[0].allocate(50, 50, done("allocate")));
        steps.add(() ->
                f[0].chmod(
                        0600,
                        err ->
                                f[0].stat((e, s) ->
                                        tell(
                                                "fstat",
                                                e,
                                                Integer.toOctalString(s.mode() & 07777)
                                                        + " "
                                                        + s.size()))));
        steps.add(() -> f[0].utimes(TIME, TIME, done("futimes")));
        steps.add(() -> f[0].chmod(0644, done("fchmod")));
        steps.add(() -> f[0].advise(Advice.WILLNEED, 0, 0, done("advise")));
        steps.add(() -> f[0].sync(done("sync")));
        steps.add(() -> f[0].xattrs().set("user.f", new byte[1], done("xattr set")));
        steps.add(() -> f[0].xattrs().list(value("xattr list")));
        steps.add(() -> f[0].writeFile("more", done("write")));
        steps.add(() -> f[0].close(done("close")));
        steps.add(() -> f[0].chmod(0, done("chmod")));
    }
}
