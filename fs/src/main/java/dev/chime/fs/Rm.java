package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.DirentLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One {@code rm}: a file, or a tree from its leaves to its root.
 *
 * <p>Everything below the root is opened and removed by its name in a directory that is open, and
 * no link is followed: whoever exchanges a directory for a link meanwhile does not lead us out of
 * the tree. Several directories are worked on at once, the deepest first. A directory that waits
 * for those below it is closed when too many are open, and opened again from below, by its "..": so
 * neither stack nor descriptors bound the depth. That it is the same one is checked by its number.
 */
final class Rm extends Steps {
    /**
     * More are open only while those that are worked on cannot be closed: beyond, one at a time.
     */
    static final int MAX_OPEN_DIRECTORIES = 64;

    /** How many directories are listed and emptied at once. */
    static final int DIRECTORIES_AT_ONCE = 8;

    /** How many names are being removed at once. */
    static final int UNLINKS_AT_ONCE = 64;

    /** A file system may skip entries of a directory that shrinks: we look again at once. */
    private static final int LOOKS = 3;

    private static final int IDENTITY = StatxLayout.STATX_TYPE | StatxLayout.STATX_INO;

    private static final byte[] PARENT = {'.', '.'};

    private final Path path;

    /** The folder, or AT_FDCWD, and the name or path in it that leads to the root. */
    private final int base;

    private final Path entry;
    private final RmOptions options;
    private final Done callback;
    private final Reporter reporter;
    private final Set<Folder> open = new LinkedHashSet<>();
    private final Set<Folder> active = new LinkedHashSet<>();

    /** Folders with folders in them that nobody has begun with; the last one is the deepest. */
    private final LinkedHashSet<Folder> ready = new LinkedHashSet<>();

    private int unlinks;
    private boolean gone;

    /** A directory of the tree. */
    private static final class Folder {
        final @Nullable Folder parent;
        final byte[] name;
        final ArrayDeque<byte[]> files = new ArrayDeque<>();
        final ArrayDeque<byte[]> folders = new ArrayDeque<>();
        int fd = -1;
        long device;
        long inode;

        /** Operations below its descriptor, and folders that only it can still reach. */
        int busy;

        /** Folders below it that somebody has begun with. */
        int children;

        int looks;
        int attempts;
        boolean listing;
        boolean listed;
        boolean leaving;

        Folder(@Nullable Folder parent, byte[] name) {
            this.parent = parent;
            this.name = name;
        }
    }

    Rm(Core core, Path path, RmOptions options, Done callback) {
        this(core, Const.AT_FDCWD, path, path, options, callback);
    }

    /** Removes a name in a folder, which stays open; {@code path} is what errors call it. */
    Rm(Core core, int base, Path entry, Path path, RmOptions options, Done callback) {
        super(core);
        this.base = base;
        this.entry = entry;
        this.path = path;
        this.options = options;
        this.callback = callback;
        reporter = new Reporter(core, options.progress());
    }

    Rm start() {
        Slot stat = step(Op.STATX, this::told);
        stat.fd = base;
        stat.flags = Const.AT_SYMLINK_NOFOLLOW;
        stat.length = IDENTITY;
        stat.offset = stat.scratch;
        NativePath.put(core, stat, entry, StatxLayout.SIZE);
        submit(stat);
        return this;
    }

    private void told(Slot stat, int result) {
        if (result == -ErrnoCode.ENOENT && options.force()) {
            gone = true;
        } else if (result < 0) {
            fail(error(result, "lstat", null, null));
        } else if (halted()) {
            return;
        } else if (Stats.type(stat.scratch) != Const.S_IFDIR) {
            unlink(null, new byte[0], 0);
        } else if (options.recursive()) {
            enter(new Folder(null, new byte[0]), 0);
        } else {
            fail(isDirectory());
        }
    }

    private ReactorException isDirectory() {
        return new ReactorException(
                "ERR_FS_EISDIR",
                "Path is a directory: rm returned EISDIR (is a directory) " + path);
    }

