package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/** mkdtemp whose directory goes when it is closed, and mkstemp. */
class TempDirectoryTest {
    @TempDir Path dir;

    @EveryEngine
    void close_removesAllThatIsInIt_forEachWhoAsks(EngineKind engine) {
        List<Heard<Void>> closed = Fixtures.heards(3);
        Heard<Boolean> before = new Heard<>();
        Heard<Boolean> after = new Heard<>();
        Path[] made = new Path[1];
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    MkdirOptions recursive = MkdirOptions.defaults().recursive(true);
                    fs.mkdir(
                            dir,
                            recursive,
                            (failed, first) ->
                                    fs.mkdtempDisposable(
                                            dir + "/x",
                                            (err, temp) -> {
                                                made[0] = temp.path();
                                                Path deep = temp.path().resolve("a/b");
                                                fs.mkdir(
                                                        deep,
                                                        recursive,
                                                        (e, of) -> {
                                                            fs.exists(deep, before);
                                                            temp.close(closed.get(0));
                                                            temp.close(err2 -> {
                                                                closed.get(1).call(err2);
                                                                fs.exists(temp.path(), after);
                                                                temp.close(closed.get(2));
                                                                assertEquals(
                                                                        0, closed.get(2).calls);
                                                            });
                                                        });
                                            }));
                });
        closed.forEach(Heard::ok);
        assertTrue(made[0].isAbsolute());
        assertEquals(dir, made[0].getParent());
        assertTrue(made[0].getFileName().toString().matches("x[A-Za-z0-9]{6}"), made[0].toString());
        assertTrue(before.ok());
        assertFalse(after.ok());
    }

    @EngineTest
    void closeThatFails_canBeTriedAgain(EngineKind engine) throws IOException {
        Heard<Void> first = new Heard<>();
        Heard<Void> second = new Heard<>();
        Path aside = dir.resolve("aside");
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .mkdtempDisposable(
                                        dir + "/x",
                                        (err, temp) -> {
                                            Path path = temp.path();
                                            Files.move(path, aside);
                                            // Nothing can be looked up behind a link to itself.
                                            Files.createSymbolicLink(path, path.getFileName());
                                            Path below = path.resolve("in");
                                            TempDirectory broken =
                                                    new TempDirectory(
                                                            dev.chime.reactor.internal.Core.of(
                                                                    reactor),
                                                            below);
                                            broken.close(failed -> {
                                                first.call(failed);
                                                Files.delete(path);
                                                broken.close(second);
                                            });
                                        }));
        assertEquals("ELOOP", first.errno().code());
        second.ok();
        Files.delete(aside);
    }

    @EveryEngine
    void mkdtempThatFails_saysSo(EngineKind engine) {
        Heard<TempDirectory> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).mkdtempDisposable(dir + "/none/x", heard));
        assertEquals("ENOENT", heard.errno().code());
        assertEquals("mkdtemp", heard.errno().syscall());
    }

    @EveryEngine
    void mkstemp_opensAFileThatNobodyHad(EngineKind engine) {
        List<String> names = new ArrayList<>();
        Heard<Stats> stats = new Heard<>();
        Heard<FileHandle> failed = new Heard<>();
        Heard<String> read = new Heard<>();
        MkdirOptions parents = MkdirOptions.defaults().recursive(true);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Callback<FileHandle> made =
                            (err, file) -> {
                                names.add(file.path().toString());
                                file.close(closed -> {});
                            };
                    fs.mkstemp(dir + "/none/x", failed);
                    fs.mkdir(
                            dir,
                            parents,
                            (err, first) -> {
                                fs.mkstemp(dir + "/y", made);
                                fs.root(
                                        dir,
                                        (e, root) ->
                                                root.mkstemp(
                                                        "z",
                                                        ".c",
                                                        (e2, file) -> {
                                                            made.call(e2, file);
                                                            root.close(closed -> {});
                                                        }));
                                fs.mkstemp(
                                        dir + "/x",
                                        ".txt",
                                        (e, file) -> {
                                            file.stat(stats);
                                            file.write(
                                                    "mine",
                                                    0,
                                                    (e2, n) ->
                                                            fs.readFile(file.path(), UTF_8, read));
                                            made.call(e, file);
                                        });
                            });
                });
        assertEquals(3, names.size());
        String all = String.join(" ", new TreeSet<>(names));
        assertTrue(all.matches(dir + "/x\\w{6}.txt " + dir + "/y\\w{6} z\\w{6}.c"), all);
        assertEquals(0100600, stats.ok().mode());
        assertEquals("mine", read.ok());
        assertEquals("ENOENT", failed.errno().code());
        assertEquals("mkstemp", failed.errno().syscall());
    }
}
