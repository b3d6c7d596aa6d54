package dev.chime.fs;

import java.nio.file.Path;

/**
 * What has changed, as a {@link Watcher} tells it.
 *
 * <p>Paths are relative to the watched folder; the empty path is the folder itself. Of a watched
 * file the path is its name. A name whose bytes are no text keeps them in its {@link Path}. The
 * kernel joins equal changes that follow each other before they are read, so one event may stand
 * for many.
 */
public sealed interface FileEvent {
    /**
     * A name has come into being: made, linked, or moved here from a place that is not watched.
     *
     * @param path what it is called
     */
    record Created(Path path) implements FileEvent {}

    /**
     * A name is gone: removed, or moved to a place that is not watched. Of a folder that was moved
     * away nothing more is told, one event stands for all that it held.
     *
     * @param path what it was called
     */
    record Deleted(Path path) implements FileEvent {}

    /**
     * A file's content has changed by a write or a change of size. A change through a memory
     * mapping is not seen. Of a single watched file also: another file has taken its name.
     *
     * @param path the file
     */
    record Modified(Path path) implements FileEvent {}

    /**
     * A file or folder was renamed within what is watched; it replaces what had the new name
     * before. What a folder holds moves along without an event of its own.
     *
     * @param from what it was called
     * @param to what it is called now
     */
    record Moved(Path from, Path to) implements FileEvent {}

    /**
     * Mode, owner, times or extended attributes have changed.
     *
     * @param path the file or folder
     */
    record AttributesChanged(Path path) implements FileEvent {}

    /**
     * There were more changes than the kernel keeps (sysctl {@code fs.inotify.max_queued_events}),
     * and some are lost: look at the whole folder again. When this comes every folder is watched
     * that is there, so nothing that happens after it is missed.
     */
    record Overflow() implements FileEvent {}
}
