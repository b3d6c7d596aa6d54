package dev.chime.fs;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder under watch, as a knot of a tree: a rename hangs it elsewhere, and the paths of all that
 * it holds follow.
 */
final class WatchedFolder {
    static final Path EMPTY = Path.of("");

    /** The kernel's number of the watch. */
    final int wd;

    /** The watched folders in it. */
    final Map<Path, WatchedFolder> children = new HashMap<>();

    /**
     * Names that a scan has told of, with the last event that was queued before it looked: up to
     * that one an event of their coming says nothing new. A later one that makes a name does not
     * either, or the scan would not have found it; one that moves there has replaced it.
     */
    final Map<Path, Long> told = new HashMap<>();

    /**
     * Names of folders that were not found where they had to be: an event of a rename, of theirs or
     * of a folder above, is still to come.
     */
    final Set<Path> missed = new HashSet<>();

    private @Nullable WatchedFolder parent;
    private Path name = EMPTY;

    WatchedFolder(int wd) {
        this.wd = wd;
    }

    /** Hangs it under a folder, by a name; null, and the empty name, is the top. */
    void moveTo(@Nullable WatchedFolder other, Path as) {
        if (parent != null) {
            parent.children.remove(name, this);
        }
        parent = other;
        name = as;
        if (other != null) {
            other.children.put(as, this);
        }
    }

    boolean isAt(@Nullable WatchedFolder other, Path as) {
        return parent == other && name.equals(as);
    }

    /** True for a folder that is this one or below it. */
    boolean holds(WatchedFolder folder) {
        WatchedFolder up = folder;
        while (up != null && up != this) {
            up = up.parent;
        }
        return up != null;
    }

    @Nullable WatchedFolder parent() {
        return parent;
    }

    Path name() {
        return name;
    }

    /** Where it is, relative to the top. */
    Path path() {
        return parent == null ? name : parent.path().resolve(name);
    }
}
