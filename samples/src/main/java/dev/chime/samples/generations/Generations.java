package dev.chime.samples.generations;

import dev.chime.fs.DirectAlignment;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import dev.chime.samples.Arguments;
import dev.chime.samples.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The history of reading files on Linux as a measurement: the same random reads of one file by
 * every generation of interfaces, from a cold page cache and from a warm one.
 */
public final class Generations {
    private static final long DEFAULT_BYTES = 256L << 20;
    private static final long MOST_BYTES = 64L << 30;
    private static final int DEFAULT_DEPTH = 32;
    private static final int MOST_DEPTH = 4096;
    private static final double DEFAULT_SECONDS = 1;

    /** What a generation may take to be compiled before it is measured. */
    private static final double WARMUP_SECONDS = 0.5;

    private final Content content;
    private final int depth;
    private final long reads;
    private final double seconds;

    Generations(Content content, int depth, long reads, double seconds) {
        this.content = content;
        this.depth = depth;
        this.reads = reads;
        this.seconds = seconds;
    }

    /** All of them, the oldest first; the last are Chime's, of a reactor with {@code options}. */
    static List<Generation> all(ReactorOptions options) {
        return List.of(
                new BlockingReads(),
                new PooledReads(),
                new PosixAioReads(),
                new KernelAioReads(false),
                new KernelAioReads(true),
                new RingReads(false, options),
                new RingReads(true, options));
    }

    /** The sample's command: prints the table, and writes the plot if it is asked to. */
    public static int run(Arguments arguments) throws IOException, ReactorException {
        arguments.allow("file", "bytes", "reads", "depth", "seconds", "svg");
        arguments.noWords();
        long reads = arguments.number("reads", 1, Long.MAX_VALUE, Long.MAX_VALUE);
        int depth = (int) arguments.number("depth", 1, MOST_DEPTH, DEFAULT_DEPTH);
        double seconds = arguments.seconds("seconds", DEFAULT_SECONDS);
        Path plot = plot(arguments);
        try (Content content = content(arguments)) {
            List<Row> rows =
                    new Generations(content, depth, reads, seconds)
                            .measure(all(ReactorOptions.defaults()), System.out);
            if (plot != null) {
                Files.writeString(plot, Plot.of(rows));
            }
        }
        return 0;
    }

    private static @Nullable Path plot(Arguments arguments) {
        String name = arguments.textOrNull("svg");
        if (name == null) {
            return null;
        }
        Path plot = Path.of(name).toAbsolutePath();
        if (plot.getParent() == null || !Files.isDirectory(plot.getParent())) {
            throw new UsageException("--svg is " + name + ": its folder does not exist");
        }
        return plot;
    }

    private static Content content(Arguments arguments) throws IOException {
        long block = Content.BLOCK_BYTES;
        String name = arguments.textOrNull("file");
        if (name == null) {
            return Content.create(arguments.number("bytes", block, MOST_BYTES, DEFAULT_BYTES));
        }
        Path path = Path.of(name);
        if (!Files.isRegularFile(path)) {
            throw new UsageException("--file is " + name + ": name a file that exists");
        }
        long size = Files.size(path);
        if (size < block) {
            throw new UsageException(
                    "--file is %s of %d bytes: use one of %d or more".formatted(name, size, block));
        }
        long most = Math.min(size, MOST_BYTES);
        return Content.of(
                path, arguments.number("bytes", block, most, Math.min(size, DEFAULT_BYTES)));
    }

    /** Measures every generation under its conditions, and prints each row when it is known. */
    List<Row> measure(List<Generation> generations, PrintStream out)
            throws IOException, ReactorException {
        out.printf(
                Locale.ROOT,
                "random reads of %,d bytes in %,d KiB of %s, %d in flight where there can be more"
                        + " than one; Linux %s, %d processors%n%n",
                Content.BLOCK_BYTES,
                content.bytes() >> 10,
                content.path(),
                depth,
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors());
        out.print(Table.header());
        List<Row> rows = new ArrayList<>();
        for (Generation generation : generations) {
            row(generation, Condition.CACHED, Math.min(seconds, WARMUP_SECONDS));
            for (Condition condition : Condition.values()) {
                // What is said of the page cache does not matter to reads that go past it.
                if (!generation.direct() || condition != Condition.COLD_RANDOM) {
                    Row row = row(generation, condition, seconds);
                    out.print(Table.line(row));
                    rows.add(row);
                }
            }
        }
        out.println();
        out.print(Table.footer());
        return rows;
    }

    private Row row(Generation generation, Condition condition, double limit)
            throws IOException, ReactorException {
        String name = generation.name();
        String note = PageCache.prepare(content, condition);
        Reads run = new Reads(content, condition, depth, reads, limit);
        try {
            generation.perform(run);
        } catch (UnavailableException e) {
            return new Row(name, condition, null, e.reason());
        } catch (ReactorException e) {
            if (generation.direct() && refusesDirect(e)) {
                return new Row(name, condition, null, "no O_DIRECT: " + e.getMessage());
            }
            throw e;
        }
        return new Row(
                name, condition, run.figures(), run.remark().isEmpty() ? note : run.remark());
    }

    /** What file systems that have no O_DIRECT say, or that want more than 4 KiB at once. */
    private static boolean refusesDirect(ReactorException e) {
        return List.of("EINVAL", "ENOTSUP", DirectAlignment.ERROR_CODE).contains(e.code());
    }
}
