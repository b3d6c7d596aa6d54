package dev.chime.net.http;

import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpTokens;
import org.jspecify.annotations.Nullable;

/** What RFC 9110 and 9112 allow in the parts of a head. */
final class Syntax {
    private static final int LAST_LATIN = 0xFF;
    private static final int DELETE = 0x7F;

    /**
     * Fields that a trailer must not carry (RFC 9110, 6.5.1): framing, routing, modifiers of the
     * request, authentication, what controls the response or says how to read the content.
     */
    private static final Set<String> NO_TRAILERS =
            Set.of(
                    "age",
                    "authorization",
                    "cache-control",
                    "connection",
                    "content-encoding",
                    "content-length",
                    "content-range",
                    "content-type",
                    "cookie",
                    "date",
                    "expect",
                    "expires",
                    "host",
                    "if-match",
                    "if-modified-since",
                    "if-none-match",
                    "if-range",
                    "if-unmodified-since",
                    "keep-alive",
                    "location",
                    "max-forwards",
                    "pragma",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "range",
                    "retry-after",
                    "set-cookie",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "vary",
                    "warning",
                    "www-authenticate");

    private Syntax() {}

    /** Whether a field may go behind the content. */
    static boolean isTrailer(String name) {
        return !NO_TRAILERS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** True for a character of a token: a method, a field's name. */
    static boolean isToken(int c) {
        return c < DELETE
                && switch (HttpTokens.getToken((byte) c).getType()) {
                    case ALPHA, DIGIT, TCHAR -> true;
                    default -> false;
                };
    }

    static boolean isToken(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isToken(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** True for a character of a field's value: no control but the tab. */
    static boolean isValue(int c) {
        return (c >= ' ' && c != DELETE && c <= LAST_LATIN) || c == '\t';
    }

    static String checkName(@Nullable String name) {
        if (name == null || !isToken(name)) {
            throw new IllegalArgumentException(
                    "ERR_INVALID_HTTP_TOKEN: a header's name is '" + name + "': use a token");
        }
        return name;
    }

    static String checkValue(String name, @Nullable String value) {
        if (value == null) {
            throw new IllegalArgumentException(
                    "ERR_HTTP_INVALID_HEADER_VALUE: the value of "
                            + name
                            + " is null: remove the header instead");
        }
        for (int i = 0; i < value.length(); i++) {
            if (!isValue(value.charAt(i))) {
                throw new IllegalArgumentException(
                        "ERR_INVALID_CHAR: the value of %s has character 0x%02x at %d: encode it"
                                .formatted(name, (int) value.charAt(i), i));
            }
        }
        return value;
    }

    /** True for a request target of visible ASCII without a fragment, in a form of its method. */
    static boolean isTarget(String method, String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= DELETE || c == '#') {
                return false;
            }
        }
        if (method.equals("CONNECT")) {
            int colon = target.lastIndexOf(':');
            return colon > 0 && target.indexOf('/') < 0;
        }
        return target.startsWith("/")
                || (target.equals("*") && method.equals("OPTIONS"))
                || target.regionMatches(true, 0, "http://", 0, 7)
                || target.regionMatches(true, 0, "https://", 0, 8);
    }

    /** Whether a field of names, separated by commas, has one. */
    static boolean names(@Nullable String field, String name) {
        if (field != null) {
            for (String one : field.split(",", -1)) {
                if (one.strip().equalsIgnoreCase(name)) {
                    return true;
                }
            }
        }
        return false;
    }
}
