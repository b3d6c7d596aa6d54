package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.DirentLayout;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One {@code cp}: a file, or a tree from its root to its leaves.
 *
 * <p>Below the root everything is named in two directories that are open, the source's and its
 * copy's: whoever exchanges a directory for a link meanwhile leads neither reads nor writes out of
 * the trees. Several directories are worked on at once, the deepest first. Those that wait for
 * others below them are closed when too many are open, and opened again from below, by their "..",
 * as {@link Rm} does. A new directory can be written to while it is filled; it gets its mode and
 * times when all that is in it is done.
 */
final class Cp extends Steps {
    /** How many files and links are copied at once. */
    static final int ENTRIES_AT_ONCE = 32;

    /** How many directories are opened, listed or have their files copied at once. */
    static final int DIRECTORIES_AT_ONCE = 8;

    /** With a descriptor of the source and one of the copy each; beyond, one goes on at a time. */
    static final int MAX_OPEN_DIRECTORIES = 32;

    /** What a new directory needs to be filled. */
    static final int OWNER_BITS = 0700;

    private final Path source;
    private final Path dest;
    private final CpOptions options;
    private final Done callback;
    private final Reporter reporter;
    private final Set<CpFolder> open = new LinkedHashSet<>();
    private final Set<CpFolder> active = new LinkedHashSet<>();

    /** Folders with folders in them that nobody has begun with; the last one was found last. */
    private final LinkedHashSet<CpFolder> ready = new LinkedHashSet<>();

    /** Files and links on their way, and directories that are not open yet. */
    private int files;

    private int entering;
    private @Nullable Facts top;
    private boolean complete;

    Cp(Core core, Path source, Path dest, CpOptions options, Done callback) {
        super(core);
        this.source = source;
        this.dest = dest;
        this.options = options;
        this.callback = callback;
        reporter = new Reporter(core, options.progress());
    }

    Cp start() {
        // Even a filter is not asked inside the call.
        submit(
                step(
                        Op.NOP,
                        (slot, result) -> {
                            if (!halted()) {
                                entering++;
                                new CpEntry(this, options, source, dest).start();
                            }
                        }));
        return this;
    }

    Reporter reporter() {
        return reporter;
    }

    /** What a step that a stop has ended failed with. */
    int stopErrnoOr(int result) {
        return stopped() ? stopErrno() : result;
    }

    @Override
    void advance() {
        for (CpFolder folder : active.toArray(CpFolder[]::new)) {
            pump(folder);
        }
        while (!ready.isEmpty() && entering + active.size() < atOnce() && !halted()) {
            CpFolder folder = ready.getLast();
            CpEntry entry = next(folder);
            if (!folder.hasFolders()) {
                ready.remove(folder);
            }
            folder.children++;
            folder.busy++;
            entering++;
            entry.start();
        }
        closeThoseThatWait();
    }

    private CpEntry next(CpFolder folder) {
        CpEntry found = folder.found.poll();
        return found != null
                ? found
                : new CpEntry(this, options, folder, folder.folders.remove(), true);
    }

    /** One at a time leaves behind no folder that nobody has begun with. */
    private int atOnce() {
        return open.size() < MAX_OPEN_DIRECTORIES ? DIRECTORIES_AT_ONCE : 1;
    }

    // ---- the life of a folder: entered, listed and copied, left

    /** A folder that is being opened: what is open of it is closed at the end. */
    CpFolder opening(CpFolder folder) {
        open.add(folder);
        return folder;
    }

    /** The copy of the root: nothing is copied into itself. */
    boolean isTop(Facts directory) {
        Facts root = top;
        return root != null && root.isSameFile(directory);
    }

    /** Both directories are open. */
    void entered(CpEntry entry, CpFolder folder) {
        entering--;
        if (folder.parent == null) {
            top = folder.copied();
        } else {
            folder.parent.busy--;
        }
        active.add(folder);
    }

    /** An entry is copied, or left out. */
    void ended(CpEntry entry) {
        CpFolder folder = entry.folder();
        if (entry.isFolder()) {
            entering--;
        } else {
            files--;
        }
        if (folder == null) {
            complete = true;
            return;
        }
        folder.busy--;
        if (entry.isFolder()) {
            folder.children--;
        }
        leave(folder);
    }

    /** What had looked like a file is a folder. */
    void isFolder(CpEntry entry) {
        CpFolder folder = entry.folder();
        files--;
        if (folder != null) {
            folder.busy--;
            folder.found.add(entry);
            waits(folder);
        }
    }

    private void waits(CpFolder folder) {
        ready.remove(folder);
        ready.add(folder);
    }

    /** Starts what can be done in a folder: files to copy, entries to list, the way out. */
    private void pump(CpFolder folder) {
        while (!folder.files.isEmpty() && files < ENTRIES_AT_ONCE && !halted()) {
            files++;
            folder.busy++;
            new CpEntry(this, options, folder, folder.files.remove(), false).start();
        }
        if (!folder.files.isEmpty() || folder.listing || halted()) {
            return;
        }
        if (!folder.listed) {
            list(folder);
        } else if (folder.busy == 0) {
            active.remove(folder);
            leave(folder);
        }
    }

    private void list(CpFolder folder) {
        folder.listing = true;
        folder.busy++;
        Listing.next(
                this,
                folder.in,
                (name, type) -> {
                    if (type == DirentLayout.DT_DIR) {
                        folder.folders.add(name);
                    } else {
                        folder.files.add(name);
                    }
                },
                result -> {
                    folder.listing = false;
                    folder.busy--;
                    folder.listed = result <= 0;
                    if (result < 0) {
                        fail(result, "scandir", folder.source);
                    } else if (folder.hasFolders()) {
                        waits(folder);
                    }
                });
    }

