package dev.chime.fs;

import dev.chime.reactor.AbortSignal;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link ReadStream} reads.
 *
 * @param flags how a path is opened; by default as Node's {@code "r"}
 * @param mode permission bits of a file that is created, less the process's umask
 * @param start the first byte; -1 is the beginning of a file that is opened by path, and the
 *     handle's own position for an open one
 * @param end the last byte, which belongs to it; {@link Long#MAX_VALUE} is the file's end
 * @param highWaterMark bytes read at once; about three times as many are held at the most
 * @param autoClose whether the file is closed with the stream, which closes in any case
 * @param signal destroys the stream when it aborts
 */
public record ReadStreamOptions(
        Set<OpenFlag> flags,
        int mode,
        long start,
        long end,
        int highWaterMark,
        boolean autoClose,
        @Nullable AbortSignal signal) {
    /** Bytes read at once by default. */
    public static final int HIGH_WATER_MARK = 64 << 10;

    private static final ReadStreamOptions DEFAULTS =
            new ReadStreamOptions(
                    OpenFlag.parse("r"),
                    Arguments.DEFAULT_MODE,
                    -1,
                    Long.MAX_VALUE,
                    HIGH_WATER_MARK,
                    true,
                    null);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException when the flags do not open for reading, the mode has other
     *     bits than 07777, the range is empty or negative, or the mark is not positive
     */
    public ReadStreamOptions {
        Arguments.notNull(flags, "flags");
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
        OpenFlag.bits(flags);
        if (!flags.contains(OpenFlag.READ)) {
            throw new IllegalArgumentException("flags has no READ: " + flags);
        }
        Arguments.mode(mode);
        if (start < -1) {
            throw new IllegalArgumentException("start is negative: " + start);
        }
        if (end < 0) {
            throw new IllegalArgumentException("end is negative: " + end);
        }
        if (start > end) {
            throw new IllegalArgumentException("start is %d, behind end %d".formatted(start, end));
        }
        if (highWaterMark <= 0) {
            throw new IllegalArgumentException("highWaterMark is not positive: " + highWaterMark);
        }
    }

    /** The whole file in pieces of 64 KiB, closed at the end. */
    public static ReadStreamOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other flags. */
    public ReadStreamOptions flags(Set<OpenFlag> other) {
        return new ReadStreamOptions(other, mode, start, end, highWaterMark, autoClose, signal);
    }

    /** These options with one of Node's flag strings. */
    public ReadStreamOptions flags(String nodeFlags) {
        return flags(OpenFlag.parse(nodeFlags));
    }

    /** These options with other permission bits. */
    public ReadStreamOptions mode(int bits) {
        return new ReadStreamOptions(flags, bits, start, end, highWaterMark, autoClose, signal);
    }

    /** These options with another first byte. */
    public ReadStreamOptions start(long first) {
        return new ReadStreamOptions(flags, mode, first, end, highWaterMark, autoClose, signal);
    }

    /** These options with another last byte. */
    public ReadStreamOptions end(long last) {
        return new ReadStreamOptions(flags, mode, start, last, highWaterMark, autoClose, signal);
    }

    /** These options for the bytes from {@code first} to {@code last}, both included. */
    public ReadStreamOptions range(long first, long last) {
        return new ReadStreamOptions(flags, mode, first, last, highWaterMark, autoClose, signal);
    }

    /** These options with pieces of another size. */
    public ReadStreamOptions highWaterMark(int bytes) {
        return new ReadStreamOptions(flags, mode, start, end, bytes, autoClose, signal);
    }

    /** These options with or without a close at the end. */
    public ReadStreamOptions autoClose(boolean wanted) {
        return new ReadStreamOptions(flags, mode, start, end, highWaterMark, wanted, signal);
    }

    /** These options with a signal. */
    public ReadStreamOptions signal(@Nullable AbortSignal other) {
        return new ReadStreamOptions(flags, mode, start, end, highWaterMark, autoClose, other);
    }
}
