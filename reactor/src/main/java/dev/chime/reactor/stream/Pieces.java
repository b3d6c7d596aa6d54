package dev.chime.reactor.stream;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of a {@link Readable}, as they come, each an array of the caller's own; {@link
 * Bridges#pieces} makes it. For one loop of one thread, which waits where there is none yet, and
 * while it works holds the stream back:
 *
 * <pre>{@code
 * try (Pieces pieces = Bridges.pieces(stream)) {
 *     for (byte[] piece : pieces) { ... }
 * }
 * }</pre>
 *
 * <p>The stream's error is thrown, behind the pieces that came before it, as the cause of an {@link
 * UncheckedIOException}, since an iterator throws no other; an interrupt ends a wait in the same
 * way, and loses nothing. {@link #close} destroys a stream that has not ended.
 */
public final class Pieces implements Iterable<byte[]>, Closeable {
    private final BlockingInput input;
    private final Iterator<byte[]> iterator = new Walk();

    Pieces(BlockingInput input) {
        this.input = input;
    }

    /** Always the same one: pieces come once. */
    @Override
    public Iterator<byte[]> iterator() {
        return iterator;
    }

    @Override
    public void close() {
        input.close();
    }

    private final class Walk implements Iterator<byte[]> {
        private byte @Nullable [] ahead;

        @Override
        public boolean hasNext() {
            if (ahead == null) {
                try {
                    ahead = input.next();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return ahead != null;
        }

        @Override
        public byte[] next() {
            byte[] piece = hasNext() ? ahead : null;
            if (piece == null) {
                throw new NoSuchElementException("the stream has ended");
            }
            ahead = null;
            return piece;
        }
    }
}
