package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.Allocation;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;

/** Reads and writes at a position allocate nothing once the JIT has seen enough of them. */
class AllocationTest {
    private static final int WINDOW = 50_000;
    private static final int WINDOWS = 16;
    private static final double NEARLY_NOTHING = 1.0;

    @TempDir Path directory;

    /** Notes what the thread has allocated after each window of operations. */
    private static final class Windows {
        private final long[] allocated = new long[WINDOWS + 1];
        private int count;

        /** False when there were enough of them. */
        boolean more() {
            if (count % WINDOW == 0) {
                allocated[count / WINDOW] = Allocation.ofThisThread();
            }
            return count++ < WINDOW * WINDOWS;
        }

        /** Bytes for each operation in the best window: compilers work on during the others. */
        double bestPerOperation() {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < WINDOWS; i++) {
                best = Math.min(best, allocated[i + 1] - allocated[i]);
            }
            return (double) best / WINDOW;
        }

        @Override
        public String toString() {
            return Arrays.toString(allocated);
        }
    }

    private record Reads(FileHandle file, Buffer buffer, Windows windows)
            implements ReadCallback {
        @Override
        public void call(ReactorException err, int bytesRead, Buffer target) {
            assertNull(err);
            if (windows.more()) {
                file.read(buffer, 0, this);
            } else {
                buffer.release();
            }
        }
    }

    private record Writes(FileHandle file, Buffer buffer, Windows windows)
            implements WriteCallback {
        @Override
        public void call(ReactorException err, int bytesWritten) {
            assertNull(err);
            if (windows.more()) {
                file.write(buffer, 0, this);
            } else {
                buffer.release();
            }
        }
    }

    @EngineTest
    void positionalReads_allocateNothing(EngineKind engine) throws IOException {
        Windows windows = new Windows();
        Path path = Fixtures.file(directory, "f", new byte[4096]);
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(64);
                    file.read(buffer, 0, new Reads(file, buffer, windows));
                });
        assertNearlyNothing(windows);
    }

    @EngineTest
    void positionalWrites_allocateNothing(EngineKind engine) throws IOException {
        Windows windows = new Windows();
        Path path = Fixtures.file(directory, "f", new byte[4096]);
        Fixtures.withOpen(
                engine,
                path,
                "r+",
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(64);
                    file.write(buffer, 0, new Writes(file, buffer, windows));
                });
        assertNearlyNothing(windows);
    }

    private static void assertNearlyNothing(Windows windows) {
        double best = windows.bestPerOperation();
        assertTrue(best < NEARLY_NOTHING, best + " bytes for each operation: " + windows);
    }
}
