package dev.chime.reactor.stream;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A writable as Java's own stream: what the thread writes goes to the loop, a bounded amount. */
final class BlockingOutput extends OutputStream {
    /** Bytes under way from which on a write waits; and the most that one task carries. */
    private static final int HIGH_WATER_MARK = 64 << 10;

    private final Writable destination;
    private final Thread loop = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long underWay;
    private boolean closed;
    private boolean over;
    private @Nullable ReactorException failure;

    BlockingOutput(Writable destination) {
        this.destination = destination;
    }

    // ---- on the loop

    void start() {
        Core core = Core.of(destination.reactor());
        core.ref(); // somebody writes, though the loop may see nothing of it for long
        Finish.of(
                destination,
                false,
                true,
                err -> {
                    core.unref();
                    ended(err);
                });
    }

    private void ended(@Nullable ReactorException err) {
        lock.lock();
        try {
            over = true;
            if (failure == null) {
                failure = err;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pass(byte[] bytes) {
        if (destination.isEnding()) {
            taken(bytes.length, Checks.writeAfterEnd());
        } else {
            destination.write(bytes, err -> taken(bytes.length, err));
        }
    }

    private void taken(int bytes, @Nullable ReactorException err) {
        lock.lock();
        try {
            underWay -= bytes;
            if (failure == null) {
                failure = err;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- on the writer's thread

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, source.length);
        int from = at;
        int left = length;
        while (left > 0) {
            int bytes = Math.min(left, HIGH_WATER_MARK);
            byte[] copy = Arrays.copyOfRange(source, from, from + bytes);
            lock.lock();
            try {
                if (closed) {
                    throw new IOException("this stream has been closed");
                }
                await(() -> underWay < HIGH_WATER_MARK);
                if (over) {
                    throw new IOException("the stream has ended");
                }
                underWay += bytes;
            } finally {
                lock.unlock();
            }
            post(() -> pass(copy));
            from += bytes;
            left -= bytes;
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            await(() -> underWay == 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        post(destination::end);
        lock.lock();
        try {
            await(() -> over);
        } finally {
            lock.unlock();
        }
    }

    /** Waits with the lock, until something holds or the stream fails. */
    private void await(BooleanSupplier holds) throws IOException {
        while (failure == null && !over && !holds.getAsBoolean()) {
            if (Thread.currentThread() == loop) {
                throw new IllegalStateException(
                        "a wait on the loop's thread would be for itself: use another thread");
            }
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the stream");
            }
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private void post(Runnable task) throws IOException {
        try {
            destination.reactor().execute(task);
        } catch (RejectedExecutionException e) {
            throw new IOException("the reactor has ended", e);
        }
    }
}