    @Override
    void advance() {
        for (Folder folder : active.toArray(Folder[]::new)) {
            pump(folder);
        }
        while (active.size() < atOnce() && !ready.isEmpty()) {
            Folder parent = ready.getLast();
            byte[] name = parent.folders.remove();
            if (parent.folders.isEmpty()) {
                ready.remove(parent);
            }
            parent.children++;
            enter(new Folder(parent, name), 0);
        }
        evict();
    }

    /** One at a time leaves behind no folder that nobody has begun with, and that must be open. */
    private int atOnce() {
        return open.size() < MAX_OPEN_DIRECTORIES ? DIRECTORIES_AT_ONCE : 1;
    }

    // ---- the life of a folder: entered, listed and emptied, left

    private void enter(Folder folder, int attempts) {
        active.add(folder);
        folder.listed = false;
        folder.leaving = false;
        folder.looks++;
        submitBelow(
                folder.parent,
                folder.name,
                Op.OPENAT,
                Listing.OPEN_FOUND,
                result -> {
                    if (result >= 0) {
                        folder.fd = result;
                        open.add(folder);
                    } else if (result == -ErrnoCode.ENOENT) {
                        vanished(folder);
                    } else if (result == -ErrnoCode.ENOTDIR || result == -ErrnoCode.ELOOP) {
                        active.remove(folder); // it is no directory any more
                        unlinkInstead(folder);
                    } else if (result == -ErrnoCode.EACCES) {
                        // Whoever may not look may still remove, if it is empty.
                        rmdir(folder, error(result, "scandir", folder, null));
                    } else if (!retry(
                            folder.parent, result, attempts, () -> enter(folder, attempts + 1))) {
                        fail(error(result, "scandir", folder, null));
                    }
                });
    }

    /** Starts what can be done in a folder: names to remove, entries to list, the way out. */
    private void pump(Folder folder) {
        if (folder.fd < 0 || folder.leaving) {
            return;
        }
        while (!folder.files.isEmpty() && unlinks < UNLINKS_AT_ONCE) {
            unlink(folder, folder.files.remove(), 0);
        }
        if (!folder.files.isEmpty() || folder.listing) {
            return;
        }
        if (!folder.listed) {
            list(folder);
        } else if (folder.busy == 0) {
            active.remove(folder);
            leaveIfEmpty(folder);
        }
    }

    private void list(Folder folder) {
        folder.listing = true;
        folder.busy++;
        Listing.next(
                this,
                folder.fd,
                (name, type) -> {
                    if (type == DirentLayout.DT_DIR) {
                        addFolder(folder, name);
                    } else {
                        folder.files.add(name);
                    }
                },
                result -> {
                    folder.listing = false;
                    folder.busy--;
                    folder.listed = result <= 0;
                    if (result < 0 && result != -ErrnoCode.ENOENT) {
                        fail(error(result, "scandir", folder, null));
                    }
                });
    }

    private void addFolder(Folder parent, byte[] name) {
        parent.folders.add(name);
        ready.remove(parent);
        ready.add(parent);
    }

    private void leaveIfEmpty(Folder folder) {
        if (halted()
                || !folder.listed
                || folder.listing
                || folder.leaving
                || folder.busy > 0
                || folder.children > 0
                || !folder.files.isEmpty()
                || !folder.folders.isEmpty()) {
            return;
        }
        folder.leaving = true;
        Folder parent = folder.parent;
        if (parent == null || parent.fd >= 0) {
            close(folder);
            rmdir(folder, null);
        } else {
            climb(folder, parent, 0);
        }
    }

