package dev.chime.samples.generations;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The table as a picture: a band for each generation, a panel for each figure, on logarithmic axes.
 *
 * <p>It is an SVG file without a background of its own. Its colours have a contrast of at least 3
 * to 1, text of 4 to 1, with white as well as with the nearly black of dark pages; who sees no
 * colours has the shapes.
 */
final class Plot {
    static final String TEXT_COLOUR = "#767676";

    private static final int LABEL_WIDTH = 200;
    private static final int PANEL_WIDTH = 200;
    private static final int PANEL_GAP = 40;
    private static final int TOP = 90;
    private static final int BAND_HEIGHT = 42;
    private static final int FONT_SIZE = 12;
    private static final double MARK_RADIUS = 4;

    /** One figure: the mark stands at {@code value}, and a line goes on to {@code limit}. */
    private record Panel(
            String title, ToDoubleFunction<Figures> value, ToDoubleFunction<Figures> limit) {
        Panel(String title, ToDoubleFunction<Figures> value) {
            this(title, value, value);
        }
    }

    private static final List<Panel> PANELS =
            List.of(
                    new Panel("reads a second", Figures::readsPerSecond),
                    new Panel("latency in us, p50 to p99", Figures::p50Micros, Figures::p99Micros),
                    new Panel("CPU in us a read", Figures::cpuMicros),
                    new Panel("longest call in us", Figures::longestMicros));

    private final List<Row> rows;
    private final List<String> generations;
    private final Formatter svg = new Formatter(Locale.ROOT);

