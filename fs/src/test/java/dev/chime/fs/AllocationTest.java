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
    private static final int WARM_UP = 300_000;
    private static final int MEASURED = 100_000;

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
            if (count == WARM_UP) {
                before = Allocation.ofThisThread();
            } else if (count == WARM_UP + MEASURED) {
                Allocation.print((double) (Allocation.ofThisThread() - before) / MEASURED);
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
