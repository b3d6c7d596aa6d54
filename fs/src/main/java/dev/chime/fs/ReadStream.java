package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.NativeMemoryException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.FileSink;
import dev.chime.reactor.stream.ReadableBase;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file, FIFO or device, piece by piece. Loop thread only.
 *
 * <p>Events: open and ready when the path has been opened, data, end, close. Errors come with the
 * close: of {@code open} with the path, of {@code read}, of {@code close}.
 *
 * <p>Where the file has positions, two reads are on their way at once; so streams on one file do
 * not disturb each other. What is written to the file meanwhile may or may not be seen.
 *
 * <p>Piped to a {@link WriteStream} or, if it is in the kernel's memory, to a socket, with nothing
 * between, the content does not come through this process where the kernel can copy it
 * (copy_file_range(2), sendfile(2)); {@link #bytesRead} counts it.
 */
public final class ReadStream extends ReadableBase {
    /** Reads on their way or waiting for those before them. */
    private static final int READ_AHEAD = 2;

    /** Bytes that the kernel copies at a time: a few milliseconds. */
    private static final int COPY_BYTES = 4 << 20;

    private final Core core;
    private final StreamFile file;
    private final ReadStreamOptions options;
    private final ArrayDeque<Read> reads = new ArrayDeque<>(READ_AHEAD);
    private @Nullable Done closing;
    private int depth = 1;
    private long next;
    private boolean positions;
    private boolean wanted;
    private boolean ended;

    /** Who is asked for a copy that is under way; null while none is. */
    private @Nullable FileSink copier;

    /** False once the kernel would not copy: from then on, or at the end. */
    private boolean copies = true;

    /** The copy under way goes to somebody who is not the destination any more. */
    private boolean stopped;

    /** A read on its way, or done and waiting for those before it. */
    private final class Read implements ReadCallback {
        final long at;
        final int bytes;
        @Nullable Operation operation;
        @Nullable Buffer data;
        @Nullable ReactorException err;
        int result;
        boolean done;
        boolean stale;

        Read(long at, int bytes) {
            this.at = at;
            this.bytes = bytes;
        }

        @Override
        public void call(@Nullable ReactorException failure, int bytesRead, Buffer buffer)
                throws Exception {
            done = true;
            err = failure;
            result = bytesRead;
            if (failure == null && bytesRead > 0 && !isDestroyed()) {
                data = bytesRead < buffer.length() ? buffer.slice(0, bytesRead) : buffer.retain();
            }
            settle();
        }

        void release() {
            if (data != null) {
                data.release();
                data = null;
            }
        }
    }

    private ReadStream(Core core, StreamFile file, ReadStreamOptions options) {
        super(core.reactor(), options.highWaterMark());
        this.core = core;
        this.file = file;
        this.options = options;
    }

    static ReadStream open(
            Core core, StreamFile.Opener opener, Path path, ReadStreamOptions options) {
        StreamFile file = new StreamFile(core, path, options.autoClose());
        ReadStream stream = new ReadStream(core, file, options);
        file.open(opener, options.flags(), options.mode(), stream, stream::opened);
        file.abortOn(options.signal(), "read", stream);
        return stream;
    }

    static ReadStream of(FileHandle handle, ReadStreamOptions options) {
        StreamFile file = new StreamFile(handle, options.autoClose());
        ReadStream stream = new ReadStream(handle.core(), file, options);
        stream.positions = options.start() >= 0;
        stream.next = Math.max(0, options.start());
        file.abortOn(options.signal(), "read", stream);
        return stream;
    }

    private void opened() {
        FileHandle handle = file.handle();
        positions = handle != null && handle.sequence().isSeekable();
        next = Math.max(0, options.start());
        positions |= options.start() > 0; // the read says ESPIPE where there are none
        if (wanted) {
            fill();
        }
    }

    /** Calls {@code handler} when the path has been opened; never for a file that was open. */
    public ReadStream onOpen(OpenHandler handler) {
        file.onOpen(handler);
        return this;
    }

    /** Runs {@code task} behind the open. */
    public ReadStream onReady(Task task) {
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
    protected void pull(int bytes) {
        wanted = true;
        fill();
    }

    /** Starts reads up to the depth, one behind the other. */
    private void fill() {
        FileHandle handle = file.handle();
        if (handle == null || isCopying(handle)) {
            return;
        }
        while (!ended && !isDestroyed() && reads.size() < depth) {
            long left = options.end() - next;
            if (left < 0) {
                if (reads.isEmpty()) {
                    ended = true;
                    pushEnd();
                }
                return;
            }
            int bytes = (int) Math.min(options.highWaterMark() - 1, left) + 1;
            Buffer target;
            try {
                target = reactor().buffer(bytes);
            } catch (NativeMemoryException e) {
                if (reads.isEmpty()) {
                    destroy(ErrnoException.file(Errno.ENOMEM.number(), "read", null));
                }
                return;
            }
            Read read = new Read(next, bytes);
            reads.add(read);
            next += bytes;
            read.operation =
                    positions ? handle.read(target, read.at, read) : handle.read(target, read);
            target.release();
        }
    }

    /** Where the kernel can bring the bytes there, it does: true while it is at it. */
    private boolean isCopying(FileHandle handle) {
        long left = options.end() - next;
        if (copier == null
                && copies
                && positions
                && !ended
                && left >= 0
                && !isDestroyed()
                && reads.isEmpty()
                && StretchCopy.suits(handle)) {
            FileSink sink = FileSink.of(destination());
            int bytes = (int) Math.min(COPY_BYTES - 1, left) + 1;
            if (sink != null && sink.copyFrom(handle.descriptor(), next, bytes, this::copied)) {
                copier = sink;
            }
        }
        return copier != null;
    }

    @Override
    protected void unpiped() {
        if (copier != null) {
            stopped = true;
            copier.cancelCopy();
        }
    }

    private void copied(int bytes) {
        copier = null;
        copies = bytes > 0 || stopped;
        stopped = false;
        next += bytes;
        passed(bytes);
        if (isDestroyed()) {
            core.call(this::drop);
        } else {
            fill();
        }
    }

    /** Takes what has come, in the order of the file. */
    private void settle() throws Exception {
        while (!ended && !isDestroyed() && !reads.isEmpty() && reads.element().done) {
            Read read = reads.remove();
            Buffer data = read.data;
            if (read.stale) {
                read.release();
            } else if (read.err != null) {
                destroy(read.err);
            } else if (data == null) {
                ended = true;
                pushEnd();
            } else {
                wanted = false;
                if (read.result < read.bytes) {
                    goOnBehind(read);
                } else if (positions) {
                    depth = READ_AHEAD;
                }
                deliver(data);
            }
        }
        if (ended || isDestroyed()) {
            drop();
        } else if (wanted) {
            fill();
        }
    }

    /** Less came than was asked for: what is being read ahead is not what comes next. */
    private void goOnBehind(Read read) {
        depth = 1;
        next = read.at + read.result;
        reads.forEach(ahead -> ahead.stale = true);
    }

    /** Forgets reads that are done; with the last one a close can go on. */
    private void drop() throws Exception {
        reads.removeIf(read -> {
            if (read.done) {
                read.release();
            }
            return read.done;
        });
        Done closed = closing;
        if (closed != null && reads.isEmpty() && copier == null) {
            closing = null;
            file.close(closed);
        }
    }

    @Override
    protected void close(Done closed) throws Exception {
        closing = closed;
        if (copier != null) {
            copier.cancelCopy();
        }
        for (Read read : reads) {
            Operation operation = read.operation;
            if (!read.done && operation != null) {
                operation.cancel();
            }
        }
        drop();
    }

    @Override
    public String toString() {
        return "ReadStream[" + path() + (isDestroyed() ? ", destroyed]" : "]");
    }
}
