package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.engine.Slot;
import java.nio.file.AccessMode;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks of what users pass: a wrong argument throws at the call and is named. */
final class Arguments {
    /** Permission bits of a new file when nobody says otherwise: open to all, as in Node. */
    static final int DEFAULT_MODE = 0666;

    /** Permission bits of a new directory when nobody says otherwise: open to all, as in Node. */
    static final int DEFAULT_DIRECTORY_MODE = 0777;

    private static final int MODE_BITS = 07777;

    private Arguments() {}

    static void notNull(@Nullable Object argument, String name) {
        if (argument == null) {
            throw new IllegalArgumentException(name + " is null");
        }
    }

    static void callback(@Nullable Object callback) {
        if (callback == null) {
            throw new IllegalArgumentException("callback is null: pass a function");
        }
    }

    @SuppressWarnings("ReferenceEquality") // there is one default file system
    static void path(@Nullable Path path) {
        if (path == null) {
            throw new IllegalArgumentException("path is null");
        }
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "path is of another file system than the default one: " + path.toUri());
        }
        if (path.toString().indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "path contains a NUL character: " + path.toString().replace("\0", "\\0"));
        }
    }

    static void prefix(@Nullable String prefix) {
        namePart(prefix, "prefix");
    }

    static void suffix(@Nullable String suffix) {
        namePart(suffix, "suffix");
        if (suffix != null && suffix.indexOf('/') >= 0) {
            throw new IllegalArgumentException("suffix contains a slash: " + suffix);
        }
    }

    private static void namePart(@Nullable String part, String argument) {
        if (part == null) {
            throw new IllegalArgumentException(argument + " is null");
        }
        if (part.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    argument + " contains a NUL character: " + part.replace("\0", "\\0"));
        }
    }

    static void mode(int mode) {
        if ((mode & ~MODE_BITS) != 0) {
            throw new IllegalArgumentException(
                    "mode is 0" + Integer.toOctalString(mode) + ": use bits of 07777");
        }
    }

    static void position(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position is negative: " + position);
        }
    }

    static void size(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("size is negative: " + size);
        }
    }

    static void range(long start, long length) {
        if (start < 0 || length < 0 || start + length < 0) {
            throw new IllegalArgumentException(
                    "start is " + start + ", length " + length + ": no such range of bytes");
        }
    }

    /** What a slot that works for a {@link Callback} calls. */
    @SuppressWarnings("unchecked")
    static <T> Callback<T> callbackOf(Slot slot) {
        return (Callback<T>) Objects.requireNonNull(slot.callback);
    }

    /** The mode of access(2). */
    static int access(Set<AccessMode> modes) {
        int bits = 0;
        for (AccessMode mode : modes) {
            bits |=
                    switch (mode) {
                        case READ -> 4;
                        case WRITE -> 2;
                        case EXECUTE -> 1;
                    };
        }
        return bits;
    }

    static void buffers(List<Buffer> buffers) {
        notNull(buffers, "buffers");
        buffers.forEach(buffer -> notNull(buffer, "a buffer"));
    }

    /** What a callback hears of a call that was stopped before its next step. */
    static ErrnoException stopped(int errno, String step) {
        return ErrnoException.file(errno, step, null);
    }

    /** The value beside an error: the contract of Callback, which its type cannot express. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    static <T> T none() {
        return null;
    }
}
