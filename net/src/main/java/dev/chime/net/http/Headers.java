package dev.chime.net.http;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/**
 * The header or trailer fields of a message, in order. Names are looked up without regard to case.
 * Those of a received message, and those that have been sent, cannot be changed.
 */
public final class Headers {
    private final HttpFields.Mutable fields;
    private final @Nullable FieldCache cache;
    private boolean sealed;
    private boolean behindContent;

    /** None yet. */
    Headers() {
        this(HttpFields.build(), null);
    }

    /** None yet, of a response of which there are many alike. */
    Headers(FieldCache cache) {
        this(HttpFields.build(), cache);
    }

    /** None yet, to go behind the content. */
    static Headers trailers() {
        Headers trailers = new Headers();
        trailers.behindContent = true;
        return trailers;
    }

    /** Those that have come. */
    static Headers received(HttpFields.Mutable fields) {
        return new Headers(fields, null).seal();
    }

    private Headers(HttpFields.Mutable fields, @Nullable FieldCache cache) {
        this.fields = fields;
        this.cache = cache;
    }

    HttpFields.Mutable fields() {
        return fields;
    }

    /** From now on nobody changes them. */
    Headers seal() {
        sealed = true;
        return this;
    }

    /** The value of a field; several of one name are joined by commas. Null when there is none. */
    public @Nullable String get(String name) {
        String first = null;
        StringBuilder joined = null;
        for (HttpField field : fields) {
            if (field.is(name)) {
                if (first == null) {
                    first = value(field);
                } else {
                    joined = joined == null ? new StringBuilder(first) : joined;
                    joined.append(", ").append(value(field));
                }
            }
        }
        return joined == null ? first : joined.toString();
    }

    /** The values of all fields of a name, one by one: for Set-Cookie, which cannot be joined. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (HttpField field : fields) {
            if (field.is(name)) {
                values.add(value(field));
            }
        }
        return values;
    }

    private static String value(HttpField field) {
        String value = field.getValue();
        return value == null ? "" : value;
    }

    /** True when there is a field of that name. */
    public boolean contains(String name) {
        return fields.contains(name);
    }

    /** How many fields there are. */
    public int size() {
        return fields.size();
    }

    /** The names, each once whatever its case, in order. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (HttpField field : fields) {
            if (seen.add(field.getName())) {
                names.add(field.getName());
            }
        }
        return names;
    }

    /** Hands out name and value of each field, in order. */
    public void forEach(BiConsumer<String, String> action) {
        for (HttpField field : fields) {
            action.accept(field.getName(), value(field));
        }
    }

    /**
     * Sets a field in place of all of its name.
     *
     * @throws IllegalArgumentException {@code ERR_INVALID_HTTP_TOKEN}: the name is none; {@code
     *     ERR_INVALID_CHAR}: the value has a line end, a control or a character beyond ISO-8859-1;
     *     {@code ERR_HTTP_TRAILER_INVALID}: a trailer of this name says too late what it says (RFC
     *     9110, 6.5.1), such as {@code Content-Length}
     * @throws IllegalStateException {@code ERR_HTTP_HEADERS_SENT}
     */
    public Headers set(String name, String value) {
        fields.put(field(name, value));
        return this;
    }

    /** Adds a field behind those of its name; errors as of {@link #set}. */
    public Headers add(String name, String value) {
        fields.add(field(name, value));
        return this;
    }

    /** Removes all fields of a name. */
    public Headers remove(String name) {
        checkOpen();
        fields.remove(name);
        return this;
    }

    /** Adds the fields of {@code others}. */
    Headers addAll(Headers others) {
        others.fields.forEach(fields::add);
        return this;
    }

    private HttpField field(String name, String value) {
        checkOpen();
        if (behindContent && name != null && !Syntax.isTrailer(name)) {
            throw new IllegalArgumentException(
                    "ERR_HTTP_TRAILER_INVALID: "
                            + name
                            + " has no place behind the content (RFC 9110, 6.5.1):"
                            + " set it as a header");
        }
        return cache == null ? FieldCache.checked(name, value) : cache.field(name, value);
    }

    private void checkOpen() {
        if (sealed) {
            throw new IllegalStateException(
                    "ERR_HTTP_HEADERS_SENT: these headers have been sent or received");
        }
    }

    /** The fields as they are sent, line by line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }
}
