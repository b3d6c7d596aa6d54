package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** cp: trees, what exists already, links, and what is refused, as in Node. */
class CpTest {
    private static final CpOptions PLAIN = CpOptions.defaults();
    private static final CpOptions RECURSIVE = PLAIN.recursive(true);

    @TempDir(factory = MemoryDirectory.class)
    Path dir;

    private static Heard<Void> cp(EngineKind engine, Path source, Path dest, CpOptions options) {
        Heard<Void> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).cp(source, dest, options, heard));
        heard.assertOnce();
        return heard;
    }

    private static void fails(
            EngineKind engine,
            String code,
            String message,
            Path source,
            Path dest,
            CpOptions options) {
        var err = cp(engine, source, dest, options).error();
        assertEquals(message, err.getMessage());
        assertEquals(code, err.code());
    }

    @EngineTest
    void tree_isCopiedWhole(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 25, 6);
        Files.createSymbolicLink(root.resolve("link"), Path.of("d0/e0/f0"));
        Files.createDirectory(root.resolve("empty"));
        Files.setPosixFilePermissions(
                root.resolve("empty"), PosixFilePermissions.fromString("r-x------"));
        Files.setPosixFilePermissions(
                root.resolve("d1"), PosixFilePermissions.fromString("r-xr-xr-x"));
        Path to = dir.resolve("new/parents/to");
        List<Progress> told = new ArrayList<>();
        cp(engine, root, to, RECURSIVE.verbatimSymlinks(true).progress(told::add)).ok();
        assertEquals(Trees.of(root), Trees.of(to));
        assertEquals(040500, Files.getAttribute(to.resolve("empty"), "unix:mode"));
        assertEquals(040555, Files.getAttribute(to.resolve("d1"), "unix:mode"));
        assertEquals(Trees.of(root).size(), told.getLast().entries());
        assertEquals(Progress.UNKNOWN, told.getLast().totalBytes());
        Path absolute = dir.resolve("absolute");
        cp(engine, root, absolute, RECURSIVE).ok();
        assertEquals(root.resolve("d0/e0/f0"), Files.readSymbolicLink(absolute.resolve("link")));
        Files.setPosixFilePermissions(
                root.resolve("d1"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @EngineTest
    void intoAnExistingDirectory_merges(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 3, 3);
        Path to = Trees.make(dir.resolve("to"), 2, 5);
        Files.writeString(to.resolve("d0/e0/f1"), "old");
        Files.writeString(to.resolve("own"), "own");
        cp(engine, root, to, RECURSIVE.force(false, false)).ok();
        assertEquals("old", Files.readString(to.resolve("d0/e0/f1")));
        cp(engine, root, to, RECURSIVE).ok();
        Map<String, String> found = Trees.of(to);
        assertEquals("file 1 of 0", found.get("d0/e0/f1"));
        assertEquals("own", found.get("own"));
        assertEquals("file 4 of 1", found.get("d1/e1/f4"));
        assertEquals("file 2 of 2", found.get("d2/e2/f2"));
        Path file = to.resolve("d0/e0/f0");
        fails(
                engine,
                "ERR_FS_CP_EEXIST",
                "Target already exists: cp returned EEXIST (" + file + " already exists) " + file,
                root.resolve("d0/e0/f0"),
                file,
                PLAIN.force(false, true));
    }

    @EngineTest
    void refusals_sayWhatNodeSays(EngineKind engine) throws Exception {
        Path sub = Files.createDirectory(dir.resolve("sub"));
        Path file = Fixtures.file(dir, "file", new byte[3]);
        Path link = Files.createSymbolicLink(dir.resolve("link"), sub);
        Path fifo = Fixtures.fifo(dir);
        Path x = dir.resolve("x");
        Path none = dir.resolve("none");
        fails(
                engine,
                "ENOENT",
                "ENOENT: no such file or directory, lstat '" + none + "'",
                none,
                x,
                PLAIN);
        fails(
                engine,
                "ERR_FS_EISDIR",
                "Path is a directory: cp returned EISDIR ("
                        + sub
                        + " is a directory (not copied)) "
                        + sub,
                sub,
                x,
                PLAIN);
        for (Path inside : List.of(sub.resolve("a/b"), link.resolve("a/b"))) {
            fails(
                    engine,
                    "ERR_FS_CP_EINVAL",
                    "Invalid src or dest: cp returned EINVAL (cannot copy "
                            + sub
                            + " to a subdirectory of self "
                            + inside
                            + ") "
                            + inside,
                    sub,
                    inside,
                    RECURSIVE);
        }
        fails(
                engine,
                "ERR_FS_CP_DIR_TO_NON_DIR",
                "Cannot overwrite non-directory with directory: cp returned EISDIR (cannot"
                        + " overwrite non-directory "
                        + file
                        + " with directory "
                        + sub
                        + ") "
                        + file,
                sub,
                file,
                RECURSIVE);
        fails(
                engine,
                "ERR_FS_CP_NON_DIR_TO_DIR",
                "Cannot overwrite directory with non-directory: cp returned ENOTDIR (cannot"
                        + " overwrite directory "
                        + sub
                        + " with non-directory "
                        + file
                        + ") "
                        + sub,
                file,
                sub,
                PLAIN);
        fails(
                engine,
                "ERR_FS_CP_EINVAL",
                "Invalid src or dest: cp returned EINVAL (src and dest cannot be the same) " + file,
                file,
                file,
                PLAIN);
        fails(
                engine,
                "ERR_FS_CP_FIFO_PIPE",
                "Cannot copy a FIFO pipe: cp returned EINVAL (cannot copy a FIFO pipe: "
                        + x
                        + ") "
                        + x,
                fifo,
                x,
                PLAIN);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(dir.resolve("socket")));
            fails(
                    engine,
                    "ERR_FS_CP_SOCKET",
                    "Cannot copy a socket file: cp returned EINVAL (cannot copy a socket file: "
                            + x
                            + ") "
                            + x,
                    dir.resolve("socket"),
                    x,
                    PLAIN);
        }
        assertFalse(Trees.exists(x));
        assertEquals(0, sub.toFile().list().length);
        assertEquals(3, Files.size(file));
    }

    @EngineTest
    void links_overLinks(EngineKind engine) throws IOException {
        Path deep = Files.createDirectories(dir.resolve("dir/sub"));
        Path toDir = Files.createSymbolicLink(dir.resolve("toDir"), deep.getParent());
        Path toSub = Files.createSymbolicLink(dir.resolve("toSub"), deep);
        Path other = Files.createSymbolicLink(dir.resolve("other"), Path.of("elsewhere"));
        assertEquals(
                "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
                cp(engine, toSub, toDir, PLAIN).error().code());
        assertEquals("ERR_FS_CP_EINVAL", cp(engine, toDir, toSub, PLAIN).error().code());
        cp(engine, other, toDir, PLAIN).ok();
        assertEquals(dir.resolve("elsewhere"), Files.readSymbolicLink(toDir));
        cp(engine, other, toDir, PLAIN.verbatimSymlinks(true)).ok();
        assertEquals(Path.of("elsewhere"), Files.readSymbolicLink(toDir));
    }

    @EngineTest
    void destinationLink_isNotWrittenThrough(EngineKind engine) throws IOException {
        Path outside = Fixtures.file(dir, "outside", new byte[7]);
        Path file = Fixtures.file(dir, "file", new byte[3]);
        Path link = Files.createSymbolicLink(dir.resolve("link"), outside);
        cp(engine, file, link, PLAIN).ok();
        assertEquals(7, Files.size(outside));
        assertTrue(Files.isRegularFile(link) && !Files.isSymbolicLink(link));
    }

    @EngineTest
    void dereference_copiesWhatLinksLeadTo_andNoticesLoops(EngineKind engine) throws IOException {
        Path root = Files.createDirectories(dir.resolve("root/real"));
        Fixtures.file(root, "f", new byte[5]);
        Files.createSymbolicLink(root.resolveSibling("link"), Path.of("real"));
        Path to = dir.resolve("to");
        cp(engine, root.getParent(), to, RECURSIVE.dereference(true)).ok();
        assertTrue(Files.isDirectory(to.resolve("link")));
        assertFalse(Files.isSymbolicLink(to.resolve("link")));
        assertEquals(5, Files.size(to.resolve("link/f")));
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        assertEquals(
                "ELOOP",
                cp(engine, root.getParent(), dir.resolve("to2"), RECURSIVE.dereference(true))
                        .errno()
                        .code());
    }

    @EngineTest
    void preserveTimestamps_ofFilesAndDirectories(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 1, 1);
        FileTime old = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
        for (String name : List.of("d0/e0/f0", "d0/e0", "d0", "")) {
            Files.setLastModifiedTime(root.resolve(name), old);
        }
        Path to = dir.resolve("to");
        cp(engine, root, to, RECURSIVE.preserveTimestamps(true)).ok();
        for (String name : List.of("d0/e0/f0", "d0/e0", "d0", "")) {
            assertEquals(old, Files.getLastModifiedTime(to.resolve(name)), name);
        }
    }

    @EngineTest
    void filter_choosesAndMayThrow(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 3, 3);
        Path to = dir.resolve("to");
        cp(
                        engine,
                        root,
                        to,
                        RECURSIVE.filter((from, dest) ->
                                !from.endsWith("e1") && !dest.toString().endsWith("f2")))
                .ok();
        assertEquals(
                "{=/, d0=/, d0/e0=/, d0/e0/f0=file 0 of 0, d0/e0/f1=file 1 of 0, d1=/, d2=/,"
                        + " d2/e2=/, d2/e2/f0=file 0 of 2, d2/e2/f1=file 1 of 2}",
                Trees.of(to).toString());
        cp(engine, root, dir.resolve("none"), RECURSIVE.filter((from, dest) -> false)).ok();
        assertFalse(Trees.exists(dir.resolve("none")));
        RuntimeException thrown = new RuntimeException("from the filter");
        List<Throwable> uncaught = new ArrayList<>();
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    reactor.onUncaught(uncaught::add);
                    Fs.of(reactor)
                            .cp(
                                    root,
                                    dir.resolve("x"),
                                    RECURSIVE.filter((from, dest) -> {
                                        if (from.endsWith("f1")) {
                                            throw thrown;
                                        }
                                        return true;
                                    }),
                                    heard);
                });
        assertEquals("ECANCELED", heard.error().code());
        assertSame(thrown, uncaught.getFirst());
    }

    /** Names and targets are bytes: text in no encoding, as long as they may be. */
    @EngineTest
    void namesAndTargets_ofAnyBytes(EngineKind engine) throws Exception {
        Path root = Files.createDirectory(dir.resolve("root"));
        Trees.shell(
                "cd \"$1\" && mkdir $'d\\xfe' && echo x > $'d\\xfe/f\\xfd'"
                        + " && ln -s $'\\xff/relative' $'l\\xff' && ln -s $'/\\xff' absolute"
                        + " && ln -s $(printf 't/%.0s' {1..1500}) $(printf 'n%.0s' {1..255})",
                root.toString());
        Path to = dir.resolve("to");
        cp(engine, root, to, RECURSIVE.verbatimSymlinks(true)).ok();
        String script = "cd \"$1\" && find . -printf '%P %l %s\\n' | sort | base64 -w0";
        assertEquals(Trees.shell(script, root.toString()), Trees.shell(script, to.toString()));
    }

    @EngineTest
    void deepTree_needsNeitherStackNorDescriptors(EngineKind engine) throws Exception {
        // Far beyond what a path can name; and one that leaves folders behind at each level.
        copyCounting(engine, Trees.far(dir.resolve("far")));
        copyCounting(engine, Trees.wide(dir.resolve("wide")));
    }

    /** Following links, the way back is by path. */
    @EngineTest
    void deepTree_withLinksFollowed(EngineKind engine) throws Exception {
        Path root = Trees.wide(dir.resolve("root"));
        Path to = dir.resolve("to");
        copyCounting(engine, root, to, RECURSIVE.dereference(true));
        assertEquals(Trees.list(root), Trees.list(to));
    }

    private void copyCounting(EngineKind engine, Path root) throws Exception {
        Path to = dir.resolve("to");
        copyCounting(engine, root, to, RECURSIVE);
        String names = Trees.list(root);
        assertEquals(names, Trees.list(to));
        assertTrue(names.lines().count() > 100);
        List<Heard<Void>> removed = Fixtures.heards(2); // no path reaches its end
        Reactors.run(
                engine,
                reactor -> {
                    RmOptions tree = RmOptions.defaults().recursive(true);
                    Fs.of(reactor).rm(root, tree, removed.get(0));
                    Fs.of(reactor).rm(to, tree, removed.get(1));
                });
        removed.forEach(Heard::ok);
    }

    private static void copyCounting(EngineKind engine, Path root, Path to, CpOptions options) {
        Heard<Void> copied = new Heard<>();
        Peaks[] peaks = new Peaks[1];
        Reactors.run(
                engine,
                reactor -> {
                    peaks[0] = Peaks.of(reactor);
                    Fs.of(reactor).cp(root, to, options, copied);
                });
        copied.ok();
        int pairs = Cp.MAX_OPEN_DIRECTORIES + Cp.DIRECTORIES_AT_ONCE + Cp.ENTRIES_AT_ONCE;
        peaks[0].assertAtMost(2 * pairs, 2 << 20);
    }

    @EngineTest
    void cancelInAnyTurn_leavesNoIncompleteFile(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 20, 4);
        Map<String, String> all = Trees.of(root);
        int cancelled = 0;
        for (int turns = 0; turns < 15; turns++) {
            Path to = dir.resolve("to" + turns);
            int after = turns * 3;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation call = Fs.of(reactor).cp(root, to, RECURSIVE, heard);
                        Fixtures.afterTurns(reactor, after, call::cancel);
                    });
            heard.assertOnce();
            assertEquals(0, Fixtures.openIn(dir));
            if (heard.err == null) {
                assertEquals(all, Trees.of(to));
            } else {
                cancelled++;
                assertEquals("ECANCELED", heard.err.code());
                if (Trees.exists(to)) {
                    Trees.of(to).forEach((name, content) -> assertEquals(all.get(name), content));
                }
            }
        }
        assertTrue(cancelled > 0, "none was cancelled");
    }

    @EngineTest
    void endOfTheReactor_callsBackOnceAndLeaksNothing(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 20, 4);
        for (int turns = 0; turns < 8; turns++) {
            Path to = dir.resolve("to" + turns);
            int after = turns;
            Heard<Void> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs.of(reactor).cp(root, to, RECURSIVE, heard);
                        Fixtures.afterTurns(reactor, after, reactor::stop);
                    });
            heard.assertOnce();
            assertEquals(0, Fixtures.openIn(dir));
        }
    }

    @EngineTest
    @Tag("slow")
    void hundredThousandFiles(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 1000, 100);
        Path to = dir.resolve("to");
        List<Progress> told = new ArrayList<>();
        copyCounting(engine, root, to, RECURSIVE.progress(told::add));
        assertEquals(101_011, told.getLast().entries());
        assertEquals(Trees.of(root), Trees.of(to));
    }
}
