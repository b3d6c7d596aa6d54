package dev.chime.fs;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file, link or directory on its way: looked at, compared with what is at its destination, and
 * copied.
 *
 * <p>Between a look and what it leads to anything may come to stand for either name. So nothing is
 * opened by way of a link, and nothing is written to that was there before; what then is not what
 * it was taken for is looked at again.
 */
final class CpEntry {
    /** Whoever exchanges names faster than that gets an error. */
    private static final int LOOKS = 8;

    private final Cp walk;
    private final CpOptions options;
    private final @Nullable CpFolder folder;
    private final byte @Nullable [] name;
    private final Path source;
    private final Path dest;
    private NameAt from;
    private NameAt to;
    private @Nullable Facts there;
    private boolean asFolder;
    private boolean chosen;
    private int looks;

    /** The entry that the call names. */
    CpEntry(Cp walk, CpOptions options, Path source, Path dest) {
        this.walk = walk;
        this.options = options;
        this.source = source;
        this.dest = dest;
        folder = null;
        name = null;
        asFolder = true;
        from = NameAt.of(source);
        to = NameAt.of(dest);
    }

    /** An entry of a folder; {@code asFolder} as far as that says. */
    CpEntry(Cp walk, CpOptions options, CpFolder folder, byte[] name, boolean asFolder) {
        this.walk = walk;
        this.options = options;
        this.folder = folder;
        this.name = name;
        this.asFolder = asFolder;
        Path own = NativePath.decode(name);
        source = folder.source.resolve(own);
        dest = folder.dest.resolve(own);
        from = NameAt.of(source);
        to = NameAt.of(dest);
    }

    @Nullable CpFolder folder() {
        return folder;
    }

    boolean isFolder() {
        return asFolder;
    }

    /** Begins, or goes on with what turned out to be a folder. */
    void start() {
        if (folder != null && name != null) {
            from = NameAt.below(folder.in, name, source);
            to = NameAt.below(folder.out, name, dest);
        }
        if (chosen || isChosen()) {
            chosen = true;
            look();
        } else {
            walk.ended(this);
        }
    }

    private boolean isChosen() {
        var filter = options.filter();
        if (filter == null) {
            return true;
        }
        boolean[] answer = {false, false};
        walk.core()
                .call(() -> {
                    answer[0] = filter.test(source, dest);
                    answer[1] = true;
                });
        if (!answer[1]) { // it threw, and the uncaught handler knows
            fail(ErrnoCode.ECANCELED, "cp", source);
        }
        return answer[0] && !walk.halted();
    }

    private String statName() {
        return options.dereference() ? "stat" : "lstat";
    }

    private int statFlags() {
        return options.dereference() ? 0 : Const.AT_SYMLINK_NOFOLLOW;
    }

    private void fail(ReactorException err) {
        walk.fail(err);
    }

    private void fail(int result, String step, Path path) {
        walk.fail(ErrnoException.file(result, step, path.toString()));
    }

    // ---- what there is

    private void look() {
        looks++;
        Facts.ask(
                walk,
                from,
                statFlags(),
                (slot, result) -> {
                    if (result < 0) {
                        fail(result, statName(), source);
                    } else if (!walk.halted()) {
                        lookAtDest(Facts.at(slot.scratch));
                    }
                });
    }

    /** Looks again, if an error may mean that somebody has exchanged a name since the last look. */
    private void lookAgain(int result, String step, Path path) {
        if (!CpFolder.hasChanged(result) || looks >= LOOKS) {
            fail(result, step, path);
        } else if (!walk.halted()) {
            look();
        }
    }

    private void lookAtDest(Facts facts) {
        Facts.ask(
                walk,
                to,
                statFlags(),
                (slot, result) -> {
                    if (result < 0 && result != -ErrnoCode.ENOENT) {
                        fail(result, statName(), dest);
                    } else if (!walk.halted()) {
                        there = result < 0 ? null : Facts.at(slot.scratch);
                        check(facts);
                    }
                });
    }

