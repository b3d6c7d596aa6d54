package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.lang.reflect.Proxy;
import java.nio.charset.Charset;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {
    private static final Callback<Object> NOTHING = (err, value) -> {};
    private static final Done NOTHING_DONE = err -> {};

    @TempDir Path directory;

    private static void refused(String argument, Executable call) {
        var e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(e.getMessage().startsWith(argument + " "), e.getMessage());
    }

    @SuppressWarnings("unchecked")
    private static <T> Callback<T> nothing() {
        return (Callback<T>) NOTHING;
    }

    @EveryEngine
    void nullArguments_throwAtTheCallAndAreNamed(EngineKind engine) {
        Path path = Path.of("f");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    refused("path", () -> fs.readFile(null, nothing()));
                    refused("callback", () -> fs.readFile(path, null));
                    refused("path", () -> fs.readFile(null, UTF_8, nothing()));
                    refused("charset", () -> fs.readFile(path, (Charset) null, nothing()));
                    refused("callback", () -> fs.readFile(path, UTF_8, null));
                    refused("path", () -> fs.writeFile(null, "", NOTHING_DONE));
                    refused("text", () -> fs.writeFile(path, (String) null, NOTHING_DONE));
                    refused("content", () -> fs.writeFile(path, (byte[]) null, NOTHING_DONE));
                    refused("callback", () -> fs.writeFile(path, "", null));
                    refused("options", () -> fs.writeFile(path, new byte[0], null, NOTHING_DONE));
                    refused("path", () -> fs.open(null, nothing()));
                    refused("callback", () -> fs.open(path, null));
                    refused("flags", () -> fs.open(path, (String) null, nothing()));
                    refused("flags", () -> fs.open(path, null, 0, nothing()));
                    refused("path", () -> fs.stat(null, nothing()));
                    refused("callback", () -> fs.stat(path, null));
                    refused("path", () -> fs.lstat(null, nothing()));
                    refused("callback", () -> fs.lstat(path, null));
                });
        refused("reactor", () -> Fs.of(null));
    }

    @EveryEngine
    void pathWithNul_throwsAtTheCallAndIsNamed(EngineKind engine) {
        // The JDK's own paths refuse a NUL already; others may not.
        assertThrows(IllegalArgumentException.class, () -> Path.of("a\0b"));
        Path evil =
                (Path)
                        Proxy.newProxyInstance(
                                getClass().getClassLoader(),
                                new Class<?>[] {Path.class},
                                (proxy, method, args) ->
                                        switch (method.getName()) {
                                            case "getFileSystem" -> FileSystems.getDefault();
                                            case "toString" -> "a\0b";
                                            default -> throw new AssertionError(method);
                                        });
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    refused("path", () -> fs.readFile(evil, nothing()));
                    refused("path", () -> fs.writeFile(evil, "", NOTHING_DONE));
                    refused("path", () -> fs.open(evil, nothing()));
                    refused("path", () -> fs.stat(evil, nothing()));
                });
    }

    @EveryEngine
    void pathOfAnotherFileSystem_isRefused(EngineKind engine) throws Exception {
        Path zip = directory.resolve("a.zip");
        try (FileSystem other = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path inside = other.getPath("/x");
            Reactors.run(
                    engine,
                    reactor -> refused("path", () -> Fs.of(reactor).readFile(inside, nothing())));
        }
    }

    @EveryEngine
    void badFlagsAndModes_throwAtTheCallAndAreNamed(EngineKind engine) {
        Path path = Path.of("f");
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    refused("ERR_INVALID_ARG_VALUE: flags", () -> fs.open(path, "q", nothing()));
                    refused("suffix", () -> fs.mkstemp("p", "/s", nothing()));
                    refused("suffix", () -> fs.mkstemp("p", null, nothing()));
                    refused("prefix", () -> fs.mkstemp("\0", "", nothing()));
                    refused("flags", () -> fs.open(path, Set.of(), 0, nothing()));
                    refused("flags", () -> fs.open(path, Set.of(OpenFlag.CREATE), 0666, nothing()));
                    refused("mode", () -> fs.open(path, Set.of(OpenFlag.READ), 010000, nothing()));
                });
    }

    @Test
    void badFlag_listsTheGoodOnes() {
        var e = assertThrows(IllegalArgumentException.class, () -> OpenFlag.parse("rw"));
        assertEquals(
                "ERR_INVALID_ARG_VALUE: flags is 'rw': use one of r, r+, rs, sr, rs+, sr+, w, wx, xw,"
                        + " w+, wx+, xw+, a, ax, xa, a+, ax+, xa+, as, sa, as+, sa+",
                e.getMessage());
    }

    @Test
    void turnedFlags_areTheSame() {
        for (String flags : List.of("rs sr", "rs+ sr+", "wx xw", "wx+ xw+", "ax xa", "ax+ xa+")) {
            String[] both = flags.split(" ");
            assertEquals(OpenFlag.parse(both[0]), OpenFlag.parse(both[1]));
        }
        assertEquals(OpenFlag.parse("as"), OpenFlag.parse("sa"));
        assertEquals(OpenFlag.parse("as+"), OpenFlag.parse("sa+"));
    }

    @Test
    void flagsThatContradict_areRefused() {
        refused("flags", () -> OpenFlag.bits(Set.of(OpenFlag.READ, OpenFlag.TRUNCATE)));
        refused("flags", () -> OpenFlag.bits(Set.of(OpenFlag.WRITE, OpenFlag.EXCLUSIVE)));
        refused(
                "flags",
                () -> OpenFlag.bits(Set.of(OpenFlag.WRITE, OpenFlag.CREATE, OpenFlag.DIRECTORY)));
        refused("flags", () -> WriteOptions.defaults().flags(Set.of(OpenFlag.READ)));
        refused("flags", () -> WriteOptions.defaults().flags("r"));
        refused("mode", () -> WriteOptions.defaults().mode(-1));
    }

    @EngineTest
    void handlesCheckTheirArguments(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "f", new byte[1]);
        Heard<FileHandle> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        path,
                                        (err, file) -> {
                                            heard.call(err, file);
                                            Buffer buffer = reactor.buffer(1);
                                            check(file, buffer);
                                            buffer.release();
                                            assertThrows(
                                                    IllegalStateException.class,
                                                    () -> file.read(buffer, 0, (e, n, b) -> {}),
                                                    "a released buffer");
                                        }));
        heard.ok();
    }

    private static void check(FileHandle file, Buffer buffer) {
        ReadCallback read = (err, n, b) -> {};
        WriteCallback wrote = (err, n) -> {};
        refused("target", () -> file.read(null, read));
        refused("target", () -> file.read(null, 0, read));
        refused("position", () -> file.read(buffer, -1, read));
        refused("callback", () -> file.read(buffer, null));
        refused("callback", () -> file.read(buffer, 0, null));
        refused("source", () -> file.write((Buffer) null, wrote));
        refused("source", () -> file.write((Buffer) null, 0, wrote));
        refused("source", () -> file.write((byte[]) null, 0, wrote));
        refused("text", () -> file.write((String) null, 0, wrote));
        refused("position", () -> file.write(buffer, -1, wrote));
        refused("position", () -> file.write("x", -1, wrote));
        refused("callback", () -> file.write(buffer, null));
        refused("callback", () -> file.write(buffer, 0, null));
        refused("callback", () -> file.write(new byte[1], null));
        refused("callback", () -> file.sync(null));
        refused("callback", () -> file.datasync(null));
        refused("callback", () -> file.stat(null));
        refused("callback", () -> file.close(null));
    }
}
