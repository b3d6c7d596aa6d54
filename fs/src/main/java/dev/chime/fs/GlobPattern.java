package dev.chime.fs;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A pattern without braces, cut at its slashes. Names are matched one by one on the way down: a
 * state is a pattern and how many of its pieces the names so far have used up.
 */
final class GlobPattern {
    /** One piece: a name, what a name must match, or {@code **}. */
    private record Segment(@Nullable Path name, @Nullable PathMatcher matcher, boolean showsDot) {
        boolean isStar() {
            return name == null && matcher == null;
        }

        boolean matches(Path file, boolean dot) {
            if (name != null) {
                return name.equals(file);
            }
            return (dot || showsDot || !isHidden(file))
                    && (matcher == null || matcher.matches(file));
        }
    }

    /**
     * Where a pattern is; {@code explicit} when a piece of its own led here, and not {@code **}.
     */
    record State(GlobPattern pattern, int index, boolean explicit) {}

    /** What an entry does to the states of its directory. */
    static final class Match {
        /** The entry is a result, of whatever type. */
        boolean found;

        /** The entry is a result if it is a directory. */
        boolean foundIfDirectory;

        /** The states inside the entry, if it is a directory. */
        final Set<State> inside = new LinkedHashSet<>();
    }

    private final List<Segment> segments;
    private final boolean absolute;
    private final boolean directoriesOnly;
    private final boolean dot;

    private GlobPattern(String pattern, boolean dot) {
        this.dot = dot;
        absolute = pattern.startsWith("/");
        directoriesOnly = pattern.endsWith("/");
        segments = new ArrayList<>();
        for (String piece : pattern.split("/", -1)) {
            if (piece.equals("**")) {
                if (segments.isEmpty() || !segments.getLast().isStar()) {
                    segments.add(new Segment(null, null, false));
                }
            } else if (!piece.isEmpty() && !piece.equals(".")) {
                segments.add(segment(piece));
            }
        }
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("pattern names nothing: '" + pattern + "'");
        }
    }

    /**
     * Reads patterns; {@code dot} when they match hidden names too.
     *
     * @throws IllegalArgumentException when one is none
     */
    static List<GlobPattern> parse(List<String> patterns, boolean dot) {
        List<GlobPattern> parsed = new ArrayList<>();
        for (String pattern : patterns) {
            if (pattern.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("pattern contains a NUL character");
            }
            for (String each : Braces.expand(pattern)) {
                parsed.add(new GlobPattern(each, dot));
            }
        }
        return parsed;
    }

    /**
     * A filter that is true for the relative paths that match one of the patterns, hidden or not,
     * and for all below them; a pattern without a slash is a name anywhere.
     *
     * @throws IllegalArgumentException when a pattern is none, or absolute
     */
    static Predicate<Path> filter(List<String> patterns) {
        parse(patterns, true);
        List<String> anywhere =
                patterns.stream().map(each -> each.indexOf('/') < 0 ? "**/" + each : each).toList();
        List<GlobPattern> parsed = parse(anywhere, true);
        if (parsed.stream().anyMatch(GlobPattern::isAbsolute)) {
            throw new IllegalArgumentException("absolute, of relative paths: " + patterns);
        }
        Set<State> begin = begin(parsed, false);
        return path -> {
            Set<State> states = begin;
            boolean above = false;
            boolean found = false;
            for (Path name : path) {
                Match match = match(states, name);
                found = above || match.found;
                above |= match.found || match.foundIfDirectory;
                states = match.inside;
            }
            return found;
        };
    }

    private static Segment segment(String piece) {
        StringBuilder literal = new StringBuilder();
        StringBuilder glob = new StringBuilder("glob:");
        boolean magic = false;
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            int end = c == '[' ? piece.indexOf(']', i + 2) : -1;
            if (c == '\\' && i + 1 < piece.length()) {
                literal.append(piece.charAt(++i));
                glob.append('\\').append(piece.charAt(i));
            } else if (end > 0) {
                // The JDK knows only "!" as a negation.
                String inside = piece.substring(i + 1, end);
                glob.append('[')
                        .append(inside.startsWith("^") ? "!" + inside.substring(1) : inside);
                glob.append(']');
                magic = true;
                i = end;
            } else if (c == '*' || c == '?') {
                glob.append(c);
                magic = true;
            } else {
                literal.append(c);
                glob.append("[]{}\\".indexOf(c) >= 0 ? "\\" + c : c);
            }
        }
        if (!magic) {
            return new Segment(Path.of(literal.toString()), null, true);
        }
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher(glob.toString());
            return new Segment(null, matcher, piece.startsWith("."));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("no pattern: '" + piece + "'", e);
        }
    }

    private static boolean isHidden(Path file) {
        return file.toString().startsWith(".");
    }

    boolean isAbsolute() {
        return absolute;
    }

    /** The states before any name. */
    static Set<State> begin(List<GlobPattern> patterns, boolean absolute) {
        Set<State> states = new LinkedHashSet<>();
        for (GlobPattern pattern : patterns) {
            if (pattern.absolute == absolute) {
                pattern.enter(0, states);
            }
        }
        return states;
    }

    /** Adds a state; {@code **} may also stand for no directory at all. */
    private void enter(int index, Set<State> states) {
        states.add(new State(this, index, true));
        if (segments.get(index).isStar() && index + 1 < segments.size()) {
            states.add(new State(this, index + 1, true));
        }
    }

    /** What a name does to the states of its directory. */
    static Match match(Set<State> states, Path file) {
        Match match = new Match();
        for (State state : states) {
            state.pattern.match(state.index, file, match);
        }
        return match;
    }

    private void match(int index, Path file, Match match) {
        Segment segment = segments.get(index);
        if (!segment.matches(file, dot)) {
            return;
        }
        boolean isLast = index + 1 == segments.size();
        if (segment.isStar()) {
            match.inside.add(new State(this, index, false));
            if (!isLast) {
                match.inside.add(new State(this, index + 1, false));
            }
        } else if (!isLast) {
            enter(index + 1, match.inside);
        }
        if (isLast && directoriesOnly) {
            match.foundIfDirectory = true;
        } else if (isLast) {
            match.found = true;
        }
    }

    /** The one name that a state waits for, or null when it must see them all. */
    static @Nullable Path onlyName(State state) {
        return state.pattern.segments.get(state.index).name();
    }
}
