package dev.chime.net.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Conditional and range requests (RFC 9110, 13 and 14) about one representation. */
final class Conditions {
    /** Parts from here on are no part of a sane request: the answer is the whole. */
    private static final int MAX_RANGES = 16;

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
                    .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter RFC_850 =
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.US)
                    .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
                    .withZone(ZoneOffset.UTC);

    private static final Pattern TAG = Pattern.compile("(W/)?(\"[^\"]*\")");
    private static final Pattern RANGE = Pattern.compile("(\\d{0,18})-(\\d{0,18})");

    private final Representation content;
    private final IncomingMessage request;

    Conditions(Representation content, IncomingMessage request) {
        this.content = content;
        this.request = request;
    }

    /** Bytes from {@code first} to {@code last}, both included. */
    record Range(long first, long last) {
        long length() {
            return last - first + 1;
        }
    }

    static String format(Instant time) {
        return DATE.format(time);
    }

    /** A date in one of the three forms that must be understood (RFC 9110, 5.6.7), or null. */
    static @Nullable Instant parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        for (DateTimeFormatter form : List.of(DATE, RFC_850, ASCTIME)) {
            try {
                return ZonedDateTime.parse(text, form).toInstant();
            } catch (DateTimeException e) {
                // perhaps another form
            }
        }
        return null;
    }

    /** 412 or 304, if the conditions say so; else 0. */
    int status() {
        String match = request.header("If-Match");
        Instant unchangedSince = parse(request.header("If-Unmodified-Since"));
        if (match != null ? !matches(match, true) : isLater(unchangedSince)) {
            return 412;
        }
        String noneMatch = request.header("If-None-Match");
        Instant changedSince = parse(request.header("If-Modified-Since"));
        boolean same =
                noneMatch != null
                        ? matches(noneMatch, false)
                        : changedSince != null
                                && content.modified() != null
                                && !isLater(changedSince);
        return same ? 304 : 0;
    }

    private boolean isLater(@Nullable Instant than) {
        Instant modified = content.modified();
        return than != null
                && modified != null
                && modified.truncatedTo(ChronoUnit.SECONDS).isAfter(than);
    }

    private boolean matches(String tags, boolean strong) {
        String ours = content.etag();
        if (tags.strip().equals("*")) {
            return true;
        }
        if (ours == null || (strong && ours.startsWith("W/"))) {
            return false;
        }
        String opaque = ours.substring(ours.indexOf('"'));
        Matcher tag = TAG.matcher(tags);
        while (tag.find()) {
            if (tag.group(2).equals(opaque) && (!strong || tag.group(1) == null)) {
                return true;
            }
        }
        return false;
    }

    /** What is asked for: null is all of it, none is what there is nothing of. */
    @Nullable List<Range> ranges() {
        String asked = request.header("Range");
        if (asked == null
                || !request.method().equals("GET")
                || !asked.regionMatches(true, 0, "bytes=", 0, 6)
                || !isUnchanged(request.header("If-Range"))) {
            return null;
        }
        List<Range> ranges = new ArrayList<>();
        String[] parts = asked.substring(6).split(",", -1);
        if (parts.length > MAX_RANGES) {
            return null;
        }
        long total = 0;
        for (String part : parts) {
            Matcher range = RANGE.matcher(part.strip());
            if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
                return null;
            }
            Range one = range(range.group(1), range.group(2));
            if (one == null) {
                return null;
            }
            if (one.length() > 0) {
                ranges.add(one);
                total += one.length();
            }
        }
        return total > content.length() ? null : ranges;
    }

    /** A range, of no length if there is nothing of it; null if it is none. */
    private @Nullable Range range(String from, String to) {
        long end = content.length() - 1;
        if (from.isEmpty()) {
            long suffix = Math.min(Long.parseLong(to), content.length());
            return new Range(content.length() - suffix, end);
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : Long.parseLong(to);
        if (last < first) {
            return null;
        }
        return first > end ? new Range(0, -1) : new Range(first, Math.min(last, end));
    }

    private boolean isUnchanged(@Nullable String condition) {
        if (condition == null) {
            return true;
        }
        if (condition.contains("\"")) {
            return matches(condition, true);
        }
        Instant modified = content.modified();
        Instant theirs = parse(condition);
        return modified != null && modified.truncatedTo(ChronoUnit.SECONDS).equals(theirs);
    }
}
