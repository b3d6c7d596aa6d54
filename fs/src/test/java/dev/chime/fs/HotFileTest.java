package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.Census;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with so many transfers that the ring registers them, and the memory of their buffers. */
class HotFileTest {
    private static final int HOT = 70;
    private static final int MANY = 70;
    private static final int BLOCK = 4096;

    @TempDir Path dir;

    /** Reads at random places until all of {@code rounds} have been compared. */
    private static void read(
            Reactor reactor, FileHandle file, byte[] content, int rounds, int size, Done done)
            throws Exception {
        if (rounds == 0) {
            done.call(null);
            return;
        }
        int at = new Random(rounds).nextInt(content.length);
        Buffer whole = reactor.buffer(size);
        int from = rounds % 7;
        Buffer part = whole.slice(from, size - from);
        whole.release();
        file.read(
                part,
                at,
                (err, bytes, buffer) -> {
                    assertNull(err);
                    assertEquals(Math.min(part.length(), content.length - at), bytes);
                    byte[] read = new byte[bytes];
                    buffer.get(0, read, 0, bytes);
                    assertArrayEquals(Arrays.copyOfRange(content, at, at + bytes), read);
                    part.release();
                    read(reactor, file, content, rounds - 1, size, done);
                });
    }

    @EngineTest
    void everySizeOfBuffer_readsWhatTheFileHolds(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(1 << 20);
        Path path = Fixtures.file(dir, "f", content);
        List<String> done = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    for (int size :
                            new int[] {100, BLOCK, 16 << 10, 64 << 10, 200 << 10, 300_000}) {
                        read(reactor, file, content, MANY, size, err -> done.add("read"));
                    }
                });
        assertEquals(6, done.size());
    }

    @EngineTest
    void writes_areInTheFile_eachAtItsPlace(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(3 * MANY * BLOCK);
        Path path = Fixtures.file(dir, "f", new byte[0]);
        List<Heard<Void>> heard = Fixtures.heards(3 * MANY);
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) ->
                        Fixtures.afterTurns(
                                reactor,
                                0,
                                () -> {
                                    for (int i = 0; i < heard.size(); i++) {
                                        byte[] part =
                                                Arrays.copyOfRange(
                                                        content, i * BLOCK, (i + 1) * BLOCK);
                                        Buffer buffer = Fixtures.buffer(reactor, part);
                                        file.write(buffer, (long) i * BLOCK, heard.get(i));
                                        buffer.release();
                                    }
                                }));
        heard.forEach(each -> {
            each.ok();
            assertEquals(BLOCK, each.bytes);
        });
        assertArrayEquals(content, Files.readAllBytes(path));
    }

    @Test
    void theRingKnowsTheFile_untilItIsClosed() throws IOException {
        assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        Path path = Fixtures.file(dir, "known", new byte[BLOCK]);
        List<String> told = new ArrayList<>();
        Fixtures.withOpen(
                EngineKind.URING,
                path,
                "r",
                (reactor, file) -> {
                    told.add(Census.rings());
                    read(
                            reactor,
                            file,
                            new byte[BLOCK],
                            MANY,
                            BLOCK,
                            err -> {
                                told.add(Census.rings());
                                file.close(closed -> told.add(Census.rings()));
                            });
                });
        assertEquals(3, told.size());
        assumeTrue(told.get(0).contains("UserFiles"), "a kernel that does not tell");
        assertFalse(told.get(0).contains("known"));
        assertTrue(told.get(1).contains("known"), () -> told.get(1));
        assertTrue(told.get(1).contains("/" + (1 << 20)), () -> told.get(1));
        assertFalse(told.get(2).contains("known"), () -> told.get(2));
    }

    @EngineTest
    void locks_endWithTheHandle(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(BLOCK);
        Path path = Fixtures.file(dir, "f", content);
        Heard<Boolean> locked = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, first) ->
                        first.lock(
                                LockRange.exclusive(),
                                failed ->
                                        read(
                                                reactor,
                                                first,
                                                content,
                                                MANY,
                                                BLOCK,
                                                err ->
                                                        first.close(closed ->
                                                                tryLock(reactor, path, locked)))));
        assertTrue(locked.ok());
    }

    private static void tryLock(Reactor reactor, Path path, Heard<Boolean> locked) {
        Fs.of(reactor)
                .open(
                        path,
                        "r+",
                        (err, second) -> {
                            assertNull(err);
                            second.tryLock(LockRange.exclusive(), locked);
                        });
    }

    @EngineTest
    void moreFilesThanTheRingKnows_andNumbersUsedAgain(EngineKind engine) throws IOException {
        int files = 270; // the table has 256 places
        int again = 20;
        List<String> done = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    for (int i = 0; i < files; i++) {
                        byte[] content = Fixtures.pattern(BLOCK + i);
                        Fixtures.file(dir, "f" + i, content);
                        hot(reactor, dir.resolve("f" + i), content, i < again, done);
                    }
                });
        assertEquals(files + again, done.size());
    }

    /** Hot, and open until the end; the first few are closed and opened again. */
    private static void hot(
            Reactor reactor, Path path, byte[] content, boolean again, List<String> done) {
        Fs.of(reactor)
                .open(
                        path,
                        "r",
                        (failed, file) ->
                                read(
                                        reactor,
                                        file,
                                        content,
                                        HOT,
                                        BLOCK,
                                        err -> {
                                            done.add(path.toString());
                                            if (again) {
                                                file.close(closed ->
                                                        hot(reactor, path, content, false, done));
                                            }
                                        }));
    }

    @EngineTest
    void memoryThatIsUnmapped_andMappedAgain_isNotWrittenBehindTheBack(EngineKind engine)
            throws IOException {
        byte[] content = Fixtures.pattern(1 << 20);
        Path path = Fixtures.file(dir, "f", content);
        int rounds = 8;
        List<String> done = new ArrayList<>();
        Heard<FileHandle> opened = new Heard<>();
        Reactors.run(
                Reactors.options(engine).maxNativeBytes(6 << 20),
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        path,
                                        "r",
                                        (err, file) -> {
                                            opened.call(err, file);
                                            inAndOut(reactor, opened.ok(), content, rounds, done);
                                        }));
        assertEquals(rounds, done.size());
    }

    /** Each round's classes of buffers push the last round's blocks out of the limit. */
    private static void inAndOut(
            Reactor reactor, FileHandle file, byte[] content, int rounds, List<String> done)
            throws Exception {
        if (rounds == 0) {
            return;
        }
        int size = new int[] {BLOCK, 16 << 10, 64 << 10, 256 << 10}[rounds % 4];
        List<Buffer> hoard = new ArrayList<>();
        for (int i = 0; i < (5 << 20) / size; i++) {
            hoard.add(reactor.buffer(size));
        }
        hoard.forEach(Buffer::release);
        read(
                reactor,
                file,
                content,
                MANY,
                size,
                err -> {
                    done.add("round");
                    inAndOut(reactor, file, content, rounds - 1, done);
                });
    }

    @EngineTest
    void filesThatTheKernelMakesUp_readAsBefore(EngineKind engine) throws IOException {
        for (String name : new String[] {"/proc/self/auxv", "/proc/version", "/dev/zero"}) {
            byte[] expected =
                    name.equals("/dev/zero") ? new byte[BLOCK] : Files.readAllBytes(Path.of(name));
            Heard<Void> heard = new Heard<>();
            Fixtures.withOpen(
                    engine,
                    Path.of(name),
                    "r",
                    (reactor, file) -> same(reactor, file, expected, MANY, heard));
            heard.ok();
        }
    }

    private static void same(
            Reactor reactor, FileHandle file, byte[] expected, int rounds, Done done)
            throws Exception {
        if (rounds == 0) {
            done.call(null);
            return;
        }
        Buffer buffer = reactor.buffer(BLOCK);
        file.read(
                buffer,
                0,
                (err, bytes, read) -> {
                    assertNull(err);
                    assertArrayEquals(expected, Arrays.copyOf(read.toArray(), bytes));
                    buffer.release();
                    same(reactor, file, expected, rounds - 1, done);
                });
    }

    @EngineTest
    void errors_areTheSameAsOfAColdFile(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(BLOCK);
        Path path = Fixtures.file(dir, "f", content);
        Heard<Void> cold = new Heard<>();
        Heard<Void> hot = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(BLOCK);
                    file.write(buffer, 0, cold);
                    read(
                            reactor,
                            file,
                            content,
                            MANY,
                            BLOCK,
                            err -> {
                                file.write(buffer, 0, hot);
                                buffer.release();
                            });
                });
        assertEquals("EBADF", cold.error().code());
        assertEquals(cold.error().getMessage(), hot.error().getMessage());
    }

    @EngineTest
    void closedWithTransfersInFlight_eachIsCalledBackOnce(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(MANY * BLOCK);
        Path path = Fixtures.file(dir, "f", content);
        List<Heard<Void>> heard = Fixtures.heards(MANY);
        Heard<Void> closed = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) ->
                        read(
                                reactor,
                                file,
                                content,
                                MANY,
                                BLOCK,
                                err -> {
                                    for (int i = 0; i < MANY; i++) {
                                        Buffer buffer = reactor.buffer(BLOCK);
                                        file.read(buffer, (long) i * BLOCK, heard.get(i));
                                        buffer.release();
                                    }
                                    file.close(closed);
                                }));
        closed.ok();
        heard.forEach(Heard::assertOnce);
    }

    @EngineTest
    void whatIsClosed_isGone_alsoWhenTheLoopEndsWithItOpen(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "left", "left".getBytes(StandardCharsets.US_ASCII));
        Fixtures.withOpen(
                engine,
                path,
                "r",
                (reactor, file) ->
                        read(reactor, file, Files.readAllBytes(path), MANY, BLOCK, err -> {}));
        assertEquals(0, Fixtures.openIn(dir));
    }
}
