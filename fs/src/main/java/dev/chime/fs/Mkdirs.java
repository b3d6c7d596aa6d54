package dev.chime.fs;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Makes a directory and those above it that are missing, as a part of a call. */
final class Mkdirs {
    /** What it came to: the first directory made, if any; a negative errno, and of what. */
    interface Outcome {
        void done(int result, Path at, @Nullable Path first);
    }

    /** Somebody may remove directories while we make them; how often we begin again. */
    private static final int MAX_SETBACKS = 100;

    private final Steps host;
    private final Path path;
    private final int mode;
    private final Outcome outcome;
    private final ArrayDeque<Path> below = new ArrayDeque<>();
    private @Nullable Path first;
    private int setbacks;
    private boolean descends;

    Mkdirs(Steps host, Path path, int mode, Outcome outcome) {
        this.host = host;
        this.path = path;
        this.mode = mode;
        this.outcome = outcome;
    }

    void start() {
        make(path);
    }

    private void make(Path at) {
        if (host.halted()) {
            outcome.done(-ErrnoCode.ECANCELED, at, first);
            return;
        }
        Slot slot = host.step(Op.MKDIRAT, (completed, result) -> made(at, result));
        slot.fd = Const.AT_FDCWD;
        slot.length = mode;
        NativePath.put(host.core(), slot, at, 0);
        host.submit(slot);
    }

    private void made(Path at, int result) {
        if (result == 0) {
            if (first == null) {
                first = at;
            }
            descend();
        } else if (result == -ErrnoCode.ENOENT) {
            climb(at);
        } else {
            look(at, result);
        }
    }

    /** The directory above is missing. */
    private void climb(Path at) {
        Path parent = at.getParent();
        if (descends) {
            descends = false;
            setbacks++;
        }
        if (parent == null || setbacks > MAX_SETBACKS) {
            outcome.done(-ErrnoCode.ENOENT, at, first);
            return;
        }
        below.push(at);
        make(parent);
    }

    private void descend() {
        descends = true;
        Path next = below.poll();
        if (next == null) {
            outcome.done(0, path, first);
        } else {
            make(next);
        }
    }

    /** Something is there, or we may not make it: good if it is a directory. */
    private void look(Path at, int refusal) {
        Slot stat =
                host.step(
                        Op.STATX,
                        (slot, result) -> {
                            if (result == 0 && Stats.type(slot.scratch) == Const.S_IFDIR) {
                                descend();
                            } else if (result < 0 && host.halted()) {
                                outcome.done(result, at, first); // not an answer, but a cancel
                            } else if (refusal != -ErrnoCode.EEXIST) {
                                outcome.done(refusal, at, first);
                            } else if (at.equals(path)) {
                                outcome.done(result < 0 ? result : refusal, at, first);
                            } else {
                                outcome.done(-ErrnoCode.ENOTDIR, at, first);
                            }
                        });
        stat.fd = Const.AT_FDCWD;
        stat.length = StatxLayout.STATX_TYPE;
        stat.offset = stat.scratch;
        NativePath.put(host.core(), stat, at, StatxLayout.SIZE);
        host.submit(stat);
    }
}
