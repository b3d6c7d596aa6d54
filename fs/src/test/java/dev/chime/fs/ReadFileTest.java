package dev.chime.fs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

class ReadFileTest {
    @TempDir Path directory;

    private static byte[] read(EngineKind engine, Path path) {
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readFile(path, heard));
        return heard.ok();
    }

    private static ReactorException failure(EngineKind engine, Path path) {
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readFile(path, heard));
        assertNull(heard.value);
        return heard.error();
    }

    @EngineTest
    void missingFile_isEnoentOfOpenWithThePath(EngineKind engine) {
        Path path = directory.resolve("none");
        ErrnoException err = (ErrnoException) failure(engine, path);
        assertEquals("ENOENT: no such file or directory, open '" + path + "'", err.getMessage());
        assertEquals("ENOENT", err.code());
        assertEquals("open", err.syscall());
        assertEquals(path.toString(), err.path());
    }

    @EngineTest
    void relativePath_staysRelativeInTheMessage(EngineKind engine) {
        ErrnoException err = (ErrnoException) failure(engine, Path.of("no/such"));
        assertEquals("ENOENT: no such file or directory, open 'no/such'", err.getMessage());
    }

    @EngineTest
    void directory_isEisdirOfRead(EngineKind engine) {
        ErrnoException err = (ErrnoException) failure(engine, directory);
        assertEquals("EISDIR: illegal operation on a directory, read", err.getMessage());
        assertEquals("read", err.syscall());
        assertNull(err.path());
    }

    @EngineTest
    void sizesAroundTheFirstBuffer_areReadExactly(EngineKind engine) throws IOException {
        for (int size : List.of(0, 1, 4096, 16383, 16384, 16385, 32768, 262144, 1048577)) {
            byte[] content = Fixtures.pattern(size);
            Path path = Fixtures.file(directory, "f" + size, content);
            assertArrayEquals(content, read(engine, path), size + " bytes");
        }
    }

    @EngineTest
    void manyAtOnce_eachGetsItsOwn(EngineKind engine) throws IOException {
        int count = 300;
        List<Heard<byte[]>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Fixtures.file(directory, "n" + i, Fixtures.pattern(i * 199));
        }
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (int i = 0; i < count; i++) {
                        Heard<byte[]> heard = new Heard<>();
                        all.add(heard);
                        fs.readFile(directory.resolve("n" + i), heard);
                    }
                });
        for (int i = 0; i < count; i++) {
            assertArrayEquals(Fixtures.pattern(i * 199), all.get(i).ok());
        }
    }

    @EngineTest
    void procStatus_ofSizeZero_isReadWhole(EngineKind engine) throws IOException {
        Path path = Path.of("/proc/self/status");
        assertEquals(0, Files.size(path));
        List<String> expected = names(Files.readAllBytes(path));
        assertEquals(expected, names(read(engine, path)));
    }

    private static List<String> names(byte[] status) {
        return new String(status, UTF_8).lines().map(line -> line.split(":")[0]).toList();
    }

    @EngineTest
    void procFileOfManyShortReads_isReadToItsEnd(EngineKind engine) throws IOException {
        // One read of /proc gives about a page, whatever was asked for.
        Path path = Path.of("/proc/self/maps");
        assumeTrue(Files.readAllBytes(path).length > 3 * 4096, "the map is long enough");
        String text = new String(read(engine, path), UTF_8);
        assertTrue(text.endsWith("\n"));
        String last = text.lines().reduce((a, b) -> b).orElseThrow();
        String lastOfJdk = Files.readAllLines(path).stream().reduce((a, b) -> b).orElseThrow();
        assertEquals(lastOfJdk, last);
    }

    @EngineTest
    void fileThatGrowsWhileItIsRead_isReadToItsEnd(EngineKind engine) throws IOException {
        byte[] all = Fixtures.pattern(20_000 + 20 * 70_000);
        Path path = Fixtures.file(directory, "grows", Arrays.copyOf(all, 20_000));
        Heard<byte[]> heard = new Heard<>();
        int[] end = {20_000};
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).readFile(path, heard);
                    // What a turn submits reaches the kernel in the next one: always after this.
                    Fixtures.everyTurn(
                            reactor,
                            () -> end[0] == all.length,
                            () -> {
                                byte[] more = Arrays.copyOfRange(all, end[0], end[0] + 70_000);
                                Files.write(path, more, StandardOpenOption.APPEND);
                                end[0] += more.length;
                            });
                });
        assertArrayEquals(all, heard.ok());
    }

    @EngineTest
    void fileThatShrinksAfterItsSizeIsKnown_givesWhatIsThere(EngineKind engine) throws IOException {
        byte[] all = Fixtures.pattern(1 << 20);
        Path path = Fixtures.file(directory, "shrinks", all);
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Operation operation = Fs.of(reactor).readFile(path, heard);
                    boolean[] cut = {false};
                    Fixtures.everyTurn(
                            reactor,
                            () -> cut[0] || heard.calls > 0,
                            () -> {
                                if (operation.toString().contains("REST")) {
                                    cut[0] = true;
                                    Files.write(path, Arrays.copyOf(all, 300_000));
                                }
                            });
                });
        assertArrayEquals(Arrays.copyOf(all, 300_000), heard.ok());
    }

    @EngineTest
    void threeGigabytes_areRefusedByTheirSize(EngineKind engine) throws IOException {
        ReactorException err = failure(engine, Fixtures.sparse(directory, 3L << 30));
        assertEquals("ERR_FS_FILE_TOO_LARGE", err.code());
        assertEquals("File size (3221225472) is greater than 2 GiB", err.getMessage());
    }

    @EngineTest
    void text_isDecodedWithItsCharset(EngineKind engine) throws IOException {
        String text = "grün, čeština, 日本語, \uD83D\uDE00\n";
        for (Charset charset : List.of(UTF_8, UTF_16LE)) {
            Path path = Fixtures.file(directory, charset.name(), text.getBytes(charset));
            assertEquals(text, text(engine, path, charset));
        }
        Path latin = Fixtures.file(directory, "latin", new byte[] {'a', (byte) 0xe4});
        assertEquals("aä", text(engine, latin, ISO_8859_1));
        assertEquals("a\uFFFD", text(engine, latin, UTF_8));
    }

    @EngineTest
    void longText_isDecodedAcrossTheBuffersEdges(EngineKind engine) throws IOException {
        String text = "x" + "日本語".repeat(70_000);
        Path path = Fixtures.file(directory, "long", text.getBytes(UTF_8));
        assertEquals(text, text(engine, path, UTF_8));
    }

    private static String text(EngineKind engine, Path path, Charset charset) {
        Heard<String> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readFile(path, charset, heard));
        return heard.ok();
    }

    @EngineTest
    void nonAsciiName_isTheJdksName(EngineKind engine) throws IOException {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
        Path path = Fixtures.file(directory, "grün 日本 \uD83D\uDE00", new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, read(engine, path));
        ErrnoException err = (ErrnoException) failure(engine, directory.resolve("ä"));
        assertTrue(err.getMessage().endsWith("/ä'"), err.getMessage());
    }

    @EngineTest
    void nameThatIsNoText_isReadByItsBytes(EngineKind engine) throws Exception {
        String script = "printf content > \"$(printf 'a\\377b')\"";
        Process shell =
                new ProcessBuilder("sh", "-c", script).directory(directory.toFile()).start();
        assertEquals(0, shell.waitFor());
        try (var entries = Files.list(directory)) {
            Path path = entries.collect(Collectors.toList()).getFirst();
            assertEquals("content", new String(read(engine, path), UTF_8));
        }
    }

    @EngineTest
    void pathsUpToTheLimit_work_longerOnesAreEnametoolong(EngineKind engine) throws IOException {
        Path deep = directory;
        while (deep.toString().length() < 1000) {
            deep = deep.resolve("d".repeat(100));
        }
        Files.createDirectories(deep);
        Path path = Fixtures.file(deep, "f", new byte[] {7});
        assertArrayEquals(new byte[] {7}, read(engine, path));
        // The longest that the kernel takes has 4095 bytes.
        Path dots = Path.of(deep + "/.".repeat((4095 - deep.toString().length() - 2) / 2) + "/f");
        assertTrue(dots.toString().length() >= 4094, dots.toString().length() + " characters");
        assertArrayEquals(new byte[] {7}, read(engine, dots));
        Path longer = Path.of("/./" + dots);
        ErrnoException err = (ErrnoException) failure(engine, longer);
        assertEquals("ENAMETOOLONG: name too long, open '" + longer + "'", err.getMessage());
    }

    @EngineTest
    void callback_neverRunsInsideTheCall(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[10]);
        boolean[] returned = {false};
        boolean[] early = {false};
        Heard<byte[]> missing = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.readFile(path, (err, bytes) -> early[0] = !returned[0]);
                    fs.readFile(directory.resolve("none"), missing);
                    assertEquals(0, missing.calls);
                    returned[0] = true;
                });
        assertFalse(early[0]);
        missing.error();
    }

    @EngineTest
    void callbackThatThrows_goesToTheHandlerAndLeaksNothing(EngineKind engine) throws IOException {
        Path path = Fixtures.file(directory, "f", new byte[100_000]);
        List<Throwable> thrown = new ArrayList<>();
        Heard<byte[]> after = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    reactor.onUncaught(t -> {
                        thrown.add(t);
                        fs.readFile(path, after);
                    });
                    fs.readFile(
                            path,
                            (err, bytes) -> {
                                throw new IOException("mine");
                            });
                });
        assertEquals(List.of("mine"), thrown.stream().map(Throwable::getMessage).toList());
        assertEquals(100_000, after.ok().length);
    }

    @EngineTest
    void otherThread_isRefusedByName(EngineKind engine) {
        Heard<IllegalStateException> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    reactor.blocking(
                            () ->
                                    assertThrows(
                                            IllegalStateException.class,
                                            () -> fs.readFile(directory, (err, bytes) -> {})),
                            heard);
                });
        assertTrue(heard.ok().getMessage().contains("Fs.readFile"), heard.value.getMessage());
    }
}
