package dev.chime.fs;

import java.util.ArrayList;
import java.util.List;

/**
 * The alternatives of a pattern, as a shell has them: {@code a{b,c}} is {@code ab} and {@code ac}.
 */
final class Braces {
    /** {@code {1..1000000}} would be a pattern for each. */
    private static final int MAX_ALTERNATIVES = 10_000;

    private Braces() {}

    /** Every pattern that a pattern stands for; braces that offer no choice stay. */
    static List<String> expand(String pattern) {
        List<String> expanded = new ArrayList<>();
        expand("", pattern, expanded);
        return expanded;
    }

    private static void expand(String before, String rest, List<String> into) {
        int open = find(rest, 0, '{');
        while (open >= 0) {
            int close = close(rest, open);
            List<String> choices = close < 0 ? List.of() : choices(rest.substring(open + 1, close));
            if (choices.size() > 1) {
                for (String choice : choices) {
                    String start = before + rest.substring(0, open);
                    expand("", start + choice + rest.substring(close + 1), into);
                }
                return;
            }
            open = find(rest, open + 1, '{');
        }
        if (into.size() == MAX_ALTERNATIVES) {
            throw new IllegalArgumentException(
                    "pattern stands for more than " + MAX_ALTERNATIVES + " patterns: " + rest);
        }
        into.add(before + rest);
    }

    /** The first such character that no backslash takes its meaning from, or -1. */
    private static int find(String text, int from, char wanted) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int close(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '{' -> depth++;
                case '}' -> {
                    if (--depth == 0) {
                        return i;
                    }
                }
                default -> {}
            }
        }
        return -1;
    }

    /** What is between the braces: a list, or a range of numbers or letters. */
    private static List<String> choices(String inside) {
        List<String> choices = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < inside.length(); i++) {
            switch (inside.charAt(i)) {
                case '\\' -> i++;
                case '{' -> depth++;
                case '}' -> depth--;
                case ',' -> {
                    if (depth == 0) {
                        choices.add(inside.substring(start, i));
                        start = i + 1;
                    }
                }
                default -> {}
            }
        }
        choices.add(inside.substring(start));
        return choices.size() > 1 ? choices : range(inside);
    }

    private static List<String> range(String inside) {
        int dots = inside.indexOf("..");
        if (dots <= 0) {
            return List.of(inside);
        }
        String first = inside.substring(0, dots);
        String last = inside.substring(dots + 2);
        if (first.matches("-?\\d{1,9}") && last.matches("-?\\d{1,9}")) {
            return range(Integer.parseInt(first), Integer.parseInt(last), false);
        }
        if (first.matches("[a-zA-Z]") && last.matches("[a-zA-Z]")) {
            return range(first.charAt(0), last.charAt(0), true);
        }
        return List.of(inside);
    }

    private static List<String> range(int first, int last, boolean letters) {
        if (Math.abs((long) last - first) >= MAX_ALTERNATIVES) {
            throw new IllegalArgumentException(
                    "pattern has a range of more than " + MAX_ALTERNATIVES + " numbers");
        }
        List<String> choices = new ArrayList<>();
        int step = first <= last ? 1 : -1;
        for (int i = first; i != last + step; i += step) {
            choices.add(letters ? Character.toString(i) : Integer.toString(i));
        }
        return choices;
    }
}
