package dev.chime.samples.cache;

import dev.chime.net.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Header fields on their way through a proxy: name and value, in order. */
final class Fields {
    /** Fields of one connection, not of the message (RFC 9110, 7.6.1). */
    private static final List<String> HOP_BY_HOP =
            List.of(
                    "Connection",
                    "Keep-Alive",
                    "Proxy-Authenticate",
                    "Proxy-Authorization",
                    "Proxy-Connection",
                    "TE",
                    "Trailer",
                    "Transfer-Encoding",
                    "Upgrade");

    private Fields() {}

    /** The fields that a proxy hands on, without those named in {@code less}. */
    static List<Map.Entry<String, String>> endToEnd(Headers headers, Set<String> less) {
        Set<String> dropped = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        dropped.addAll(HOP_BY_HOP);
        dropped.addAll(less);
        String named = headers.get("Connection");
        for (String name : (named == null ? "" : named).split(",", -1)) {
            dropped.add(name.strip());
        }
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        headers.forEach((name, value) -> {
            if (!dropped.contains(name)) {
                fields.add(Map.entry(name, value));
            }
        });
        return fields;
    }

    /** The first value of a field, or null. */
    static @Nullable String get(List<Map.Entry<String, String>> fields, String name) {
        for (Map.Entry<String, String> field : fields) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return null;
    }

    /** The members of a list such as {@code Cache-Control}, in lower case, without quotes. */
    static List<String> members(@Nullable String list) {
        List<String> members = new ArrayList<>();
        for (String member : (list == null ? "" : list).split(",", -1)) {
            String text = member.strip().toLowerCase(Locale.ROOT).replace("\"", "");
            if (!text.isEmpty()) {
                members.add(text);
            }
        }
        return members;
    }
}
