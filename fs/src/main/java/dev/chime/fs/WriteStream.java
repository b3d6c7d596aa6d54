package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.FileSink;
import dev.chime.reactor.stream.WritableBase;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A file, FIFO or device that is written piece by piece. Loop thread only.
 *
 * <p>Events: open and ready when the path has been opened, drain, finish, close. What is written
 * before the open waits for it. Errors come with the close: of {@code open} with the path, of
 * {@code write}, {@code fsync}, {@code close}; behind a write that failed none is begun.
 */
public final class WriteStream extends WritableBase {
    static {
        FileSink.register(WriteStream.class, stream -> stream.sink);
    }

    private final FileSink sink = new Sink();
    private final Core core;
    private final StreamFile file;
    private final WriteStreamOptions options;
    private @Nullable Buffer waiting;
    private @Nullable Operation underWay;
    private @Nullable Done closing;
    private boolean finishing;
    private boolean positions;

    /** A stretch of another file that waits until what is queued has been written. */
    private @Nullable Stretch stretch;

    private record Stretch(Fd source, long at, int bytes, IntConsumer copied) {}

    private WriteStream(Core core, StreamFile file, WriteStreamOptions options) {
        super(core.reactor(), options.highWaterMark(), options.limit());
        this.core = core;
        this.file = file;
        this.options = options;
    }

    static WriteStream open(
            Core core, StreamFile.Opener opener, Path path, WriteStreamOptions options) {
        StreamFile file = new StreamFile(core, path, options.autoClose());
        WriteStream stream = new WriteStream(core, file, options);
        file.open(opener, options.flags(), options.mode(), stream, stream::opened);
        file.abortOn(options.signal(), "write", stream);
        return stream;
    }

    static WriteStream of(FileHandle handle, WriteStreamOptions options) {
        StreamFile file = new StreamFile(handle, options.autoClose());
        WriteStream stream = new WriteStream(handle.core(), file, options);
        stream.positions = options.start() >= 0;
        file.abortOn(options.signal(), "write", stream);
        return stream;
    }

    private void opened() {
        positions = options.start() >= 0;
        goOn();
    }

    /** Does what had to wait for the open, or for a copy. */
    private void goOn() {
        Buffer piece = waiting;
        if (piece != null) {
            waiting = null;
            take(piece);
        } else if (finishing) {
            finish();
        } else {
            copy();
        }
    }

    /** Calls {@code handler} when the path has been opened; never for a file that was open. */
    public WriteStream onOpen(OpenHandler handler) {
        file.onOpen(handler);
        return this;
    }

    /** Runs {@code task} behind the open. */
    public WriteStream onReady(Task task) {
        file.onReady(task);
        return this;
    }

    /** The path that the file was opened by. */
    public Path path() {
        return file.path();
    }

    /** The file; null until it is open. */
    public @Nullable FileHandle file() {
        return file.handle();
    }

    /** True until the file is open. */
    public boolean isPending() {
        return file.isPending();
    }

    @Override
    protected void take(Buffer piece) {
        FileHandle handle = file.handle();
        if (isDestroyed()) {
            return; // by whoever heard of the open
        }
        if (handle == null || underWay != null) {
            waiting = piece;
        } else if (positions) {
            underWay = handle.write(piece, options.start() + bytesWritten(), this::written);
        } else {
            underWay = handle.write(piece, this::written);
        }
    }

    private void written(@Nullable ReactorException err, int bytes) throws Exception {
        underWay = null;
        if (!closeNow()) {
            taken(err);
            copy();
        }
    }

    // ---- copies

    private void dropStretch() {
        Stretch dropped = stretch;
        if (dropped != null) {
            stretch = null;
            reactor().nextTick(() -> dropped.copied.accept(0));
        }
    }

    private final class Sink implements FileSink {
        @Override
        public boolean copyFrom(Fd source, long at, int bytes, IntConsumer copied) {
            if (isEnding() || isDestroyed() || stretch != null) {
                return false;
            }
            stretch = new Stretch(source, at, bytes, copied);
            copy();
            return true;
        }

        @Override
        public void cancelCopy() {
            if (stretch != null) {
                dropStretch();
            } else if (underWay != null) {
                underWay.cancel();
            }
        }
    }

    private void copy() {
        Stretch next = stretch;
        FileHandle handle = file.handle();
        if (next == null || handle == null || underWay != null || queuedBytes() > 0) {
            return;
        }
        if (isDestroyed() || !StretchCopy.suits(handle) || !next.source.isOpen()) {
            dropStretch();
            return;
        }
        stretch = null;
        long to = positions ? options.start() + bytesWritten() : Transfer.SEQUENTIAL;
        underWay =
                handle.enqueue(
                        new StretchCopy(
                                handle,
                                to,
                                next.source,
                                next.at,
                                next.bytes,
                                count -> copied(count, next.copied)));
    }

    private void copied(int count, IntConsumer told) {
        underWay = null;
        passed(count);
        told.accept(count);
        core.call(() -> {
            if (!closeNow()) {
                goOn();
            }
        });
    }

    // ---- the end

    @Override
    protected void finish() {
        FileHandle handle = file.handle();
        dropStretch();
        if (handle == null || underWay != null) {
            finishing = true; // an empty file is made by its open
        } else if (!isDestroyed() && options.flush()) {
            underWay = handle.sync(this::flushed);
        } else {
            completed(null);
        }
    }

    private void flushed(@Nullable ReactorException err) throws Exception {
        underWay = null;
        if (!closeNow()) {
            completed(err);
        }
    }

    @Override
    protected void close(Done closed) throws Exception {
        closing = closed;
        dropStretch();
        Operation operation = underWay;
        if (operation != null) {
            operation.cancel();
        } else {
            closeNow();
        }
    }

    private boolean closeNow() throws Exception {
        Done closed = closing;
        if (closed == null) {
            return false;
        }
        closing = null;
        file.close(closed);
        return true;
    }

    @Override
    public String toString() {
        return "WriteStream[" + path() + (isDestroyed() ? ", destroyed]" : "]");
    }
}