    private void check(Facts facts) {
        Facts existing = there;
        if (existing != null && facts.isSameFile(existing)) {
            fail(CpErrors.same(dest));
        } else if (existing != null && facts.isDirectory() && !existing.isDirectory()) {
            fail(CpErrors.directoryToOther(source, dest));
        } else if (existing != null && !facts.isDirectory() && existing.isDirectory()) {
            fail(CpErrors.otherToDirectory(source, dest));
        } else if (folder == null && facts.isDirectory() && isBelow(source, dest)) {
            fail(CpErrors.intoItself(source, dest, dest));
        } else if (folder == null) {
            checkAbove(facts, absolute(dest).getParent());
        } else {
            copy(facts);
        }
    }

    /** However its path is spelt: no directory above the destination may be the source. */
    private void checkAbove(Facts facts, @Nullable Path above) {
        if (above == null || !facts.isDirectory()) {
            makeParent(facts);
            return;
        }
        Facts.ask(
                walk,
                above,
                0,
                (slot, result) -> {
                    if (result == 0 && Facts.at(slot.scratch).isSameFile(facts)) {
                        fail(CpErrors.intoItself(source, dest, dest));
                    } else if (!walk.halted()) {
                        checkAbove(facts, above.getParent());
                    }
                });
    }

    private void makeParent(Facts facts) {
        Path parent = dest.getParent();
        if (there != null || parent == null) {
            copy(facts);
            return;
        }
        new Mkdirs(
                        walk,
                        parent,
                        Arguments.DEFAULT_DIRECTORY_MODE,
                        (result, at, first) -> {
                            if (result < 0) {
                                fail(result, "mkdir", at);
                            } else if (!walk.halted()) {
                                copy(facts);
                            }
                        })
                .start();
    }

    private void copy(Facts facts) {
        switch (facts.type()) {
            case DIRECTORY -> copyDirectory();
            case FILE, CHARACTER_DEVICE, BLOCK_DEVICE -> replace(() -> copyFile(facts));
            case SYMLINK -> copyLink();
            default -> fail(CpErrors.kind(facts.type(), dest));
        }
    }

    // ---- files

    /** Goes on when there is nothing, or when it has been removed. */
    private void replace(Runnable then) {
        if (there == null) {
            then.run();
        } else if (options.force()) {
            unlink(then);
        } else if (options.errorOnExist()) {
            fail(CpErrors.exists(dest));
        } else {
            walk.ended(this);
        }
    }

    private void unlink(Runnable then) {
        Slot unlink =
                walk.step(
                        Op.UNLINKAT,
                        (completed, result) -> {
                            if (result < 0 && result != -ErrnoCode.ENOENT) {
                                lookAgain(result, "unlink", dest);
                            } else if (!walk.halted()) {
                                then.run();
                            }
                        });
        to.put(walk.core(), unlink, 0);
        walk.submit(unlink);
    }

    private void copyFile(Facts facts) {
        // A link that leads nowhere is written through, as in Node, if links are to be followed.
        boolean exclusive = there != null || !options.dereference();
        int flags = options.dereference() ? 0 : Const.O_NOFOLLOW;
        new FileCopy(
                        walk,
                        from,
                        to,
                        CopyOptions.defaults().reflink(options.reflink()).exclusive(exclusive),
                        options.preserveTimestamps(),
                        walk.reporter(),
                        this::copied)
                .openSource(flags | FileCopy.noWait(facts));
    }

    private void copied(int result, boolean begun) {
        if (result >= 0) {
            walk.reporter().done();
            walk.ended(this);
        } else if (!begun && CpFolder.hasChanged(result) && looks < LOOKS && !walk.halted()) {
            look();
        } else {
            int error = walk.stopErrnoOr(result);
            fail(ErrnoException.file(error, "copyfile", source.toString(), dest.toString()));
        }
    }

    // ---- links

