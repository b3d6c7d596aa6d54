package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * One {@code cp}: a file, or a tree from its root to its leaves.
 *
 * <p>Several entries are copied at once, those of the directory found last first, so that no more
 * is remembered than what the directories on the way hold. A new directory can be written to while
 * it is filled; it gets its mode and times when all that is in it is done.
 */
final class Cp extends Steps {
    /** How many entries are copied at once. */
    static final int ENTRIES_AT_ONCE = 32;

    /** What a new directory needs to be filled. */
    private static final int OWNER_BITS = 0700;

    private final Path source;
    private final Path dest;
    private final CpOptions options;
    private final Done callback;
    private final Reporter reporter;

    /** Folders with names that nobody has begun with; the last one was found last. */
    private final LinkedHashSet<Folder> ready = new LinkedHashSet<>();

    private int busy;
    private boolean complete;

    /** A directory that is copied. */
    private static final class Folder {
        final @Nullable Folder parent;
        final Path source;
        final Path dest;
        final Facts facts;
        final boolean created;
        final ArrayDeque<Path> names = new ArrayDeque<>();

        /** Entries that have been begun with and are not done; and the listing. */
        int pending = 1;

        Folder(@Nullable Folder parent, Path source, Path dest, Facts facts, boolean created) {
            this.parent = parent;
            this.source = source;
            this.dest = dest;
            this.facts = facts;
            this.created = created;
        }

