package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.Charset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A whole file on its way to an array, through native memory, a piece at a time. */
final class WholeArray implements WholeFile {
    private final int expected;
    private byte[] content;
    private int length;
    private final Chunk chunk;

    /** Begins with the first bytes, which the file, perhaps of {@code size} bytes, goes on from. */
    WholeArray(Core core, Chunk first, int size) {
        expected = size;
        length = first.size();
        content = new byte[Math.max(size, length)];
        int rest = size > length ? size - length : ReadFile.CHUNK_BYTES;
        Memory.copy(first.address(), content, 0, length);
        chunk = core.allocate(Math.min(rest, ReadFile.CHUNK_BYTES));
    }

    @Override
    public long address() {
        return chunk.address();
    }

    @Override
    public int room() {
        // What is likely to be the end is asked for without a thread.
        return length == expected ? Math.min(chunk.size(), ReadFile.FIRST_BYTES) : chunk.size();
    }

    @Override
    public void took(int bytes) throws ReactorException {
        if (bytes > content.length - length) {
            content = Arrays.copyOf(content, WholeFile.grown(content.length, length, bytes));
        }
        Memory.copy(chunk.address(), content, length, bytes);
        length += bytes;
    }

    @Override
    public Object value(@Nullable Charset charset) {
        if (charset != null) {
            return new String(content, 0, length, charset);
        }
        return content.length == length ? content : Arrays.copyOf(content, length);
    }

    @Override
    public void release() {
        chunk.release();
    }
}
