package dev.chime.fs;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.OpenHowLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A call below a {@link Root}: its first step opens a path with openat2(2), and the kernel sees to
 * it, at every component, that the walk does not leave the root.
 */
abstract class Beneath extends Composed implements Completion {
    /**
     * How often a walk is begun again that a rename has disturbed: the kernel gives up a walk
     * through "..", with EAGAIN, when it cannot tell any more whether that led outside.
     */
    private static final int ATTEMPTS = 100;

    private static final int RESOLVE =
            OpenHowLayout.RESOLVE_BENEATH | OpenHowLayout.RESOLVE_NO_MAGICLINKS;

    final Root root;

    /** The folder whose names the call works on, once it is open; -1 before. */
    int folder = -1;

    private final String step;
    private @Nullable Slot slot;
    private @Nullable Operation inner;
    private Path walked = Root.HERE;
    private int flags;
    private int mode;
    private int attempts;

    /**
     * Prepares a call.
     *
     * @param step how errors name what it does
     */
    Beneath(Root root, String step) {
        super(root.core());
        this.root = root;
        this.step = step;
    }

    /** Begins; a root that is closed refuses, in a later turn as always. */
    final Operation start() {
        if (root.isOpen()) {
            begin();
        } else {
            submit(core.slot(Op.NOP, this));
        }
        root.begun();
        return this;
    }

    /** Takes the first step. */
    abstract void begin();

    /** A path is open: the call owns the descriptor. */
    abstract void opened(int fd) throws Exception;

    /** Another step has ended well. */
    void done(Slot completed, int result) throws Exception {
        throw new AssertionError(completed + " is no step of this call");
    }

    /** An open, or another step, has failed with a negative errno: so has the call, as a rule. */
    void refused(Slot completed, int result) throws Exception {
        fail(result);
    }

    /** Whether the step under way has to end by itself, since only its result tells what it did. */
    boolean mustEnd() {
        return false;
    }

    /** Calls back with an error, after {@link #end}. */
    abstract void failed(ReactorException err) throws Exception;

    /** Opens a path below the root. */
    final void open(Path path, int openFlags, int openMode) {
        walked = path;
        flags = openFlags;
        mode = openMode;
        attempts = 0;
        walk();
    }

    /** Opens the folder that holds a name below the root. */
    final void openFolder(Path of) {
        Path parent = of.getParent();
        open(parent == null ? Root.HERE : parent, Const.O_PATH | Const.O_DIRECTORY, 0);
    }

    /** True for a path whose end is a place, not a name in one. */
    static boolean isNoName(Path path) {
        Path last = path.getFileName();
        String name = last == null ? "" : last.toString();
        return name.isEmpty() || name.equals(".") || name.equals("..");
    }

    private void walk() {
        attempts++;
        Slot open = core.slot(Op.OPENAT2, this);
        open.owner = root.fd();
        fill(open, flags, mode, RESOLVE);
        Path path = walked.toString().isEmpty() ? Root.HERE : walked;
        NativePath.put(core, open, path, OpenHowLayout.SIZE);
        submit(open);
    }

    /** Writes the struct open_how to the start of the slot's scratch memory. */
    static void fill(Slot open, int flags, int mode, int resolve) {
        long how = open.scratch;
        Memory.putLong(how + OpenHowLayout.FLAGS, flags | Const.O_CLOEXEC);
        Memory.putLong(how + OpenHowLayout.MODE, (flags & Const.O_CREAT) != 0 ? mode : 0);
        Memory.putLong(how + OpenHowLayout.RESOLVE, resolve);
        open.offset = how;
        open.length = OpenHowLayout.SIZE;
    }

    final void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    /** A call of the user's kind is the step that is under way; null when it is over. */
    final void under(@Nullable Operation call) {
        inner = call;
    }

    @Override
    protected final void interrupt() {
        Slot inFlight = slot;
        if (inner != null) {
            inner.cancel();
        } else if (inFlight != null && !mustEnd()) {
            core.cancel(inFlight, stopErrno());
        }
    }

    @Override
    public final void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        NativePath.release(completed);
        AbortReason.during(abortReason(), () -> completed(completed, result));
    }

    private void completed(Slot completed, int result) throws Exception {
        switch (completed.op()) {
            case NOP -> fail(-ErrnoCode.EBADF);
            case OPENAT2 -> walked(completed, result);
            default -> {
                if (result < 0) {
                    refused(completed, result);
                } else {
                    done(completed, result);
                }
            }
        }
    }

    private void walked(Slot completed, int result) throws Exception {
        if (result == -ErrnoCode.EAGAIN && attempts < ATTEMPTS && !stopped()) {
            walk();
        } else if (result == -ErrnoCode.EXDEV) {
            ReactorException err = outside();
            end();
            failed(err);
        } else if (result < 0) {
            refused(completed, result);
        } else if (stopped() && !mustEnd()) {
            Closes.forget(core, result);
            fail(-stopErrno());
        } else {
            opened(result);
        }
    }

    private ReactorException outside() {
        return new ReactorException(
                "ERR_FS_OUTSIDE_ROOT",
                "the path leads out of the root '%s', %s '%s'"
                        .formatted(root.path(), step, path()));
    }

    /** Ends the call with an error of the kernel's. */
    final void fail(int result) throws Exception {
        ReactorException err = error(result);
        end();
        failed(err);
    }

    /** A step that this call has stopped says ECANCELED, also where the reason is a deadline. */
    final @Nullable ReactorException told(@Nullable ReactorException err) {
        return told(err, step);
    }

    /** Closes a descriptor, if it is one; what to remember of it then. */
    final int closed(int fd) {
        if (fd >= 0) {
            Closes.forget(core, fd);
        }
        return -1;
    }

    /** The error for a negative errno. */
    ErrnoException error(int result) {
        return ErrnoException.file(result, step, path().toString());
    }

    /** The path that errors name. */
    Path path() {
        return walked;
    }

    final String step() {
        return step;
    }

    /** The call is over, its callback comes next: gives back what it holds. */
    void end() {
        folder = closed(folder);
        ended();
        root.ended();
    }

    /** Takes over a descriptor as a file. */
    final FileHandle handle(int number) {
        return new FileHandle(core, core.adopt(number, Fd.Kind.FILE), walked, flags);
    }

    @Override
    public String toString() {
        return step + " of " + path() + " below " + root.path();
    }
}
