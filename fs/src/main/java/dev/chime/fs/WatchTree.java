package dev.chime.fs;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The folders that a {@link Watcher} has under watch, and the scans that put more there.
 *
 * <p>While a scan is under way no event is taken from the queue, so events find the tree as it was
 * made by those before them. The kernel keeps the queue meanwhile.
 */
final class WatchTree {
    /** What the tree tells its watcher. */
    interface Owner {
        /** Something has changed. */
        void tell(FileEvent event);

        /** No scan is under way any more. */
        void scanned();

        /** A folder cannot be watched; {@code top} is the one that the user named. */
        void failed(int result, Path path, boolean top);
    }

    /** Folders that are scanned at the same time: enough to keep a pool's workers busy. */
    private static final int SCANS = 8;

    private final Core core;
    private final Inotify events;
    private final Fd fd;
    private final Path path;
    private final boolean recursive;
    private final Predicate<Path> ignore;
    private final Owner owner;
    private final ArrayDeque<FolderScan> waiting = new ArrayDeque<>();
    private final Set<FolderScan> scans = new LinkedHashSet<>();
    private final Set<WatchedFolder> tellers = new HashSet<>();
    private Map<Integer, WatchedFolder> folders = new HashMap<>();
    private @Nullable Map<Integer, WatchedFolder> before;
    private @Nullable WatchedFolder top;
    private boolean stopped;

    WatchTree(
            Core core,
            Inotify events,
            Fd fd,
            Path path,
            boolean recursive,
            Predicate<Path> ignore,
            Owner owner) {
        this.core = core;
        this.events = events;
        this.fd = fd;
        this.path = path;
        this.recursive = recursive;
        this.ignore = ignore;
        this.owner = owner;
    }

    /** Watches the top and, if so wished, all below; nothing that is there is told of. */
    void start() {
        watch(null, WatchedFolder.EMPTY, false);
    }

    /** Watches anew all that is there, after events were lost. */
    void restart() {
        before = folders;
        folders = new HashMap<>();
        top = null;
        start();
    }

    /** Watches the folder {@code name} in {@code parent}; see {@link FolderScan}. */
    void watch(@Nullable WatchedFolder parent, Path name, boolean tell) {
        waiting.add(new FolderScan(core, this, parent, name, tell));
        advance();
    }

    private void advance() {
        while (!stopped && scans.size() < SCANS && !waiting.isEmpty()) {
            FolderScan scan = waiting.remove();
            scans.add(scan);
            scan.start();
        }
    }

    /** A scan is over. */
    void ended(FolderScan scan) {
        scans.remove(scan);
        advance();
        if (!isBusy()) {
            forgetOld();
            owner.scanned();
        }
    }

    private void forgetOld() {
        Map<Integer, WatchedFolder> old = before;
        if (old != null && !stopped) {
            before = null;
            old.keySet().stream()
                    .filter(wd -> !folders.containsKey(wd))
                    .forEach(events::removeWatch);
        }
    }

    /** True while a scan is under way. */
    boolean isBusy() {
        return !scans.isEmpty() || (!stopped && !waiting.isEmpty());
    }

    /** Starts nothing more and ends what is under way. */
    void stop() {
        stopped = true;
        waiting.clear();
        List.copyOf(scans).forEach(FolderScan::cancel);
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isRecursive() {
        return recursive;
    }

    /** The descriptor of the watches. */
    Fd inotify() {
        return fd;
    }

    /** Where the kernel finds what is called {@code relative} here. */
    Path pathOf(Path relative) {
        return relative.toString().isEmpty() ? path : path.resolve(relative);
    }

    /** The folder of a watch; null when there is none any more. */
    @Nullable WatchedFolder folder(int wd) {
        return folders.get(wd);
    }

    boolean isTop(WatchedFolder folder) {
        return folder == top;
    }

    /** Notes a new watch. */
    WatchedFolder add(int wd, @Nullable WatchedFolder parent, Path name) {
        WatchedFolder folder = new WatchedFolder(wd);
        folders.put(wd, folder);
        if (parent == null) {
            top = folder;
        } else {
            drop(parent.children.get(name));
            folder.moveTo(parent, name);
        }
        return folder;
    }

    /** True when an event is queued that this folder, or one above it, has left its place. */
    boolean isLeaving(WatchedFolder parent, Path name) {
        events.readAll();
        Path at = name;
        for (WatchedFolder up = parent; up != null; up = up.parent()) {
            if (events.isLeaving(up.wd, at)) {
                return true;
            }
            at = up.name();
        }
        return false;
    }

    /** Looks again for the folders that were missed below one that has a new place. */
    void retry(WatchedFolder moved) {
        List<Path> names = List.copyOf(moved.missed);
        moved.missed.clear();
        names.forEach(name -> watch(moved, name, true));
        List.copyOf(moved.children.values()).forEach(this::retry);
    }

    /** The number of the last event that the kernel has queued. */
    long sequence() {
        events.readAll();
        return events.sequence();
    }

    /** A scan has told of names in a folder. */
    void hasTold(WatchedFolder folder) {
        tellers.add(folder);
    }

    /** All events are taken: what scans have told of need not be remembered any longer. */
    boolean settles() {
        if (!tellers.isEmpty()) {
            events.readAll();
            if (events.first() != null) {
                return false;
            }
            tellers.forEach(folder -> folder.told.clear());
            tellers.clear();
        }
        return true;
    }

    /** Gives up a watch that no folder of the tree has. */
    void removeWatch(int wd) {
        events.removeWatch(wd);
    }

    /** The kernel has ended a watch. */
    void forget(WatchedFolder folder) {
        folders.remove(folder.wd, folder);
    }

    /** A folder with all below it is no longer watched. */
    void drop(@Nullable WatchedFolder folder) {
        if (folder == null) {
            return;
        }
        folder.moveTo(null, folder.name());
        if (folders.remove(folder.wd, folder)) {
            events.removeWatch(folder.wd);
        }
        new ArrayList<>(folder.children.values()).forEach(this::drop);
    }

    /** Whether the user wants to hear nothing of a path; a filter that throws has no say. */
    boolean isIgnored(Path relative) {
        try {
            return ignore.test(relative);
        } catch (RuntimeException | Error e) {
            core.call(() -> {
                throw e;
            });
            return false;
        }
    }

    void tell(FileEvent event) {
        owner.tell(event);
    }

    void failed(int result, Path failed, boolean isTop) {
        owner.failed(result, failed, isTop);
    }
}
