package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Extended attributes, by path and on open files. */
class XattrsTest {
    @TempDir Path dir;
    private Path file;

    private interface Use {
        void with(Xattrs xattrs) throws Exception;
    }

    @BeforeEach
    void aFile() throws IOException {
        file = Fixtures.file(dir, "f", new byte[1]);
        boolean has = Files.getFileStore(dir).supportsFileAttributeView("user");
        assumeTrue(has, "the file system has no user attributes");
    }

    private static UserDefinedFileAttributeView jdk(Path path) {
        return Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
    }

    /** By path first, then on the file opened. */
    private void both(EngineKind engine, Use use) {
        Reactors.run(engine, reactor -> use.with(Fs.of(reactor).xattrs(file)));
        Fixtures.withOpen(engine, file, "r+", (reactor, open) -> use.with(open.xattrs()));
    }

    @EngineTest
    void setGetListRemove_areWhatTheJdkSees(EngineKind engine) throws IOException {
        byte[] value = {0, 1, (byte) 200};
        List<Heard<Void>> done = Fixtures.heards(4);
        List<byte[]> got = new ArrayList<>();
        List<List<String>> lists = new ArrayList<>();
        int[] round = {0};
        both(
                engine,
                xattrs -> {
                    int i = 2 * round[0]++;
                    xattrs.set(
                            "user.gr\u00fcn",
                            value,
                            err -> {
                                done.get(i).call(err);
                                assertEquals(List.of("gr\u00fcn"), jdk(file).list());
                                xattrs.get(
                                        "user.gr\u00fcn",
                                        (e, bytes) -> {
                                            got.add(bytes);
                                            xattrs.list((none, names) -> {
                                                lists.add(names);
                                                xattrs.remove("user.gr\u00fcn", done.get(i + 1));
                                            });
                                        });
                            });
                });
        done.forEach(Heard::ok);
        assertEquals(2, got.size());
        got.forEach(bytes -> assertArrayEquals(value, bytes));
        assertEquals(List.of(List.of("user.gr\u00fcn"), List.of("user.gr\u00fcn")), lists);
        assertEquals(List.of(), jdk(file).list());
    }

    @EngineTest
    void createAndReplace_mindWhatIsThere(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        both(
                engine,
                xattrs ->
                        xattrs.set(
                                "user.a",
                                new byte[1],
                                XattrFlag.REPLACE,
                                first -> {
                                    heard.add(first.getMessage());
                                    xattrs.set(
                                            "user.a",
                                            new byte[2],
                                            XattrFlag.CREATE,
                                            second -> {
                                                heard.add(String.valueOf(second));
                                                xattrs.set(
                                                        "user.a",
                                                        new byte[3],
                                                        XattrFlag.CREATE,
                                                        third -> {
                                                            heard.add(third.getMessage());
                                                            xattrs.remove("user.a", e -> {});
                                                        });
                                            });
                                }));
        String path = " '" + file + "'";
        assertEquals(
                List.of(
                        "ENODATA: no data available, setxattr" + path,
                        "null",
                        "EEXIST: file already exists, setxattr" + path,
                        "ENODATA: no data available, fsetxattr",
                        "null",
                        "EEXIST: file already exists, fsetxattr"),
                heard);
    }

    @EngineTest
    void valuesAndListsOfAnyLength_comeWhole(EngineKind engine) throws IOException {
        Path shm = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(shm), "no tmpfs, which takes larger ones than ext4");
        Path large = Files.createTempFile(shm, "chime", "xattrs");
        try {
            List<Heard<Void>> set = Fixtures.heards(2);
            Heard<byte[]> got = new Heard<>();
            Heard<byte[]> empty = new Heard<>();
            Heard<List<String>> listed = new Heard<>();
            byte[] value = Fixtures.pattern(65_536);
            TreeSet<String> names = new TreeSet<>(List.of("user.b"));
            for (int i = 0; i < 100; i++) {
                String name = "x".repeat(100) + i;
                names.add("user." + name);
                assumeTrue(takes(large, name), "this tmpfs has no user attributes");
            }
            Reactors.run(
                    engine,
                    reactor -> {
                        Xattrs xattrs = Fs.of(reactor).xattrs(large);
                        xattrs.set(
                                "user.b",
                                value,
                                err -> {
                                    set.get(0).call(err);
                                    xattrs.get("user.b", got);
                                    xattrs.list(listed);
                                });
                    });
            Reactors.run(
                    engine,
                    reactor -> {
                        Xattrs xattrs = Fs.of(reactor).xattrs(large);
                        xattrs.set(
                                "user.e",
                                new byte[0],
                                err -> {
                                    set.get(1).call(err);
                                    xattrs.get("user.e", empty);
                                });
                    });
            set.forEach(Heard::ok);
            assertArrayEquals(value, got.ok());
            assertEquals(0, empty.ok().length);
            assertEquals(names, new TreeSet<>(listed.ok()));
        } finally {
            Files.delete(large);
        }
    }

    private static boolean takes(Path path, String name) {
        try {
            return jdk(path).write(name, ByteBuffer.wrap("v".getBytes(UTF_8))) == 1;
        } catch (IOException e) {
            return false;
        }
    }

    @EngineTest
    void whatTheKernelRefuses_isItsErrno(EngineKind engine) {
        Heard<byte[]> none = new Heard<>();
        Heard<byte[]> missing = new Heard<>();
        Heard<byte[]> longName = new Heard<>();
        Heard<Void> tooBig = new Heard<>();
        Heard<Void> noNamespace = new Heard<>();
        Heard<Void> remove = new Heard<>();
        Path nothing = dir.resolve("x".repeat(250)).resolve("y".repeat(250));
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Xattrs xattrs = fs.xattrs(file);
                    xattrs.get("user.none", none);
                    fs.xattrs(nothing).get("user.none", missing);
                    xattrs.get("user." + "n".repeat(260), longName);
                    xattrs.set("user.big", new byte[65_537], tooBig);
                    xattrs.set("nonsense", new byte[1], noNamespace);
                    xattrs.remove("user.none", remove);
                    assertThrows(
                            IllegalArgumentException.class, () -> xattrs.remove("a\0b", remove));
                });
        String path = " '" + file + "'";
        assertEquals("ENODATA: no data available, getxattr" + path, none.errno().getMessage());
        assertEquals(
                "ENOENT: no such file or directory, getxattr '" + nothing + "'",
                missing.errno().getMessage());
        assertEquals("ERANGE", longName.errno().code());
        assertEquals("E2BIG", tooBig.errno().code());
        assertEquals("ENOTSUP", noNamespace.errno().code());
        assertEquals("ENODATA: no data available, removexattr" + path, remove.errno().getMessage());
    }
}
