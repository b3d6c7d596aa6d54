package dev.chime.fs;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * One change as Node's {@code fs.watch} tells it.
     *
     * @param eventType {@code rename} for a name that comes, goes or stands for another file,
     *     {@code change} for content and attributes
     * @param filename the path of the event; null when none is known
     */
    record Raw(String eventType, @Nullable Path filename) {
        private static List<Raw> rename(@Nullable Path filename) {
            return List.of(new Raw("rename", filename));
        }

        private static List<Raw> change(Path filename) {
            return List.of(new Raw("change", filename));
        }
    }

    /**
     * What Node tells of it: one change, or two for {@link Moved}. An {@link Overflow}, of which
     * Node does not tell, is a {@code rename} without a name.
     */
    default List<Raw> raw() {
        return switch (this) {
            case Created(Path path) -> Raw.rename(path);
            case Deleted(Path path) -> Raw.rename(path);
            case Modified(Path path) -> Raw.change(path);
            case AttributesChanged(Path path) -> Raw.change(path);
            case Moved(Path from, Path to) ->
                    List.of(new Raw("rename", from), new Raw("rename", to));
            case Overflow() -> Raw.rename(null);
        };
    }

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