        /** Whether following links has led into a directory again that we are in. */
        boolean isInside(Facts directory) {
            for (Folder at = this; at != null; at = at.parent) {
                if (at.facts.isSameFile(directory)) {
                    return true;
                }
            }
            return false;
        }
    }

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
                                begin(new Entry(null, source, dest));
                            }
                        }));
        return this;
    }

    @Override
    void advance() {
        while (busy < ENTRIES_AT_ONCE && !ready.isEmpty() && !halted()) {
            Folder folder = ready.getLast();
            Path name = folder.names.remove();
            if (folder.names.isEmpty()) {
                ready.remove(folder);
            }
            folder.pending++;
            begin(new Entry(folder, folder.source.resolve(name), folder.dest.resolve(name)));
        }
    }

    private void begin(Entry entry) {
        busy++;
        entry.start();
    }

    /** An entry is done, and all below it; with it perhaps the directories above. */
    private void done(@Nullable Folder folder) {
        for (Folder at = folder; at != null; at = at.parent) {
            if (--at.pending > 0 || !at.names.isEmpty() || halted()) {
                return;
            }
            if (at.created) {
                new Seal(at).start();
                return;
            }
            reporter.done();
        }
        complete = true;
    }

    private String statName() {
        return options.dereference() ? "stat" : "lstat";
    }

    private int statFlags() {
        return options.dereference() ? 0 : Const.AT_SYMLINK_NOFOLLOW;
    }

    private void fail(int result, String step, Path path) {
        fail(ErrnoException.file(result, step, path.toString()));
    }

    /** A step on one path that must succeed. */
    private Slot on(Path path, Op op, String name, Runnable then) {
        Slot slot =
                step(
                        op,
                        (completed, result) -> {
                            if (result < 0) {
                                fail(result, name, path);
                            } else if (!halted()) {
                                then.run();
                            }
                        });
        slot.fd = Const.AT_FDCWD;
        return slot;
    }

    /** One file, link or directory on its way. */
    private final class Entry {
        private final @Nullable Folder folder;
        private final Path source;
        private final Path dest;
        private @Nullable Facts there;

        Entry(@Nullable Folder folder, Path source, Path dest) {
            this.folder = folder;
            this.source = source;
            this.dest = dest;
        }

        void start() {
            if (!isChosen()) {
                end();
                return;
            }
            Facts.ask(
                    Cp.this,
                    source,
                    statFlags(),
                    (slot, result) -> {
                        if (result < 0) {
                            fail(result, statName(), source);
                        } else if (!halted()) {
                            lookAtDest(Facts.at(slot.scratch));
                        }
                    });
        }

        private void end() {
            busy--;
            done(folder);
        }

        private boolean isChosen() {
            var filter = options.filter();
            if (filter == null) {
                return true;
            }
            boolean[] answer = {false, false};
            core.call(() -> {
                answer[0] = filter.test(source, dest);
                answer[1] = true;
            });
            if (!answer[1]) { // it threw, and the uncaught handler knows
                Cp.this.fail(ErrnoCode.ECANCELED, "cp", source);
            }
            return answer[0] && !halted();
        }

        private void lookAtDest(Facts from) {
            Facts.ask(
                    Cp.this,
                    dest,
                    statFlags(),
                    (slot, result) -> {
                        if (result < 0 && result != -ErrnoCode.ENOENT) {
                            fail(result, statName(), dest);
                        } else if (!halted()) {
                            there = result < 0 ? null : Facts.at(slot.scratch);
                            check(from);
                        }
                    });
        }

        private void check(Facts from) {
            Facts to = there;
            if (to != null && from.isSameFile(to)) {
                fail(CpErrors.same(dest));
            } else if (to != null && from.isDirectory() && !to.isDirectory()) {
                fail(CpErrors.directoryToOther(source, dest));
            } else if (to != null && !from.isDirectory() && to.isDirectory()) {
                fail(CpErrors.otherToDirectory(source, dest));
            } else if (folder == null && from.isDirectory() && isBelow(source, dest)) {
                fail(CpErrors.intoItself(source, dest, dest));
            } else if (folder == null) {
                checkAbove(from, absolute(dest).getParent());
            } else {
                copy(from);
            }
        }

        /** However its path is spelt: no directory above the destination may be the source. */
        private void checkAbove(Facts from, @Nullable Path above) {
            if (above == null || !from.isDirectory()) {
                makeParent(from);
                return;
            }
            Facts.ask(
                    Cp.this,
                    above,
                    0,
                    (slot, result) -> {
                        if (result == 0 && Facts.at(slot.scratch).isSameFile(from)) {
                            fail(CpErrors.intoItself(source, dest, dest));
                        } else if (!halted()) {
                            checkAbove(from, above.getParent());
                        }
                    });
        }

        private void makeParent(Facts from) {
            Path parent = dest.getParent();
            if (there != null || parent == null) {
                copy(from);
                return;
            }
            new Mkdirs(
                            Cp.this,
                            parent,
                            Arguments.DEFAULT_DIRECTORY_MODE,
                            (result, first) -> {
                                if (result < 0) {
                                    fail(result, "mkdir", parent);
                                } else if (!halted()) {
                                    copy(from);
                                }
                            })
                    .start();
        }

        private void copy(Facts from) {
            switch (from.type()) {
                case DIRECTORY -> copyDirectory(from);
                case FILE, CHARACTER_DEVICE, BLOCK_DEVICE -> replace(this::copyFile);
                case SYMLINK -> copyLink();
                default -> fail(CpErrors.kind(from.type(), dest));
            }
        }

        // ---- files

        /** Goes on when there is nothing, or when it has been removed. */
        private void replace(Runnable then) {
            if (there == null) {
                then.run();
            } else if (options.force()) {
                Slot unlink = on(dest, Op.UNLINKAT, "unlink", then);
                NativePath.put(core, unlink, dest, 0);
                submit(unlink);
            } else if (options.errorOnExist()) {
                fail(CpErrors.exists(dest));
            } else {
                end();
            }
        }

        private void copyFile() {
            new FileCopy(
                            Cp.this,
                            source,
                            dest,
                            CopyOptions.defaults().reflink(options.reflink()),
                            options.preserveTimestamps(),
                            reporter,
                            this::copied)
                    .openSource();
        }

        private void copied(int result) {
            if (result < 0) {
                int error = stopped() ? stopErrno() : result;
                Cp.this.fail(
                        ErrnoException.file(error, "copyfile", source.toString(), dest.toString()));
            } else {
                reporter.done();
                end();
            }
        }

        // ---- links

        private void copyLink() {
            ReadLink.ask(
                    Cp.this,
                    source,
                    (result, target) -> {
                        if (target == null) {
                            fail(result, "readlink", source);
                        } else if (!halted()) {
                            boolean asItIs = options.verbatimSymlinks() || target.isAbsolute();
                            compareLink(asItIs ? target : resolved(source, target));
                        }
                    });
        }

        private void compareLink(Path target) {
            if (there == null || there.type() != FileType.SYMLINK) {
                replace(() -> makeLink(target));
                return;
            }
            ReadLink.ask(
                    Cp.this,
                    dest,
                    (result, existing) -> {
                        if (halted()) {
                            return;
                        }
                        Path to = resolved(source, target);
                        Path before = existing == null ? null : resolved(dest, existing);
                        if (before == null || before.equals(to)) {
                            replace(() -> makeLink(target));
                        } else if (isBelow(to, before)) {
                            fail(CpErrors.intoItself(to, before, dest));
                        } else if (isBelow(before, to)) {
                            fail(CpErrors.linkToAbove(to, before, dest));
                        } else {
                            replace(() -> makeLink(target));
                        }
                    });
        }

        private void makeLink(Path target) {
            Slot slot =
                    step(
                            Op.SYMLINKAT,
                            (completed, result) -> {
                                if (result < 0) {
                                    Cp.this.fail(
                                            ErrnoException.file(
                                                    result,
                                                    "symlink",
                                                    target.toString(),
                                                    dest.toString()));
                                } else {
                                    reporter.done();
                                    end();
                                }
                            });
            slot.fd = Const.AT_FDCWD;
            NativePath.put(core, slot, target, dest);
            submit(slot);
        }

        // ---- directories

        private void copyDirectory(Facts from) {
            if (!options.recursive()) {
                fail(CpErrors.isDirectory(source));
            } else if (folder != null && folder.isInside(from)) {
                fail(ErrnoCode.ELOOP, "cp", source);
            } else if (there != null) {
                fill(new Folder(folder, source, dest, from, false));
            } else {
                Slot make =
                        on(
                                dest,
                                Op.MKDIRAT,
                                "mkdir",
                                () -> fill(new Folder(folder, source, dest, from, true)));
                make.length = from.permissions() | OWNER_BITS;
                NativePath.put(core, make, dest, 0);
                submit(make);
            }
        }

        private void fill(Folder made) {
            Slot open =
                    step(
                            Op.OPENAT,
                            (slot, result) -> {
                                if (result < 0) {
                                    fail(result, "opendir", source);
                                } else {
                                    list(made, result);
                                }
                            });
            open.fd = Const.AT_FDCWD;
            open.flags = options.dereference() ? Listing.OPEN_NAMED : Listing.OPEN_FOUND;
            NativePath.put(core, open, source, 0);
            submit(open);
        }

        private void list(Folder made, int fd) {
            if (halted()) {
                Closes.forget(core, fd);
                return;
            }
            try {
                Listing.next(
                        Cp.this,
                        fd,
                        (name, type) -> made.names.add(NativePath.decode(name)),
                        result -> listed(made, fd, result));
            } catch (OutOfMemoryError e) {
                Closes.forget(core, fd);
                fail(ErrnoCode.ENOMEM, "scandir", source);
            }
        }

        private void listed(Folder made, int fd, int result) {
            if (result > 0) {
                list(made, fd);
                return;
            }
            Closes.forget(core, fd);
            if (result < 0) {
                fail(result, "scandir", source);
                return;
            }
            busy--;
            if (!made.names.isEmpty()) {
                ready.add(made);
            }
            done(made);
        }

        private void fail(ReactorException err) {
            Cp.this.fail(err);
        }

        private void fail(int result, String step, Path path) {
            Cp.this.fail(result, step, path);
        }
    }

    /** The last steps of a directory: its mode and its times. */
    private final class Seal {
        private final Folder folder;

        Seal(Folder folder) {
            this.folder = folder;
        }

        void start() {
            Slot chmod = on(folder.dest, Op.FCHMODAT, "chmod", this::times);
            chmod.length = folder.facts.permissions();
            NativePath.put(core, chmod, folder.dest, 0);
            submit(chmod);
        }

        private void times() {
            if (!options.preserveTimestamps()) {
                end();
                return;
            }
            Slot times = on(folder.dest, Op.UTIMENSAT, "utime", this::end);
            long at = times.scratch;
            folder.facts.atime().put(at);
            folder.facts.mtime().put(at + 2 * Long.BYTES);
            times.offset = at;
            NativePath.put(core, times, folder.dest, 4 * Long.BYTES);
            submit(times);
        }

        private void end() {
            reporter.done();
            done(folder.parent);
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Where a link leads, as far as its text says. */
    private static Path resolved(Path link, Path target) {
        return absolute(link).resolveSibling(target).normalize();
    }

    private static boolean isBelow(Path directory, Path path) {
        Path above = absolute(directory);
        Path below = absolute(path);
        return below.startsWith(above) && !below.equals(above);
    }

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
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
