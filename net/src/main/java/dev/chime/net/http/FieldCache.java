package dev.chime.net.http;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.jspecify.annotations.Nullable;

/**
 * The fields that responses had last: one that comes again was checked before, and from its second
 * time on it is there as bytes.
 */
final class FieldCache {
    private static final int SIZE = 32;

    /** Leaves as many bits as the size has. */
    private static final int SHIFT = 27;

    private static final int SPREAD = 0x9E3779B9;

    private final @Nullable HttpField[] fields = new @Nullable HttpField[SIZE];

    /** A field of a message to be sent; errors as of {@link Headers#set}. */
    HttpField field(@Nullable String name, @Nullable String value) {
        if (name == null || value == null) {
            return checked(name, value);
        }
        int at = ((31 * name.hashCode() + value.hashCode()) * SPREAD) >>> SHIFT;
        HttpField known = fields[at];
        if (known == null || !name.equals(known.getName()) || !value.equals(known.getValue())) {
            known = checked(name, value);
            fields[at] = known;
        } else if (!(known instanceof PreEncodedHttpField)) {
            known = new PreEncodedHttpField(known.getHeader(), name, value);
            fields[at] = known;
        }
        return known;
    }

    /** As {@link #field}, and remembers nothing. */
    static HttpField checked(@Nullable String name, @Nullable String value) {
        String sound = Syntax.checkName(name);
        return new HttpField(HttpHeader.CACHE.get(sound), sound, Syntax.checkValue(sound, value));
    }
}
