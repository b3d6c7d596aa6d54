package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Transfers past the page cache. */
class DirectTest {
    private static final Set<OpenFlag> DIRECT =
            EnumSet.of(OpenFlag.READ, OpenFlag.WRITE, OpenFlag.DIRECT);
    private static final int BLOCK = 4096;

    @TempDir Path dir;

    private static boolean says(FileHandle file) {
        DirectAlignment alignment = file.directAlignment();
        assumeTrue(alignment != null, "the file system does not say its alignment");
        assertTrue(BLOCK % alignment.offset() == 0 && BLOCK % alignment.memory() == 0);
        return alignment.offset() > 1;
    }

    @EngineTest
    void aligned_itReadsAndWrites_andReadsToTheEnd(EngineKind engine) throws IOException {
        byte[] content = Fixtures.pattern(5 * BLOCK + 100);
        Path path = Fixtures.file(dir, "f", content);
        Heard<byte[]> all = new Heard<>();
        Heard<Void> array = new Heard<>();
        Fixtures.withOpen(
                engine,
                path,
                DIRECT,
                (reactor, file) -> {
                    says(file);
                    Buffer block = reactor.buffer(BLOCK);
                    file.read(
                            block,
                            BLOCK,
                            (err, n, b) -> {
                                assertNull(err);
                                file.write(
                                        b,
                                        2 * BLOCK,
                                        (e, bytes) -> {
                                            block.release();
                                            assertNull(e);
                                            file.readFile(all);
                                            file.write(content, BLOCK * 8L, array);
                                        });
                            });
                });
        System.arraycopy(content, BLOCK, content, 2 * BLOCK, BLOCK);
        assertArrayEquals(content, all.ok());
        assertEquals(DirectAlignment.ERROR_CODE, array.error().code(), "its length is odd");
        assertArrayEquals(content, Files.readAllBytes(path));
    }

    @EngineTest
    void misaligned_itIsRefused_withTheAlignmentInTheMessage(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", Fixtures.pattern(4 * BLOCK));
        List<ReactorException> errors = new ArrayList<>();
        int[] alignment = new int[2];
        Fixtures.withOpen(
                engine,
                path,
                DIRECT,
                (reactor, file) -> {
                    assumeTrue(says(file), "anything is aligned here");
                    alignment[0] = file.directAlignment().memory();
                    alignment[1] = file.directAlignment().offset();
                    Buffer two = reactor.buffer(2 * BLOCK);
                    Buffer odd = two.slice(1, BLOCK);
                    Buffer half = two.slice(0, BLOCK / 2 + 1);
                    file.read(half, 0, (err, n, b) -> errors.add(err));
                    file.read(two, 1, (err, n, b) -> errors.add(err));
                    file.read(half, (err, n, b) -> errors.add(err));
                    file.write(half, 0, (err, n) -> errors.add(err));
                    file.write(half, (err, n) -> errors.add(err));
                    file.write(new byte[1], 0, (err, n) -> errors.add(err));
                    file.writeAndSync(half, 0, (err, n) -> errors.add(err));
                    file.readv(List.of(two, odd, half), 0, (err, n, b) -> errors.add(err));
                    file.writev(List.of(half), 0, (err, n, b) -> errors.add(err));
                    List.of(two, odd, half).forEach(Buffer::release);
                    assertEquals(0, errors.size(), "never inside the call");
                });
        assertEquals(9, errors.size());
        String needs = "multiple of " + alignment[0] + ", position and length of " + alignment[1];
        for (ReactorException err : errors) {
            assertEquals(DirectAlignment.ERROR_CODE, err.code());
            assertTrue(err.getMessage().contains(needs), err.getMessage());
        }
        assertArrayEquals(Fixtures.pattern(4 * BLOCK), Files.readAllBytes(path));
    }

    @EngineTest
    void otherFiles_haveNoAlignment(EngineKind engine) throws IOException {
        Path path = Fixtures.file(dir, "f", new byte[3]);
        Fixtures.withOpen(engine, path, "r", (r, file) -> assertNull(file.directAlignment()));
    }
}
