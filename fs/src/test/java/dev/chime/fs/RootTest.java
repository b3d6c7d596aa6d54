package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class RootTest {
    private static final String OUTSIDE = "ERR_FS_OUTSIDE_ROOT";

    @TempDir Path directory;
    private Path top;
    private Path secret;

    @BeforeEach
    void makeTree() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        Files.createDirectory(top.resolve("sub"));
        Files.writeString(top.resolve("f"), "inside");
        secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve("f"), "secret");
        Files.createSymbolicLink(top.resolve("absolute"), secret);
        Files.createSymbolicLink(top.resolve("relative"), Path.of("../secret"));
        Files.createSymbolicLink(top.resolve("file"), secret.resolve("f"));
        Files.createSymbolicLink(top.resolve("dangling"), secret.resolve("none"));
        Files.createSymbolicLink(top.resolve("sub/back"), Path.of("../f"));
    }

    private interface Use {
        void with(Reactor reactor, Root root) throws Exception;
    }

    private void withRoot(EngineKind engine, Path path, Use use) {
        Heard<Root> made = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .root(
                                        path,
                                        (err, root) -> {
                                            made.call(err, root);
                                            use.with(reactor, made.ok());
                                        }));
        made.ok();
    }

    private List<Path> ways() {
        return Stream.of(
                        "../secret/f",
                        "sub/../../secret/f",
                        secret.resolve("f").toString(),
                        top.resolve("f").toString(), // absolute, even if it leads inside
                        "absolute/f",
                        "relative/f",
                        "..",
                        "/")
                .map(Path::of)
                .toList();
    }

    // ---- what stays inside

    @EngineTest
    void pathsThatStay_areAsAnywhere(EngineKind engine) throws IOException {
        Heard<byte[]> bytes = new Heard<>();
        List<String> texts = new ArrayList<>();
        Heard<Void> written = new Heard<>();
        Heard<Stats> self = new Heard<>();
        Heard<Stats> link = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.readFile(Path.of("f"), bytes);
                    for (String way : List.of("sub/../f", "sub/back", "./f")) {
                        root.readFile(Path.of(way), UTF_8, (err, text) -> texts.add(text));
                    }
                    root.writeFile(Path.of("sub/new"), "written", written);
                    root.stat(Path.of(""), self);
                    root.lstat(Path.of("file"), link);
                });
        assertArrayEquals("inside".getBytes(UTF_8), bytes.ok());
        assertEquals(List.of("inside", "inside", "inside"), texts);
        written.ok();
        assertEquals("written", Files.readString(top.resolve("sub/new")));
        assertTrue(self.ok().isDirectory());
        assertTrue(link.ok().isSymbolicLink(), "the link itself is inside");
    }

    @EngineTest
    void open_givesAHandle_inEachForm(EngineKind engine) throws IOException {
        Heard<Void> closed = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) ->
                        root.open(
                                Path.of("sub/x"),
                                Set.of(OpenFlag.WRITE, OpenFlag.CREATE),
                                0600,
                                (err, file) -> {
                                    assertEquals(Path.of("sub/x"), file.path());
                                    file.writeFile("hello", failure -> file.close(closed));
                                }));
        closed.ok();
        assertEquals("hello", Files.readString(top.resolve("sub/x")));
        assertEquals(0600, (int) Files.getAttribute(top.resolve("sub/x"), "unix:mode") & 0777);
    }

    @EngineTest
    void writeFile_honoursItsOptions(EngineKind engine) throws IOException {
        Heard<Void> appended = new Heard<>();
        Heard<Void> exclusive = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.writeFile(
                            Path.of("f"),
                            "+".getBytes(UTF_8),
                            WriteOptions.defaults().flags("a").flush(true),
                            appended);
                    root.writeFile(
                            Path.of("f"),
                            new byte[1],
                            WriteOptions.defaults().flags("wx"),
                            exclusive);
                });
        appended.ok();
        assertEquals("EEXIST: file already exists, open 'f'", exclusive.error().getMessage());
        assertEquals("inside+", Files.readString(top.resolve("f")));
    }

    @EngineTest
    void names_areMadeRenamedAndRemoved(EngineKind engine) throws IOException {
        List<String> steps = new ArrayList<>();
        withRoot(
                engine,
                top,
                (reactor, root) ->
                        root.mkdir(
                                Path.of("sub/d"),
                                0700,
                                err -> {
                                    steps.add("mkdir " + err);
                                    rename(root, steps);
                                }));
        assertEquals(
                List.of("mkdir null", "rename null", "rmdir null", "unlink null", "unlink null"),
                steps);
        assertFalse(Files.exists(top.resolve("f")));
        assertTrue(Files.exists(secret.resolve("f")), "a link's target stays");
        assertFalse(Files.isSymbolicLink(top.resolve("file")));
    }

    private static void rename(Root root, List<String> steps) {
        root.rename(
                Path.of("sub/d"),
                Path.of("e"),
                err -> {
                    steps.add("rename " + err);
                    root.rmdir(
                            Path.of("e"),
                            failure -> {
                                steps.add("rmdir " + failure);
                                for (String name : List.of("f", "file")) {
                                    root.unlink(Path.of(name), e -> steps.add("unlink " + e));
                                }
                            });
                });
    }

    @EngineTest
    void directories_areListed(EngineKind engine) throws IOException {
        Files.createFile(top.resolve("sub/x"));
        Heard<List<Path>> names = new Heard<>();
        Heard<List<Path>> cancelled = new Heard<>();
        List<Path> entries = new ArrayList<>();
        Heard<Void> end = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.readdir(Path.of("sub"), names);
                    root.opendir(
                            Path.of("sub"),
                            (err, open) -> open.forEach(entry -> entries.add(entry.path()), end));
                    root.readdir(Path.of(""), cancelled).cancel();
                });
        assertEquals(Set.of(Path.of("back"), Path.of("x")), Set.copyOf(names.ok()));
        end.ok();
        assertEquals(Set.of(Path.of("sub/back"), Path.of("sub/x")), Set.copyOf(entries));
        assertEquals("ECANCELED", cancelled.error().code());
    }

    @EngineTest
    void streams_areOpenedBelow(EngineKind engine) throws IOException {
        StringBuilder text = new StringBuilder();
        List<String> closes = new ArrayList<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.createReadStream(Path.of("f"))
                            .onData(data -> text.append(data.toString(UTF_8)))
                            .onClose(err -> closes.add("read " + err));
                    WriteStream out = root.createWriteStream(Path.of("sub/out"));
                    out.onClose(err -> closes.add("write " + err));
                    out.end("streamed");
                    root.createReadStream(Path.of("file"))
                            .onData(data -> text.append("out"))
                            .onClose(err -> closes.add(err.code()));
                });
        assertEquals("inside", text.toString());
        assertEquals("streamed", Files.readString(top.resolve("sub/out")));
        assertEquals(Set.of("read null", "write null", OUTSIDE), Set.copyOf(closes));
    }

    @EngineTest
    void rootThatIsRenamed_isTheSameFolder(EngineKind engine) {
        Heard<String> heard = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    Files.move(top, directory.resolve("moved"));
                    Files.createDirectory(top);
                    root.readFile(Path.of("f"), UTF_8, heard);
                });
        assertEquals("inside", heard.ok());
    }

    // ---- what leads out

    @EngineTest
    void pathsThatLeadOut_areRefused_byEachCall(EngineKind engine) throws IOException {
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    for (Path way : ways()) {
                        root.open(way, heard(calls, "open " + way));
                        root.readFile(way, heard(calls, "readFile " + way));
                        root.writeFile(way, "x", heard(calls, "writeFile " + way));
                        root.stat(way, heard(calls, "stat " + way));
                        root.readdir(way, heard(calls, "readdir " + way));
                        root.opendir(way, heard(calls, "opendir " + way));
                    }
                    for (String link : List.of("file", "absolute", "dangling")) {
                        root.open(Path.of(link), "w", heard(calls, "open w " + link));
                        root.stat(Path.of(link), heard(calls, "stat " + link));
                    }
                });
        calls.forEach((call, heard) -> assertEquals(OUTSIDE, heard.error().code(), call));
        assertEquals("secret", Files.readString(secret.resolve("f")));
        assertFalse(Files.exists(secret.resolve("none")));
    }

    private static <T> Heard<T> heard(Map<String, Heard<?>> calls, String call) {
        Heard<T> heard = new Heard<>();
        calls.put(call, heard);
        return heard;
    }

    @EngineTest
    void namesThatLieOutside_areRefused(EngineKind engine) throws IOException {
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        Path out = Path.of("../secret/x");
        Path through = Path.of("absolute/f");
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.mkdir(out, heard(calls, "mkdir"));
                    root.unlink(through, heard(calls, "unlink"));
                    root.rmdir(Path.of("/tmp/x"), heard(calls, "rmdir"));
                    root.rename(Path.of("f"), out, heard(calls, "rename to"));
                    root.rename(through, Path.of("got"), heard(calls, "rename from"));
                });
        calls.forEach((call, heard) -> assertEquals(OUTSIDE, heard.error().code(), call));
        assertEquals(
                "the path leads out of the root '" + top + "', rename '../secret/x'",
                calls.get("rename to").error().getMessage());
        assertTrue(Files.exists(top.resolve("f")));
        try (Stream<Path> left = Files.list(secret)) {
            assertEquals(List.of(secret.resolve("f")), left.toList());
        }
    }

    @EngineTest
    void pathsWithoutAName_areEinval(EngineKind engine) {
        Map<String, Heard<?>> calls = new LinkedHashMap<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    for (String path : List.of("", ".", "..", "sub/..", "sub/.")) {
                        root.rmdir(Path.of(path), heard(calls, "rmdir " + path));
                        root.mkdir(Path.of(path), heard(calls, "mkdir " + path));
                        root.rename(Path.of("f"), Path.of(path), heard(calls, "rename to " + path));
                    }
                });
        calls.forEach((call, heard) -> assertEquals("EINVAL", heard.error().code(), call));
        assertEquals(
                "EINVAL: invalid argument, rename 'f' -> 'sub/..'",
                calls.get("rename to sub/..").error().getMessage());
    }

    @EngineTest
    void magicLinks_areNotFollowed(EngineKind engine) {
        Heard<byte[]> heard = new Heard<>();
        withRoot(
                engine,
                Path.of("/proc/self"),
                (reactor, root) -> root.readFile(Path.of("root/etc/passwd"), heard));
        String code = heard.error().code();
        assertTrue(Set.of("ELOOP", OUTSIDE).contains(code), code);
    }

    // ---- errors and the end

    @EngineTest
    void errors_nameStepAndPath(EngineKind engine) {
        Heard<byte[]> missing = new Heard<>();
        Heard<Stats> stat = new Heard<>();
        Heard<Void> unlink = new Heard<>();
        Heard<byte[]> folder = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.readFile(Path.of("none"), missing);
                    root.stat(Path.of("none"), stat);
                    root.unlink(Path.of("sub/none"), unlink);
                    root.readFile(Path.of("sub"), folder);
                });
        assertEquals(
                "ENOENT: no such file or directory, open 'none'", missing.error().getMessage());
        assertEquals("ENOENT: no such file or directory, stat 'none'", stat.error().getMessage());
        assertEquals(
                "ENOENT: no such file or directory, unlink 'sub/none'",
                unlink.error().getMessage());
        assertEquals("EISDIR: illegal operation on a directory, read", folder.error().getMessage());
    }

    @EngineTest
    void rootOfNoFolder_isAnError(EngineKind engine) {
        Heard<Root> missing = new Heard<>();
        Heard<Root> file = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).root(directory.resolve("none"), missing);
                    Fs.of(reactor).root(top.resolve("f"), file);
                });
        assertEquals("ENOENT", missing.error().code());
        assertEquals("ENOTDIR", file.error().code());
    }

    @EngineTest
    void close_waitsForCalls_thenRefuses(EngineKind engine) {
        Heard<byte[]> before = new Heard<>();
        Heard<byte[]> after = new Heard<>();
        Heard<Void> closed = new Heard<>();
        Heard<Void> again = new Heard<>();
        List<Boolean> readFirst = new ArrayList<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    root.readFile(Path.of("f"), before);
                    root.close(err -> {
                        readFirst.add(before.calls == 1);
                        closed.call(err);
                        root.close(again);
                    });
                    assertFalse(root.isOpen());
                    root.readFile(Path.of("f"), after);
                });
        before.ok();
        closed.ok();
        again.ok();
        assertEquals(List.of(true), readFirst);
        assertEquals("EBADF", after.error().code());
    }

    @EngineTest
    void cancelAndDeadline_endACall_withoutALeak(EngineKind engine) {
        Heard<byte[]> cancelled = new Heard<>();
        Heard<byte[]> late = new Heard<>();
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    Operation operation = root.readFile(Path.of("f"), cancelled);
                    operation.cancel();
                    root.readFile(Path.of("f"), late).deadline(Duration.ZERO);
                });
        assertEquals("ECANCELED", cancelled.error().code());
        cancelled.assertOnce();
        late.assertOnce();
        if (late.err != null) {
            assertEquals("ETIMEDOUT", late.err.code());
        }
    }

    @EngineTest
    void descriptors_areClosedInChildProcesses(EngineKind engine) {
        List<String> flags = new ArrayList<>();
        withRoot(
                engine,
                top,
                (reactor, root) ->
                        root.open(
                                Path.of("f"),
                                (err, file) -> {
                                    flags.add(flags(root.toString()));
                                    flags.add(flags(file.toString()));
                                }));
        assertEquals(2, flags.size());
        for (String octal : flags) {
            assertTrue((Integer.parseInt(octal, 8) & 02000000) != 0, octal);
        }
    }

    /** The flags of the descriptor that a text names, as the kernel shows them. */
    private static String flags(String text) throws IOException {
        String number = text.replaceAll(".*fd (\\d+).*", "$1");
        return Files.readAllLines(Path.of("/proc/self/fdinfo", number)).stream()
                .filter(line -> line.startsWith("flags:"))
                .map(line -> line.substring("flags:".length()).strip())
                .findFirst()
                .orElseThrow();
    }

    @EngineTest
    void wrongArguments_throwAtTheCall(EngineKind engine) {
        withRoot(
                engine,
                top,
                (reactor, root) -> {
                    Path f = Path.of("f");
                    for (Watching.Step wrong :
                            List.<Watching.Step>of(
                                    () -> root.open(null, (err, file) -> {}),
                                    () -> root.open(f, (String) null, (err, file) -> {}),
                                    () -> root.readFile(f, null),
                                    () -> root.writeFile(f, (byte[]) null, err -> {}),
                                    () -> root.mkdir(f, 010000, err -> {}),
                                    () -> root.rename(f, null, err -> {}),
                                    () -> root.close(null))) {
                        assertThrows(IllegalArgumentException.class, wrong::run);
                    }
                });
    }
}
