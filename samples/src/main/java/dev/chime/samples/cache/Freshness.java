package dev.chime.samples.cache;

import dev.chime.net.http.IncomingMessage;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a shared cache may keep, and for how long (RFC 9111). */
final class Freshness {
    private static final int OK = 200;
    private static final long MOST_SECONDS = Duration.ofDays(365).toSeconds();

    private Freshness() {}

    /** True if the answer to a request may come from a cache, or go into one. */
    static boolean isCacheable(IncomingMessage request) {
        return (request.method().equals("GET") || request.method().equals("HEAD"))
                && !request.headers().contains("Authorization")
                && !request.headers().contains("If-Match")
                && !request.headers().contains("If-Unmodified-Since")
                && !hasContent(request)
                && !Fields.members(request.header("Cache-Control")).contains("no-store");
    }

    static boolean hasContent(IncomingMessage request) {
        String length = request.header("Content-Length");
        return request.headers().contains("Transfer-Encoding")
                || (length != null && !length.equals("0"));
    }

    /** True if the client wants the origin to be asked whatever the cache has. */
    static boolean asksOrigin(IncomingMessage request) {
        List<String> control = Fields.members(request.header("Cache-Control"));
        return control.contains("no-cache")
                || control.contains("max-age=0")
                || Fields.members(request.header("Pragma")).contains("no-cache");
    }

    /** True if a response to a cacheable GET may be kept. */
    static boolean isStorable(IncomingMessage response) {
        List<String> control = Fields.members(response.header("Cache-Control"));
        boolean personal =
                control.contains("no-store")
                        || control.stream().anyMatch(member -> member.startsWith("private"))
                        || response.headers().contains("Set-Cookie");
        // Origins are asked for content that is not encoded; what is so all the same must not go to
        // everybody.
        List<String> vary = Fields.members(response.header("Vary"));
        boolean same =
                vary.isEmpty()
                        || (vary.equals(List.of("accept-encoding"))
                                && !response.headers().contains("Content-Encoding"));
        // A body that ends with its connection may be a part of it: nobody would know.
        boolean framed =
                response.headers().contains("Content-Length")
                        || response.headers().contains("Transfer-Encoding");
        List<Map.Entry<String, String>> fields = Fields.endToEnd(response.headers(), Entry.UNKEPT);
        boolean useful =
                lifetime(fields).isPositive()
                        || Fields.get(fields, "ETag") != null
                        || Fields.get(fields, "Last-Modified") != null;
        return response.status() == OK && !personal && same && framed && useful;
    }

    /** How long a response with these fields is good; zero: the origin is asked each time. */
    static Duration lifetime(List<Map.Entry<String, String>> fields) {
        List<String> control = Fields.members(Fields.get(fields, "Cache-Control"));
        if (control.contains("no-cache")) {
            return Duration.ZERO;
        }
        for (String name : List.of("s-maxage=", "max-age=")) {
            for (String member : control) {
                if (member.startsWith(name)) {
                    return Duration.ofSeconds(seconds(member.substring(name.length())));
                }
            }
        }
        Instant expires = date(Fields.get(fields, "Expires"));
        Instant from = date(Fields.get(fields, "Date"));
        return expires == null || from == null || expires.isBefore(from)
                ? Duration.ZERO
                : Duration.between(from, expires);
    }

    /** A number of seconds; 0 if it is none. */
    static long seconds(@Nullable String text) {
        try {
            return text == null ? 0 : Math.clamp(Long.parseLong(text), 0, MOST_SECONDS);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A date as HTTP writes it, or null. */
    static @Nullable Instant date(@Nullable String text) {
        try {
            return text == null
                    ? null
                    : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