    /** Removes a folder that ought to be empty; {@code before} is the error if it is not. */
    private void rmdir(Folder folder, @Nullable ReactorException before) {
        active.remove(folder);
        submitBelow(
                folder.parent,
                folder.name,
                Op.UNLINKAT,
                Const.AT_REMOVEDIR,
                result -> {
                    if (result == 0 || result == -ErrnoCode.ENOENT) {
                        reporter.done();
                        vanished(folder);
                    } else if (before != null) {
                        fail(before);
                    } else if (result == -ErrnoCode.ENOTDIR) {
                        unlinkInstead(folder);
                    } else if (isNotEmpty(result) && folder.looks < LOOKS && !halted()) {
                        enter(folder, 0);
                    } else if (!retry(
                            folder.parent,
                            result,
                            folder.attempts++,
                            () -> again(folder, result))) {
                        fail(error(result, "rmdir", folder, null));
                    }
                });
    }

    private void again(Folder folder, int result) {
        if (isNotEmpty(result)) {
            enter(folder, 0);
        } else {
            rmdir(folder, null);
        }
    }

    private static boolean isNotEmpty(int result) {
        return result == -ErrnoCode.ENOTEMPTY || result == -ErrnoCode.EEXIST;
    }

    /** A folder is no more: the one above it may be empty now. */
    private void vanished(Folder folder) {
        active.remove(folder);
        Folder parent = folder.parent;
        if (parent == null) {
            gone = true;
        } else {
            parent.children--;
            leaveIfEmpty(parent);
        }
    }

    private void unlinkInstead(Folder folder) {
        Folder parent = folder.parent;
        if (parent == null) {
            unlink(null, folder.name, 0);
        } else {
            unlink(parent, folder.name, 0);
            vanished(folder);
        }
    }

    // ---- removing

    private void unlink(@Nullable Folder folder, byte[] name, int attempts) {
        unlinks++;
        submitBelow(
                folder,
                name,
                Op.UNLINKAT,
                0,
                result -> {
                    unlinks--;
                    if (result == 0 || result == -ErrnoCode.ENOENT) {
                        reporter.done();
                        unlinked(folder);
                    } else if (result == -ErrnoCode.EISDIR && folder != null) {
                        addFolder(folder, name); // its type was unknown, or has changed
                    } else if (result == -ErrnoCode.EISDIR && options.recursive()) {
                        enter(new Folder(null, name), 0);
                    } else if (result == -ErrnoCode.EISDIR) {
                        fail(isDirectory());
                    } else if (!retry(
                            folder, result, attempts, () -> unlink(folder, name, attempts + 1))) {
                        fail(error(result, "unlink", folder, name));
                    }
                });
    }

    private void unlinked(@Nullable Folder folder) {
        if (folder == null) {
            gone = true;
        } else {
            leaveIfEmpty(folder);
        }
    }

    /** Tries once more after a pause, when the options and the error allow it. */
    private boolean retry(@Nullable Folder folder, int result, int attempts, Runnable again) {
        boolean passes =
                switch (-result) {
                    case ErrnoCode.EBUSY,
                            ErrnoCode.EMFILE,
                            ErrnoCode.ENFILE,
                            ErrnoCode.ENOTEMPTY,
                            ErrnoCode.EEXIST,
                            ErrnoCode.EPERM ->
                            true;
                    default -> false;
                };
        int most = options.recursive() ? options.maxRetries() : 0;
        if (!passes || attempts >= most || halted()) {
            return false;
        }
        if (folder != null) {
            folder.busy++;
        }
        pause(
                options.retryDelay().multipliedBy(attempts + 1L),
                () -> {
                    if (folder != null) {
                        folder.busy--;
                    }
                    again.run();
                });
        return true;
    }

    /**
     * Performs an operation on a name in a folder, or on the root. The folder stays open until the
     * result has been dealt with.
     */
    private void submitBelow(
            @Nullable Folder folder, byte[] name, Op op, int flags, IntConsumer then) {
        Slot slot =
                step(
                        op,
                        (completed, result) -> {
                            if (folder != null) {
                                folder.busy--;
                            }
                            then.accept(result);
                        });
        slot.flags = flags;
        if (folder == null) {
            slot.fd = base;
            NativePath.put(core, slot, entry, 0);
        } else {
            slot.fd = folder.fd;
            folder.busy++;
            NativePath.put(core, slot, name, 0);
        }
        submit(slot);
    }

    // ---- descriptors

