package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;

/** Reads of what lies in the page cache, of what lies there in part, and of what does not. */
class CachedReadTest {
    private static final int SIZE = 1 << 20;

    @TempDir Path directory;

    private static long worked(Reactor reactor) {
        return reactor.lanes().getFirst().completed();
    }

    @EngineTest
    void readsOfTheCache_needNoThread(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(SIZE);
        Path file = Fixtures.file(directory, "f", content);
        int[] reads = {0};
        long[] before = {0};
        Fixtures.withOpen(
                engine,
                file,
                "r",
                (reactor, handle) -> {
                    Buffer buffer = reactor.buffer(10_000);
                    before[0] = worked(reactor);
                    ReadCallback[] next = new ReadCallback[1];
                    next[0] =
                            (err, bytes, data) -> {
                                assertNull(err);
                                int at = Math.min(SIZE, reads[0] * 10_000);
                                int expected = Math.min(10_000, SIZE - at);
                                assertEquals(expected, bytes);
                                byte[] found = new byte[bytes];
                                data.get(0, found, 0, bytes);
                                assertArrayEquals(
                                        Arrays.copyOfRange(content, at, at + bytes), found);
                                reads[0]++;
                                if (bytes > 0) {
                                    handle.read(data, reads[0] * 10_000L, next[0]);
                                } else {
                                    assertEquals(before[0], worked(reactor), "threads were used");
                                    handle.close(closed -> {});
                                }
                            };
                    handle.read(buffer, 0, next[0]);
                    buffer.release();
                });
        assertEquals(SIZE / 10_000 + 2, reads[0]);
    }

    @EngineTest
    void aReadOfWhatIsCachedInPart_comesWhole(EngineKind engine) throws Exception {
        byte[] content = Fixtures.pattern(SIZE);
        Path file = Fixtures.file(directory, "f", content);
        byte[] found = new byte[50_000];
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        file,
                                        (err, handle) ->
                                                handle.sync(synced ->
                                                        handle.advise(
                                                                Advice.DONTNEED,
                                                                409_600,
                                                                SIZE - 409_600,
                                                                advised -> {
                                                                    Buffer buffer =
                                                                            reactor.buffer(50_000);
                                                                    handle.read(
                                                                            buffer,
                                                                            400_000,
                                                                            (e, bytes, data) -> {
                                                                                assertEquals(
                                                                                        50_000,
                                                                                        bytes);
                                                                                data.get(
                                                                                        0, found, 0,
                                                                                        50_000);
                                                                                handle.close(
                                                                                        closed -> {});
                                                                            });
                                                                    buffer.release();
                                                                }))));
        assertArrayEquals(Arrays.copyOfRange(content, 400_000, 450_000), found);
    }
}
