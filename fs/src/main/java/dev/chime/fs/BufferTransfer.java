package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import org.jspecify.annotations.Nullable;

/** A read into a buffer, or a write of one, where the last transfer without a position ended. */
final class BufferTransfer extends Transfer {
    private final Buffer buffer;
    private final @Nullable ReadCallback reader;
    private final @Nullable WriteCallback writer;

    BufferTransfer(FileHandle handle, Buffer target, ReadCallback callback) {
        super(handle, Op.READ, SEQUENTIAL);
        buffer = target.retain();
        reader = callback;
        writer = null;
    }

    BufferTransfer(FileHandle handle, Buffer source, WriteCallback callback) {
        super(handle, Op.WRITE, SEQUENTIAL);
        buffer = source.retain();
        reader = null;
        writer = callback;
    }

    @Override
    protected void fill(Slot next) {
        next.address = core.address(buffer) + done;
        next.length = buffer.length() - (int) done;
    }

    @Override
    protected boolean moved(int bytes) {
        return reader != null || done == buffer.length();
    }

    @Override
    protected void call(@Nullable ReactorException err) throws Exception {
        try {
            if (writer != null) {
                writer.call(err, (int) done);
            } else if (reader != null) {
                reader.call(err, (int) done, buffer);
            }
        } finally {
            buffer.release();
        }
    }
}
