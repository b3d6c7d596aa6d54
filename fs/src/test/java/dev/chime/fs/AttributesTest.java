package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessMode;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Questions about files, and changes of what is not their content, by path and on open files. */
class AttributesTest {
    private static final Instant OLD = Instant.parse("1969-12-31T23:59:58.123456789Z");
    private static final Instant LATE = Instant.parse("2106-02-07T06:28:17.000000001Z");

    @TempDir Path dir;

    private interface Call<T> {
        void on(Fs fs, Heard<T> heard) throws Exception;
    }

    private static <T> Heard<T> run(EngineKind engine, Call<T> call) {
        Heard<T> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    call.on(Fs.of(reactor), heard);
                    assertEquals(0, heard.calls, "never inside the call");
                });
        heard.assertOnce();
        return heard;
    }

    private static <T> void fails(EngineKind engine, String message, Call<T> call) {
        assertEquals(message, run(engine, call).errno().getMessage());
    }

    /** A call on an open file. */
    private static void onOpen(EngineKind engine, Path path, String flags, Call2 call) {
        Heard<Void> heard = new Heard<>();
        Fixtures.withOpen(engine, path, flags, (reactor, file) -> call.on(file, heard));
        heard.ok();
    }

    private interface Call2 {
        void on(FileHandle file, Heard<Void> heard);
    }

    private static Object attribute(Path path, String name) throws IOException {
        return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    private static BasicFileAttributes times(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    @EngineTest
    void exists_isTrueOrFalse_andAnErrorWhenNobodyKnows(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[1]);
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Path dangling = Files.createSymbolicLink(dir.resolve("dangling"), Path.of("none"));
        assertEquals(true, AttributesTest.<Boolean>run(engine, (fs, h) -> fs.exists(file, h)).ok());
        assertEquals(
                false, AttributesTest.<Boolean>run(engine, (fs, h) -> fs.exists(dangling, h)).ok());
        Path below = file.resolve("x");
        assertEquals(
                false, AttributesTest.<Boolean>run(engine, (fs, h) -> fs.exists(below, h)).ok());
        AttributesTest.<Boolean>fails(
                engine,
                "ELOOP: too many symbolic links encountered, stat '" + loop + "'",
                (fs, h) -> fs.exists(loop, h));
    }

    @EngineTest
    void access_asksForEachWay(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[1]);
        Path program = Fixtures.file(dir, "p", new byte[1]);
        Files.setAttribute(program, "unix:mode", 0755);
        run(engine, (fs, h) -> fs.access(file, h)).ok();
        Set<AccessMode> all = Set.of(AccessMode.values());
        run(engine, (fs, h) -> fs.access(program, all, h)).ok();
        Set<AccessMode> read = Set.of(AccessMode.READ, AccessMode.WRITE);
        run(engine, (fs, h) -> fs.access(file, read, h)).ok();
        // Not even root executes what nobody may execute.
        fails(
                engine,
                "EACCES: permission denied, access '" + file + "'",
                (fs, h) -> fs.access(file, Set.of(AccessMode.EXECUTE), h));
        Path none = dir.resolve("none");
        fails(
                engine,
                "ENOENT: no such file or directory, access '" + none + "'",
                (fs, h) -> fs.access(none, h));
    }

    @EngineTest
    void chmod_setsEveryBit(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[1]);
        run(engine, (fs, h) -> fs.chmod(file, 0501, h)).ok();
        assertEquals(0100501, attribute(file, "mode"));
        onOpen(engine, file, "r", (f, h) -> f.chmod(06755, h));
        assertEquals(0106755, attribute(file, "mode"));
        assertThrows(
                IllegalArgumentException.class,
                () -> Reactors.run(engine, r -> Fs.of(r).chmod(file, 0100644, e -> {})));
    }

    @EngineTest
    void chown_leavesMinusOneAlone_andLchownTakesTheLink(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[1]);
        int uid = (int) attribute(file, "uid");
        int gid = (int) attribute(file, "gid");
        run(engine, (fs, h) -> fs.chown(file, -1, -1, h)).ok();
        run(engine, (fs, h) -> fs.chown(file, uid, gid, h)).ok();
        assumeTrue(uid == 0, "only root gives files away");
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        run(engine, (fs, h) -> fs.lchown(link, 12, 13, h)).ok();
        assertEquals("12 13", attribute(link, "uid") + " " + attribute(link, "gid"));
        assertEquals("0 " + gid, attribute(file, "uid") + " " + attribute(file, "gid"));
        run(engine, (fs, h) -> fs.chown(link, 14, -1, h)).ok();
        assertEquals("14 " + gid, attribute(file, "uid") + " " + attribute(file, "gid"));
        onOpen(engine, file, "r", (f, h) -> f.chown(-1, 15, h));
        assertEquals("14 15", attribute(file, "uid") + " " + attribute(file, "gid"));
    }

    @EngineTest
    void utimes_areExactToTheNanosecond_beforeAndAfterTheEpoch(EngineKind engine)
            throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[1]);
        Path link = Files.createSymbolicLink(dir.resolve("link"), file);
        run(engine, (fs, h) -> fs.utimes(link, OLD, LATE, h)).ok();
        assertEquals(FileTime.from(OLD), times(file).lastAccessTime());
        assertEquals(FileTime.from(LATE), times(file).lastModifiedTime());
        run(engine, (fs, h) -> fs.lutimes(link, LATE, OLD, h)).ok();
        assertEquals(FileTime.from(OLD), times(link).lastModifiedTime());
        assertEquals(FileTime.from(LATE), times(file).lastModifiedTime(), "of the file: as it was");
        onOpen(engine, file, "r", (f, h) -> f.utimes(null, OLD, h));
        assertEquals(FileTime.from(OLD), times(file).lastAccessTime(), "left alone");
        assertEquals(FileTime.from(OLD), times(file).lastModifiedTime());
        run(engine, (fs, h) -> fs.utimes(file, LATE, null, h)).ok();
        assertEquals(FileTime.from(LATE), times(file).lastAccessTime());
        assertEquals(FileTime.from(OLD), times(file).lastModifiedTime(), "left alone");
    }

    @EngineTest
    void truncate_shortensAndFillsWithZeros(EngineKind engine) throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[] {1, 2, 3});
        run(engine, (fs, h) -> fs.truncate(file, 5, h)).ok();
        assertArrayEquals(new byte[] {1, 2, 3, 0, 0}, Files.readAllBytes(file));
        onOpen(engine, file, "r+", (f, h) -> f.truncate(2, h));
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
        run(engine, (fs, h) -> fs.truncate(file, 5L << 30, h)).ok();
        assertEquals(5L << 30, Files.size(file));
        fails(
                engine,
                "EISDIR: illegal operation on a directory, open '" + dir + "'",
                (fs, h) -> fs.truncate(dir, 0, h));
        fails(
                engine,
                "EINVAL: invalid argument, ftruncate",
                (fs, h) -> fs.truncate(Path.of("/dev/null"), 0, h));
        assertThrows(
                IllegalArgumentException.class,
                () -> Reactors.run(engine, r -> Fs.of(r).truncate(file, -1, e -> {})));
        assertEquals(0, Fixtures.openIn(dir));
    }

    @EngineTest
    void cancelledTruncate_callsBackOnce_andLeavesNoDescriptor(EngineKind engine)
            throws IOException {
        Path file = Fixtures.file(dir, "f", new byte[3]);
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).truncate(file, 0, heard).cancel());
        assertEquals("ECANCELED", heard.error().code());
        assertEquals(3, Files.size(file));
        assertEquals(0, Fixtures.openIn(dir));
    }

    @EngineTest
    void statfs_saysWhatTheJdkSays(EngineKind engine) throws IOException {
        StatFs ours = AttributesTest.<StatFs>run(engine, (fs, h) -> fs.statfs(dir, h)).ok();
        FileStore store = Files.getFileStore(dir);
        assertEquals(store.getTotalSpace(), ours.blocks() * ours.frsize());
        assertEquals(store.getBlockSize(), ours.bsize());
        assertTrue(ours.bavail() <= ours.bfree() && ours.bfree() <= ours.blocks(), ours.toString());
        assertTrue(ours.ffree() <= ours.files() && ours.type() != 0, ours.toString());
        Heard<StatFs> open = new Heard<>();
        Heard<StatFs> closed = new Heard<>();
        Fixtures.withOpen(
                engine,
                dir,
                "r",
                (reactor, file) -> {
                    file.statfs(open);
                    file.close(err -> file.statfs(closed));
                });
        assertEquals(ours.type() + " " + ours.files(), open.ok().type() + " " + open.ok().files());
        assertEquals("EBADF: bad file descriptor, fstatfs", closed.errno().getMessage());
        Path none = dir.resolve("none");
        AttributesTest.<StatFs>fails(
                engine,
                "ENOENT: no such file or directory, statfs '" + none + "'",
                (fs, h) -> fs.statfs(none, h));
    }

    @EngineTest
    void readlink_givesTheTargetAsItIs(EngineKind engine) throws IOException {
        Path bytes = Path.of(URI.create("file:///x/%FF%C3%BC")).getFileName();
        String deep = ("d".repeat(200) + "/").repeat(20) + "e";
        for (Path target :
                new Path[] {
                    Path.of("../none"), Path.of("/"), Path.of("gr\u00fcn"), Path.of(deep), bytes
                }) {
            Path link = Files.createSymbolicLink(dir.resolve("link"), target);
            Heard<Path> heard = run(engine, (fs, h) -> fs.readlink(link, h));
            assertEquals(target, heard.ok());
            Files.delete(link);
        }
        AttributesTest.<Path>fails(
                engine,
                "EINVAL: invalid argument, readlink '" + dir + "'",
                (fs, h) -> fs.readlink(dir, h));
    }

    @EngineTest
    void renameWithAFlag_keepsOrExchanges(EngineKind engine) throws IOException {
        Path a = Fixtures.file(dir, "a", new byte[] {1});
        Path b = Fixtures.file(dir, "b", new byte[] {2, 2});
        fails(
                engine,
                "EEXIST: file already exists, rename '" + a + "' -> '" + b + "'",
                (fs, h) -> fs.rename(a, b, RenameFlag.NOREPLACE, h));
        run(engine, (fs, h) -> fs.rename(a, b, RenameFlag.EXCHANGE, h)).ok();
        assertEquals("2 1", Files.size(a) + " " + Files.size(b));
        Path c = dir.resolve("c");
        fails(
                engine,
                "ENOENT: no such file or directory, rename '" + a + "' -> '" + c + "'",
                (fs, h) -> fs.rename(a, c, RenameFlag.EXCHANGE, h));
        run(engine, (fs, h) -> fs.rename(a, c, RenameFlag.NOREPLACE, h)).ok();
        assertEquals(2, Files.size(c));
    }

    @EngineTest
    void appendFile_createsAndAdds_whateverTheFlagsSay(EngineKind engine) throws IOException {
        Path file = dir.resolve("f");
        run(engine, (fs, h) -> fs.appendFile(file, "a", h)).ok();
        run(engine, (fs, h) -> fs.appendFile(file, new byte[] {'b'}, h)).ok();
        WriteOptions flush = WriteOptions.defaults().mode(0600).flush(true);
        run(engine, (fs, h) -> fs.appendFile(file, new byte[] {'c'}, flush, h)).ok();
        assertEquals("abc", Files.readString(file));
        fails(
                engine,
                "EEXIST: file already exists, open '" + file + "'",
                (fs, h) -> fs.appendFile(file, new byte[1], flush.flags("ax"), h));
        assertNull(run(engine, (fs, h) -> fs.appendFile(file, "", h)).err);
        assertEquals("abc", Files.readString(file));
    }
}
