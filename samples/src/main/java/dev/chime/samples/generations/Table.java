package dev.chime.samples.generations;

import java.util.Locale;

/** The lines of the table on the terminal; each stands for itself, so it can be printed at once. */
final class Table {
    private static final String TEXT = "%-26s %-13s";
    private static final String FIGURES = " %9s %9s %9s %9s %9s %11s";

    /** From here on decimals say nothing. */
    private static final double LARGE = 100;

    private Table() {}

    /** Two lines: what the columns are, and their units. */
    static String header() {
        return line("generation", "page cache", "reads", "p50", "p99", "CPU", "in calls", "longest")
                + line("", "", "1/s", "us", "us", "us/read", "%", "us");
    }

    /** What is to be known to read the table. */
    static String footer() {
        return """
        in calls: the part of the time that the calling thread spent in the calls that begin reads
        longest: the longest of these calls; the thread could do nothing else meanwhile
        Latencies are from the start of a read to its bytes. The CPU is that of all threads; in it
        is a checksum of every block that was read. What else the machine does is in all figures.
        """;
    }

    /** The line of a row. */
    static String line(Row row) {
        Figures figures = row.figures();
        String name = row.generation();
        String condition = row.condition().text();
        if (figures == null) {
            return String.format(TEXT + " %s%n", name, condition, "not here: " + row.note());
        }
        String line =
                line(
                        name,
                        condition,
                        number(figures.readsPerSecond()),
                        number(figures.p50Micros()),
                        number(figures.p99Micros()),
                        number(figures.cpuMicros()),
                        number(figures.inCalls() * 100),
                        number(figures.longestMicros()));
        return row.note().isEmpty()
                ? line
                : line.stripTrailing() + "  " + row.note() + System.lineSeparator();
    }

    private static String line(String name, String condition, String... figures) {
        String line = String.format(TEXT + FIGURES, join(name, condition, figures));
        return line.stripTrailing() + System.lineSeparator();
    }

    private static Object[] join(String name, String condition, String... figures) {
        Object[] all = new Object[figures.length + 2];
        all[0] = name;
        all[1] = condition;
        System.arraycopy(figures, 0, all, 2, figures.length);
        return all;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < LARGE ? "%.1f" : "%,.0f", value);
    }
}
