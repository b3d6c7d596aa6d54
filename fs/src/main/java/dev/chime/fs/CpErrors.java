package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import java.nio.file.Path;

/** The errors of {@code cp} that are no errors of the kernel, with Node's codes and words. */
final class CpErrors {
    private CpErrors() {}

    private static ReactorException error(
            String code, String title, String errno, String message, Path path) {
        return new ReactorException(
                code, title + ": cp returned " + errno + " (" + message + ") " + path);
    }

    static ReactorException same(Path dest) {
        return invalid("src and dest cannot be the same", dest);
    }

    static ReactorException intoItself(Path source, Path dest, Path path) {
        return invalid("cannot copy " + source + " to a subdirectory of self " + dest, path);
    }

    private static ReactorException invalid(String message, Path path) {
        return error("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", message, path);
    }

    static ReactorException directoryToOther(Path source, Path dest) {
        return error(
                "ERR_FS_CP_DIR_TO_NON_DIR",
                "Cannot overwrite non-directory with directory",
                "EISDIR",
                "cannot overwrite non-directory " + dest + " with directory " + source,
                dest);
    }

    static ReactorException otherToDirectory(Path source, Path dest) {
        return error(
                "ERR_FS_CP_NON_DIR_TO_DIR",
                "Cannot overwrite directory with non-directory",
                "ENOTDIR",
                "cannot overwrite directory " + dest + " with non-directory " + source,
                dest);
    }

    static ReactorException isDirectory(Path source) {
        return error(
                "ERR_FS_EISDIR",
                "Path is a directory",
                "EISDIR",
                source + " is a directory (not copied)",
                source);
    }

    static ReactorException exists(Path dest) {
        return error(
                "ERR_FS_CP_EEXIST",
                "Target already exists",
                "EEXIST",
                dest + " already exists",
                dest);
    }

    static ReactorException linkToAbove(Path target, Path existing, Path dest) {
        return error(
                "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
                "Cannot overwrite symlink in subdirectory of self",
                "EINVAL",
                "cannot overwrite " + existing + " with " + target,
                dest);
    }

    /** What cannot be copied at all. */
    static ReactorException kind(FileType type, Path dest) {
        return switch (type) {
            case FIFO ->
                    error(
                            "ERR_FS_CP_FIFO_PIPE",
                            "Cannot copy a FIFO pipe",
                            "EINVAL",
                            "cannot copy a FIFO pipe: " + dest,
                            dest);
            case SOCKET ->
                    error(
                            "ERR_FS_CP_SOCKET",
                            "Cannot copy a socket file",
                            "EINVAL",
                            "cannot copy a socket file: " + dest,
                            dest);
            default ->
                    error(
                            "ERR_FS_CP_UNKNOWN",
                            "Cannot copy an unknown file type",
                            "EINVAL",
                            "cannot copy an unknown file type: " + dest,
                            dest);
        };
    }
}
