package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Attributes and links below a root. */
class RootAttributesTest {
    private static final String OUTSIDE = "ERR_FS_OUTSIDE_ROOT";
    private static final Instant ONCE = Instant.ofEpochSecond(1_000_000_000, 123_456_789);

    @TempDir Path directory;
    private Path top;
    private Path secret;
    private final Map<String, Heard<?>> calls = new LinkedHashMap<>();

    @BeforeEach
    void makeTree() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        Files.createDirectory(top.resolve("sub"));
        Files.writeString(top.resolve("f"), "inside");
        secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve("f"), "secret");
        Files.createSymbolicLink(top.resolve("absolute"), secret);
        Files.createSymbolicLink(top.resolve("file"), secret.resolve("f"));
        Files.createSymbolicLink(top.resolve("sub/back"), Path.of("../f"));
        for (Path file : List.of(top.resolve("f"), secret.resolve("f"))) {
            Files.setAttribute(file, "unix:mode", 0644);
            Files.setLastModifiedTime(file, FileTime.from(ONCE.minusSeconds(99)));
        }
    }

    private interface Use {
        void of(Root root) throws Exception;
    }

    private void withRoot(EngineKind engine, Use use) {
        Heard<Root> made = new Heard<>();
        Heard<Void> closed = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .root(
                                        top,
                                        (err, root) -> {
                                            made.call(err, root);
                                            use.of(made.ok());
                                            root.close(closed);
                                        }));
        made.ok();
        closed.ok();
        assertEquals(0, Fixtures.openIn(directory));
    }

    private <T> Heard<T> heard(String call) {
        Heard<T> heard = new Heard<>();
        calls.put(call, heard);
        return heard;
    }

    private void assertAllOk() {
        calls.forEach((call, heard) -> assertEquals(null, heard.err, call));
    }

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode") & 07777;
    }

    private static Instant modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    }

    @EngineTest
    void attributes_areSet_alsoThroughALinkThatStays(EngineKind engine) throws IOException {
        int uid = (int) Files.getAttribute(top.resolve("f"), "unix:uid");
        withRoot(
                engine,
                root -> {
                    root.chmod(Path.of("f"), 0400, heard("chmod"));
                    root.chmod(Path.of("sub"), 01750, heard("chmod of a folder"));
                    root.utimes(Path.of("sub/back"), null, ONCE, heard("utimes"));
                    root.utimes(Path.of(""), ONCE, ONCE, heard("utimes of the root"));
                    root.chown(Path.of("sub/back"), uid, -1, heard("chown"));
                });
        assertAllOk();
        assertEquals(0400, mode(top.resolve("f")));
        assertEquals(01750, mode(top.resolve("sub")));
        assertEquals(ONCE, modified(top.resolve("f")));
        assertEquals(ONCE, modified(top));
    }

    @EngineTest
    void lutimesAndLchown_areOfTheLinkItself_whereverItLeads(EngineKind engine) throws IOException {
        Instant before = modified(secret.resolve("f"));
        withRoot(
                engine,
                root -> {
                    root.lutimes(Path.of("file"), ONCE, ONCE, heard("lutimes"));
                    root.lutimes(Path.of("sub/back"), ONCE, ONCE, heard("lutimes inside"));
                    root.lchown(Path.of("file"), -1, -1, heard("lchown"));
                });
        assertAllOk();
        assertEquals(ONCE, modified(top.resolve("file")));
        assertEquals(ONCE, modified(top.resolve("sub/back")));
        assertEquals(before, modified(secret.resolve("f")));
        assertEquals(ONCE.minusSeconds(99), modified(top.resolve("f")), "the target stays");
    }

    @EngineTest
    void accessAndExists_tell(EngineKind engine) {
        Heard<Boolean> there = new Heard<>();
        Heard<Boolean> none = new Heard<>();
        Heard<Boolean> below = new Heard<>();
        Heard<Void> missing = new Heard<>();
        Heard<Void> execute = new Heard<>();
        withRoot(
                engine,
                root -> {
                    root.exists(Path.of("sub/back"), there);
                    root.exists(Path.of("none"), none);
                    root.exists(Path.of("f/none"), below);
                    root.access(Path.of("f"), heard("access"));
                    root.access(Path.of("f"), Set.of(AccessMode.READ), heard("to read"));
                    root.access(Path.of("none"), missing);
                    root.access(Path.of("f"), Set.of(AccessMode.EXECUTE), execute);
                });
        assertAllOk();
        assertTrue(there.ok());
        assertFalse(none.ok());
        assertFalse(below.ok());
        assertEquals(
                "ENOENT: no such file or directory, access 'none'", missing.error().getMessage());
        assertEquals("EACCES: permission denied, access 'f'", execute.error().getMessage());
    }

    @EngineTest
    void links_areMadeAndRead(EngineKind engine) throws IOException {
        Heard<Path> read = new Heard<>();
        Heard<Path> absolute = new Heard<>();
        withRoot(
                engine,
                root -> {
                    root.link(Path.of("f"), Path.of("sub/second"), heard("link"));
                    root.link(Path.of("file"), Path.of("sub/same"), heard("link of a link"));
                    root.symlink(Path.of("../f"), Path.of("sub/new"), heard("symlink"));
                    root.symlink(Path.of("/etc/passwd"), Path.of("out"), heard("symlink out"));
                    root.readlink(Path.of("sub/back"), read);
                    root.readlink(Path.of("file"), absolute);
                });
        assertAllOk();
        assertEquals(2, Files.getAttribute(top.resolve("f"), "unix:nlink"));
        assertEquals(1, Files.getAttribute(secret.resolve("f"), "unix:nlink"), "no name of it");
        assertTrue(Files.isSymbolicLink(top.resolve("sub/same")));
        assertEquals("inside", Files.readString(top.resolve("sub/new")));
        assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(top.resolve("out")));
        assertEquals(Path.of("../f"), read.ok());
        assertEquals(secret.resolve("f"), absolute.ok());
    }

    @EngineTest
    void aTargetThatLeadsOut_isWrittenDown_andNotFollowed(EngineKind engine) {
        Heard<byte[]> read = new Heard<>();
        Heard<Void> chmod = new Heard<>();
        withRoot(
                engine,
                root -> root.symlink(secret.resolve("f"), Path.of("trap"), heard("symlink")));
        withRoot(
                engine,
                root -> {
                    root.readFile(Path.of("trap"), read);
                    root.chmod(Path.of("trap"), 0777, chmod);
                });
        assertAllOk();
        assertEquals(OUTSIDE, read.error().code());
        assertEquals(OUTSIDE, chmod.error().code());
    }

    @EngineTest
    void whatLiesOutside_isRefused_andLeftAlone(EngineKind engine) throws IOException {
        withRoot(
                engine,
                root -> {
                    for (String way :
                            List.of("../secret/f", "absolute/f", secret.resolve("f").toString())) {
                        Path out = Path.of(way);
                        root.chmod(out, 0777, heard("chmod " + way));
                        root.chown(out, 1, 1, heard("chown " + way));
                        root.lchown(out, 1, 1, heard("lchown " + way));
                        root.utimes(out, ONCE, ONCE, heard("utimes " + way));
                        root.lutimes(out, ONCE, ONCE, heard("lutimes " + way));
                        root.access(out, heard("access " + way));
                        root.exists(out, heard("exists " + way));
                        root.readlink(out, heard("readlink " + way));
                        root.link(out, Path.of("got"), heard("link from " + way));
                        root.link(Path.of("f"), out, heard("link to " + way));
                        root.symlink(Path.of("f"), out, heard("symlink at " + way));
                    }
                    root.chmod(Path.of("file"), 0777, heard("chmod of a link"));
                    root.chown(Path.of("file"), 1, 1, heard("chown of a link"));
                    root.utimes(Path.of("file"), ONCE, ONCE, heard("utimes of a link"));
                });
        calls.forEach((call, heard) -> assertEquals(OUTSIDE, heard.error().code(), call));
        assertEquals(
                "the path leads out of the root '" + top + "', symlink '../secret/f'",
                calls.get("symlink at ../secret/f").error().getMessage());
        assertEquals(0644, mode(secret.resolve("f")));
        assertEquals(ONCE.minusSeconds(99), modified(secret.resolve("f")));
        try (Stream<Path> left = Files.list(secret)) {
            assertEquals(List.of(secret.resolve("f")), left.toList());
        }
    }

    @EngineTest
    void errors_nameStepAndPaths(EngineKind engine) {
        withRoot(
                engine,
                root -> {
                    Path none = Path.of("none");
                    root.chmod(none, 0600, heard("chmod 'none'"));
                    root.chown(none, -1, -1, heard("chown 'none'"));
                    root.lchown(none, -1, -1, heard("lchown 'none'"));
                    root.utimes(none, ONCE, ONCE, heard("utime 'none'"));
                    root.lutimes(none, ONCE, ONCE, heard("lutime 'none'"));
                    root.readlink(none, heard("readlink 'none'"));
                    root.link(none, Path.of("sub/x"), heard("link 'none' -> 'sub/x'"));
                    root.symlink(Path.of("f"), Path.of("none/x"), heard("symlink 'f' -> 'none/x'"));
                });
        calls.forEach((call, heard) ->
                assertEquals(
                        "ENOENT: no such file or directory, " + call, heard.error().getMessage()));
    }

    @EngineTest
    void pathsWithoutAName_andWhatIsNoLink_areEinval(EngineKind engine) {
        Heard<Void> exists = new Heard<>();
        withRoot(
                engine,
                root -> {
                    for (String path : List.of("", ".", "..", "sub/..")) {
                        root.readlink(Path.of(path), heard("readlink " + path));
                        root.link(Path.of("f"), Path.of(path), heard("link to " + path));
                        root.link(Path.of(path), Path.of("x"), heard("link of " + path));
                        root.symlink(Path.of("f"), Path.of(path), heard("symlink " + path));
                    }
                    root.readlink(Path.of("f"), heard("readlink f"));
                    root.symlink(Path.of("x"), Path.of("f"), exists);
                });
        calls.forEach((call, heard) -> assertEquals("EINVAL", heard.error().code(), call));
        assertEquals(
                "EINVAL: invalid argument, symlink 'f' -> 'sub/..'",
                calls.get("symlink sub/..").error().getMessage());
        assertEquals("EEXIST", exists.error().code());
    }

    @EngineTest
    void cancelledOrLate_nothingStaysOpen(EngineKind engine) {
        withRoot(
                engine,
                root -> {
                    for (int i = 0; i < 50; i++) {
                        root.chmod(Path.of("f"), 0600, heard("chmod " + i)).cancel();
                        root.readlink(Path.of("file"), heard("readlink " + i)).cancel();
                        root.link(Path.of("f"), Path.of("l" + i), heard("link " + i))
                                .deadline(Duration.ZERO);
                        root.symlink(Path.of("f"), Path.of("s" + i), heard("symlink " + i))
                                .deadline(Duration.ofNanos(1000L * i));
                    }
                });
        calls.forEach((call, heard) -> {
            heard.assertOnce();
            assertTrue(
                    heard.err == null
                            || Set.of("ECANCELED", "ETIMEDOUT").contains(heard.err.code()),
                    call);
        });
    }

    @EngineTest
    void wrongArguments_throwAtTheCall(EngineKind engine) {
        withRoot(
                engine,
                root -> {
                    Path f = Path.of("f");
                    for (Watching.Step wrong :
                            List.<Watching.Step>of(
                                    () -> root.chmod(f, 010000, err -> {}),
                                    () -> root.chmod(null, 0600, err -> {}),
                                    () -> root.chown(f, 1, 1, null),
                                    () -> root.utimes(null, ONCE, ONCE, err -> {}),
                                    () -> root.access(f, null, err -> {}),
                                    () -> root.exists(f, null),
                                    () -> root.link(f, null, err -> {}),
                                    () -> root.symlink(null, f, err -> {}),
                                    () -> root.symlink(f, null, err -> {}),
                                    () -> root.readlink(f, null))) {
                        assertThrows(IllegalArgumentException.class, wrong::run);
                    }
                });
    }
}
