package dev.chime.samples;

import static dev.chime.fs.OpenFlag.CREATE;
import static dev.chime.fs.OpenFlag.DSYNC;
import static dev.chime.fs.OpenFlag.TRUNCATE;
import static dev.chime.fs.OpenFlag.WRITE;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.OpenFlag;
import dev.chime.fs.WriteCallback;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.EnumSet;

/**
 * Blocks of 4 KiB, each written behind the last one and synced; one writer a file. The files are
 * open with {@code O_DSYNC}, by which each write is followed by an fdatasync, in one operation;
 * with {@code --chain true} it is a linked operation of its own.
 */
final class LabAppend {
    private static final int BLOCK_BYTES = 4096;

    private final Reactor reactor;
    private final Path folder;
    private final double seconds;
    private final boolean chained;
    private final Measure measure = new Measure();
    private int writers;
    private long operations;

    private LabAppend(Reactor reactor, Path folder, int writers, double seconds, boolean chained) {
        this.reactor = reactor;
        this.folder = folder;
        this.writers = writers;
        this.seconds = seconds;
        this.chained = chained;
    }

    static int run(Arguments arguments) {
        arguments.allow("dir", "concurrency", "seconds", "chain");
        arguments.noWords();
        Path folder = Path.of(arguments.text("dir"));
        int writers = arguments.number("concurrency", 1, 4096);
        double seconds = arguments.seconds("seconds");
        boolean chained = "true".equals(arguments.textOrNull("chain"));
        Reactor.run(reactor -> new LabAppend(reactor, folder, writers, seconds, chained).start());
        return 0;
    }

    private void start() {
        Fs fs = Fs.of(reactor);
        EnumSet<OpenFlag> flags = EnumSet.of(WRITE, CREATE, TRUNCATE);
        if (!chained) {
            flags.add(DSYNC);
        }
        measure.start();
        for (int i = 0; i < writers; i++) {
            fs.open(
                    folder.resolve("chime" + i),
                    flags,
                    0666,
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
            if (chained) {
                file.writeAndSync(block, position, onSynced);
            } else {
                file.write(block, position, onSynced);
            }
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
