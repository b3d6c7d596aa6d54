package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Memory;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A write of a whole array, in pieces that are copied to native memory one by one. */
final class ArrayTransfer extends Transfer {
    private final byte[] array;
    private final WriteCallback callback;
    private @Nullable Chunk chunk;

    ArrayTransfer(FileHandle handle, byte[] source, long position, WriteCallback callback) {
        super(handle, Op.WRITE, position);
        array = source;
        this.callback = callback;
    }

    @Override
    protected boolean prepare() {
        chunk = core.tryAllocate(Math.min(array.length, WriteFile.CHUNK_BYTES));
        return chunk != null;
    }

    @Override
    protected void fill(Slot next) {
        int from = (int) done;
        next.address = Objects.requireNonNull(chunk).address();
        next.length = Math.min(array.length - from, WriteFile.CHUNK_BYTES);
        Memory.copy(array, from, next.address, next.length);
    }

    @Override
    protected boolean moved(int bytes) {
        return done == array.length;
    }

    @Override
    protected void free() {
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
    }

    @Override
    protected void call(@Nullable ReactorException err) throws Exception {
        callback.call(err, (int) done);
    }
}
