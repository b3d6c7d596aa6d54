package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.Allocation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Reads and writes at a position allocate nothing once the JIT has seen enough of them. */
class AllocationTest {
    private static final int WINDOW = 20_000;
    private static final int MOST_WINDOWS = 40;

    @TempDir Path directory;

    @EngineTest
    void positionalReads_allocateNothing(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "read", new byte[4096]);
        Allocation.assertNone(List.of(Fs.class), Program.class, path.toString(), engine);
    }

    @EngineTest
    void positionalWrites_allocateNothing(EngineKind engine) throws Exception {
        Path path = Fixtures.file(directory, "write", new byte[4096]);
        Allocation.assertNone(List.of(Fs.class), Program.class, path.toString(), engine);
    }

    /** Reads the file named {@code read} again and again, or writes the other one. */
    static final class Program implements ReadCallback, WriteCallback {
        private final FileHandle file;
        private final Buffer buffer;
        private final boolean reads;
        private double least = Double.MAX_VALUE;
        private int count;
        private long before;

        private Program(FileHandle file, Buffer buffer, boolean reads) {
            this.file = file;
            this.buffer = buffer;
            this.reads = reads;
        }

        public static void main(String[] arguments) {
            Path path = Path.of(arguments[0]);
            boolean reads = path.endsWith("read");
            Reactors.run(
                    EngineKind.valueOf(arguments[1]),
                    reactor ->
                            Fs.of(reactor)
                                    .open(
                                            path,
                                            "r+",
                                            (err, file) ->
                                                    new Program(file, reactor.buffer(64), reads)
                                                            .next()));
        }

        private void next() {
            if (count % WINDOW == 0 && isOver()) {
                Allocation.print(least);
                buffer.release();
                file.close(err -> {});
                return;
            }
            count++;
            if (reads) {
                file.read(buffer, 0, this);
            } else {
                file.write(buffer, 0, this);
            }
        }

        /**
         * True after a clean window, or enough of them: the compilers work on in the first ones.
         */
        private boolean isOver() {
            long now = Allocation.ofThisThread();
            if (count > 0) {
                least = Math.min(least, (double) (now - before) / WINDOW);
            }
            before = now;
            return least < 1 || count == WINDOW * MOST_WINDOWS;
        }

        @Override
        public void call(ReactorException err, int bytesRead, Buffer target)
                throws ReactorException {
            call(err, bytesRead);
        }

        @Override
        public void call(ReactorException err, int bytes) throws ReactorException {
            if (err != null) {
                throw err;
            }
            next();
        }
    }
}
