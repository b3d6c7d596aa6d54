package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A read into several buffers, or a write of several, in order: readv(2), writev(2). More than the
 * kernel takes at once go in several calls.
 */
final class VectorTransfer extends Transfer {
    /** {@code UIO_MAXIOV} of linux/uio.h: more pieces are EINVAL. */
    private static final int MOST_PIECES = 1024;

    private static final int PIECES_IN_SCRATCH = Slot.SCRATCH_BYTES / IovecLayout.SIZE;

    private final List<Buffer> buffers;
    private final VectorCallback callback;
    private final boolean write;
    private final long length;
    private @Nullable Chunk chunk;
    private long asked;

    VectorTransfer(
            FileHandle handle,
            boolean write,
            List<Buffer> buffers,
            long position,
            VectorCallback callback) {
        super(handle, write ? Op.WRITEV : Op.READV, position);
        this.buffers = List.copyOf(buffers);
        this.callback = callback;
        this.write = write;
        length = this.buffers.stream().mapToLong(Buffer::length).sum();
        this.buffers.forEach(Buffer::retain);
    }

    @Override
    protected boolean prepare() {
        if (buffers.size() <= PIECES_IN_SCRATCH) {
            return true;
        }
        chunk = core.tryAllocate(Math.min(buffers.size(), MOST_PIECES) * IovecLayout.SIZE);
        return chunk != null;
    }

    @Override
    protected void fill(Slot next) {
        long vector = chunk == null ? next.scratch : Objects.requireNonNull(chunk).address();
        long skip = done;
        int pieces = 0;
        asked = 0;
        for (Buffer buffer : buffers) {
            int bytes = buffer.length();
            if (skip >= bytes) {
                skip -= bytes;
            } else if (pieces < MOST_PIECES) {
                long piece = vector + (long) pieces++ * IovecLayout.SIZE;
                Memory.putLong(piece + IovecLayout.IOV_BASE, core.address(buffer) + skip);
                Memory.putLong(piece + IovecLayout.IOV_LEN, bytes - skip);
                asked += bytes - skip;
                skip = 0;
            }
        }
        next.address = vector;
        next.length = pieces;
    }

    @Override
    protected boolean moved(int bytes) {
        // What has no positions would make the next read wait, with bytes in hand.
        boolean goesOn = write || (bytes == asked && handle.sequence().isSeekable());
        return done == length || !goesOn;
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
        try {
            callback.call(err, done, buffers);
        } finally {
            buffers.forEach(Buffer::release);
        }
    }
}
