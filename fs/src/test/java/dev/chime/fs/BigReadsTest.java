package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.MemoryMetrics;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Many large files at once: they take turns, and who waits can be cancelled. */
class BigReadsTest {
    private static final int MIB = 1 << 20;

    @TempDir Path directory;

    private Path sparse(String name, int bytes) throws IOException {
        Path path = directory.resolve(name);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes);
        }
        return path;
    }

    @EngineTest
    void manyAtOnce_areReadWhole_inTheMemoryOfAFew(EngineKind engine) throws IOException {
        int count = 64;
        byte[] content = new byte[MIB + 1];
        new Random(1).nextBytes(content);
        Path file = Fixtures.file(directory, "f", content);
        int[] whole = {0};
        List<MemoryMetrics> memory = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (int i = 0; i < count; i++) {
                        fs.readFile(
                                file,
                                (err, bytes) -> whole[0] += Arrays.equals(content, bytes) ? 1 : 0);
                    }
                    reactor.onExit(() -> memory.add(reactor.memory()));
                });
        assertEquals(count, whole[0]);
        long firstBuffers = count * (16L << 10);
        assertTrue(memory.getFirst().peakBytes() < firstBuffers + 3 * MIB, memory::toString);
    }

    @EngineTest
    void hugeOnes_goOneByOne_andHoldUpNoOthers(EngineKind engine) throws IOException {
        Path huge = sparse("huge", 48 * MIB);
        Path large = sparse("large", MIB);
        List<Integer> lengths = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.readFile(huge, (err, bytes) -> lengths.add(bytes.length));
                    fs.readFile(huge, (err, bytes) -> lengths.add(bytes.length));
                    fs.readFile(large, (err, bytes) -> lengths.add(bytes.length));
                });
        assertEquals(List.of(MIB, 48 * MIB, 48 * MIB), lengths);
    }

    @EngineTest
    void whoWaits_canBeCancelled_andTheOthersComeAllTheSame(EngineKind engine) throws IOException {
        Path huge = sparse("huge", 24 * MIB);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    List<Operation> reads = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                        int other = 3 - i;
                        reads.add(
                                fs.readFile(
                                        huge,
                                        (err, bytes) -> {
                                            heard.add(
                                                    err == null
                                                            ? "read " + bytes.length
                                                            : err.getMessage());
                                            if (heard.size() == 1) {
                                                reads.get(other).cancel();
                                                reads.get(other).cancel();
                                                heard.add("cancelled");
                                            }
                                        }));
                    }
                });
        String whole = "read " + 24 * MIB;
        assertEquals(
                List.of(whole, "cancelled", "ECANCELED: operation canceled, read", whole, whole),
                heard);
    }

    @EngineTest
    void endOfTheReactor_reachesThoseThatWait(EngineKind engine) throws IOException {
        Path huge = sparse("huge", 24 * MIB);
        int count = 20;
        int[] cancelled = {0};
        int[] whole = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    for (int i = 0; i < count; i++) {
                        fs.readFile(
                                huge,
                                (err, bytes) -> {
                                    if (err == null) {
                                        whole[0]++;
                                        reactor.stop();
                                    } else {
                                        assertEquals("ECANCELED", err.code());
                                        cancelled[0]++;
                                    }
                                });
                    }
                });
        assertEquals(1, whole[0]);
        assertEquals(count - 1, cancelled[0]);
    }
}
