package dev.chime.samples.generations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.EngineTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every generation reads what is in the file, notices when it is not, and leaves nothing behind.
 */
class GenerationsTest {
    private static final long MIB = 1 << 20;
    private static final double NO_LIMIT_SECONDS = 60;

    @TempDir Path folder;

    private static List<Generation> generations(EngineKind engine) {
        return Generations.all(ReactorOptions.defaults().engine(engine));
    }

    private static List<Row> measure(Content content, EngineKind engine, int depth, long reads)
            throws Exception {
        return new Generations(content, depth, reads, NO_LIMIT_SECONDS)
                .measure(
                        generations(engine),
                        new PrintStream(
                                new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));
    }

    /** Only what the system may lack, or a FileChannel cannot do, has no figures. */
    private static boolean isExcused(Row row) {
        return row.note().startsWith("no O_DIRECT")
                || row.note().equals("the C library is not glibc")
                || row.note().startsWith("io_setup")
                || row.note().equals("a FileChannel cannot advise");
    }

    @EngineTest
    void everyGeneration_makes200ReadsThatHoldTheFilesBytes(EngineKind engine) throws Exception {
        try (Content content = Content.create(MIB)) {
            List<Row> rows = measure(content, engine, 8, 200);

            assertEquals(5 * 3 + 2 * 2, rows.size());
            for (Row row : rows) {
                Figures figures = row.figures();
                if (figures == null) {
                    assertTrue(isExcused(row), row.toString());
                    continue;
                }
                assertEquals(200, figures.reads(), row.toString());
                assertTrue(figures.seconds() > 0 && figures.cpuMicros() > 0, row.toString());
                assertTrue(0 < figures.p50Micros(), row.toString());
                assertTrue(figures.p50Micros() <= figures.p99Micros(), row.toString());
                assertTrue(figures.longestMicros() > 0 && figures.inCalls() > 0, row.toString());
            }
            for (String name :
                    List.of("pread, 1 thread", "4 threads, FileChannel", "io_uring (Chime)")) {
                assertTrue(
                        rows.stream()
                                .filter(row -> row.generation().equals(name))
                                .anyMatch(row -> row.figures() != null),
                        name);
            }
        }
    }

    @EngineTest
    void coldReads_endWhenEveryBlockWasReadOnce(EngineKind engine) throws Exception {
        try (Content content = Content.create(MIB)) {
            for (Row row : measure(content, engine, 4, 300)) {
                if (row.figures() != null) {
                    long expected = row.condition() == Condition.CACHED ? 300 : MIB / 4096;
                    assertEquals(expected, row.figures().reads(), row.toString());
                }
            }
        }
    }

    @EngineTest
    void moreInFlightThanReads_isNoTrouble(EngineKind engine) throws Exception {
        try (Content content = Content.create(MIB)) {
            for (Row row : measure(content, engine, 64, 1)) {
                assertEquals(1, row.figures() == null ? 1 : row.figures().reads(), row.toString());
            }
        }
    }

    @EngineTest
    void otherBytesThanTheFiles_failInEveryGeneration(EngineKind engine) throws Exception {
        try (Content content = Content.create(MIB)) {
            try (FileChannel file = FileChannel.open(content.path(), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1}), 100 * 4096 + 4095);
                file.force(true);
            }

            assertEveryGenerationFails(content, engine, "ERR_WRONG_BYTES", "at 409600 of");
        }
    }

    @EngineTest
    void aFileThatBecameShorter_failsInEveryGeneration(EngineKind engine) throws Exception {
        try (Content content = Content.create(MIB)) {
            try (FileChannel file = FileChannel.open(content.path(), StandardOpenOption.WRITE)) {
                file.truncate(MIB - 100);
            }

            assertEveryGenerationFails(content, engine, "ERR_SHORT_READ", "of 4096 bytes at");
        }
    }

    private static void assertEveryGenerationFails(
            Content content, EngineKind engine, String code, String words) {
        for (Generation generation : generations(engine)) {
            Reads reads = new Reads(content, Condition.CACHED, 8, 256, NO_LIMIT_SECONDS);
            Exception failure = assertThrows(Exception.class, () -> generation.perform(reads));
            if (failure instanceof ReactorException e && !e.code().equals("EINVAL")) {
                assertEquals(code, e.code(), generation.name() + ": " + e);
                assertTrue(e.getMessage().contains(words), e.getMessage());
            } else {
                assertTrue(
                        generation.direct() || failure instanceof UnavailableException,
                        generation.name() + ": " + failure);
            }
        }
    }

    @EngineTest
    void aFileThatIsGone_failsInEveryGeneration(EngineKind engine) throws Exception {
        Content content = Content.create(MIB);
        content.close();
        for (Generation generation : generations(engine)) {
            Reads reads = new Reads(content, Condition.CACHED, 8, 256, NO_LIMIT_SECONDS);

            Exception failure = assertThrows(Exception.class, () -> generation.perform(reads));

            assertTrue(
                    String.valueOf(failure.getMessage()).contains(content.path().toString()),
                    generation.name() + ": " + failure);
        }
        assertFalse(Files.exists(content.path()));
    }

    @EngineTest
    void aFileOfSomebodyElse_isReadAndLeftAlone(EngineKind engine) throws Exception {
        byte[] bytes = new byte[3 * 4096 + 5];
        new Random(7).nextBytes(bytes);
        Path file = Files.write(folder.resolve("mine"), bytes);

        try (Content content = Content.of(file, bytes.length)) {
            assertEquals(3, content.blocks());
            for (Row row : measure(content, engine, 2, 10)) {
                assertTrue(row.figures() != null || isExcused(row), row.toString());
            }
        }

        assertTrue(java.util.Arrays.equals(bytes, Files.readAllBytes(file)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 255, 256, 257, 1000, 4096})
    void randomOrder_isEveryNumberOnce_andGoesRound(long count) {
        RandomOrder order = new RandomOrder(count);

        long[] numbers = LongStream.range(0, count).map(order::at).toArray();

        assertEquals(order.at(0), order.at(count));
        assertEquals(count, LongStream.of(numbers).distinct().count());
        assertTrue(LongStream.of(numbers).allMatch(n -> 0 <= n && n < count));
    }

    @Test
    void randomOrder_hasFewNeighbours() {
        RandomOrder order = new RandomOrder(10_000);

        long neighbours =
                LongStream.range(1, 10_000)
                        .filter(i -> Math.abs(order.at(i) - order.at(i - 1)) == 1)
                        .count();

        assertTrue(neighbours < 100, neighbours + " of 10,000");
    }
}
