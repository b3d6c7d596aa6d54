package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Names of files and directories: unlink, rmdir, mkdir, rename, link, symlink. */
class NamesTest {
    @TempDir Path dir;

    private interface Call {
        void on(Fs fs, Done done);
    }

    private static Heard<Void> run(EngineKind engine, Call call) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> call.on(Fs.of(reactor), heard));
        heard.assertOnce();
        return heard;
    }

    private static void succeeds(EngineKind engine, Call call) {
        run(engine, call).ok();
    }

    private static void fails(EngineKind engine, String message, Call call) {
        ErrnoException err = run(engine, call).errno();
        assertEquals(message, err.getMessage());
    }

    @EngineTest
    void unlink_removesAName_notADirectory(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[3]);
        succeeds(engine, (fs, done) -> fs.unlink(file, done));
        assertFalse(Files.exists(file));
        fails(
                engine,
                "ENOENT: no such file or directory, unlink '" + file + "'",
                (fs, done) -> fs.unlink(file, done));
        fails(
                engine,
                "EISDIR: illegal operation on a directory, unlink '" + dir + "'",
                (fs, done) -> fs.unlink(dir, done));
    }

    @EngineTest
    void mkdirAndRmdir_onlyEmptyOnes(EngineKind engine) throws IOException {
        Path made = dir.resolve("made");
        succeeds(engine, (fs, done) -> fs.mkdir(made, 0700, done));
        assertTrue(Files.isDirectory(made));
        assertEquals(040700, Files.getAttribute(made, "unix:mode"));
        fails(
                engine,
                "EEXIST: file already exists, mkdir '" + made + "'",
                (fs, done) -> fs.mkdir(made, done));
        Path inside = Fixtures.file(made, "f", new byte[1]);
        fails(
                engine,
                "ENOTEMPTY: directory not empty, rmdir '" + made + "'",
                (fs, done) -> fs.rmdir(made, done));
        fails(
                engine,
                "ENOTDIR: not a directory, rmdir '" + inside + "'",
                (fs, done) -> fs.rmdir(inside, done));
        Files.delete(inside);
        succeeds(engine, (fs, done) -> fs.rmdir(made, done));
        assertFalse(Files.exists(made));
    }

    @EngineTest
    void rename_overAnExistingFile_replacesIt(EngineKind engine) throws IOException {
        Path from = Fixtures.file(dir, "from", new byte[] {1});
        Path to = Fixtures.file(dir, "to", new byte[] {2, 2});
        succeeds(engine, (fs, done) -> fs.rename(from, to, done));
        assertFalse(Files.exists(from));
        assertEquals(1, Files.size(to));
        fails(
                engine,
                "ENOENT: no such file or directory, rename '" + from + "' -> '" + to + "'",
                (fs, done) -> fs.rename(from, to, done));
    }

    @EngineTest
    void linkAndSymlink_makeNames(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[] {1});
        Path hard = dir.resolve("hard");
        Path soft = dir.resolve("soft");
        succeeds(engine, (fs, done) -> fs.link(file, hard, done));
        assertTrue(Files.isSameFile(file, hard));
        Path missing = Path.of("no such thing");
        succeeds(engine, (fs, done) -> fs.symlink(missing, soft, done));
        assertEquals(missing, Files.readSymbolicLink(soft));
        fails(
                engine,
                "EEXIST: file already exists, link '" + file + "' -> '" + hard + "'",
                (fs, done) -> fs.link(file, hard, done));
        fails(
                engine,
                "EEXIST: file already exists, symlink 'no such thing' -> '" + soft + "'",
                (fs, done) -> fs.symlink(missing, soft, done));
    }

    @EngineTest
    void twoLongPaths_eachWhole(EngineKind engine) throws IOException {
        Path deep = dir;
        for (int i = 0; i < 15; i++) {
            deep = deep.resolve("x".repeat(200));
        }
        Files.createDirectories(deep);
        Path from = Files.createFile(deep.resolve("a".repeat(250)));
        Path to = deep.resolve("b".repeat(250));
        succeeds(engine, (fs, done) -> fs.rename(from, to, done));
        assertTrue(Files.exists(to, LinkOption.NOFOLLOW_LINKS));
        assertFalse(Files.exists(from));
    }

    @EveryEngine
    void symlinkToWhatIsNoText_staysRelative(EngineKind engine) {
        byte[] target = {'a', '/', '.', '.', '/', (byte) 0xff, 'b'};
        Path link = dir.resolve("link");
        Heard<Path> read = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    MkdirOptions parents = MkdirOptions.defaults().recursive(true);
                    fs.mkdir(
                            dir,
                            parents,
                            (err, first) ->
                                    fs.symlink(
                                            NativePath.decode(target),
                                            link,
                                            made -> fs.readlink(link, read)));
                });
        assertFalse(read.ok().isAbsolute());
        assertArrayEquals(target, NativePath.bytes(read.value));
    }
}
