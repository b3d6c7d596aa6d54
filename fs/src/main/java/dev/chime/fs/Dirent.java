package dev.chime.fs;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A name in a directory, and what kind of file it stood for when the directory was read. Any
 * thread.
 *
 * <p>Equal are those of the same path and type.
 */
public final class Dirent {
    private final Path parentPath;
    private final Path file;
    private final FileType type;

    Dirent(Path parentPath, Path file, FileType type) {
        this.parentPath = parentPath;
        this.file = file;
        this.type = type;
    }

    /** The same name of another type. */
    Dirent as(FileType other) {
        return new Dirent(parentPath, file, other);
    }

    /** The name as text; bytes that are none show as U+FFFD, and only {@link #path} has them. */
    public String name() {
        return file.toString();
    }

    /** The directory, as it was named in the call or found below it. */
    public Path parentPath() {
        return parentPath;
    }

    /** The name in its directory: {@code parentPath().resolve(...)}, with every byte of it. */
    public Path path() {
        return parentPath.resolve(file);
    }

    /** The name alone, with every byte of it. */
    Path file() {
        return file;
    }

    /** The kind of file; a symbolic link is one, whatever it leads to. */
    public FileType type() {
        return type;
    }

    /** True for a regular file. */
    public boolean isFile() {
        return type == FileType.FILE;
    }

    /** True for a directory. */
    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** True for a symbolic link. */
    public boolean isSymbolicLink() {
        return type == FileType.SYMLINK;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dirent dirent
                && type == dirent.type
                && file.equals(dirent.file)
                && parentPath.equals(dirent.parentPath);
    }

    @Override
    public int hashCode() {
        return Objects.hash(parentPath, file, type);
    }

    @Override
    public String toString() {
        return path() + " (" + type + ")";
    }
}