    private void copyLink() {
        ReadLink.ask(
                walk,
                from,
                (result, text) -> {
                    if (text == null) {
                        lookAgain(result, "readlink", source);
                    } else if (!walk.halted()) {
                        Path target = NativePath.decode(text);
                        boolean asItIs = options.verbatimSymlinks() || target.isAbsolute();
                        Path goal = resolved(source, target);
                        compareLink(goal, asItIs ? text : NativePath.bytes(goal));
                    }
                });
    }

    /** Makes a link that says {@code text} and leads to {@code goal}. */
    private void compareLink(Path goal, byte[] text) {
        if (there == null || there.type() != FileType.SYMLINK) {
            replace(() -> makeLink(text));
            return;
        }
        ReadLink.ask(
                walk,
                to,
                (result, existing) -> {
                    if (walk.halted()) {
                        return;
                    }
                    Path before =
                            existing == null ? null : resolved(dest, NativePath.decode(existing));
                    if (before == null || before.equals(goal)) {
                        replace(() -> makeLink(text));
                    } else if (isBelow(goal, before)) {
                        fail(CpErrors.intoItself(goal, before, dest));
                    } else if (isBelow(before, goal)) {
                        fail(CpErrors.linkToAbove(goal, before, dest));
                    } else {
                        replace(() -> makeLink(text));
                    }
                });
    }

    private void makeLink(byte[] text) {
        Slot slot =
                walk.step(
                        Op.SYMLINKAT,
                        (completed, result) -> {
                            if (result >= 0) {
                                walk.reporter().done();
                                walk.ended(this);
                            } else if (result == -ErrnoCode.EEXIST && looks < LOOKS) {
                                lookAgain(result, "symlink", dest);
                            } else {
                                String target = NativePath.decode(text).toString();
                                fail(
                                        ErrnoException.file(
                                                result, "symlink", target, dest.toString()));
                            }
                        });
        to.putLink(walk.core(), slot, text);
        walk.submit(slot);
    }

    // ---- directories

    private void copyDirectory() {
        if (!options.recursive()) {
            fail(CpErrors.isDirectory(source));
        } else if (!asFolder) {
            asFolder = true;
            walk.isFolder(this);
        } else {
            openSource(walk.opening(new CpFolder(folder, source, dest)));
        }
    }

    private void openSource(CpFolder made) {
        walk.openDirectory(
                from,
                options.dereference() ? Listing.OPEN_NAMED : Listing.OPEN_FOUND,
                fd -> made.in = fd,
                (result, facts) -> {
                    if (facts == null) {
                        giveUp(made, result, "opendir", source);
                    } else if (folder != null && folder.isInside(facts)) {
                        fail(ErrnoCode.ELOOP, "cp", source);
                    } else if (walk.isTop(facts)) {
                        fail(CpErrors.intoItself(source, dest, dest));
                    } else if (there == null) {
                        makeDest(made, facts);
                    } else {
                        openDest(made, facts);
                    }
                });
    }

    private void makeDest(CpFolder made, Facts facts) {
        Slot slot =
                walk.step(
                        Op.MKDIRAT,
                        (completed, result) -> {
                            if (result < 0) {
                                giveUp(made, result, "mkdir", dest);
                            } else if (!walk.halted()) {
                                made.created = true;
                                openDest(made, facts);
                            }
                        });
        slot.length = facts.permissions() | Cp.OWNER_BITS;
        to.put(walk.core(), slot, 0);
        walk.submit(slot);
    }

    private void openDest(CpFolder made, Facts facts) {
        boolean follows = options.dereference() && !made.created;
        walk.openDirectory(
                to,
                made.copyFlags() | (follows ? 0 : Const.O_NOFOLLOW),
                fd -> made.out = fd,
                (result, copy) -> {
                    if (copy == null) {
                        giveUp(made, result, "opendir", dest);
                    } else {
                        made.opened(facts, copy);
                        walk.entered(this, made);
                    }
                });
    }

    private void giveUp(CpFolder made, int result, String step, Path path) {
        walk.close(made);
        lookAgain(result, step, path);
    }

    // ---- paths

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
}
