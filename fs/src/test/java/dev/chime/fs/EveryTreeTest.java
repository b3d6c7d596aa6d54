package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/** Directories and trees by Chime's own calls alone: on the simulated machine, too. */
class EveryTreeTest {
    private static final MkdirOptions PARENTS = MkdirOptions.defaults().recursive(true);
    private static final int DIRECTORIES = 12;
    private static final int FILES = 9;

    @TempDir Path dir;

    private final List<String> order = new ArrayList<>();

    private static void ok(ReactorException err) {
        if (err != null) {
            throw new AssertionError(err.getMessage(), err);
        }
    }

    /** Makes a tree below {@code root}, then goes on. */
    private static void make(Fs fs, Path root, Runnable then) {
        int[] left = {DIRECTORIES * FILES};
        for (int d = 0; d < DIRECTORIES; d++) {
            Path directory = root.resolve("a" + d % 3 + "/b" + d);
            fs.mkdir(
                    directory,
                    PARENTS,
                    (err, first) -> {
                        ok(err);
                        for (int f = 0; f < FILES; f++) {
                            fs.writeFile(
                                    directory.resolve("f" + f),
                                    "file " + f,
                                    failed -> {
                                        ok(failed);
                                        if (--left[0] == 0) {
                                            then.run();
                                        }
                                    });
                        }
                    });
        }
    }

    private static TreeSet<String> below(Path root, List<Dirent> entries) {
        TreeSet<String> names = new TreeSet<>();
        entries.forEach(e -> names.add(root.relativize(e.path()) + " " + e.type()));
        assertEquals(entries.size(), names.size());
        return names;
    }

    @EveryEngine
    void makeListCopyFindRemove(EngineKind engine) {
        Path root = dir.resolve("root");
        Path copy = dir.resolve("some/where/copy");
        ReaddirOptions all = ReaddirOptions.defaults().recursive(true);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    make(
                            fs,
                            root,
                            () ->
                                    fs.symlink(
                                            Path.of("a0"),
                                            root.resolve("link"),
                                            err -> {
                                                ok(err);
                                                list(fs, root, copy, all);
                                            }));
                });
        assertEquals(
                List.of(
                        "listed 124",
                        "copied",
                        "same",
                        "read file 7",
                        "found 12",
                        "removed",
                        "gone"),
                order);
    }

    private void list(Fs fs, Path root, Path copy, ReaddirOptions all) {
        fs.readdir(
                root,
                all,
                (err, entries) -> {
                    ok(err);
                    order.add("listed " + entries.size());
                    TreeSet<String> before = below(root, entries);
                    fs.cp(
                            root,
                            copy,
                            CpOptions.defaults().recursive(true).verbatimSymlinks(true),
                            e -> {
                                ok(e);
                                order.add("copied");
                                fs.readdir(
                                        copy,
                                        all,
                                        (e2, copies) -> {
                                            ok(e2);
                                            assertEquals(before, below(copy, copies));
                                            order.add("same");
                                            find(fs, copy);
                                        });
                            });
                });
    }

    private void find(Fs fs, Path copy) {
        fs.realpath(
                copy.resolve("link/b3/../b6/./f7"),
                (err, real) -> {
                    ok(err);
                    fs.readFile(
                            real,
                            UTF_8,
                            (failed, text) -> {
                                ok(failed);
                                order.add("read " + text);
                                fs.glob(
                                        List.of("**/f[3-3]"),
                                        GlobOptions.defaults().cwd(copy),
                                        (e, found) -> {
                                            ok(e);
                                            order.add("found " + found.size());
                                            remove(fs, copy);
                                        });
                            });
                });
    }

    private void remove(Fs fs, Path copy) {
        fs.rm(
                copy,
                RmOptions.defaults().recursive(true),
                err -> {
                    ok(err);
                    order.add("removed");
                    fs.opendir(
                            copy,
                            (failed, none) -> {
                                assertEquals("ENOENT", failed.code());
                                assertNull(none);
                                order.add("gone");
                            });
                });
    }

    @EveryEngine
    void copyFile_exclusiveAndOver(EngineKind engine) {
        Path from = dir.resolve("x/from");
        Path to = dir.resolve("x/to");
        Heard<byte[]> copied = new Heard<>();
        Heard<Void> again = new Heard<>();
        Heard<Void> same = new Heard<>();
        byte[] content = Fixtures.pattern(700_001);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.mkdir(
                            dir.resolve("x"),
                            PARENTS,
                            (err, first) ->
                                    fs.writeFile(
                                            from,
                                            content,
                                            e ->
                                                    fs.copyFile(
                                                            from,
                                                            to,
                                                            failed -> {
                                                                ok(failed);
                                                                fs.readFile(to, copied);
                                                                CopyOptions once =
                                                                        CopyOptions.defaults()
                                                                                .exclusive(true);
                                                                fs.copyFile(from, to, once, again);
                                                                fs.copyFile(from, from, same);
                                                            })));
                });
        assertEquals(Arrays.hashCode(content), Arrays.hashCode(copied.ok()));
        assertEquals("EEXIST", again.errno().code());
        assertEquals("EINVAL", same.errno().code());
    }

    @EveryEngine
    void dirReadOneByOne(EngineKind engine) {
        TreeSet<String> names = new TreeSet<>();
        Heard<Void> end = new Heard<>();
        Path root = dir.resolve("r");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    make(
                            fs,
                            root,
                            () ->
                                    fs.opendir(
                                            root,
                                            (err, open) -> {
                                                ok(err);
                                                open.forEach(entry -> names.add(entry.name()), end);
                                            }));
                });
        end.ok();
        assertEquals("[a0, a1, a2]", names.toString());
    }
}
