package dev.chime.fs;

import dev.chime.reactor.ErrnoException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
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
        if (prefix == null) {
            throw new IllegalArgumentException("prefix is null");
        }
        if (prefix.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "prefix contains a NUL character: " + prefix.replace("\0", "\\0"));
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
