package dev.chime.net.http;

import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.stream.Readable;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Content that lies ready somewhere, of which parts can be had: a file. {@link ServerResponse#send}
 * answers with it.
 *
 * @param length in bytes
 * @param modified when it was changed last, or null
 * @param etag an entity tag with its quotes, such as {@code "5-1f"}, or null; a strong one must
 *     change with every byte of the content
 * @param type the media type, or null
 * @param opener gives its bytes
 */
public record Representation(
        long length,
        @Nullable Instant modified,
        @Nullable String etag,
        @Nullable String type,
        Opener opener) {

    private static final Pattern TAG = Pattern.compile("(W/)?\"[!#-~\u0080-\u00ff]*\"");

    /** Gives parts of the content. */
    @FunctionalInterface
    public interface Opener {
        /**
         * Reads {@code bytes} bytes, at least 1, from {@code offset} on, and no more; several parts
         * are asked for one after the other.
         *
         * @throws Exception ends the response
         */
        Readable open(long offset, long bytes) throws Exception;
    }

    /** Checks every value. */
    public Representation {
        if (length < 0) {
            throw new IllegalArgumentException("length is " + length + ": use 0 or more");
        }
        if (etag != null && !TAG.matcher(etag).matches()) {
            throw new IllegalArgumentException(
                    "etag is " + etag + ": use \"tag\" or W/\"tag\", with the quotes");
        }
        if (type != null) {
            Syntax.checkValue("Content-Type", type);
        }
        Checks.required(opener, "opener", "pass a function");
    }

    /** Bytes, and nothing known about them. */
    public static Representation of(long length, Opener opener) {
        return new Representation(length, null, null, null, opener);
    }

    /** A file's: its type by its name, its tag by size and time of change. */
    public static Representation ofFile(String name, long length, Instant modified, Opener opener) {
        HexFormat hex = HexFormat.of();
        String etag =
                '"'
                        + Long.toHexString(length)
                        + '-'
                        + Long.toHexString(modified.getEpochSecond())
                        + hex.toHexDigits(modified.getNano())
                        + '"';
        return new Representation(length, modified, etag, MediaTypes.ofName(name), opener);
    }
}
