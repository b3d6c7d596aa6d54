package dev.chime.fs;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one file, as a part of a call.
 *
 * <p>The kernel copies (copy_file_range(2)) where it can; else, and for files whose size says
 * nothing, bytes go through a buffer. Holes are looked for in files that have less space than size,
 * and stay holes. What is copied is what the file had when the copy began: what it grows by
 * meanwhile is left out, and if it shrinks the copy is shorter. A destination that could not be
 * completed is removed.
 */
final class FileCopy {
    /** What the kernel copies in one step: a cancel waits for it, and progress comes after it. */
    static final int PIECE_BYTES = 16 << 20;

    /** What it came to: 0, or a negative errno. */
    interface Outcome {
        /** By then everything is closed. {@code begun}: the destination was open. */
        void done(int result, boolean begun);
    }

    /** A size that nobody knows: to the end. */
    private static final long TO_THE_END = Long.MAX_VALUE;

    private final Steps host;
    private final NameAt source;
    private final NameAt dest;
    private final CopyOptions options;
    private final boolean keepTimes;
    private final Reporter reporter;
    private final Outcome outcome;
    private final ByteCopy bytes;
    int in = -1;
    int out = -1;
    private @Nullable Facts from;
    private boolean created;
    private boolean overwritten;
    private boolean removes = true;
    private boolean complete;
    private boolean destIsRegular = true;
    private boolean kernelCopies = true;
    private boolean looksForHoles;

    /** How far it has come. */
    long at;

    private long written;
    private long reported;

    FileCopy(
            Steps host,
            NameAt source,
            NameAt dest,
            CopyOptions options,
            boolean keepTimes,
            Reporter reporter,
            Outcome outcome) {
        this.host = host;
        this.source = source;
        this.dest = dest;
        this.options = options;
        this.keepTimes = keepTimes;
        this.reporter = reporter;
        this.outcome = outcome;
        bytes = new ByteCopy(this, host);
    }

    /** Starts with a source of which nothing is known: an open of a FIFO would wait for ever. */
    void start() {
        Facts.ask(
                host,
                source,
                0,
                (slot, result) -> {
                    int refusal = result < 0 ? result : refusal(Facts.at(slot.scratch));
                    if (refusal < 0) {
                        finish(refusal);
                    } else {
                        openSource(noWait(Facts.at(slot.scratch)));
                    }
                });
    }

    /** Starts with both open and looked at: who has opened the destination removes it, too. */
    void start(int source, Facts facts, int dest, Facts to, boolean isNew) {
        in = source;
        out = dest;
        from = facts;
        removes = false;
        created = isNew;
        destIsRegular = to.isRegular();
        if (options.progress() != null && facts.isRegular()) {
            reporter.total(facts.size());
        }
        if (destIsRegular && to.size() > 0) {
            truncate(0, () -> setMode(facts));
        } else {
            setMode(facts);
        }
    }

    /** Why a file is neither read nor written: directories, FIFOs and sockets; 0 for others. */
    static int refusal(Facts facts) {
        return switch (facts.type()) {
            case DIRECTORY -> -ErrnoCode.EISDIR;
            case FIFO, SOCKET -> -ErrnoCode.EINVAL;
            default -> 0;
        };
    }

    /** Starts with a source that can be opened without waiting, by more flags of open(2). */
    void openSource(int flags) {
        open(
                source,
                Const.O_RDONLY | flags,
                0,
                fd -> {
                    in = fd;
                    Facts.ask(
                            host,
                            fd,
                            (slot, result) -> {
                                if (result < 0 || host.halted()) {
                                    finish(result);
                                    return;
                                }
                                Facts facts = Facts.at(slot.scratch);
                                from = facts;
                                int refusal = refusal(facts);
                                if (refusal < 0) {
                                    finish(refusal);
                                } else {
                                    wait(fd, flags);
                                    if (options.progress() != null && facts.isRegular()) {
                                        reporter.total(facts.size());
                                    }
                                    createDest(facts);
                                }
                            });
                });
    }

    /**
     * How a file is opened that was a regular one: it may be a FIFO by now, whose open waits for
     * its other end.
     */
    static int noWait(Facts facts) {
        return facts.isRegular() ? Const.O_NONBLOCK : 0;
    }

    /** It is no FIFO: reads and writes may wait from now on. */
    private void wait(int fd, int flags) {
        if ((flags & Const.O_NONBLOCK) != 0) {
            host.core().syscall(Sys.FCNTL, fd, Const.F_SETFL, 0);
        }
    }

    private void open(NameAt name, int flags, int mode, IntConsumer opened) {
        Slot slot =
                host.step(
                        Op.OPENAT,
                        (completed, result) -> {
                            if (result < 0) {
                                finish(result);
                            } else {
                                opened.accept(result);
                            }
                        });
        fillOpen(slot, name, flags, mode);
    }

    private void fillOpen(Slot slot, NameAt name, int flags, int mode) {
        slot.flags = flags | Const.O_CLOEXEC;
        slot.length = mode;
        name.put(host.core(), slot, 0);
        host.submit(slot);
    }

