package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand reads in flight in a small heap that is collected all the while: memory of the
 * kernel's must not move or go, and no operation may be forgotten.
 */
class GcStressTest {
    private static final int READS = 10_000;
    private static final int BYTES = 512;
    private static final int FILE_BYTES = 4 << 20;
    private static final int ROUNDS = 3;

    @TempDir Path directory;

    @EngineTest
    void tenThousandReadsInFlight_whileTheHeapIsCollected_bringTheirBytes(EngineKind engine)
            throws Exception {
        Path file = Files.write(directory.resolve("pattern"), pattern());
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        List.of("-Xmx24m", "-XX:+UseSerialGC", "-Dchime.poison=true"),
                        Program.class,
                        engine.name().toLowerCase(Locale.ROOT),
                        file.toString());
        assertEquals("exit 0", lines.getLast(), lines::toString);
        assertEquals("exact: " + ROUNDS * READS, lines.get(lines.size() - 2), lines::toString);
    }

    /** Bytes that tell their place: each 4-byte word is its own offset, scrambled. */
    private static byte[] pattern() {
        byte[] bytes = new byte[FILE_BYTES];
        for (int at = 0; at < FILE_BYTES; at += 4) {
            int word = word(at);
            bytes[at] = (byte) word;
            bytes[at + 1] = (byte) (word >> 8);
            bytes[at + 2] = (byte) (word >> 16);
            bytes[at + 3] = (byte) (word >> 24);
        }
        return bytes;
    }

    private static int word(int offset) {
        return offset * 0x9E3779B9;
    }

    /** Reads everywhere in the file at once, and makes garbage. */
    static final class Program {
        private static final Random RANDOM = new Random(1);
        private static int exact;
        private static int left;
        private static Object garbage;

        private Program() {}

        /** Takes the engine and the file. */
        public static void main(String[] arguments) {
            Reactors.run(
                    EngineKind.parse(arguments[0]),
                    reactor -> {
                        Ops ops = new Ops(reactor);
                        Fd file = ops.open(arguments[1], Const.O_RDONLY);
                        int[] rounds = {ROUNDS};
                        reactor.onBeforeExit(() -> {
                            if (rounds[0]-- > 0) {
                                round(ops, file);
                            }
                        });
                    });
            System.out.println("exact: " + exact);
        }

        private static void round(Ops ops, Fd file) {
            Chunk[] chunks = new Chunk[READS / 8];
            for (int i = 0; i < chunks.length; i++) {
                chunks[i] = ops.core.allocate(8 * BYTES);
            }
            left = READS;
            for (int i = 0; i < READS; i++) {
                long address = chunks[i / 8].address() + (long) (i % 8) * BYTES;
                int offset = 4 * RANDOM.nextInt((FILE_BYTES - BYTES) / 4);
                ops.read(
                        file,
                        address,
                        BYTES,
                        offset,
                        result -> read(chunks, address, offset, result));
            }
        }

        private static void read(Chunk[] chunks, long address, int offset, int result) {
            boolean right = result == BYTES;
            for (int at = 0; at < BYTES && right; at += 4) {
                right = Memory.getInt(address + at) == word(offset + at);
            }
            exact += right ? 1 : 0;
            garbage = new byte[1 << 10];
            if (--left % 500 == 0) {
                System.gc();
            }
            if (left == 0) {
                for (Chunk chunk : chunks) {
                    chunk.release();
                }
            }
        }
    }
}
