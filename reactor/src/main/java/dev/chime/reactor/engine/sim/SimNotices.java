package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.InotifyEventLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the watches of the machine what happens to names and nodes, in Linux's order: of a node,
 * first those of its directory, by its name, then its own.
 */
final class SimNotices {
    private int cookie;

    /** A name has come into being. */
    void created(SimDirectory directory, String name, SimNode node) {
        tell(directory, InotifyEventLayout.IN_CREATE | isFolder(node), 0, name);
    }

    /** A file has one name more; the name itself is {@link #created}. */
    void linked(SimNode node) {
        tell(node, InotifyEventLayout.IN_ATTRIB | isFolder(node), 0, null);
    }

    /** A name is gone. */
    void deleted(SimDirectory directory, String name, SimNode node) {
        if (!(node instanceof SimDirectory)) {
            linked(node);
        }
        released(node);
        tell(directory, InotifyEventLayout.IN_DELETE | isFolder(node), 0, name);
    }

    /** A node has another name. */
    void moved(
            SimDirectory from,
            String oldName,
            SimDirectory to,
            String newName,
            SimNode node,
            @Nullable SimNode replaced) {
        cookie++;
        tell(from, InotifyEventLayout.IN_MOVED_FROM | isFolder(node), cookie, oldName);
        tell(to, InotifyEventLayout.IN_MOVED_TO | isFolder(node), cookie, newName);
        if (replaced != null) {
            linked(replaced);
        }
        tell(node, InotifyEventLayout.IN_MOVE_SELF, 0, null);
        if (replaced != null) {
            released(replaced);
        }
    }

    /** Nobody has a file open any more, or the last name was taken: it may be gone. */
    void released(SimNode node) {
        if (node.links == 0 && node.opened == 0) {
            tell(node, InotifyEventLayout.IN_DELETE_SELF, 0, null);
            List.copyOf(node.watches).forEach(SimInotify.Watch::end);
        }
    }

    /** Mode, owner, times or attributes have changed. */
    void attributes(SimName of) {
        changed(of, InotifyEventLayout.IN_ATTRIB, false);
    }

    /** The content has changed, by way of the name. */
    void resized(SimName of) {
        changed(of, InotifyEventLayout.IN_MODIFY, false);
    }

    /** The content has changed, by way of an open file. */
    void written(SimName of) {
        changed(of, InotifyEventLayout.IN_MODIFY, true);
    }

    /** An open file that could be written is closed. */
    void closed(SimName of) {
        changed(of, InotifyEventLayout.IN_CLOSE_WRITE, true);
    }

    private static void changed(SimName of, int event, boolean byOpenFile) {
        int all = event | isFolder(of.node);
        if (of.directory != of.node) {
            for (SimInotify.Watch watch : of.directory.watches) {
                boolean excluded = byOpenFile && of.removed && watch.excludesRemoved();
                if (watch.hears(event) && !excluded) {
                    watch.tell(all, 0, of.name);
                }
            }
        }
        tell(of.node, all, 0, null);
    }

    private static void tell(SimNode of, int event, int cookie, @Nullable String name) {
        for (SimInotify.Watch watch : of.watches) {
            if (watch.hears(event)) {
                watch.tell(event, cookie, name);
            }
        }
    }

    private static int isFolder(SimNode node) {
        return node instanceof SimDirectory ? InotifyEventLayout.IN_ISDIR : 0;
    }
}
