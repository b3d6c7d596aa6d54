package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One {@code truncate}: open, ftruncate, close, as Node does it; truncate(2) is not on the ring.
 */
final class Truncate extends Composed implements Completion {
    private final Path path;
    private final long size;
    private final Done callback;
    private @Nullable Slot slot;
    private @Nullable ReactorException failure;
    private int fd = -1;

    Truncate(Core core, Path path, long size, Done callback) {
        super(core);
        this.path = path;
        this.size = size;
        this.callback = callback;
    }

    Truncate start() {
        Slot open = core.slot(Op.OPENAT, this);
        // Not for writing alone: that would wait for the reader of a FIFO.
        Opening.fill(open, Const.O_RDWR, 0);
        NativePath.put(core, open, path, 0);
        submit(open);
        return this;
    }

    private void submit(Slot next) {
        slot = next;
        core.submit(next);
    }

    @Override
    protected void interrupt() {
        if (slot != null && slot.op() != Op.CLOSE) {
            core.cancel(slot, stopErrno());
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        switch (completed.op()) {
            case OPENAT -> opened(completed, result);
            case FTRUNCATE -> {
                if (result < 0) {
                    failure = ErrnoException.file(result, "ftruncate", null);
                }
                close();
            }
            case CLOSE -> {
                if (failure == null && Closes.isError(result)) {
                    failure = ErrnoException.file(result, "close", null);
                }
                finish();
            }
            default -> throw new AssertionError(completed);
        }
    }

    private void opened(Slot open, int result) throws Exception {
        NativePath.release(open);
        if (result < 0) {
            failure = ErrnoException.file(result, "open", path.toString());
            finish();
            return;
        }
        fd = result;
        if (stopped()) {
            failure = Arguments.stopped(stopErrno(), "ftruncate");
            close();
            return;
        }
        Slot truncate = core.slot(Op.FTRUNCATE, this);
        truncate.fd = fd;
        truncate.offset = size;
        submit(truncate);
    }

    private void close() {
        slot = Closes.submit(core, fd, this);
    }

    private void finish() throws Exception {
        ended();
        callback.call(failure);
    }

    @Override
    public String toString() {
        return "truncate " + path;
    }
}
