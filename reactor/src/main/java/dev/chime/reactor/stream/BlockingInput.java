package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A readable as Java's own stream: the loop fills a queue that the reading thread empties. */
final class BlockingInput extends InputStream {
    /** Bytes held from which on the stream pauses. */
    private static final int HIGH_WATER_MARK = 64 << 10;

    private final Readable source;
    private final Thread loop = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private int held;
    private boolean paused;
    private boolean over;
    private boolean closed;
    private @Nullable ReactorException failure;

    BlockingInput(Readable source) {
        this.source = source;
    }

    // ---- on the loop

    void start() {
        Core core = Core.of(source.reactor());
        core.ref(); // somebody reads, though the loop may see nothing of it for long
        Finish.of(
                source,
                true,
                false,
                err -> {
                    core.unref();
                    ended(err);
                });
        if (!source.isEnded()) {
            source.onEnd(() -> ended(null));
            source.onData(this::data);
        }
    }

    private void data(Buffer data) {
        byte[] copy = data.toArray();
        lock.lock();
        try {
            pieces.add(copy);
            held += copy.length;
            paused = held >= HIGH_WATER_MARK;
            changed.signal();
            if (paused) {
                source.pause();
            }
        } finally {
            lock.unlock();
        }
    }

    private void ended(@Nullable ReactorException err) {
        lock.lock();
        try {
            if (!over) {
                over = true;
                failure = err;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    // ---- on the reader's thread

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, target.length);
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            byte[] piece = await();
            if (piece == null) {
                return -1;
            }
            int bytes = Math.min(length, piece.length - offset);
            System.arraycopy(piece, offset, target, at, bytes);
            took(piece, bytes);
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** The next piece as it came, or what a read has left of it; null at the end. */
    byte @Nullable [] next() throws IOException {
        lock.lock();
        try {
            byte[] piece = await();
            if (piece == null) {
                return null;
            }
            byte[] rest = offset == 0 ? piece : Arrays.copyOfRange(piece, offset, piece.length);
            took(piece, rest.length);
            return rest;
        } finally {
            lock.unlock();
        }
    }

    private void took(byte[] piece, int bytes) {
        offset += bytes;
        held -= bytes;
        if (offset == piece.length) {
            pieces.remove();
            offset = 0;
        }
        if (paused && held < HIGH_WATER_MARK / 2) {
            paused = false;
            post(source::resume);
        }
    }

    /** The first piece, or null at the end. */
    private byte @Nullable [] await() throws IOException {
        while (true) {
            if (closed) {
                throw new IOException("this stream has been closed");
            }
            byte[] piece = pieces.peek();
            if (piece != null) {
                return piece;
            }
            if (over) {
                if (failure != null) {
                    throw new IOException(failure.getMessage(), failure);
                }
                return null;
            }
            if (Thread.currentThread() == loop) {
                throw new IllegalStateException(
                        "a read on the loop's thread would wait for itself: use another thread");
            }
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for data");
            }
        }
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            pieces.clear();
            held = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        post(source::destroy);
    }

    private void post(Runnable task) {
        try {
            source.reactor().execute(task);
        } catch (RejectedExecutionException e) {
            ended(null); // the reactor has ended, and the stream with it
        }
    }
}
