package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Task;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What a server changes below a root: whole files, copies, folders and trees. */
class RootChangesTest {
    private static final MkdirOptions PARENTS = MkdirOptions.defaults().recursive(true);
    private static final RmOptions TREE = RmOptions.defaults().recursive(true);

    @TempDir Path directory;
    private Path top;
    private Path secret;

    @BeforeEach
    void makeTree() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        Files.createDirectories(top.resolve("sub/deep"));
        Files.writeString(top.resolve("f"), "inside");
        Files.writeString(top.resolve("sub/deep/g"), "deep");
        Files.createSymbolicLink(top.resolve("toF"), Path.of("sub/../f"));
        secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve("f"), "secret");
        Files.createSymbolicLink(top.resolve("out"), Path.of("../secret"));
        Files.createSymbolicLink(top.resolve("outF"), secret.resolve("f"));
        Files.createSymbolicLink(top.resolve("relF"), Path.of("../secret/f"));
        Files.createSymbolicLink(top.resolve("loop"), Path.of("loop"));
    }

    private interface Use {
        void with(Root root) throws Exception;
    }

    private void withRoot(EngineKind engine, Use use) {
        Reactors.run(engine, reactor -> Fs.of(reactor).root(top, (err, root) -> use.with(root)));
        assertEquals(0, Fixtures.openIn(top));
    }

    private static <T> Heard<T> heard(Map<String, Heard<?>> calls, String call) {
        Heard<T> heard = new Heard<>();
        calls.put(call, heard);
        return heard;
    }

    private static String codes(Map<String, Heard<?>> calls) {
        return calls.entrySet().stream()
                .map(each -> {
                    each.getValue().assertOnce();
                    var err = each.getValue().err;
                    return each.getKey() + ": " + (err == null ? "ok" : err.code());
                })
                .collect(Collectors.joining("\n"));
    }

    private String tree() throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            return new TreeSet<>(all.map(top::relativize).map(Path::toString).toList()).toString();
        }
    }

    @EngineTest
    void nothingLeadsOut(EngineKind engine) throws IOException {
        String before = tree();
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        List<String> ways = List.of("../secret/f", "out/f", secret + "/f", "sub/../../secret/f");
        withRoot(
                engine,
                root -> {
                    for (String way : ways) {
                        Path path = Path.of(way);
                        Path f = Path.of("f");
                        root.appendFile(path, "x", heard(calls, "appendFile " + way));
                        root.writeFile(path, List.of("x"), heard(calls, "chunks " + way));
                        root.writeFileAtomic(path, "x", heard(calls, "atomic " + way));
                        root.truncate(path, 0, heard(calls, "truncate " + way));
                        root.copyFile(path, Path.of("got"), heard(calls, "copy from " + way));
                        root.copyFile(f, path, heard(calls, "copy to " + way));
                        root.mkdir(path.resolve("a"), PARENTS, heard(calls, "mkdir " + way));
                        root.mkdtemp(path.resolveSibling("x") + "", heard(calls, "temp " + way));
                        root.rm(path, TREE, heard(calls, "rm " + way));
                        root.rm(path, TREE.force(true), heard(calls, "rm force " + way));
                        root.rename(f, path, RenameFlag.EXCHANGE, heard(calls, "xch " + way));
                        root.rename(path, f, RenameFlag.NOREPLACE, heard(calls, "ren " + way));
                    }
                    for (String link : List.of("outF", "relF")) {
                        Path path = Path.of(link);
                        root.appendFile(path, "x", heard(calls, "appendFile " + link));
                        root.writeFileAtomic(path, "x", heard(calls, "atomic " + link));
                        root.truncate(path, 0, heard(calls, "truncate " + link));
                        root.copyFile(path, Path.of("got"), heard(calls, "copy from " + link));
                        root.copyFile(Path.of("f"), path, heard(calls, "copy to " + link));
                    }
                });
        assertEquals(12 * 4 + 5 * 2, calls.size());
        assertEquals(
                calls.keySet().stream()
                        .map(call -> call + ": ERR_FS_OUTSIDE_ROOT")
                        .collect(Collectors.joining("\n")),
                codes(calls));
        assertEquals(before, tree());
        assertEquals("secret", Files.readString(secret.resolve("f")));
        try (Stream<Path> left = Files.list(secret)) {
            assertEquals(List.of(secret.resolve("f")), left.toList());
        }
    }

    @EngineTest
    void wholeFiles_areChangedInPlace(EngineKind engine) throws IOException {
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                root -> {
                    root.appendFile(Path.of("f"), " and more", heard(calls, "append"));
                    root.appendFile(Path.of("new"), "new", heard(calls, "append new"));
                    root.writeFile(Path.of("chunks"), List.of("a", "b"), heard(calls, "chunks"));
                    root.truncate(Path.of("sub/deep/g"), 2, heard(calls, "truncate"));
                    root.truncate(Path.of("sub"), 2, heard(calls, "truncate folder"));
                    root.truncate(Path.of("none"), 2, heard(calls, "truncate none"));
                });
        assertEquals(
                """
                append: ok
                append new: ok
                chunks: ok
                truncate: ok
                truncate folder: EISDIR
                truncate none: ENOENT\
                """,
                codes(calls));
        assertEquals("inside and more", Files.readString(top.resolve("f")));
        assertEquals("new", Files.readString(top.resolve("new")));
        assertEquals("ab", Files.readString(top.resolve("chunks")));
        assertEquals("de", Files.readString(top.resolve("sub/deep/g")));
    }

    @EngineTest
    void atomicWrite_followsLinksThatStay_andKeepsTheMode(EngineKind engine) throws IOException {
        Files.setAttribute(top.resolve("f"), "unix:mode", 0640);
        Files.createSymbolicLink(top.resolve("sub/toNew"), Path.of("../fresh"));
        byte[] large = Fixtures.pattern(700_000);
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                root -> {
                    root.writeFileAtomic(Path.of("toF"), large, heard(calls, "by link"));
                    root.writeFileAtomic(Path.of("sub/toNew"), "x", heard(calls, "dangling"));
                    root.writeFileAtomic(Path.of("sub/n"), "y", heard(calls, "new"));
                    root.writeFileAtomic(Path.of("sub"), "x", heard(calls, "folder"));
                    root.writeFileAtomic(Path.of("sub/.."), "x", heard(calls, "no name"));
                    root.writeFileAtomic(Path.of("loop"), "x", heard(calls, "loop"));
                    root.writeFileAtomic(Path.of("none/x"), "x", heard(calls, "no folder"));
                });
        assertEquals(
                """
                by link: ok
                dangling: ok
                new: ok
                folder: EISDIR
                no name: EISDIR
                loop: ELOOP
                no folder: ENOENT\
                """,
                codes(calls));
        assertArrayEquals(large, Files.readAllBytes(top.resolve("f")));
        assertEquals(0640, (int) Files.getAttribute(top.resolve("f"), "unix:mode") & 07777);
        assertTrue(Files.isSymbolicLink(top.resolve("toF")));
        assertEquals("x", Files.readString(top.resolve("fresh")));
        assertEquals("y", Files.readString(top.resolve("sub/n")));
        assertFalse(tree().contains(".chime-"), tree());
        assertEquals(
                "ENOENT: no such file or directory, open 'none/x'",
                calls.get("no folder").error().getMessage());
    }

    @EngineTest
    void copyFile_copiesBetweenPathsBelow(EngineKind engine) throws Exception {
        byte[] large = Fixtures.pattern(3_000_000);
        Files.write(top.resolve("large"), large);
        Files.setAttribute(top.resolve("large"), "unix:mode", 0750);
        Files.writeString(top.resolve("sub/old"), "x".repeat(5_000_000));
        Fixtures.fifo(top);
        CopyOptions exclusive = CopyOptions.defaults().exclusive(true);
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                root -> {
                    Path large2 = Path.of("large");
                    root.copyFile(large2, Path.of("sub/new"), heard(calls, "new"));
                    root.copyFile(large2, Path.of("sub/old"), heard(calls, "over"));
                    root.copyFile(Path.of("toF"), Path.of("f2"), heard(calls, "by link"));
                    root.copyFile(Path.of("f"), Path.of("toF"), heard(calls, "onto itself"));
                    root.copyFile(large2, Path.of("f"), exclusive, heard(calls, "exclusive"));
                    root.copyFile(Path.of("sub"), Path.of("x"), heard(calls, "folder"));
                    root.copyFile(large2, Path.of("sub"), heard(calls, "onto folder"));
                    root.copyFile(Path.of("fifo"), Path.of("x"), heard(calls, "fifo"));
                    root.copyFile(large2, Path.of("fifo"), heard(calls, "onto fifo"));
                    root.copyFile(Path.of("none"), Path.of("x"), heard(calls, "none"));
                    root.copyFile(large2, Path.of("none/x"), heard(calls, "no folder"));
                });
        assertEquals(
                """
                new: ok
                over: ok
                by link: ok
                onto itself: EINVAL
                exclusive: EEXIST
                folder: EISDIR
                onto folder: EISDIR
                fifo: EINVAL
                onto fifo: EINVAL
                none: ENOENT
                no folder: ENOENT\
                """,
                codes(calls));
        assertArrayEquals(large, Files.readAllBytes(top.resolve("sub/new")));
        assertArrayEquals(large, Files.readAllBytes(top.resolve("sub/old")));
        assertEquals(0750, (int) Files.getAttribute(top.resolve("sub/new"), "unix:mode") & 07777);
        assertEquals("inside", Files.readString(top.resolve("f")));
        assertEquals("inside", Files.readString(top.resolve("f2")));
        assertFalse(Files.exists(top.resolve("x")));
        assertEquals(
                "EEXIST: file already exists, copyfile 'large' -> 'f'",
                calls.get("exclusive").error().getMessage());
    }

    @EngineTest
    void copyFileThatIsCancelled_leavesNothingIncomplete(EngineKind engine) throws IOException {
        Path large = Fixtures.sparse(top, 0);
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            byte[] content = Fixtures.pattern(1 << 20);
            for (int i = 0; i < 20; i++) {
                file.write(content);
            }
        }
        for (int turns = 0; turns < 12; turns++) {
            Heard<Void> heard = new Heard<>();
            int late = turns;
            Reactors.run(
                    engine,
                    reactor ->
                            Fs.of(reactor)
                                    .root(
                                            top,
                                            (err, root) -> {
                                                Operation copy =
                                                        root.copyFile(
                                                                Path.of("sparse"),
                                                                Path.of("copy"),
                                                                heard);
                                                Fixtures.afterTurns(reactor, late, copy::cancel);
                                            }));
            heard.assertOnce();
            if (heard.err == null) {
                assertEquals(20 << 20, Files.size(top.resolve("copy")));
                Files.delete(top.resolve("copy"));
            } else {
                assertEquals("ECANCELED", heard.err.code());
                assertFalse(Files.exists(top.resolve("copy")), "after " + turns + " turns");
            }
            assertEquals(0, Fixtures.openIn(top));
        }
    }

    @EngineTest
    void mkdir_makesWhatIsMissing(EngineKind engine) throws IOException {
        Files.createSymbolicLink(top.resolve("in"), Path.of("sub"));
        Files.createSymbolicLink(top.resolve("dangling"), Path.of("nowhere"));
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                root -> {
                    for (String path :
                            List.of("a/b/c", "in/x/y", "sub/deep", "", "b/../c", "f", "f/x/y")) {
                        root.mkdir(Path.of(path), PARENTS, heard(calls, path));
                    }
                    root.mkdir(Path.of("dangling/x"), PARENTS, heard(calls, "dangling/x"));
                    MkdirOptions single = MkdirOptions.defaults().mode(0710);
                    root.mkdir(Path.of("m"), single, heard(calls, "m"));
                    root.mkdir(Path.of("n/n"), single, heard(calls, "n/n"));
                });
        assertEquals(
                """
                a/b/c: ok
                in/x/y: ok
                sub/deep: ok
                : ok
                b/../c: ok
                f: EEXIST
                f/x/y: ENOTDIR
                dangling/x: ENOTDIR
                m: ok
                n/n: ENOENT\
                """,
                codes(calls));
        assertEquals(Path.of("a"), calls.get("a/b/c").value);
        assertEquals(Path.of("in/x"), calls.get("in/x/y").value);
        assertNull(calls.get("sub/deep").value);
        assertNull(calls.get("").value);
        for (String made : List.of("a/b/c", "sub/x/y", "b", "c", "m")) {
            assertTrue(Files.isDirectory(top.resolve(made)), made);
        }
        assertEquals(0710, (int) Files.getAttribute(top.resolve("m"), "unix:mode") & 07777);
        assertFalse(Files.exists(top.resolve("nowhere")));
    }

    @EngineTest
    void mkdtemp_makesAFolderOfItsOwn(EngineKind engine) throws IOException {
        Heard<Path> first = new Heard<>();
        Heard<Path> second = new Heard<>();
        Heard<Path> none = new Heard<>();
        withRoot(
                engine,
                root -> {
                    root.mkdtemp("sub/t-", first);
                    root.mkdtemp("", second);
                    root.mkdtemp("none/t", none);
                });
        assertTrue(first.ok().toString().matches("sub/t-[A-Za-z0-9]{6}"), first.value + "");
        assertEquals(6, second.ok().toString().length());
        for (Path made : List.of(first.value, second.value)) {
            assertEquals(040700, Files.getAttribute(top.resolve(made), "unix:mode"));
        }
        assertEquals("ENOENT", none.errno().code());
        assertEquals("mkdtemp", none.errno().syscall());
    }

    @EngineTest
    void rm_removesTrees_andLinksThemselves(EngineKind engine) throws IOException {
        Files.createSymbolicLink(top.resolve("sub/deep/out"), secret);
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        RmOptions force = RmOptions.defaults().force(true);
        withRoot(
                engine,
                root -> {
                    root.rm(Path.of("sub"), heard(calls, "not recursive"));
                    root.rm(Path.of("sub/deep"), TREE, heard(calls, "tree"));
                    root.rm(Path.of("out"), TREE, heard(calls, "link"));
                    root.rm(Path.of("f"), heard(calls, "file"));
                    root.rm(Path.of("none"), heard(calls, "none"));
                    root.rm(Path.of("none"), force, heard(calls, "none, force"));
                    root.rm(Path.of("none/x"), force, heard(calls, "no folder, force"));
                    for (String noName : List.of("", ".", "..", "sub/..")) {
                        root.rm(Path.of(noName), TREE, heard(calls, "'" + noName + "'"));
                    }
                });
        assertEquals(
                """
                not recursive: ERR_FS_EISDIR
                tree: ok
                link: ok
                file: ok
                none: ENOENT
                none, force: ok
                no folder, force: ok
                '': EINVAL
                '.': EINVAL
                '..': EINVAL
                'sub/..': EINVAL\
                """,
                codes(calls));
        assertEquals("[, loop, outF, relF, sub, toF]", tree());
        assertEquals("secret", Files.readString(secret.resolve("f")));
    }

    @EngineTest
    void rename_withAFlag(EngineKind engine) throws IOException {
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        Path f = Path.of("f");
        withRoot(
                engine,
                root -> {
                    RenameFlag keep = RenameFlag.NOREPLACE;
                    root.rename(Path.of("loop"), Path.of("toF"), keep, heard(calls, "taken"));
                    root.rename(
                            f,
                            Path.of("sub/deep/g"),
                            RenameFlag.EXCHANGE,
                            err -> {
                                Heard<Void> exchanged = heard(calls, "exchange");
                                exchanged.call(err);
                                root.rename(f, Path.of("h"), keep, heard(calls, "free"));
                            });
                    root.rename(f, Path.of("no"), RenameFlag.EXCHANGE, heard(calls, "none"));
                });
        assertEquals(
                Set.of("taken: EEXIST", "exchange: ok", "free: ok", "none: ENOENT"),
                Set.of(codes(calls).split("\n")));
        assertEquals("deep", Files.readString(top.resolve("h")));
        assertEquals("inside", Files.readString(top.resolve("sub/deep/g")));
    }

    @EngineTest
    void cancelledAndClosed_areHeardOnce(EngineKind engine) throws IOException {
        String before = tree();
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        Map<String, Heard<?>> late = new LinkedHashMap<>();
        withRoot(
                engine,
                root -> {
                    all(root, calls).forEach(Operation::cancel);
                    root.close(err -> {});
                    all(root, late);
                });
        calls.forEach((call, heard) -> assertEquals("ECANCELED", heard.error().code(), call));
        late.forEach((call, heard) -> assertEquals("EBADF", heard.error().code(), call));
        assertEquals(9, late.size());
        assertEquals(before, tree());
    }

    private static List<Operation> all(Root root, Map<String, Heard<?>> calls) {
        Path x = Path.of("x");
        return List.of(
                root.appendFile(x, "x", heard(calls, "append")),
                root.writeFile(x, List.of("x"), heard(calls, "chunks")),
                root.writeFileAtomic(x, "x", heard(calls, "atomic")),
                root.truncate(Path.of("f"), 0, heard(calls, "truncate")),
                root.copyFile(Path.of("f"), x, heard(calls, "copy")),
                root.mkdir(Path.of("x/y"), PARENTS, heard(calls, "mkdir")),
                root.mkdtemp("x", heard(calls, "mkdtemp")),
                root.rm(Path.of("f"), heard(calls, "rm")),
                root.rename(Path.of("f"), x, RenameFlag.NOREPLACE, heard(calls, "rename")));
    }

    @EveryEngine
    void oneAfterTheOther_alsoInASimulation(EngineKind engine) {
        Path home = directory.resolve("home");
        List<String> said = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            home.resolve("top"),
                            PARENTS,
                            (failed, first) ->
                                    fs.root(home.resolve("top"), (err, root) -> steps(root, said)));
                });
        assertEquals(
                List.of(
                        "mkdir ok",
                        "atomic ok",
                        "copy ok",
                        "append ok",
                        "exchange ok",
                        "truncate ok",
                        "a/b/y: one",
                        "a/x: one and",
                        "rm ok",
                        "stat ENOENT",
                        "out ERR_FS_OUTSIDE_ROOT"),
                said);
    }

    private static Done then(List<String> said, String step, Task next) {
        return err -> {
            said.add(step + " " + (err == null ? "ok" : err.code()));
            next.run();
        };
    }

    private static void steps(Root root, List<String> said) {
        Path x = Path.of("a/x");
        Path y = Path.of("a/b/y");
        Task last =
                () ->
                        root.rm(
                                Path.of("a"),
                                TREE,
                                then(
                                        said,
                                        "rm",
                                        () ->
                                                root.stat(
                                                        x,
                                                        (err, stats) -> {
                                                            said.add("stat " + err.code());
                                                            root.mkdir(
                                                                    Path.of("../b"),
                                                                    PARENTS,
                                                                    (e, made) ->
                                                                            said.add(
                                                                                    "out "
                                                                                            + e
                                                                                                    .code()));
                                                        })));
        Task read =
                () ->
                        root.readFile(
                                y,
                                UTF_8,
                                (err, text) -> {
                                    said.add(y + ": " + text);
                                    root.readFile(
                                            x,
                                            UTF_8,
                                            (e, other) -> {
                                                said.add(x + ": " + other);
                                                last.run();
                                            });
                                });
        Task truncate = () -> root.truncate(x, 7, then(said, "truncate", read));
        Task exchange =
                () -> root.rename(x, y, RenameFlag.EXCHANGE, then(said, "exchange", truncate));
        Task append = () -> root.appendFile(y, " and two", then(said, "append", exchange));
        Task copy = () -> root.copyFile(x, y, then(said, "copy", append));
        root.mkdir(
                Path.of("a/b"),
                PARENTS,
                (err, made) ->
                        then(
                                        said,
                                        "mkdir",
                                        () ->
                                                root.writeFileAtomic(
                                                        x, "one", then(said, "atomic", copy)))
                                .call(err));
    }
}
