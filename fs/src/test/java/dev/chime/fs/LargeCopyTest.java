package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** 5 GiB with data at three places, copied by a process with a heap of 32 MiB. */
@Tag("slow")
class LargeCopyTest {
    private static final long SIZE = 5L << 30;
    private static final byte[] DATA = Fixtures.pattern(100_000);
    private static final long[] PLACES = {0, (3L << 30) + 12_345, SIZE - DATA.length};

    /** What a stream holds, twice, and what it costs to hold that in whole pieces. */
    private static final long NATIVE_BYTES = 1 << 20;

    @TempDir Path directory;

    private Path copied(EngineKind engine, String way) throws Exception {
        Path from = Fixtures.sparse(directory, SIZE);
        try (RandomAccessFile file = new RandomAccessFile(from.toFile(), "rw")) {
            for (long place : PLACES) {
                file.seek(place);
                file.write(DATA);
            }
        }
        Path to = directory.resolve("to");
        List<String> output =
                ChildJvm.run(
                        List.of(),
                        List.of("-Xmx32m", "-XX:-UsePerfData", "-ea"),
                        List.of(Fs.class),
                        LargeCopyProgram.class,
                        engine.name(),
                        way,
                        from.toString(),
                        to.toString());
        assertEquals("ok", output.getFirst(), output::toString);
        assertEquals("exit 0", output.getLast(), output::toString);
        long bytes = Long.parseLong(output.get(1));
        assertTrue(bytes <= NATIVE_BYTES, bytes + " bytes of native memory");
        assertCopied(to);
        return to;
    }

    private static void assertCopied(Path to) throws IOException {
        assertEquals(SIZE, Files.size(to));
        byte[] read = new byte[DATA.length];
        try (RandomAccessFile file = new RandomAccessFile(to.toFile(), "r")) {
            for (long place : PLACES) {
                file.seek(place);
                file.readFully(read);
                assertArrayEquals(DATA, read);
            }
            file.seek(1L << 30);
            file.readFully(read);
            assertArrayEquals(new byte[DATA.length], read);
        }
    }

    /** As du(1) counts it. */
    private static long bytesOnDisk(Path path) throws IOException, InterruptedException {
        List<String> output = ChildJvm.run(List.of("du", "--block-size=1", path.toString()));
        return Long.parseLong(output.getFirst().split("\\s")[0]);
    }

    @EngineTest
    void copyFile_keepsTheHoles(EngineKind engine) throws Exception {
        assertTrue(bytesOnDisk(copied(engine, "copyFile")) < 2 << 20);
    }

    @EngineTest
    void cp_keepsTheHoles(EngineKind engine) throws Exception {
        assertTrue(bytesOnDisk(copied(engine, "cp")) < 2 << 20);
    }

    @EngineTest
    void streams_letTheKernelCopy(EngineKind engine) throws Exception {
        copied(engine, "stream");
    }

    @EngineTest
    void streamsWithSomethingBetween(EngineKind engine) throws Exception {
        copied(engine, "bytes");
    }
}
