package dev.chime.fs;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.DirentLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.InotifyEventLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Puts one folder under watch: adds the watch, then lists what is there already. In this order
 * nothing is missed: what comes in between is in the list, or in the queue, or in both.
 *
 * <p>A path may lead to another folder than the one that was meant, or to none, if that or one
 * above it was renamed meanwhile. Then the event of it is queued by now: what was found is given
 * up, and the events, when it is their turn, bring every folder under watch.
 */
final class FolderScan implements Completion {
    private static final int LIST_BYTES = 16 << 10;

    private static final int EVENTS =
            InotifyEventLayout.IN_MODIFY
                    | InotifyEventLayout.IN_ATTRIB
                    | InotifyEventLayout.IN_MOVED_FROM
                    | InotifyEventLayout.IN_MOVED_TO
                    | InotifyEventLayout.IN_CREATE
                    | InotifyEventLayout.IN_DELETE
                    | InotifyEventLayout.IN_DELETE_SELF
                    | InotifyEventLayout.IN_MOVE_SELF
                    | InotifyEventLayout.IN_ONLYDIR
                    | InotifyEventLayout.IN_EXCL_UNLINK;

    private final Core core;
    private final WatchTree tree;
    private final @Nullable WatchedFolder parent;
    private final Path name;
    private final boolean tell;
    private @Nullable WatchedFolder folder;
    private @Nullable Slot slot;
    private @Nullable Chunk chunk;
    private int fd = -1;
    private long seen;

    /**
     * Prepares to watch the folder {@code name} in {@code parent}; without a parent, the top.
     *
     * @param tell whether what is there already is told of as created
     */
    FolderScan(Core core, WatchTree tree, @Nullable WatchedFolder parent, Path name, boolean tell) {
        this.core = core;
        this.tree = tree;
        this.parent = parent;
        this.name = name;
        this.tell = tell;
    }

    void start() {
        Slot add = core.slot(Op.WATCH, this);
        add.owner = tree.inotify();
        add.flags = EVENTS | (parent == null ? 0 : InotifyEventLayout.IN_DONT_FOLLOW);
        NativePath.put(core, add, path(), 0);
        submit(add);
    }

    private Path path() {
        return tree.pathOf(parent == null ? name : parent.path().resolve(name));
    }

    private void submit(Slot next) {
        next.keepsAlive = false;
        slot = next;
        core.submit(next);
    }

    /** Ends it early; {@link WatchTree#ended} still hears of the end. */
    void cancel() {
        Slot inFlight = slot;
        if (inFlight != null) {
            core.cancel(inFlight);
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) {
        slot = null;
        switch (completed.op()) {
            case WATCH -> {
                NativePath.release(completed);
                added(result);
            }
            case OPENAT -> {
                NativePath.release(completed);
                opened(result);
            }
            default -> listed(result);
        }
    }

    private void added(int result) {
        if (result < 0) {
            failed(result);
            return;
        }
        WatchedFolder known = tree.folder(result);
        if (tree.isStopped() || isInItself(known)) {
            end();
        } else if (isElsewhere()) {
            if (known == null) {
                tree.removeWatch(result);
            }
            miss();
        } else {
            folder = known == null ? tree.add(result, parent, name) : hangHere(known);
            if (tree.isRecursive()) {
                open();
            } else {
                end();
            }
        }
    }

    private boolean isElsewhere() {
        return parent != null && tree.isLeaving(parent, name);
    }

    /** The folder is not where it was expected: events that are queued bring it back. */
    private void miss() {
        if (parent != null) {
            parent.missed.add(name);
        }
        end();
    }

    /** A folder that holds itself, by a mount. */
    private boolean isInItself(@Nullable WatchedFolder known) {
        return parent != null && known != null && known.holds(parent);
    }

    /**
     * The folder is under watch already: as this one, or at the place that it has left by a rename
     * whose event is still to come.
     */
    private WatchedFolder hangHere(WatchedFolder known) {
        if (parent != null && !known.isAt(parent, name)) {
            tree.drop(parent.children.get(name));
            known.moveTo(parent, name);
        }
        return known;
    }

    private void open() {
        Slot open = core.slot(Op.OPENAT, this);
        int follow = parent == null ? 0 : Const.O_NOFOLLOW;
        Opening.fill(open, Const.O_RDONLY | Const.O_DIRECTORY | follow, 0);
        NativePath.put(core, open, path(), 0);
        submit(open);
    }

    private void opened(int result) {
        if (result < 0) {
            failed(result);
            return;
        }
        fd = result;
        if (isElsewhere()) {
            tree.drop(folder);
            miss();
            return;
        }
        chunk = core.memory().tryAllocate(LIST_BYTES);
        if (chunk == null) {
            failed(-ErrnoCode.ENOMEM);
        } else {
            list(chunk);
        }
    }

    private void list(Chunk into) {
        Slot list = core.slot(Op.GETDENTS, this);
        list.fd = fd;
        list.address = into.address();
        list.length = LIST_BYTES;
        seen = tree.sequence();
        submit(list);
    }

    private void listed(int result) {
        Chunk memory = chunk;
        if (memory == null) {
            throw new AssertionError("a folder that is listed has memory");
        }
        if (result < 0) {
            failed(result);
            return;
        }
        Listing.parse(memory.address(), result, this::entry);
        if (result == 0 || tree.isStopped()) {
            end();
        } else {
            list(memory);
        }
    }

    private void entry(byte[] bytes, int type) {
        WatchedFolder listed = folder;
        if (listed == null) {
            throw new AssertionError("a folder is watched before it is listed");
        }
        if (tree.isStopped()) {
            return;
        }
        Path entry = NativePath.decode(bytes);
        Path path = listed.path().resolve(entry);
        if (tree.isIgnored(path)) {
            return;
        }
        if (tell) {
            listed.told.put(entry, seen);
            tree.hasTold(listed);
            tree.tell(new FileEvent.Created(path));
        }
        if (type == DirentLayout.DT_DIR || type == DirentLayout.DT_UNKNOWN) {
            tree.watch(listed, entry, tell);
        }
    }

    /**
     * Below the top, a folder that has gone, turned into something else or may not be read is left
     * out: its events, if there are more, say so.
     */
    private void failed(int result) {
        boolean passes =
                switch (-result) {
                    case ErrnoCode.ENOENT,
                            ErrnoCode.ENOTDIR,
                            ErrnoCode.ELOOP,
                            ErrnoCode.EACCES,
                            ErrnoCode.ENAMETOOLONG ->
                            parent != null;
                    default -> false;
                };
        if (passes) {
            miss();
            return;
        }
        if (!tree.isStopped()) {
            tree.failed(result, path(), parent == null);
        }
        end();
    }

    private void end() {
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
        if (fd >= 0) {
            Closes.forget(core, fd);
            fd = -1;
        }
        tree.ended(this);
    }
}
