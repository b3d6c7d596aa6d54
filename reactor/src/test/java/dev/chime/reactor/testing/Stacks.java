package dev.chime.reactor.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Collects where errors say they come from: lines with the first two methods of each stack. */
public final class Stacks {
    private final List<String> lines = new ArrayList<>();

    /** Notes where {@code thrown} comes from. */
    public void note(String what, Throwable thrown) {
        lines.add(what + ": " + (thrown == null ? "none" : methods(thrown)));
    }

    private static String methods(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .map(StackTraceElement::getMethodName)
                .limit(2)
                .collect(Collectors.joining(" < "));
    }

    /** How many were noted. */
    public int size() {
        return lines.size();
    }

    /** Prints all lines, sorted. */
    public void print() {
        lines.stream().sorted().forEach(System.out::println);
    }
}