    private Plot(List<Row> rows) {
        this.rows = rows;
        LinkedHashSet<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.add(row.generation()));
        generations = new ArrayList<>(names);
    }

    /** The picture of a table's rows. */
    static String of(List<Row> rows) {
        return new Plot(rows).draw();
    }

    /** The colour of a condition's marks. */
    static String colour(Condition condition) {
        return switch (condition) {
            case COLD -> "#0072b2";
            case COLD_RANDOM -> "#009e73";
            case CACHED -> "#d55e00";
        };
    }

    private String draw() {
        int width = LABEL_WIDTH + PANELS.size() * (PANEL_WIDTH + PANEL_GAP);
        int height = TOP + generations.size() * BAND_HEIGHT + 2 * FONT_SIZE;
        svg.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                        + " font-family=\"sans-serif\" font-size=\"%d\" fill=\"%s\">%n",
                width, height, FONT_SIZE, TEXT_COLOUR);
        svg.format("<title>Random reads of 4 KiB by generations of Linux interfaces</title>%n");
        legend();
        for (int i = 0; i < generations.size(); i++) {
            text(0, bandMiddle(i) + FONT_SIZE / 3.0, "start", generations.get(i));
            if (figures(generations.get(i)).isEmpty()) {
                text(LABEL_WIDTH, bandMiddle(i) + FONT_SIZE / 3.0, "start", "not here");
            }
        }
        for (int i = 0; i < PANELS.size(); i++) {
            panel(PANELS.get(i), LABEL_WIDTH + i * (PANEL_WIDTH + PANEL_GAP));
        }
        svg.format("</svg>%n");
        return svg.toString();
    }

    private void legend() {
        double x = LABEL_WIDTH + MARK_RADIUS;
        for (Condition condition : Condition.values()) {
            mark(condition, x, FONT_SIZE, "");
            text(x + 2 * MARK_RADIUS, FONT_SIZE * 4 / 3.0, "start", condition.text());
            x += PANEL_WIDTH / 2.0 + PANEL_GAP;
        }
    }

    private void panel(Panel panel, double left) {
        List<Figures> all = new ArrayList<>();
        generations.forEach(generation -> all.addAll(figures(generation)));
        LogAxis axis = LogAxis.over(all, panel, left);
        text(left, TOP - 3.5 * FONT_SIZE, "start", panel.title());
        double bottom = TOP + generations.size() * BAND_HEIGHT;
        for (int decade = axis.first(); decade <= axis.last(); decade++) {
            double x = axis.at(Math.pow(10, decade));
            svg.format(
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                            + " stroke-opacity=\"0.4\"/>%n",
                    x, TOP - FONT_SIZE, x, bottom, TEXT_COLOUR);
            text(x, TOP - 1.5 * FONT_SIZE, "middle", tick(decade));
        }
        for (Row row : rows) {
            Figures figures = row.figures();
            if (figures != null) {
                double y = bandMiddle(generations.indexOf(row.generation())) + shift(row);
                point(row, panel, figures, axis, y);
            }
        }
    }

    private void point(Row row, Panel panel, Figures figures, LogAxis axis, double y) {
        double value = panel.value().applyAsDouble(figures);
        double limit = panel.limit().applyAsDouble(figures);
        if (limit > value) {
            svg.format(
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                            + " stroke-width=\"2\"/>%n",
                    axis.at(value), y, axis.at(limit), y, colour(row.condition()));
        }
        String words =
                String.format(
                        Locale.ROOT,
                        "%s, %s, %s: %,.1f",
                        row.generation(),
                        row.condition().text(),
                        panel.title(),
                        value);
        mark(row.condition(), axis.at(value), y, words);
    }

    /** A condition's shape; {@code words} show when it is pointed at. */
    private void mark(Condition condition, double x, double y, String words) {
        double r = MARK_RADIUS;
        String path =
                switch (condition) {
                    case COLD -> // a square
                            String.format(
                                    Locale.ROOT,
                                    "M%.1f %.1fh%.1fv%.1fh%.1fz",
                                    x - r,
                                    y - r,
                                    2 * r,
                                    2 * r,
                                    -2 * r);
                    case COLD_RANDOM -> // a triangle
                            String.format(
                                    Locale.ROOT,
                                    "M%.1f %.1fh%.1fl%.1f %.1fz",
                                    x - r,
                                    y + r,
                                    2 * r,
                                    -r,
                                    -2 * r);
                    case CACHED -> // a rhombus
                            String.format(
                                    Locale.ROOT,
                                    "M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz",
                                    x,
                                    y - r - 1,
                                    r + 1,
                                    r + 1,
                                    -r - 1,
                                    r + 1,
                                    -r - 1,
                                    -r - 1);
                };
        svg.format(
                "<path d=\"%s\" fill=\"%s\"><title>%s</title></path>%n",
                path, colour(condition), escaped(words));
    }

    private List<Figures> figures(String generation) {
        List<Figures> found = new ArrayList<>();
        for (Row row : rows) {
            Figures figures = row.figures();
            if (figures != null && row.generation().equals(generation)) {
                found.add(figures);
            }
        }
        return found;
    }

    private static double bandMiddle(int generation) {
        return TOP + (generation + 0.5) * BAND_HEIGHT;
    }

    /** The conditions of one generation lie below each other in its band. */
    private static double shift(Row row) {
        return switch (row.condition()) {
            case COLD -> -BAND_HEIGHT / 3.5;
            case COLD_RANDOM -> 0;
            case CACHED -> BAND_HEIGHT / 3.5;
        };
    }

    private static String tick(int decade) {
        if (decade < 0) {
            return String.format(Locale.ROOT, "%." + -decade + "f", Math.pow(10, decade));
        }
        String zeros = "0".repeat(decade % 3);
        return decade < 3 ? "1" + zeros : "1" + zeros + (decade < 6 ? "k" : "M");
    }

    private void text(double x, double y, String anchor, String words) {
        svg.format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                x, y, anchor, escaped(words));
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    /**
     * A scale of whole decades, from the one below the least value to the one above the greatest.
     */
    private record LogAxis(int first, int last, double left) {
        static LogAxis over(List<Figures> all, Panel panel, double left) {
            double least = Double.MAX_VALUE;
            double greatest = Double.MIN_VALUE;
            for (Figures figures : all) {
                least = Math.min(least, panel.value().applyAsDouble(figures));
                greatest = Math.max(greatest, panel.limit().applyAsDouble(figures));
            }
            boolean drawable = least > 0 && least <= greatest;
            int first = drawable ? (int) Math.floor(Math.log10(least)) : 0;
            int last = drawable ? (int) Math.ceil(Math.log10(greatest)) : 1;
            return new LogAxis(first, Math.max(last, first + 1), left);
        }

        double at(double value) {
            double decades = Math.log10(value) - first;
            double place = Math.clamp(decades / (last - first), 0, 1);
            return left + place * PANEL_WIDTH;
        }
    }
}
