package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A read of an open file from its position to its end, which a read of 0 bytes shows. */
final class ReadRest extends Transfer {
    private static final int CHUNK_BYTES = 256 << 10;

    private final @Nullable Charset charset;
    private final Callback<?> callback;
    private byte[] content = new byte[0];
    private @Nullable ReactorException failure;
    private @Nullable Chunk chunk;

    /** Gives bytes, or, with a charset, text. */
    ReadRest(FileHandle handle, @Nullable Charset charset, Callback<?> callback) {
        super(handle, Op.READ, SEQUENTIAL);
        this.charset = charset;
        this.callback = callback;
    }

    @Override
    protected boolean prepare() {
        chunk = core.tryAllocate(ReadFile.FIRST_BYTES);
        return chunk != null;
    }

    @Override
    protected void fill(Slot next) {
        next.address = chunk().address();
        next.length = chunk().size();
    }

    private Chunk chunk() {
        return Objects.requireNonNull(chunk);
    }

    @Override
    protected boolean moved(int bytes) {
        if (bytes == 0) {
            return true;
        }
        int before = (int) (done - bytes);
        try {
            if (done > content.length) {
                content = Arrays.copyOf(content, WholeFile.grown(content.length, before, bytes));
            }
        } catch (ReactorException tooLarge) {
            failure = tooLarge;
            return true;
        } catch (OutOfMemoryError e) {
            failure = ErrnoException.file(Errno.ENOMEM.number(), "read", null);
            return true;
        }
        Memory.copy(chunk().address(), content, before, bytes);
        // Past the end of a file there is no place that is aligned for the read that says 0.
        boolean last = handle.directAlignment() != null && bytes < chunk().size();
        if (bytes == chunk().size() && bytes < CHUNK_BYTES) {
            enlarge();
        }
        return last;
    }

    /** More is coming: larger pieces, where there is memory. */
    private void enlarge() {
        Chunk larger = core.tryAllocate(CHUNK_BYTES);
        if (larger != null) {
            chunk().release();
            chunk = larger;
        }
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
    @SuppressWarnings("unchecked")
    protected void call(@Nullable ReactorException err) throws Exception {
        ReactorException error = err == null ? failure : err;
        Callback<Object> typed = (Callback<Object>) callback;
        byte[] all = content;
        content = new byte[0];
        if (error != null) {
            typed.call(error, Arguments.none());
            return;
        }
        Object value;
        try {
            int length = (int) done;
            if (charset != null) {
                value = new String(all, 0, length, charset);
            } else {
                value = all.length == length ? all : Arrays.copyOf(all, length);
            }
        } catch (OutOfMemoryError e) {
            ErrnoException none = ErrnoException.file(Errno.ENOMEM.number(), "read", null);
            typed.call(none, Arguments.none());
            return;
        }
        typed.call(null, value);
    }
}