    // ---- the destination

    private void createDest(Facts facts) {
        Slot slot =
                host.step(
                        Op.OPENAT,
                        (completed, result) -> {
                            if (result >= 0) {
                                out = result;
                                created = true;
                                setMode(facts);
                            } else if (result == -ErrnoCode.EEXIST && !options.exclusive()) {
                                lookAtDest(facts);
                            } else {
                                finish(result);
                            }
                        });
        int flags = Const.O_WRONLY | Const.O_CREAT | Const.O_EXCL;
        fillOpen(slot, dest, flags, facts.permissions());
    }

    /** There is something: a file to write over, or a link to where there may be none. */
    private void lookAtDest(Facts facts) {
        Facts.ask(
                host,
                dest,
                0,
                (slot, result) -> {
                    boolean dangles = result == -ErrnoCode.ENOENT;
                    int refusal = result < 0 ? result : refusal(Facts.at(slot.scratch));
                    if (refusal < 0 && !dangles) {
                        finish(refusal);
                    } else {
                        int noWait = dangles ? 0 : noWait(Facts.at(slot.scratch));
                        int flags = Const.O_WRONLY | Const.O_CREAT | noWait;
                        open(dest, flags, facts.permissions(), fd -> compare(facts, fd, flags));
                    }
                });
    }

    private void compare(Facts facts, int fd, int flags) {
        out = fd;
        Facts.ask(
                host,
                fd,
                (slot, result) -> {
                    Facts to = Facts.at(slot.scratch);
                    destIsRegular = result == 0 && to.isRegular();
                    int refusal = result < 0 ? result : refusal(to);
                    if (refusal < 0) {
                        finish(refusal);
                    } else if (facts.isSameFile(to)) {
                        finish(-ErrnoCode.EINVAL);
                    } else {
                        wait(fd, flags);
                        overwritten = true;
                        if (destIsRegular && to.size() > 0) {
                            truncate(0, () -> setMode(facts));
                        } else {
                            setMode(facts);
                        }
                    }
                });
    }

    private void truncate(long size, Runnable then) {
        Slot slot = simple(Op.FTRUNCATE, out, then);
        slot.offset = size;
        host.submit(slot);
    }

    /** A step that must succeed. */
    private Slot simple(Op op, int fd, Runnable then) {
        Slot slot =
                host.step(
                        op,
                        (completed, result) -> {
                            if (result < 0 || host.halted()) {
                                finish(result);
                            } else {
                                then.run();
                            }
                        });
        slot.fd = fd;
        return slot;
    }

    private void setMode(Facts facts) {
        if (!destIsRegular) {
            cloneOrCopy(facts);
            return;
        }
        Slot slot =
                host.step(
                        Op.FCHMODAT,
                        (completed, result) -> {
                            // Somebody else's file may be ours to write, and not to change.
                            boolean foreign = !created && result == -ErrnoCode.EPERM;
                            if ((result < 0 && !foreign) || host.halted()) {
                                finish(result);
                            } else {
                                cloneOrCopy(facts);
                            }
                        });
        slot.fd = out;
        slot.length = facts.permissions();
        host.submit(slot);
    }

    private void cloneOrCopy(Facts facts) {
        if (options.reflink() == CopyOptions.Reflink.NO) {
            copy(facts);
            return;
        }
        Slot slot =
                host.step(
                        Op.CLONE,
                        (completed, result) -> {
                            if (result >= 0) {
                                report(facts.size());
                                setTimes();
                            } else if (options.reflink() == CopyOptions.Reflink.FORCE) {
                                finish(result);
                            } else {
                                copy(facts);
                            }
                        });
        slot.fd = out;
        slot.flags = in;
        host.submit(slot);
    }

    // ---- the content

    private void copy(Facts facts) {
        if (facts.isRegular() && facts.size() > 0) {
            looksForHoles = facts.isSparse() && destIsRegular;
            goOn();
        } else {
            kernelCopies = false;
            bytes.copyTo(TO_THE_END);
        }
    }

    private long size() {
        return from == null ? 0 : from.size();
    }

    /** Copies the next stretch of data, or ends. */
    void goOn() {
        if (host.halted()) {
            finish(-ErrnoCode.ECANCELED);
        } else if (at >= size()) {
            endOfData();
        } else if (looksForHoles) {
            seekData();
        } else {
            copyTo(size());
        }
    }

    private void seekData() {
        seek(
                Const.SEEK_DATA,
                at,
                (slot, result) -> {
                    if (result == -ErrnoCode.ENXIO) { // nothing but a hole, or no more file
                        at = size();
                        endOfData();
                    } else if (result == -ErrnoCode.EINVAL) {
                        looksForHoles = false; // the file system does not know
                        goOn();
                    } else if (result < 0) {
                        finish(result);
                    } else {
                        at = Memory.getLong(slot.scratch);
                        seekHole();
                    }
                });
    }

