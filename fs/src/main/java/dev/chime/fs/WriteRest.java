package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Composed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write of chunks to an open file, each where the one before ended, and the fsync behind them if
 * one is wanted. The next chunk is asked for when the one before is written.
 */
final class WriteRest extends Composed {
    private final FileHandle handle;
    private final Chunks chunks;
    private final boolean flush;
    private final Done callback;
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable Operation step;

    private WriteRest(FileHandle handle, Chunks chunks, boolean flush, Done callback) {
        super(handle.core());
        this.handle = handle;
        this.chunks = chunks;
        this.flush = flush;
        this.callback = callback;
    }

    /** Writes one array. */
    static Operation array(FileHandle handle, byte[] content, boolean flush, Done callback) {
        WriteRest call = new WriteRest(handle, new Chunks(List.of()), flush, callback);
        call.write(content);
        return call;
    }

    /** Writes what an iterator makes; it is asked in a later turn, as callbacks are called. */
    static Operation chunks(FileHandle handle, Chunks source, boolean flush, Done callback) {
        WriteRest call = new WriteRest(handle, source, flush, callback);
        call.write(new byte[0]);
        return call;
    }

    private void write(byte[] bytes) {
        // Not by its public calls: these would pass for the user's.
        step =
                handle.enqueue(
                        new ArrayTransfer(
                                handle, bytes, Transfer.SEQUENTIAL, (err, count) -> wrote(err)));
    }

    private void wrote(@Nullable ReactorException err) throws Exception {
        CallSite.resume(site);
        if (err != null) {
            finish(err);
            return;
        }
        byte[] next;
        try {
            next = stopped() ? null : chunks.next();
        } catch (ReactorException failure) {
            finish(failure);
            return;
        }
        if (next != null) {
            write(next);
        } else if (stopped()) {
            finish(Arguments.stopped(stopErrno(), "write"));
        } else if (flush) {
            Done synced = this::finish;
            step = core.operation(SlotCalls.submit(handle, Op.FSYNC, null, 0, 0, synced));
        } else {
            finish(null);
        }
    }

    private void finish(@Nullable ReactorException err) throws Exception {
        step = null;
        ended();
        callback.call(told(err, "write"));
    }

    @Override
    protected void interrupt() {
        if (step != null) {
            step.cancel();
        }
    }

    @Override
    public String toString() {
        return "writeFile of " + handle.path();
    }
}