    /** Leaves a folder if all is done, and with it perhaps those above. */
    private void leave(CpFolder folder) {
        for (CpFolder at = folder; at != null && at.isDone() && !halted(); at = at.parent) {
            at.leaving = true;
            active.remove(at);
            if (at.created) {
                setMode(at);
                return;
            }
            if (!goUp(at)) {
                return;
            }
        }
    }

    private void setMode(CpFolder folder) {
        Slot chmod = on(folder, Op.FCHMODAT, "chmod", () -> setTimes(folder));
        chmod.length = folder.facts().permissions();
        submit(chmod);
    }

    private void setTimes(CpFolder folder) {
        if (!options.preserveTimestamps()) {
            left(folder);
            return;
        }
        Slot times = on(folder, Op.UTIMENSAT, "utime", () -> left(folder));
        folder.facts().atime().put(times.scratch);
        folder.facts().mtime().put(times.scratch + 2 * Long.BYTES);
        times.offset = times.scratch;
        submit(times);
    }

    /** A step on a folder's copy that must succeed. */
    private Slot on(CpFolder folder, Op op, String name, Runnable then) {
        Slot slot =
                step(
                        op,
                        (completed, result) -> {
                            if (result < 0) {
                                fail(result, name, folder.dest);
                            } else if (!halted()) {
                                then.run();
                            }
                        });
        slot.fd = folder.out;
        return slot;
    }

    private void left(CpFolder folder) {
        CpFolder parent = folder.parent;
        if (goUp(folder) && parent != null) {
            leave(parent);
        }
    }

    /** Closes a folder in which all is done; false when the one above must be opened first. */
    private boolean goUp(CpFolder folder) {
        CpFolder parent = folder.parent;
        if (parent != null && !parent.isOpen()) {
            climb(folder, parent);
            return false;
        }
        reporter.done();
        close(folder);
        if (parent == null) {
            complete = true;
        } else {
            parent.children--;
        }
        return true;
    }

    // ---- descriptors

    /** Takes a descriptor's facts, or a negative errno and nothing. */
    interface Opened {
        void done(int result, @Nullable Facts facts);
    }

    /** Opens a directory and asks what it is; {@code keep} gets the descriptor before. */
    void openDirectory(NameAt name, int flags, IntConsumer keep, Opened then) {
        Slot slot =
                step(
                        Op.OPENAT,
                        (completed, fd) -> {
                            if (fd >= 0) {
                                keep.accept(fd);
                            }
                            if (halted()) {
                                return;
                            }
                            if (fd < 0) {
                                then.done(fd, null);
                            } else {
                                identify(name, fd, then);
                            }
                        });
        slot.flags = flags;
        name.put(core, slot, 0);
        submit(slot);
    }

    private void identify(NameAt name, int fd, Opened then) {
        Facts.ask(
                this,
                fd,
                (slot, result) -> {
                    if (result < 0) {
                        fail(result, "stat", name.path());
                    } else if (!halted()) {
                        then.done(0, Facts.at(slot.scratch));
                    }
                });
    }

    void close(CpFolder folder) {
        folder.close(core);
        open.remove(folder);
    }

    /** Closes the highest folders that wait for others, while too many are open. */
    private void closeThoseThatWait() {
        if (open.size() <= MAX_OPEN_DIRECTORIES) {
            return;
        }
        for (CpFolder folder : open.toArray(CpFolder[]::new)) {
            if (open.size() > MAX_OPEN_DIRECTORIES && folder.canWaitClosed()) {
                ready.remove(folder);
                close(folder);
            }
        }
    }

    /** Opens the folder above, which was closed meanwhile, and goes on. */
    private void climb(CpFolder folder, CpFolder parent) {
        boolean byPath = options.dereference();
        CpFolder again = opening(new CpFolder(null, parent.source, parent.dest));
        openDirectory(
                folder.sourceAbove(parent, byPath),
                CpFolder.OPEN_TO_PASS,
                fd -> again.in = fd,
                (result, facts) -> {
                    if (isWhatItWas(parent.facts(), facts, result, parent.source)) {
                        openDirectory(
                                folder.destAbove(parent, byPath),
                                parent.copyFlags(),
                                fd -> again.out = fd,
                                (fault, copy) -> {
                                    if (isWhatItWas(parent.copied(), copy, fault, parent.dest)) {
                                        arrived(folder, parent, again);
                                    }
                                });
                    }
                });
    }

    /** False, and the end, when somebody has moved the folder from under its parent. */
    private boolean isWhatItWas(Facts before, @Nullable Facts now, int result, Path path) {
        if (now != null && now.isSameFile(before)) {
            return true;
        }
        fail(now == null ? result : -ErrnoCode.ENOENT, "opendir", path);
        return false;
    }

    private void arrived(CpFolder folder, CpFolder parent, CpFolder again) {
        if (!parent.isOpen()) { // else another one below was faster
            again.moveTo(parent);
            open.add(parent);
            if (parent.hasFolders()) {
                waits(parent);
            }
        }
        close(again);
        left(folder);
    }

    // ---- the end

    private void fail(int result, String step, Path path) {
        fail(ErrnoException.file(result, step, path.toString()));
    }

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        for (CpFolder folder : open.toArray(CpFolder[]::new)) {
            close(folder);
        }
        ReactorException failure = err;
        if (failure == null && !complete) {
            failure = stoppedError();
        }
        if (failure == null) {
            reporter.tell();
        }
        callback.call(failure);
    }

    @Override
    String name() {
        return "cp";
    }

    @Override
    public String toString() {
        return "cp " + source + " to " + dest + ", " + reporter;
    }
}
