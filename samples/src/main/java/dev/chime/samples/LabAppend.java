package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.WriteCallback;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;

/** Blocks of 4 KiB, each written behind the last one and synced; one writer a file. */
final class LabAppend {
    private static final int BLOCK_BYTES = 4096;

    private final Reactor reactor;
    private final Path folder;
    private final double seconds;
    private final Measure measure = new Measure();
    private int writers;
    private long operations;

    private LabAppend(Reactor reactor, Path folder, int writers, double seconds) {
        this.reactor = reactor;
        this.folder = folder;
        this.writers = writers;
        this.seconds = seconds;
    }

    static int run(Arguments arguments) {
        arguments.allow("dir", "concurrency", "seconds");
        arguments.noWords();
        Path folder = Path.of(arguments.text("dir"));
        int writers = arguments.number("concurrency", 1, 4096);
        double seconds = arguments.seconds("seconds");
        Reactor.run(reactor -> new LabAppend(reactor, folder, writers, seconds).start());
        return 0;
    }

    private void start() {
        Fs fs = Fs.of(reactor);
        measure.start();
        for (int i = 0; i < writers; i++) {
            fs.open(
                    folder.resolve("chime" + i),
                    "w",
                    (err, file) -> {
                        if (err != null) {
                            throw err;
                        }
                        new Writer(file).append();
                    });
        }
    }

    /** One file, one block at a time. */
    private final class Writer {
        private final FileHandle file;
        private final Buffer block = reactor.buffer(BLOCK_BYTES);
        private final WriteCallback onSynced = this::synced;
        private long position;

        Writer(FileHandle file) {
            this.file = file;
        }

        void append() {
            file.writeAndSync(block, position, onSynced);
        }

        private void synced(ReactorException err, int bytes) throws ReactorException {
            if (err != null) {
                throw err;
            }
            position += bytes;
            operations++;
            if (measure.seconds() < seconds) {
                append();
                return;
            }
            block.release();
            file.close(closed -> {});
            if (--writers == 0) {
                measure.print(operations);
            }
        }
    }
}
