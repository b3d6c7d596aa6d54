package dev.chime.fs;

import dev.chime.reactor.AbortSignal;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link WriteStream} writes.
 *
 * @param flags how a path is opened; by default as Node's {@code "w"}: created or emptied; {@code
 *     "r+"} leaves what is not written over
 * @param mode permission bits of a file that is created, less the process's umask
 * @param start where the first byte goes; -1 is the beginning of a file that is opened by path, its
 *     end when it is opened for appending, and the handle's own position for an open one
 * @param highWaterMark bytes queued from which on write says false
 * @param limit bytes that may be queued at the most; a write beyond it destroys the stream with
 *     {@code ERR_BUFFER_FULL}
 * @param flush whether data and metadata are forced to the device (fsync) before the finish
 * @param autoClose whether the file is closed with the stream, which closes in any case
 * @param signal destroys the stream when it aborts
 */
public record WriteStreamOptions(
        Set<OpenFlag> flags,
        int mode,
        long start,
        int highWaterMark,
        long limit,
        boolean flush,
        boolean autoClose,
        @Nullable AbortSignal signal) {
    /** Bytes queued by default from which on write says false. */
    public static final int HIGH_WATER_MARK = 16 << 10;

    private static final WriteStreamOptions DEFAULTS =
            new WriteStreamOptions(
                    OpenFlag.parse("w"),
                    Arguments.DEFAULT_MODE,
                    -1,
                    HIGH_WATER_MARK,
                    Long.MAX_VALUE,
                    false,
                    true,
                    null);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the flags do not open for writing, the mode has other
     *     bits than 07777, the start is negative, or the mark or the limit is not positive
     */
    public WriteStreamOptions {
        Arguments.notNull(flags, "flags");
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
        OpenFlag.bits(flags);
        if (!flags.contains(OpenFlag.WRITE) && !flags.contains(OpenFlag.APPEND)) {
            throw new IllegalArgumentException("flags has neither WRITE nor APPEND: " + flags);
        }
        Arguments.mode(mode);
        if (start < -1) {
            throw new IllegalArgumentException("start is negative: " + start);
        }
        if (highWaterMark <= 0) {
            throw new IllegalArgumentException("highWaterMark is not positive: " + highWaterMark);
        }
        if (limit <= 0) {
            throw new IllegalArgumentException("limit is not positive: " + limit);
        }
    }

    /** A new or emptied file, no limit, no flush, closed at the end. */
    public static WriteStreamOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other flags. */
    public WriteStreamOptions flags(Set<OpenFlag> other) {
        return new WriteStreamOptions(
                other, mode, start, highWaterMark, limit, flush, autoClose, signal);
    }

    /** These options with one of Node's flag strings, for example {@code "r+"} or {@code "a"}. */
    public WriteStreamOptions flags(String nodeFlags) {
        return flags(OpenFlag.parse(nodeFlags));
    }

    /** These options with other permission bits. */
    public WriteStreamOptions mode(int bits) {
        return new WriteStreamOptions(
                flags, bits, start, highWaterMark, limit, flush, autoClose, signal);
    }

    /** These options with another place for the first byte. */
    public WriteStreamOptions start(long first) {
        return new WriteStreamOptions(
                flags, mode, first, highWaterMark, limit, flush, autoClose, signal);
    }

    /** These options with another threshold. */
    public WriteStreamOptions highWaterMark(int bytes) {
        return new WriteStreamOptions(flags, mode, start, bytes, limit, flush, autoClose, signal);
    }

    /** These options with another limit. */
    public WriteStreamOptions limit(long bytes) {
        return new WriteStreamOptions(
                flags, mode, start, highWaterMark, bytes, flush, autoClose, signal);
    }

    /** These options with or without a flush to the device. */
    public WriteStreamOptions flush(boolean wanted) {
        return new WriteStreamOptions(
                flags, mode, start, highWaterMark, limit, wanted, autoClose, signal);
    }

    /** These options with or without a close at the end. */
    public WriteStreamOptions autoClose(boolean wanted) {
        return new WriteStreamOptions(
                flags, mode, start, highWaterMark, limit, flush, wanted, signal);
    }

    /** These options with a signal. */
    public WriteStreamOptions signal(@Nullable AbortSignal other) {
        return new WriteStreamOptions(
                flags, mode, start, highWaterMark, limit, flush, autoClose, other);
    }
}
