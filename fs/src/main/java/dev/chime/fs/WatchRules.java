package dev.chime.fs;

import dev.chime.reactor.libc.InotifyEventLayout;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the kernel's events mean: for the tree of watched folders, and for the user. */
final class WatchRules {
    /** What an event has brought. */
    enum Outcome {
        GOES_ON,
        /** The watched folder itself is gone. */
        GONE,
        /** Events were lost. */
        OVERFLOWN
    }

    private static final int SELF_GONE =
            InotifyEventLayout.IN_DELETE_SELF
                    | InotifyEventLayout.IN_MOVE_SELF
                    | InotifyEventLayout.IN_UNMOUNT
                    | InotifyEventLayout.IN_IGNORED;

    private WatchRules() {}

    /** True for a first half of a rename whose other half may still come. */
    static boolean waits(WatchTree tree, Inotify queue, Inotify.Event event) {
        return event.is(InotifyEventLayout.IN_MOVED_FROM)
                && tree.folder(event.wd) != null
                && queue.mayArrive(event);
    }

    /** Changes the tree and tells the user. */
    static Outcome apply(WatchTree tree, Inotify queue, Inotify.Event event) {
        if (event.is(InotifyEventLayout.IN_Q_OVERFLOW)) {
            return Outcome.OVERFLOWN;
        }
        WatchedFolder folder = tree.folder(event.wd);
        if (folder == null) {
            return Outcome.GOES_ON; // of a watch that was taken away meanwhile
        }
        if (event.name == null) {
            return self(tree, folder, event);
        }
        Path name = event.name;
        if (event.is(InotifyEventLayout.IN_MOVED_FROM)) {
            Inotify.Event arrival = queue.arrival(event);
            WatchedFolder target = arrival == null ? null : tree.folder(arrival.wd);
            if (arrival == null || target == null) {
                deleted(tree, folder, name, event.isFolder());
            } else {
                moved(tree, folder, name, target, arrival);
            }
        } else if (event.is(InotifyEventLayout.IN_CREATE | InotifyEventLayout.IN_MOVED_TO)) {
            created(tree, folder, name, event);
        } else if (event.is(InotifyEventLayout.IN_DELETE)) {
            deleted(tree, folder, name, event.isFolder());
        } else if (event.is(InotifyEventLayout.IN_MODIFY)) {
            tell(tree, new FileEvent.Modified(path(folder, name)), path(folder, name));
        } else if (event.is(InotifyEventLayout.IN_ATTRIB)) {
            tell(tree, new FileEvent.AttributesChanged(path(folder, name)), path(folder, name));
        }
        return Outcome.GOES_ON;
    }

    private static Path path(WatchedFolder folder, Path name) {
        return folder.path().resolve(name);
    }

    private static void tell(WatchTree tree, FileEvent event, Path path) {
        if (!tree.isIgnored(path)) {
            tree.tell(event);
        }
    }

    /** Of the folder itself: those below the top are heard of through their parents. */
    private static Outcome self(WatchTree tree, WatchedFolder folder, Inotify.Event event) {
        if (event.is(InotifyEventLayout.IN_IGNORED)) {
            tree.forget(folder);
        }
        if (!tree.isTop(folder)) {
            return Outcome.GOES_ON;
        }
        if (event.is(InotifyEventLayout.IN_ATTRIB)) {
            tree.tell(new FileEvent.AttributesChanged(folder.path()));
        }
        return event.is(SELF_GONE) ? Outcome.GONE : Outcome.GOES_ON;
    }

    private static void created(
            WatchTree tree, WatchedFolder folder, Path name, Inotify.Event event) {
        if (isTold(folder, name, event)) {
            return;
        }
        Path path = path(folder, name);
        if (tree.isIgnored(path)) {
            return;
        }
        tree.tell(new FileEvent.Created(path));
        if (event.isFolder() && tree.isRecursive()) {
            tree.drop(folder.children.get(name)); // an empty one that a rename has replaced
            tree.watch(folder, name, true);
        }
    }

    /** Whether a scan has told of this coming already. */
    private static boolean isTold(WatchedFolder folder, Path name, Inotify.Event event) {
        Long seen = folder.told.remove(name);
        return seen != null && (event.sequence <= seen || event.is(InotifyEventLayout.IN_CREATE));
    }

    private static void deleted(WatchTree tree, WatchedFolder folder, Path name, boolean isFolder) {
        folder.told.remove(name);
        folder.missed.remove(name);
        if (isFolder) {
            tree.drop(folder.children.get(name));
        }
        Path path = path(folder, name);
        tell(tree, new FileEvent.Deleted(path), path);
    }

    private static void moved(
            WatchTree tree,
            WatchedFolder folder,
            Path name,
            WatchedFolder target,
            Inotify.Event arrival) {
        Path newName = Objects.requireNonNull(arrival.name);
        boolean isFolder = arrival.isFolder();
        Path from = path(folder, name);
        Path to = path(target, newName);
        boolean fromCounts = !tree.isIgnored(from);
        boolean toCounts = !tree.isIgnored(to);
        folder.told.remove(name);
        folder.missed.remove(name);
        boolean told = isTold(target, newName, arrival);
        WatchedFolder child = isFolder ? folder.children.get(name) : null;
        if (toCounts && isFolder) {
            rehang(tree, child, target, newName, told);
        } else {
            tree.drop(child);
        }
        // Without its old place in the tree, what is known of its content may be out of date.
        boolean known = child != null || !isFolder || !tree.isRecursive();
        if (fromCounts && toCounts && !told && known) {
            tree.tell(new FileEvent.Moved(from, to));
        } else {
            if (fromCounts) {
                tree.tell(new FileEvent.Deleted(from));
            }
            if (toCounts && !told) {
                tree.tell(new FileEvent.Created(to));
            }
        }
        // Where a scan has told of it, it has told of what is in it, if it found it there.
        if (isFolder && toCounts && tree.isRecursive() && (child == null) != told) {
            tree.watch(target, newName, true);
        }
    }

    /** Hangs a folder at its new place, instead of what was there. */
    private static void rehang(
            WatchTree tree,
            @Nullable WatchedFolder child,
            WatchedFolder target,
            Path newName,
            boolean told) {
        WatchedFolder replaced = target.children.get(newName);
        // Where a scan has told of it, it may have hung it there already.
        if (replaced != child && (child != null || !told)) {
            tree.drop(replaced);
        }
        if (child != null) {
            child.moveTo(target, newName);
            tree.retry(child);
        }
    }
}
