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
import org.junit.jupiter.api.io.TempDir;

/** Reads and writes at a position allocate nothing once the JIT has seen enough of them. */
class AllocationTest {
    private static final int WINDOW = 20_000;
    private static final int WINDOWS = 40;
    private static final double NEARLY_NOTHING = 1.0;

    @TempDir Path directory;

    /**
     * Looks at what the thread has allocated after each window of operations, until one was clean
     * or there were enough: the compilers work on during the first ones.
     */
    private static final class Windows {
        private double best = Double.MAX_VALUE;
        private long before;
        private int count;

        boolean more() {
            if (count % WINDOW == 0) {
                long now = Allocation.ofThisThread();
                if (count > 0) {
                    best = Math.min(best, (double) (now - before) / WINDOW);
                }
                before = now;
            }
            return count++ < WINDOW * WINDOWS && best >= NEARLY_NOTHING;
        }
    }

    private record Reads(FileHandle file, Buffer buffer, Windows windows) implements ReadCallback {
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
        String found = windows.best + " bytes for each operation";
        assertTrue(windows.best < NEARLY_NOTHING, found);
    }
}
