package dev.chime.samples;

import dev.chime.fs.CpOptions;
import dev.chime.fs.Fs;
import dev.chime.fs.Progress;
import dev.chime.fs.ReaddirOptions;
import dev.chime.fs.Stats;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file or a tree, with a progress bar where there is a terminal. Ctrl-C ends it: what is
 * copied by then is complete.
 */
final class Cp {
    private static final double MIB = 1 << 20;

    /** What shells say of a program that a signal has ended: 128 and the signal's number. */
    private static final int INTERRUPTED = 130;

    private static final int TERMINATED = 143;

    private final Reactor reactor;
    private final Fs fs;
    private final Path source;
    private final Path dest;
    private final @Nullable Bar bar;
    private @Nullable Operation copying;
    private long totalBytes;
    private long totalEntries;
    private Progress last = new Progress(0, Progress.UNKNOWN, 0);
    private int exitCode;

    private Cp(Reactor reactor, Path source, Path dest) {
        this.reactor = reactor;
        fs = Fs.of(reactor);
        this.source = source;
        this.dest = dest;
        bar = Bar.onTerminal(reactor);
    }

    static int run(Arguments arguments) {
        arguments.allow();
        List<String> names = arguments.files();
        if (names.size() != 2) {
            throw new UsageException("name a source and a destination");
        }
        Cp[] cp = new Cp[1];
        Reactor.run(reactor -> {
            cp[0] = new Cp(reactor, Path.of(names.get(0)), Path.of(names.get(1)));
            reactor.onSignal("INT", () -> cp[0].stop(INTERRUPTED));
            reactor.onSignal("TERM", () -> cp[0].stop(TERMINATED));
            cp[0].begin();
        });
        return cp[0].exitCode;
    }

    private void stop(int code) {
        exitCode = code;
        if (copying == null) {
            reactor.stop();
        } else {
            copying.cancel();
        }
    }

    private void begin() throws Exception {
        if (bar == null) {
            start();
        } else {
            bar.measure(this::start);
        }
    }

    /** The bar needs to know how much there is: the size of a file, the entries of a tree. */
    private void start() {
        fs.lstat(
                source,
                (err, stats) -> {
                    if (err != null) {
                        ended(err);
                    } else if (stats.isDirectory() && bar != null) {
                        fs.readdir(
                                source,
                                ReaddirOptions.defaults().recursive(true),
                                (failed, entries) -> {
                                    totalEntries = failed == null ? entries.size() + 1 : 0;
                                    copy(stats);
                                });
                    } else {
                        totalBytes = stats.size();
                        copy(stats);
                    }
                });
    }

    private void copy(Stats stats) {
        copying =
                fs.cp(
                        source,
                        dest,
                        CpOptions.defaults()
                                .recursive(stats.isDirectory())
                                .verbatimSymlinks(true)
                                .progress(this::show),
                        this::ended);
    }

    private void show(Progress progress) {
        last = progress;
        if (bar != null) {
            double part =
                    totalEntries > 0
                            ? (double) progress.entries() / totalEntries
                            : (double) progress.bytes() / Math.max(totalBytes, 1);
            bar.draw(part, text(progress));
        }
    }

    private void ended(@Nullable ReactorException err) {
        if (bar != null) {
            if (err == null) {
                bar.draw(1, text(last)); // whatever has come or gone since it was counted
            }
            bar.end();
        } else if (err == null) {
            System.out.println("copied " + text(last));
        }
        if (err != null && exitCode == 0) {
            exitCode = 1;
            System.err.println(err.getMessage());
        }
    }

    private static String text(Progress progress) {
        return String.format(
                Locale.ROOT,
                "%d %s, %.1f MiB",
                progress.entries(),
                progress.entries() == 1 ? "entry" : "entries",
                progress.bytes() / MIB);
    }
}
