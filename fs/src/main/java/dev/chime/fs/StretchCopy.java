package dev.chime.fs;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of one file that the kernel copies to another, by copy_file_range(2): a transfer of the
 * destination's, so that it keeps its turn there. The descriptor of the source cannot be closed
 * under it either.
 */
final class StretchCopy extends Transfer {
    private final Fd source;
    private final long from;
    private final int bytes;
    private final IntConsumer copied;

    /** Copies to {@code to} or, if that is {@link #SEQUENTIAL}, to where the handle stands. */
    StretchCopy(
            FileHandle destination, long to, Fd source, long from, int bytes, IntConsumer copied) {
        super(destination, Op.COPY_FILE_RANGE, to);
        this.source = source;
        this.from = from;
        this.bytes = bytes;
        this.copied = copied;
    }

    /** Whether it may be asked of this file: one with positions, and no alignment to keep. */
    static boolean suits(FileHandle file) {
        return file.isOpen() && file.directAlignment() == null && file.sequence().nextOffset() >= 0;
    }

    @Override
    protected void fill(Slot next) {
        next.owner = source;
        next.flags = handle.descriptor().number();
        next.address = next.offset;
        next.offset = from;
        next.length = bytes;
    }

    @Override
    protected boolean moved(int count) {
        return true;
    }

    /** 0 also when the kernel would not: who reads and writes then learns why. */
    @Override
    protected void call(@Nullable ReactorException err) {
        copied.accept((int) done);
    }
}
