package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The content of a file as somebody's iterator makes it, chunk by chunk. */
final class Chunks {
    private final Iterable<?> source;
    private @Nullable Iterator<?> iterator;

    /** Refuses null, and a path, which is an iterable of its names. */
    Chunks(@Nullable Iterable<?> source) {
        if (source == null || source instanceof Path) {
            throw new IllegalArgumentException(
                    source == null
                            ? "chunks is null"
                            : "chunks is the path "
                                    + source
                                    + ": copyFile copies what it leads to");
        }
        this.source = source;
    }

    /** The next chunk that is not empty; null at the end. */
    byte @Nullable [] next() throws ReactorException {
        try {
            Iterator<?> each = iterator;
            if (each == null) {
                each = source.iterator();
                iterator = each;
            }
            while (each.hasNext()) {
                byte[] bytes = bytes(each.next());
                if (bytes.length > 0) {
                    return bytes;
                }
            }
            return null;
        } catch (RuntimeException | Error e) {
            throw failure(e);
        }
    }

    private static ReactorException failure(Throwable e) {
        if (e instanceof UncheckedIOException && e.getCause() instanceof ReactorException known) {
            return known;
        }
        return new ReactorException(
                "ERR_FS_CONTENT_FAILED", "the content could not be made: " + e, e);
    }

    private static byte[] bytes(@Nullable Object chunk) throws ReactorException {
        return switch (chunk) {
            case byte[] array -> array;
            case String text -> text.getBytes(StandardCharsets.UTF_8);
            case Buffer buffer -> buffer.toArray();
            case ByteBuffer buffer -> {
                byte[] copy = new byte[buffer.remaining()];
                buffer.get(buffer.position(), copy);
                yield copy;
            }
            case null, default ->
                    throw new ReactorException(
                            "ERR_INVALID_ARG_TYPE",
                            "a chunk is %s: pass byte[], String, ByteBuffer or Buffer"
                                    .formatted(chunk == null ? null : chunk.getClass().getName()));
        };
    }
}
