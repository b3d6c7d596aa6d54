package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * A whole file that is read to where it stays, in native memory.
 *
 * <p>When that is full, the next read goes to the first buffer: it says that the file is over, or
 * brings the first bytes that make the memory grow.
 */
final class WholeBuffer implements WholeFile {
    /** The most read at once: a read by one of the kernel's threads cannot be cut short. */
    private static final int READ_BYTES = 4 << 20;

    private final Core core;
    private final Chunk first;
    private final int expected;
    private Chunk whole;
    private int length;

    /** Begins with the first bytes, which the file, perhaps of {@code size} bytes, goes on from. */
    WholeBuffer(Core core, Chunk first, int size) {
        this.core = core;
        this.first = first;
        expected = size;
        length = first.size();
        whole = core.allocate(Math.max(size, 2 * length));
        first.retain();
        Memory.copy(first.address(), whole.address(), length);
    }

    @Override
    public long address() {
        return length == whole.size() ? first.address() : whole.address() + length;
    }

    @Override
    public int room() {
        int free = whole.size() - length;
        if (free == 0) {
            return first.size();
        }
        // What is likely to be the end is asked for without a thread.
        return Math.min(free, length == expected ? ReadFile.FIRST_BYTES : READ_BYTES);
    }

    @Override
    public void took(int bytes) throws ReactorException {
        if (length == whole.size()) {
            Chunk larger = core.allocate(WholeFile.grown(length, length, bytes));
            Memory.copy(whole.address(), larger.address(), length);
            whole.release();
            whole = larger;
            Memory.copy(first.address(), whole.address() + length, bytes);
        }
        length += bytes;
    }

    @Override
    public Object value(@Nullable Charset charset) {
        whole.retain();
        return core.wrap(whole, 0, length);
    }

    @Override
    public void release() {
        first.release();
        whole.release();
    }
}
