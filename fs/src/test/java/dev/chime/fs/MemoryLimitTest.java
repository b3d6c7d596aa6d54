package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.OpMetrics;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Hoard;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** File calls at the limit of native memory, and that they give back what they took. */
class MemoryLimitTest {
    private static final byte[] CONTENT = new byte[300_000];

    @TempDir Path directory;

    private static ReactorOptions options(EngineKind engine) {
        return Reactors.options(engine).maxNativeBytes(4 << 20);
    }

    private static String text(ReactorException err) {
        return err == null ? "ok" : err.getMessage();
    }

    @EngineTest
    void callsThatNeedMemory_getEnomem_andWorkWhenThereIsSome(EngineKind engine)
            throws IOException {
        Path file = Fixtures.file(directory, "f", CONTENT);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                options(engine),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.open(
                            directory.resolve("handle"),
                            "w",
                            (failed, handle) -> {
                                assertNull(failed);
                                Hoard hoard = new Hoard(reactor);
                                round(
                                        fs,
                                        handle,
                                        file,
                                        heard,
                                        () -> {
                                            hoard.release();
                                            round(
                                                    fs,
                                                    handle,
                                                    file,
                                                    heard,
                                                    () -> handle.close(err -> assertNull(err)));
                                        });
                            });
                });
        assertEquals(
                List.of(
                        "readFile ENOMEM: not enough memory, read",
                        "writeFile ENOMEM: not enough memory, write",
                        "write ENOMEM: not enough memory, write",
                        "readFile ok",
                        "writeFile ok",
                        "write ok"),
                heard);
        assertArrayEquals(CONTENT, Files.readAllBytes(directory.resolve("g")));
        assertArrayEquals(CONTENT, Files.readAllBytes(directory.resolve("handle")));
    }

    private void round(Fs fs, FileHandle handle, Path file, List<String> heard, Runnable then) {
        fs.readFile(
                file,
                (err, bytes) -> {
                    heard.add("readFile " + text(err));
                    fs.writeFile(
                            directory.resolve("g"),
                            CONTENT,
                            error -> {
                                heard.add("writeFile " + text(error));
                                handle.write(
                                        CONTENT,
                                        0,
                                        (e, count) -> {
                                            heard.add("write " + text(e));
                                            then.run();
                                        });
                            });
                });
    }

    @EngineTest
    void callsThatNeedNone_workAtTheLimit(EngineKind engine) throws IOException {
        Path file = Fixtures.file(directory, "f", CONTENT);
        Path missing = directory.resolve(("n".repeat(200) + "/").repeat(5));
        List<String> heard = new ArrayList<>();
        Reactors.run(
                options(engine),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    var buffer = reactor.buffer(1000);
                    Hoard hoard = new Hoard(reactor);
                    fs.stat(
                            missing,
                            (err, stats) -> {
                                heard.add(err.code());
                                fs.open(
                                        file,
                                        "r",
                                        (failed, handle) ->
                                                handle.read(
                                                        buffer,
                                                        0,
                                                        (error, count, same) -> {
                                                            heard.add(text(error) + " " + count);
                                                            buffer.release();
                                                            hoard.release();
                                                            handle.close(e -> assertNull(e));
                                                        }));
                            });
                });
        assertEquals(List.of("ENOENT", "ok 1000"), heard);
    }

    /** A path that has no bytes: there is no memory for them, once the arguments are checked. */
    private static Path withoutBytes(Path path) {
        int[] asked = {0};
        return (Path)
                Proxy.newProxyInstance(
                        Path.class.getClassLoader(),
                        new Class<?>[] {Path.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("toString") && asked[0]++ > 0) {
                                throw new OutOfMemoryError("no memory for a path");
                            }
                            return method.invoke(path, arguments);
                        });
    }

    @EngineTest
    void pathThatCannotBeEncoded_throwsAtTheCall_andCostsNoSlot(EngineKind engine)
            throws IOException {
        Path file = Fixtures.file(directory, "f", CONTENT);
        List<String> heard = new ArrayList<>();
        long[] inFlight = {-1};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    thrown(() -> fs.readFile(withoutBytes(file), (err, none) -> heard.add("?")));
                    thrown(() -> fs.writeFile(withoutBytes(file), "", err -> heard.add("?")));
                    thrown(() -> fs.open(withoutBytes(file), (err, none) -> heard.add("?")));
                    thrown(() -> fs.stat(withoutBytes(file), (err, none) -> heard.add("?")));
                    fs.readFile(file, (err, bytes) -> heard.add(text(err)));
                    reactor.onExit(() -> inFlight[0] = inFlight(reactor));
                });
        assertEquals(List.of("ok"), heard);
        assertEquals(0, inFlight[0]);
    }

    private static void thrown(Executable call) {
        assertEquals(
                "no memory for a path", assertThrows(OutOfMemoryError.class, call).getMessage());
    }

    private static long inFlight(Reactor reactor) {
        return reactor.metrics().operations().values().stream()
                .mapToLong(OpMetrics::inFlight)
                .sum();
    }

    @EngineTest
    void memoryComesBack_onSuccessErrorAndCancel(EngineKind engine) throws IOException {
        Path file = Fixtures.file(directory, "f", CONTENT);
        List<Long> used = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        Reactors.run(
                options(engine),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Operation read =
                            fs.readFile(file, (err, bytes) -> heard.add("cancelled " + text(err)));
                    Operation write =
                            fs.writeFile(
                                    directory.resolve("g"),
                                    CONTENT,
                                    err -> heard.add("cancelled " + text(err)));
                    read.cancel();
                    write.cancel();
                    fs.readFile(directory, (err, bytes) -> heard.add("read " + err.code()));
                    fs.writeFile(directory, CONTENT, err -> heard.add("write " + err.code()));
                    fs.readFile(file, (err, bytes) -> heard.add("read " + text(err)));
                    fs.writeFile(
                            directory.resolve("h"),
                            CONTENT,
                            err -> heard.add("write " + text(err)));
                    reactor.onBeforeExit(() -> gauge(reactor, used));
                });
        assertEquals(6, heard.size(), heard::toString);
        assertEquals(
                List.of("read EISDIR", "read ok", "write EISDIR", "write ok"),
                heard.stream().filter(line -> !line.startsWith("cancelled")).sorted().toList());
        assertEquals(List.of(0L), used);
    }

    private static void gauge(Reactor reactor, List<Long> used) {
        if (used.isEmpty()) {
            used.add(reactor.memory().usedBytes());
        }
    }
}
