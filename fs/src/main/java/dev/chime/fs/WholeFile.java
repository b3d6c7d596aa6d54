package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Where a whole file goes that has turned out to be longer than the first buffer. */
interface WholeFile {
    /** The longest array that every JVM allocates. */
    int MAX_BYTES = Integer.MAX_VALUE - 8;

    /** Where the next read goes. */
    long address();

    /** How much it may bring. */
    int room();

    /** The read brought so many bytes, at least one. */
    void took(int bytes) throws ReactorException;

    /** What the callback gets: text when there is a charset. */
    Object value(@Nullable Charset charset);

    /** Gives back memory. */
    void release();

    /** The size that content of {@code size} bytes grows to for {@code more} of them. */
    static int grown(int size, int length, int more) throws ReactorException {
        long needed = (long) length + more;
        if (needed > MAX_BYTES) {
            throw tooLarge(needed);
        }
        return (int) Math.min(Math.max(2L * size, needed), MAX_BYTES);
    }

    static ReactorException tooLarge(long size) {
        return new ReactorException(
                "ERR_FS_FILE_TOO_LARGE", "File size (" + size + ") is greater than 2 GiB");
    }
}