    private void seekHole() {
        seek(
                Const.SEEK_HOLE,
                at,
                (slot, result) -> {
                    if (result < 0 && result != -ErrnoCode.ENXIO) {
                        finish(result);
                    } else {
                        long hole = result < 0 ? size() : Memory.getLong(slot.scratch);
                        copyTo(Math.min(hole, size()));
                    }
                });
    }

    private void seek(int whence, long start, Steps.Then then) {
        Slot slot = host.step(Op.LSEEK, then);
        slot.fd = in;
        slot.offset = start;
        slot.length = whence;
        slot.address = slot.scratch;
        host.submit(slot);
    }

    private void copyTo(long end) {
        if (at >= end) {
            goOn();
        } else if (kernelCopies) {
            copyByKernel(end);
        } else {
            bytes.copyTo(end);
        }
    }

    private void copyByKernel(long end) {
        Slot slot =
                host.step(
                        Op.COPY_FILE_RANGE,
                        (completed, result) -> {
                            if (result > 0) {
                                moved(result);
                                if (host.halted()) {
                                    finish(-ErrnoCode.ECANCELED);
                                } else {
                                    copyTo(end);
                                }
                            } else if (result == 0 || cannotCopy(result)) {
                                kernelCopies = false; // 0: the end, or a file system that lies
                                copyTo(end);
                            } else {
                                finish(result);
                            }
                        });
        slot.fd = in;
        slot.flags = out;
        slot.offset = at;
        slot.address = at;
        slot.length = (int) Math.min(end - at, PIECE_BYTES);
        host.submit(slot);
    }

    /** Errors of copy_file_range(2) that say nothing of the files' content. */
    private static boolean cannotCopy(int result) {
        return switch (-result) {
            case ErrnoCode.EXDEV,
                    ErrnoCode.EINVAL,
                    ErrnoCode.ENOSYS,
                    ErrnoCode.EOPNOTSUPP,
                    ErrnoCode.EPERM,
                    ErrnoCode.EBADF,
                    ErrnoCode.ETXTBSY ->
                    true;
            default -> false;
        };
    }

    void moved(int count) {
        at += count;
        written = at;
        report(at);
    }

    /** A hole that was passed counts as copied. */
    private void report(long end) {
        reporter.copied(end - reported);
        reported = end;
    }

    /** All data is there; a hole at the end is made by setting the size. */
    void endOfData() {
        if (!looksForHoles || written >= size()) {
            setTimes();
            return;
        }
        Facts.ask(
                host,
                in,
                (slot, result) -> {
                    long end = result < 0 ? 0 : Math.min(size(), Stats.size(slot.scratch));
                    if (result < 0 || host.halted()) {
                        finish(result);
                    } else if (at > written && end > written) { // no lie: sysfs says a page
                        report(end);
                        truncate(end, this::setTimes);
                    } else {
                        setTimes();
                    }
                });
    }

    private void setTimes() {
        complete = true;
        Facts facts = from;
        if (!keepTimes || facts == null) {
            finish(0);
            return;
        }
        Slot slot = simple(Op.UTIMENSAT, out, () -> finish(0));
        facts.atime().put(slot.scratch);
        facts.mtime().put(slot.scratch + 2 * Long.BYTES);
        slot.offset = slot.scratch;
        host.submit(slot);
    }

    // ---- the end

    /** Closes, and removes what is incomplete. */
    void finish(int result) {
        bytes.release();
        int error = result >= 0 && !complete ? -ErrnoCode.ECANCELED : result;
        if (in >= 0) {
            Closes.forget(host.core(), in);
            in = -1;
        }
        if (out < 0) {
            outcome.done(Math.min(error, 0), false);
        } else if (error < 0 && removes && destIsRegular && (created || overwritten)) {
            Facts.ask(
                    host,
                    out,
                    (slot, told) -> {
                        Facts incomplete = told < 0 ? null : Facts.at(slot.scratch);
                        close(error, incomplete);
                    });
        } else {
            close(error, null);
        }
    }

    private void close(int error, @Nullable Facts incomplete) {
        Slot slot =
                host.step(
                        Op.CLOSE,
                        (completed, result) -> {
                            if (incomplete != null) {
                                remove(error, incomplete);
                            } else if (error == 0 && Closes.isError(result)) {
                                outcome.done(result, true);
                            } else {
                                outcome.done(Math.min(error, 0), true);
                            }
                        });
        slot.fd = out;
        out = -1;
        host.submit(slot);
    }

    /** Removes the destination, if its name still stands for the file that we wrote. */
    private void remove(int error, Facts incomplete) {
        Facts.ask(
                host,
                dest,
                Const.AT_SYMLINK_NOFOLLOW,
                (slot, result) -> {
                    if (result < 0 || !Facts.at(slot.scratch).isSameFile(incomplete)) {
                        outcome.done(error, true);
                        return;
                    }
                    Slot unlink =
                            host.step(
                                    Op.UNLINKAT, (completed, removed) -> outcome.done(error, true));
                    dest.put(host.core(), unlink, 0);
                    host.submit(unlink);
                });
    }
}
