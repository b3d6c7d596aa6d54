package dev.chime.samples;

import dev.chime.fs.Fs;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whole files, read into memory pass after pass, a fixed number at once. */
final class LabReadFiles {
    private final Reactor reactor;
    private final Fs fs;
    private final Path[] files;
    private final int bytes;
    private final int concurrency;
    private final double warmup;
    private final double seconds;
    private final Measure measure = new Measure();
    private final Callback<Buffer> onFile = this::read;
    private int next;
    private int finished;
    private long operations;
    private boolean warm;

    private LabReadFiles(
            Reactor reactor,
            Path[] files,
            int bytes,
            int concurrency,
            double warmup,
            double seconds) {
        this.reactor = reactor;
        fs = Fs.of(reactor);
        this.files = files;
        this.bytes = bytes;
        this.concurrency = Math.min(concurrency, files.length);
        this.warmup = warmup;
        this.seconds = seconds;
        measure.start();
    }

    static int run(Arguments arguments) {
        arguments.allow("dir", "count", "bytes", "concurrency", "warmup", "seconds");
        arguments.noWords();
        String dir = arguments.text("dir");
        Path[] files = new Path[arguments.number("count", 1, 1 << 24)];
        for (int i = 0; i < files.length; i++) {
            files[i] = Path.of(dir, "f" + i);
        }
        int bytes = arguments.number("bytes", 0, Integer.MAX_VALUE);
        int concurrency = arguments.number("concurrency", 1, 1 << 16);
        double warmup = arguments.seconds("warmup");
        double seconds = arguments.seconds("seconds");
        Reactor.run(reactor ->
                new LabReadFiles(reactor, files, bytes, concurrency, warmup, seconds).pass());
        return 0;
    }

    private void pass() {
        next = 0;
        finished = 0;
        for (int i = 0; i < concurrency; i++) {
            start();
        }
    }

    private void start() {
        if (next < files.length) {
            fs.readBuffer(files[next++], onFile);
        }
    }

    private void read(@Nullable ReactorException err, Buffer data) throws ReactorException {
        if (err != null) {
            throw err;
        }
        if (data.length() != bytes) {
            throw new ReactorException("ERR_SHORT_READ", "read " + data.length() + " bytes");
        }
        operations++;
        if (++finished < files.length) {
            start();
            return;
        }
        passed();
    }

    private void passed() {
        if (!warm && measure.seconds() >= warmup) {
            warm = true;
            operations = 0;
            measure.start();
        } else if (warm && measure.seconds() >= seconds) {
            measure.print(operations);
            return;
        }
        // The next pass starts in a turn of its own, as a program's next request would.
        reactor.setImmediate(this::pass);
    }
}
