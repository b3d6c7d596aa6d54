package dev.chime.samples;

import dev.chime.fs.CpOptions;
import dev.chime.fs.Fs;
import dev.chime.fs.Progress;
import dev.chime.fs.ReaddirOptions;
import dev.chime.fs.Stats;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.io.Console;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Copies a file or a tree, with a progress bar where there is a terminal. */
final class Cp {
    private static final int BAR_CELLS = 40;
    private static final double MIB = 1 << 20;

    private final Fs fs;
    private final Path source;
    private final Path dest;
    private final boolean isTerminal;
    private long totalBytes;
    private long totalEntries;
    private Progress last = new Progress(0, Progress.UNKNOWN, 0);
    private int exitCode;

    private Cp(Fs fs, Path source, Path dest) {
        this.fs = fs;
        this.source = source;
        this.dest = dest;
        isTerminal = isTerminal();
    }

    static int run(Arguments arguments) {
        arguments.allow();
        List<String> names = arguments.files();
        if (names.size() != 2) {
            throw new UsageException("name a source and a destination");
        }
        Cp[] cp = new Cp[1];
        Reactor.run(reactor -> {
            cp[0] = new Cp(Fs.of(reactor), Path.of(names.get(0)), Path.of(names.get(1)));
            cp[0].start();
        });
        return cp[0].exitCode;
    }

    @SuppressWarnings("SystemConsoleNull") // it does, in JDK 25, where there is no terminal
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** The bar needs to know how much there is: the size of a file, the entries of a tree. */
    private void start() {
        fs.lstat(
                source,
                (err, stats) -> {
                    if (err != null) {
                        ended(err);
                    } else if (stats.isDirectory() && isTerminal) {
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
        if (isTerminal) {
            double part =
                    totalEntries > 0
                            ? (double) progress.entries() / totalEntries
                            : (double) progress.bytes() / Math.max(totalBytes, 1);
            System.out.print("\r" + bar(part) + " " + text(progress));
            System.out.flush();
        }
    }

    private void ended(@Nullable ReactorException err) {
        if (isTerminal && last.entries() > 0) {
            System.out.println();
        }
        if (err != null) {
            exitCode = 1;
            System.err.println(err.getMessage());
        } else if (!isTerminal) {
            System.out.println("copied " + text(last));
        }
    }

    private static String text(Progress progress) {
        return String.format(
                Locale.ROOT, "%d entries, %.1f MiB", progress.entries(), progress.bytes() / MIB);
    }

    /** A bar that is full at 1. */
    static String bar(double part) {
        int full = (int) Math.round(Math.clamp(part, 0, 1) * BAR_CELLS);
        return "[" + "#".repeat(full) + ".".repeat(BAR_CELLS - full) + "]";
    }
}
