package dev.chime.samples.generations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The forms of the table and of the picture. */
class TableAndPlotTest {
    private static final Figures FAST = new Figures(1000, 0.001, 0.8, 1.25, 0.9, 0.95, 2345);
    private static final Figures SLOW = new Figures(300, 1, 48_366, 108_593, 31.3, 0.999, 108_479);
    private static final List<Row> ROWS =
            List.of(
                    new Row("pread", Condition.COLD, SLOW, ""),
                    new Row("pread", Condition.CACHED, FAST, "not cold"),
                    new Row("a <way> & \"another\"", Condition.COLD_RANDOM, null, "no such call"));

    @Test
    void tableLines_haveTheirFiguresBelowTheHeads() {
        List<String> heads = Table.header().lines().toList();
        String slow = Table.line(ROWS.get(0)).stripTrailing();
        String fast = Table.line(ROWS.get(1)).stripTrailing();

        assertEquals(2, heads.size());
        assertEquals(heads.get(0).length(), heads.get(1).length());
        assertEquals(heads.get(0).length(), slow.length());
        for (String[] column :
                new String[][] {
                    {"reads", "300"},
                    {"p50", "48,366"},
                    {"p99", "108,593"},
                    {"CPU", "31.3"},
                    {"in calls", "99.9"},
                    {"longest", "108,479"}
                }) {
            assertEquals(
                    heads.get(0).indexOf(column[0]) + column[0].length(),
                    slow.indexOf(" " + column[1]) + 1 + column[1].length(),
                    column[0]);
        }
        assertTrue(fast.contains(" 1,000,000 "), fast);
        assertTrue(fast.endsWith("2,345  not cold"), fast);
    }

    @Test
    void tableLine_withoutFigures_saysWhy() {
        assertTrue(Table.line(ROWS.get(2)).stripTrailing().endsWith(" not here: no such call"));
    }

    private static Element svg(List<Row> rows) throws Exception {
        byte[] text = Plot.of(rows).getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newNSInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(text))
                .getDocumentElement();
    }

    private static List<Element> all(Element root, String name) {
        NodeList found = root.getElementsByTagNameNS("http://www.w3.org/2000/svg", name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    @Test
    void plot_isWellFormed_andHasAMarkForEachFigure() throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY); // whose decimals have a comma
        try {
            Element svg = svg(ROWS);

            assertEquals("svg", svg.getLocalName());
            assertEquals(3 + 4 * 2, all(svg, "path").size(), "the legend's, and 4 for each run");
            List<String> texts = all(svg, "text").stream().map(Element::getTextContent).toList();
            assertTrue(texts.containsAll(List.of("pread", "a <way> & \"another\"", "not here")));
            assertTrue(texts.containsAll(List.of("cold", "cold, RANDOM", "cached", "1M", "0.1")));
            assertEverythingIsInTheBox(svg);
        } finally {
            Locale.setDefault(before);
        }
    }

    private static void assertEverythingIsInTheBox(Element svg) {
        String[] box = svg.getAttribute("viewBox").split(" ");
        double width = Double.parseDouble(box[2]);
        double height = Double.parseDouble(box[3]);
        for (Element text : all(svg, "text")) {
            assertInside(text.getAttribute("x"), width);
            assertInside(text.getAttribute("y"), height);
        }
        for (Element line : all(svg, "line")) {
            assertInside(line.getAttribute("x1"), width);
            assertInside(line.getAttribute("x2"), width);
            assertInside(line.getAttribute("y1"), height);
            assertInside(line.getAttribute("y2"), height);
        }
        for (Element path : all(svg, "path")) {
            String[] start = path.getAttribute("d").substring(1).split("[ hl]");
            assertInside(start[0], width);
            assertInside(start[1], height);
        }
    }

    private static void assertInside(String number, double limit) {
        double value = Double.parseDouble(number);
        assertTrue(0 <= value && value <= limit, number);
    }

    @Test
    void plot_ofNothing_isWellFormed() throws Exception {
        assertEquals(3, all(svg(List.of()), "path").size());
        assertFalse(Plot.of(List.of(ROWS.get(2))).contains("NaN"));
        svg(List.of(ROWS.get(2)));
    }

    @ParameterizedTest
    @EnumSource(Condition.class)
    void colours_standOutOnWhiteAndOnNearlyBlack(Condition condition) {
        for (String page : List.of("#ffffff", "#0d1117")) {
            assertTrue(contrast(Plot.colour(condition), page) >= 3, condition + " on " + page);
            assertTrue(contrast(Plot.TEXT_COLOUR, page) >= 4, "text on " + page);
        }
    }

    /** WCAG 2, contrast ratio. */
    private static double contrast(String one, String other) {
        double light = Math.max(luminance(one), luminance(other));
        double dark = Math.min(luminance(one), luminance(other));
        return (light + 0.05) / (dark + 0.05);
    }

    private static double luminance(String colour) {
        int rgb = Integer.decode(colour);
        return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
    }

    private static double linear(int channel) {
        double value = (channel & 0xff) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
