package dev.chime.samples;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.OpenFlag;
import dev.chime.fs.ReadCallback;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Random 4 KiB reads of one file, a fixed number in flight. */
final class LabRandRead {
    private static final int BLOCK_BYTES = 4096;
    private static final int CHECK_CLOCK_MASK = 0x3ff;

    private final Reactor reactor;
    private final FileHandle file;
    private final long blocks;
    private final double warmup;
    private final double seconds;
    private final Measure measure = new Measure();
    private final ReadCallback onRead = this::read;
    private long random = 0x9E3779B97F4A7C15L;
    private long operations;
    private int inFlight;
    private boolean warm;
    private boolean over;

    private LabRandRead(
            Reactor reactor, FileHandle file, long blocks, double warmup, double seconds) {
        this.reactor = reactor;
        this.file = file;
        this.blocks = blocks;
        this.warmup = warmup;
        this.seconds = seconds;
        measure.start();
    }

    static int run(Arguments arguments) throws Exception {
        arguments.allow("file", "depth", "direct", "warmup", "seconds");
        arguments.noWords();
        Path path = Path.of(arguments.text("file"));
        int depth = arguments.number("depth", 1, 4096);
        boolean direct = arguments.number("direct", 0, 1) == 1;
        double warmup = arguments.seconds("warmup");
        double seconds = arguments.seconds("seconds");
        long blocks = Files.size(path) / BLOCK_BYTES;
        if (blocks == 0) {
            throw new UsageException("--file is smaller than " + BLOCK_BYTES + " bytes");
        }
        Set<OpenFlag> flags = EnumSet.of(OpenFlag.READ);
        if (direct) {
            flags.add(OpenFlag.DIRECT);
        }
        Reactor.run(reactor ->
                Fs.of(reactor)
                        .open(
                                path,
                                flags,
                                0,
                                (err, file) -> {
                                    if (err != null) {
                                        throw err;
                                    }
                                    new LabRandRead(reactor, file, blocks, warmup, seconds)
                                            .start(depth);
                                }));
        return 0;
    }

    private void start(int depth) {
        inFlight = depth;
        for (int i = 0; i < depth; i++) {
            file.read(reactor.buffer(BLOCK_BYTES), position(), onRead);
        }
    }

    private long position() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return Long.remainderUnsigned(random, blocks) * BLOCK_BYTES;
    }

    private void read(@Nullable ReactorException err, int bytes, Buffer buffer)
            throws ReactorException {
        if (err != null) {
            throw err;
        }
        if (bytes != BLOCK_BYTES) {
            throw new ReactorException("ERR_SHORT_READ", "read " + bytes + " bytes");
        }
        if ((++operations & CHECK_CLOCK_MASK) == 0) {
            checkClock();
        }
        if (!over) {
            file.read(buffer, position(), onRead);
            return;
        }
        buffer.release();
        if (--inFlight == 0) {
            file.close(closed -> {});
        }
    }

    private void checkClock() {
        if (!warm && measure.seconds() >= warmup) {
            warm = true;
            operations = 0;
            measure.start();
        } else if (warm && !over && measure.seconds() >= seconds) {
            over = true;
            measure.print(operations);
        }
    }
}