    private void close(Folder folder) {
        if (folder.fd >= 0) {
            Closes.forget(core, folder.fd);
            folder.fd = -1;
            open.remove(folder);
        }
    }

    /** Closes the highest folder that waits for others, while too many are open. */
    private void evict() {
        if (open.size() <= MAX_OPEN_DIRECTORIES) {
            return;
        }
        for (Folder folder : open) {
            if (folder.busy == 0 && folder.children > 0 && folder.listed && !folder.leaving) {
                identify(
                        folder.fd,
                        folder,
                        stat -> {
                            folder.device = device(stat.scratch);
                            folder.inode = Memory.getLong(stat.scratch + StatxLayout.STX_INO);
                            if (folder.busy == 0 && folder.children > 0) {
                                ready.remove(folder);
                                close(folder);
                            } else {
                                leaveIfEmpty(folder);
                            }
                        });
                return;
            }
        }
    }

    /** Opens the folder above, which was closed meanwhile, and goes on. */
    private void climb(Folder folder, Folder parent, int attempts) {
        Slot up =
                step(
                        Op.OPENAT,
                        (slot, fd) -> {
                            if (fd >= 0) {
                                identify(fd, folder, stat -> arrived(stat, fd, folder, parent));
                            } else if (!retry(
                                    folder,
                                    fd,
                                    attempts,
                                    () -> climb(folder, parent, attempts + 1))) {
                                fail(error(fd, "scandir", parent, null));
                            }
                        });
        up.fd = folder.fd;
        up.flags = Listing.OPEN_FOUND;
        NativePath.put(core, up, PARENT, 0);
        submit(up);
    }

    private void arrived(Slot stat, int fd, Folder folder, Folder parent) {
        boolean same =
                parent.device == device(stat.scratch)
                        && parent.inode == Memory.getLong(stat.scratch + StatxLayout.STX_INO);
        if (!same) { // somebody has moved the folder elsewhere
            Closes.forget(core, fd);
            fail(error(ErrnoCode.ENOENT, "scandir", parent, null));
            return;
        }
        if (parent.fd < 0) {
            parent.fd = fd;
            open.add(parent);
            if (!parent.folders.isEmpty()) {
                ready.add(parent);
            }
        } else {
            Closes.forget(core, fd); // another one below was faster
        }
        close(folder);
        rmdir(folder, null);
    }

    private static long device(long statx) {
        return Memory.getLong(statx + StatxLayout.STX_DEV_MAJOR);
    }

    private void identify(int fd, Folder waiting, Consumer<Slot> then) {
        waiting.busy++;
        Slot stat =
                step(
                        Op.STATX,
                        (slot, result) -> {
                            waiting.busy--;
                            if (result < 0) {
                                fail(error(result, "stat", waiting, null));
                            } else {
                                then.accept(slot);
                            }
                        });
        StatCall.fill(core, stat, fd);
        submit(stat);
    }

    // ---- the end

    private ErrnoException error(
            int result, String step, @Nullable Folder folder, byte @Nullable [] name) {
        return ErrnoException.file(result, step, pathOf(folder, name).toString());
    }

    private Path pathOf(@Nullable Folder folder, byte @Nullable [] name) {
        ArrayDeque<byte[]> names = new ArrayDeque<>();
        if (name != null && folder != null) {
            names.push(name);
        }
        for (Folder at = folder; at != null && at.parent != null; at = at.parent) {
            names.push(at.name);
        }
        Path whole = path;
        for (byte[] each : names) {
            whole = whole.resolve(NativePath.decode(each));
        }
        return whole;
    }

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        for (Folder folder : open.toArray(Folder[]::new)) {
            close(folder);
        }
        ReactorException failure = err;
        if (failure == null && !gone) {
            failure = stoppedError();
        }
        if (failure == null) {
            reporter.tell();
        }
        callback.call(failure);
    }

    @Override
    String name() {
        return "rm";
    }

    @Override
    public String toString() {
        return "rm " + path + ", " + reporter;
    }
}
