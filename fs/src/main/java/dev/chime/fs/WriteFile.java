package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One {@code writeFile}: open, writes until all is written, fsync if wanted, close, which is waited
 * for: some file systems report a failed write only there.
 *
 * <p>Every write names its offset, until the file turns out to have none: the ring does not move
 * the kernel's own position when a write ends in an error after some bytes, and the next write
 * would overwrite them. A file opened for appending ignores the offsets.
 *
 * <p>It owns the descriptor, by number, and closes it on every way out; the reactor lets closes
 * through even when it ends.
 */
final class WriteFile extends Composed implements Completion {
    /** The most written at once: the kernel copies into its cache while the loop waits. */
    static final int CHUNK_BYTES = 256 << 10;

    private enum Stage {
        OPEN,
        WRITE,
        SYNC,
        CLOSE,
        DONE
    }

    private final Path path;
    private final @Nullable Chunks chunks;
    private final WriteOptions options;
    private final Done callback;
    private Stage stage = Stage.OPEN;
    private @Nullable Slot slot;
    private @Nullable Chunk chunk;
    private @Nullable ReactorException failure;
    private byte[] content;

    /** Bytes of the content that are written, and of all content. */
    private int taken;

    private long written;
    private int fd = -1;
    private boolean isStream;

    /** Writes {@code content} and then, if there are any, the chunks. */
    WriteFile(
            Core core,
            Path path,
            byte[] content,
            @Nullable Chunks chunks,
            WriteOptions options,
            Done callback) {
        super(core);
        this.path = path;
        this.content = content;
        this.chunks = chunks;
        this.options = options;
        this.callback = callback;
    }

    WriteFile start() {
        Slot open = core.slot(Op.OPENAT, this);
        Opening.fill(open, OpenFlag.bits(options.flags()), options.mode());
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
        Slot inFlight = slot;
        if (inFlight != null && stage != Stage.CLOSE) {
            core.cancel(inFlight, stopErrno());
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        slot = null;
        try {
            switch (stage) {
                case OPEN -> opened(completed, result);
                case WRITE -> wrote(result);
                case SYNC -> synced(result);
                case CLOSE -> closed(result);
                case DONE -> throw new AssertionError("nothing is in flight when all is done");
            }
        } catch (OutOfMemoryError e) {
            if (stage == Stage.DONE) {
                throw e; // the callback's own
            }
            fail(ErrnoException.file(Errno.ENOMEM.number(), "write", null));
        }
    }

    private void opened(Slot open, int result) throws Exception {
        NativePath.release(open);
        if (result < 0) {
            stage = Stage.DONE;
            ended();
            callback.call(ErrnoException.file(result, "open", path.toString()));
            return;
        }
        fd = result;
        stage = Stage.WRITE;
        advance();
    }

    /** Takes the next step, whichever is left. */
    private void advance() {
        boolean mayHaveMore = chunks != null && stage == Stage.WRITE;
        if (stopped() && (mayHaveMore || taken < content.length)) {
            fail(Arguments.stopped(stopErrno(), "write"));
            return;
        }
        try {
            byte[] next = chunks == null || taken < content.length ? null : chunks.next();
            if (next != null) {
                content = next;
                taken = 0;
            }
        } catch (ReactorException failed) {
            fail(failed);
            return;
        }
        if (taken < content.length) {
            write();
        } else if (options.flush() && stage == Stage.WRITE) {
            stage = Stage.SYNC;
            if (stopped()) {
                fail(Arguments.stopped(stopErrno(), "fsync"));
                return;
            }
            Slot sync = core.slot(Op.FSYNC, this);
            sync.fd = fd;
            submit(sync);
        } else {
            close();
        }
    }

    private void write() {
        int bytes = Math.min(content.length - taken, CHUNK_BYTES);
        Chunk memory = memory(bytes);
        Memory.copy(content, taken, memory.address(), bytes);
        Slot write = core.slot(Op.WRITE, this);
        write.fd = fd;
        write.address = memory.address();
        write.length = bytes;
        write.offset = isStream ? -1 : written;
        submit(write);
    }

    private Chunk memory(int bytes) {
        Chunk memory = chunk;
        if (memory == null || memory.size() < bytes) {
            release();
            memory = core.allocate(bytes);
            chunk = memory;
        }
        return memory;
    }

    private void release() {
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
    }

    private void wrote(int result) {
        if (result == -ErrnoCode.ESPIPE && !isStream) {
            isStream = true;
            advance();
            return;
        }
        if (result <= 0) {
            // A write of nothing is no error to the kernel; going on would never end.
            int errno = result == 0 ? Errno.EIO.number() : result;
            fail(ErrnoException.file(errno, "write", null));
            return;
        }
        taken += result;
        written += result;
        advance();
    }

    private void synced(int result) {
        if (result < 0) {
            fail(ErrnoException.file(result, "fsync", null));
            return;
        }
        advance();
    }

    private void fail(ReactorException err) {
        failure = err;
        close();
    }

    private void close() {
        stage = Stage.CLOSE;
        release();
        slot = Closes.submit(core, fd, this);
        fd = -1;
    }

    private void closed(int result) throws Exception {
        stage = Stage.DONE;
        ended();
        ReactorException err = failure;
        if (Closes.isError(result)) {
            ReactorException ofClose = ErrnoException.file(result, "close", null);
            if (err == null) {
                err = ofClose;
            } else {
                err.addSuppressed(ofClose);
            }
        }
        callback.call(err);
    }

    @Override
    public String toString() {
        String note = stopped() ? " cancelled" : "";
        return "writeFile " + path + " " + stage + " " + written + " bytes" + note;
    }
}
